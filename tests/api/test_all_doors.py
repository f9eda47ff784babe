"""Fifty questions, asked of every door: whoever asks, and in whatever form, gets the same findings.

The questions are those of the vignettes that every form can carry: one drug to add, a list, and of
the patient what FHIR has words for. Each is written anew in the form of each door. Orders of what
is taken already, and those that end something, are asked in ``test_orders.py``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli.main import app as command_line
from api.service import answer
from api.state import State
from tests.api.cds_calls import RXNORM
from tests.vignettes.matching import load_all

N_QUESTIONS = 50
CARRIED = frozenset({"age_years", "sex", "conditions", "allergies", "diplotypes", "labs"})
BIRTHDAY = "04-01"
LOINC = "http://loinc.org"
N_CODED = 8

Body = Mapping[str, Any]


def carried(body: Body) -> bool:
    """Whether every form can ask this question."""
    plain = isinstance(body.get("add"), str) and all(
        isinstance(t, str) for t in body.get("taking", [])
    )
    patient = body.get("patient", {})
    return (
        plain
        and bool(body.get("taking") or patient.get("allergies"))
        and not body.keys() - {"add", "taking", "patient"}
        and patient.keys() <= CARRIED
        and float(patient.get("age_years", 40)).is_integer()
    )


def questions() -> list[Any]:
    """Those with most to say of the patient first, then by name, so that each form is tried."""
    fit = [v for v in load_all() if "error" not in v.expect and carried(v.request)]
    patients = {v.name: v.request.get("patient", {}) for v in fit}
    fit.sort(
        key=lambda v: (
            "allergies" not in patients[v.name],
            -len(patients[v.name]),
            -len(v.request.get("taking", [])),
            v.name,
        )
    )
    return [pytest.param(v.request, id=v.name) for v in fit[:N_QUESTIONS]]


def drugs_of(body: Body) -> list[str]:
    """The drugs of a question, each once."""
    return list(dict.fromkeys([*body.get("taking", []), body["add"]]))


QUESTIONS = questions()
ALL_QUESTIONS = pytest.mark.parametrize("body", QUESTIONS)


def ids(findings: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    return Counter((finding["id"], finding["change"]) for finding in findings)


# --- the forms -----------------------------------------------------------------------------------


def order(drug: str, number: int, status: str) -> dict[str, Any]:
    """An order of a medicine by its text, or by its RxCUI alone where that is given."""
    prefix, _, code = drug.partition(":")
    is_code = prefix == "RXCUI"
    return {
        "resourceType": "MedicationRequest",
        "id": f"m{number}",
        "status": status,
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}]}
        if is_code
        else {"text": drug},
    }


def facts(patient: Body, today: date) -> Iterator[dict[str, Any]]:
    """The patient in FHIR's words."""
    person: dict[str, Any] = {"resourceType": "Patient", "id": "p"}
    if "age_years" in patient:
        month, day = (int(part) for part in BIRTHDAY.split("-"))
        had = (today.month, today.day) >= (month, day)
        born = today.year - int(patient["age_years"]) - (0 if had else 1)
        person["birthDate"] = f"{born:04}-{BIRTHDAY}"
    if "sex" in patient:
        person["gender"] = patient["sex"]
    yield person
    about = {"subject": {"reference": "Patient/p"}}
    for n, text in enumerate(patient.get("conditions", [])):
        status = {"coding": [{"code": "active"}]}
        head = {"resourceType": "Condition", "id": f"c{n}", "clinicalStatus": status}
        yield {**head, **about, "code": {"text": text}}
    for n, text in enumerate(patient.get("allergies", [])):
        head = {"resourceType": "AllergyIntolerance", "id": f"a{n}"}
        yield {**head, "patient": {"reference": "Patient/p"}, "code": {"text": text}}
    for n, (gene, diplotype) in enumerate(patient.get("diplotypes", {}).items()):
        head = {"resourceType": "Observation", "id": f"g{n}", "status": "final", **about}
        yield {
            **head,
            "code": {"coding": [{"system": LOINC, "code": "84413-4"}]},
            "valueCodeableConcept": {"text": diplotype},
            "component": [
                {
                    "code": {"coding": [{"system": LOINC, "code": "48018-6"}]},
                    "valueCodeableConcept": {"text": gene},
                }
            ],
        }
    for n, lab in enumerate(patient.get("labs", [])):
        head = {"resourceType": "Observation", "id": f"l{n}", "status": "final", **about}
        value = {"value": lab["value"]} | ({"unit": lab["unit"]} if lab.get("unit") else {})
        code = {"coding": [{"system": LOINC, "code": lab["loinc"]}]}
        yield {**head, "code": code, "valueQuantity": value}


def bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def record(body: Body) -> list[dict[str, Any]]:
    current = [order(drug, n, "active") for n, drug in enumerate(body.get("taking", []), start=1)]
    return [*facts(body.get("patient", {}), date.today()), *current]


def hook_call(body: Body) -> dict[str, Any]:
    drafts = bundle([order(body["add"], 0, "draft")])
    return {
        "hook": "order-sign",
        "hookInstance": "0b8d3a5e-3a52-4a9b-9d0a-6f2d2a4f0d11",
        "context": {"userId": "Practitioner/u", "patientId": "p", "draftOrders": drafts},
        "prefetch": {"record": bundle(record(body))},
    }


# --- the doors -----------------------------------------------------------------------------------


