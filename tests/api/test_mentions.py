"""``POST /v1/mentions``: the drugs of a text over HTTP."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient

NOTE = (
    "Home: Coumadin 5 mg, warfarin sodium 5 mg, Warfarin. Stopped simvastatin. "
    "Allergic to codeine. Zyzzolol 20 mg po daily. Penicillin 500 mg. \U0001f48a amlodipne 5 mg."
)


def asked(client: TestClient, text: str) -> dict[str, Any]:
    response = client.post("/v1/mentions", json={"text": text})
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def test_each_drug_is_told_once_with_its_mentions_and_its_context(client: TestClient) -> None:
    found = asked(client, NOTE)
    drugs = {drug["name"]: (drug["context"], len(drug["mentions"])) for drug in found["drugs"]}
    assert drugs == {
        "warfarin": ("current", 3),
        "simvastatin": ("stopped", 1),
        "codeine": ("allergy", 1),
        "amlodipine": ("current", 1),
    }
    assert all(NOTE[m["start"] : m["end"]] == m["text"] for m in found["mentions"])
    statuses = {m["text"]: m["status"] for m in found["mentions"]}
    assert statuses["Zyzzolol"] == "unresolved-guess"
    assert statuses["Penicillin"] == "ambiguous"


def test_what_was_not_read_or_read_loosely_is_said(client: TestClient) -> None:
    notes = " ".join(asked(client, NOTE)["notes"])
    for part in ("Not identified", "'Zyzzolol'", "none was chosen: 'Penicillin'", "'amlodipne'"):
        assert part in notes
    (only,) = asked(client, "He feels better today.")["notes"]
    assert "may still be in it" in only


def test_what_is_planned_another_persons_or_a_class_is_told_as_that(client: TestClient) -> None:
    text = (
        "Consider clopidogrel 75 mg. Husband takes warfarin. dig 0.125 mg daily. "
        "Allergies: sulfa. Takes simvastatin; rash on simvastatin."
    )
    found = asked(client, text)
    contexts = {drug["name"]: drug["context"] for drug in found["drugs"]}
    assert contexts["clopidogrel"] == "plan"
    assert contexts["warfarin"] == "other_person"
    told = {m["text"]: (m["status"], m["matched"], m["context"]) for m in found["mentions"]}
    assert told["sulfa"] == ("drug-class", None, "allergy")
    assert told["dig"][2] == "current"
    assert "Allergies to classes of medicines: 'sulfa'" in " ".join(found["notes"])


def test_a_product_is_told_by_its_ingredients(client: TestClient) -> None:
    found = asked(client, "co-amoxiclav 625 mg")
    assert len(found["mentions"]) == 1
    assert {tuple(drug["mentions"]) for drug in found["drugs"]} == {(0,)}
    assert len(found["drugs"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "quoted"),
    [
        ("[]", 400, "an object is expected"),
        ('{"text": "a"', 400, "JSON"),
        ("{}", 422, "text"),
        ('{"text": ""}', 422, "empty"),
        ('{"text": 5}', 422, "quotation marks"),
        ('{"text": "a", "drugs": []}', 422, "'drugs'"),
        (json.dumps({"text": "a" * 100_001}), 422, "100001"),
        (json.dumps({"text": "a" * 1_100_000}), 413, "bytes"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_text_is_a_problem(
    client: TestClient, body: str, status: int, quoted: str
) -> None:
    headers = {"content-type": "application/json"}
    response = client.post("/v1/mentions", content=body, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert quoted in response.json()["detail"]


def test_a_text_leaves_no_trace(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        response = client.post("/v1/mentions", json={"text": "Mrs Canary takes warfarin 5 mg"})
    assert response.headers["cache-control"] == "no-store"
    assert "anary" not in caplog.text
    assert "warfarin" not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "\\u0000\\u202e{}[]",
        "\\u0301" * 50,
        "\\ud83d\\udc8a",
        "\\ud83d warfarin",
        "5 mg " * 99,
        "- \\n" * 99,
    ],
    ids=lambda text: text[:8],
)
def test_every_mark_and_letter_is_read_or_refused(client: TestClient, text: str) -> None:
    content = f'{{"text": "{text}"}}'
    headers = {"content-type": "application/json"}
    assert client.post("/v1/mentions", content=content, headers=headers).status_code < 500
