"""Requests that nobody should send: odd bodies, changed ones, strange parameters; no defect.

These are few of them. `make fuzz` sends ten thousand that Schemathesis makes, `make nightly` every
changed body.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.described_doors import OPERATIONS, TAKING, assert_described, filled
from tests.api.full_bodies import ASKED, Asked
from tests.api.mutants import mutants

LONGEST_BODY = 8 * 1024 * 1024
"""What the doors of FHIR read, which read most."""
DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
ODD: dict[str, bytes] = {
    "objects 10,000 deep": DEEP,
    "lists 10,000 deep": b'{"add":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "lists without an end": b"[" * 100_000,
    "a key twice": b'{"taking":[],"taking":["warfarin"]}',
    "NaN": b'{"patient":{"age_years":NaN}}',
    "infinity": b'{"patient":{"age_years":1e999}}',
    "a number of 5,000 digits": b'{"patient":{"age_years":' + b"9" * 5000 + b"}}",
    "half a character": b'{"taking":["\\ud800"]}',
    "half a character as key": b'{"\\udfff":1}',
    "a raw NUL": b'{"taking":["war\0farin"]}',
    "UTF-16": '{"taking":[]}'.encode("utf-16"),
    "gzip without saying so": gzip.compress(b"{}"),
    "20,000 keys": json.dumps(dict.fromkeys(map(str, range(20_000)))).encode(),
    "a list": b"[]",
    "nothing": b"",
}


@pytest.mark.parametrize("path", TAKING)
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_body_is_refused_in_few_words(odd: str, path: str, client: TestClient) -> None:
    headers = {"content-type": TAKING[path]}
    response = client.post(filled(path), content=ODD[odd], headers=headers)
    if "ndjson" in TAKING[path]:
        assert '"status":2' not in _packed(response.text)
        assert '"status":5' not in _packed(response.text)
    else:
        assert 400 <= response.status_code < 500
    assert len(response.content) < 20_000


@pytest.mark.parametrize("path", TAKING)
def test_a_body_has_a_size_and_is_not_packed(path: str, client: TestClient) -> None:
    headers = {"content-type": TAKING[path]}
    told = client.post(filled(path), content=b" " * LONGEST_BODY + b"{}", headers=headers)
    assert told.status_code == 413 or '"status":413' in _packed(told.text)
    bomb = gzip.compress(b" " * LONGEST_BODY)
    for encoding in ("gzip", "deflate", "br", "gzip, gzip"):
        packed = {**headers, "content-encoding": encoding}
        assert client.post(filled(path), content=bomb, headers=packed).status_code == 415


def _packed(text: str) -> str:
    return text.replace(" ", "")


def _refuse_defects(asked: Asked, body: dict[str, Any], client: TestClient) -> None:
    headers = {"content-type": asked.media_type}
    response = client.post(asked.path, content=json.dumps(body).encode(), headers=headers)
    assert response.status_code < 500, json.dumps(body)
    assert '"status":500' not in _packed(response.text), json.dumps(body)
    assert_described("POST", asked.path, response)


STEP = 211
"""Of so many changed bodies one is sent, so that these tests take seconds."""


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.path)
def test_a_few_changed_bodies_meet_no_defect(asked: Asked, client: TestClient) -> None:
    for body in mutants(asked.body, lambda number: number % STEP == 0):
        _refuse_defects(asked, body, client)


@pytest.mark.nightly
@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.path)
def test_no_changed_body_meets_a_defect(asked: Asked, client: TestClient) -> None:
    for body in mutants(asked.body):
        _refuse_defects(asked, body, client)


STRANGE = ("", " ", "\x00", "%", "a" * 5000, "simvastatin,", "-1", "1e9", "'\"<b>", "RXCUI:", "٣")


@pytest.mark.parametrize(
    ("method", "path", "operation"), [each for each in OPERATIONS if each[0] == "GET"]
)
def test_a_strange_parameter_meets_no_defect(
    method: str, path: str, operation: dict[str, Any], client: TestClient
) -> None:
    for each in operation.get("parameters", ()):
        for value in STRANGE if each["in"] == "query" else ():
            response = client.get(filled(path), params={each["name"]: value})
            assert response.status_code != 500
            assert_described(method, filled(path), response)