@ALL_QUESTIONS
def test_http_and_its_batch_give_the_findings_of_the_engine(
    client: TestClient, state: State, body: Body
) -> None:
    expected = ids(answer(body, state)["findings"])
    assert ids(client.post("/v1/screen", json=body).json()["findings"]) == expected
    lines = client.post(
        "/v1/screen/batch",
        content=json.dumps(body) + "\n",
        headers={"content-type": "application/x-ndjson"},
    )
    (told,) = (json.loads(line) for line in lines.text.splitlines())
    assert ids(told["findings"]) == expected


@ALL_QUESTIONS
def test_the_command_line_gives_them(
    state: State, body: Body, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The graph is opened once for all questions, which is all that is put in its place."""
    monkeypatch.setattr("api.cli.screen.open_state", lambda *_: state)
    for name, written in (("own.json", body), ("fhir.json", bundle(record(body)))):
        file = tmp_path / name
        file.write_text(json.dumps(written), encoding="utf-8")
        more = [] if name == "own.json" else ["--add", body["add"]]
        asked = ["screen", "--patient", str(file), *more, "--json", "-q"]
        ended = CliRunner().invoke(command_line, asked)
        assert ended.exit_code == 0, ended.output
        expected = ids(answer(body, state)["findings"])
        assert ids(json.loads(ended.stdout)["findings"]) == expected, name


@ALL_QUESTIONS
def test_fhir_gives_them(client: TestClient, state: State, body: Body) -> None:
    expected = ids(answer(body, state)["findings"])
    asked = bundle([*record(body), order(body["add"], 0, "draft")])
    told = client.post("/fhir/$screen", json=asked)
    assert told.status_code == 200, told.text
    issues = [
        entry["resource"]
        for entry in told.json()["entry"]
        if entry["resource"]["resourceType"] == "DetectedIssue"
    ]
    found = Counter((i["identifier"][0]["value"], i["extension"][0]["valueCode"]) for i in issues)
    assert found == expected


@ALL_QUESTIONS
def test_cds_hooks_gives_those_that_are_new_and_says_which_it_folds(
    client: TestClient, state: State, body: Body
) -> None:
    new = [
        finding
        for finding in answer(body, state)["findings"]
        if finding["change"] in {"created", "worsened"} and finding["kind"] != "predicted_effect"
    ]
    told = client.post("/cds-services/order-sign", json=hook_call(body))
    assert told.status_code == 200, told.text
    (about,) = told.json()["extension"].values()
    shown = {f["id"] for f in new if not f["folded"]}
    assert {*about["findings"]} == shown
    assert {*about["folded"]} == {f["id"] for f in new} - shown
    assert bool(shown) <= bool(told.json()["cards"])


def in_codes(body: Body, state: State) -> Body | None:
    """The question with its drugs as RxCUIs; none where one of them has no RxCUI."""
    named = answer(body, state)
    taken, (added,) = ([str(e["curie"]) for e in named[part]] for part in ("taking", "adding"))
    are_coded = all(code.startswith("RXCUI:") for code in (*taken, added))
    return {**body, "taking": taken, "add": added} if are_coded else None


def test_a_record_that_says_codes_alone_gets_what_the_codes_get(
    client: TestClient, state: State
) -> None:
    bodies = (in_codes(question.values[0], state) for question in QUESTIONS)
    asked = {json.dumps(body): answer(body, state)["findings"] for body in bodies if body}
    telling = {text: ids(findings) for text, findings in asked.items() if findings}
    assert len(telling) >= N_CODED
    for text, expected in list(telling.items())[:N_CODED]:
        coded = json.loads(text)
        sent = bundle([*record(coded), order(coded["add"], 0, "draft")])
        assert ids(client.post("/v1/screen", json=sent).json()["findings"]) == expected, text
        told = client.post("/fhir/$screen", json=sent).json()["entry"][1:]
        issues = (entry["resource"] for entry in told)
        found = Counter((i["id"], i["extension"][0]["valueCode"]) for i in issues)
        assert found == expected, text
        cards = client.post("/cds-services/order-sign", json=hook_call(coded)).json()
        (about,) = cards["extension"].values()
        new = {key for key, change in expected if change in {"created", "worsened"}}
        assert {*about["findings"], *about["folded"]} == new, text


@pytest.mark.parametrize("body", [q for q in QUESTIONS if len(drugs_of(q.values[0])) > 1])
def test_the_doors_for_whole_lists_give_what_the_engine_finds_in_the_list(
    client: TestClient, state: State, body: Body
) -> None:
    """The old service and ``/v1/interactions`` know no patient and nothing that is added."""
    drugs = drugs_of(body)
    listed = answer({"taking": drugs}, state)
    names = ",".join(drugs)
    found = client.get("/v1/interactions", params={"drugs": names}).json()
    assert ids(found["findings"]) == ids(listed["findings"])
    codes = [entry["curie"].partition("RXCUI:")[2] for entry in listed["taking"]]
    if not all(codes):
        return
    expected = {
        f["id"] for f in answer({"taking": [f"RXCUI:{c}" for c in codes]}, state)["findings"]
    }
    old = client.get("/REST/interaction/list.json", params={"rxcuis": "+".join(codes)}).json()
    assert {
        pair["coprescribe"]["finding"]
        for group in old.get("fullInteractionTypeGroup", [])
        for kind in group["fullInteractionType"]
        for pair in kind["interactionPair"]
        if "coprescribe" in pair
    } == expected


def test_there_are_fifty_questions_and_they_try_every_fact_of_a_patient() -> None:
    bodies = [param.values[0] for param in QUESTIONS]
    assert len(bodies) == N_QUESTIONS
    assert {key for body in bodies for key in body.get("patient", {})} == CARRIED
    assert any(len(body.get("taking", [])) > 3 for body in bodies)
