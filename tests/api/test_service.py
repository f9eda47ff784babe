"""The one way to an answer: bodies are checked, names resolved, and nothing passes in silence."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from api.body import MAX_DEPTH, MalformedJson, NotReadYet, read_object, read_question
from api.errors import InvalidRequest, NotTaken, QuestionError, UnresolvedDrug
from api.service import answer
from api.state import State


def drugs_of(finding: dict[str, Any]) -> set[str]:
    return {thing["name"] for thing in (*finding["precipitants"], *finding["affected"])}


def test_the_demo_answer_keeps_the_schema(
    state: State, demo: dict[str, Any], answer_schema: dict[str, Any]
) -> None:
    jsonschema.validate(answer(demo, state), answer_schema)


def test_clarithromycin_brings_a_contraindication_with_simvastatin(
    state: State, demo: dict[str, Any]
) -> None:
    first = answer(demo, state)["findings"][0]
    assert drugs_of(first) == {"clarithromycin", "simvastatin"}
    assert (first["change"], first["severity"]) == ("created", "contraindicated")
    assert first["mechanism"]["path"][0]["object"] == "CYP3A4"


def test_the_same_question_gets_the_same_answer(state: State, demo: dict[str, Any]) -> None:
    assert answer(demo, state) == answer(demo, state)


def test_the_order_of_the_list_does_not_change_the_findings(
    state: State, demo: dict[str, Any]
) -> None:
    turned = {**demo, "taking": demo["taking"][::-1]}
    ids = [{f["id"] for f in answer(body, state)["findings"]} for body in (demo, turned)]
    assert ids[0] == ids[1]


def test_an_empty_question_has_an_empty_answer(state: State, answer_schema: dict[str, Any]) -> None:
    empty = answer({}, state)
    jsonschema.validate(empty, answer_schema)
    assert empty["findings"] == []


def test_an_unknown_current_drug_is_told_and_the_rest_is_answered(state: State) -> None:
    told = answer({"taking": ["zzyzx", "warfarin"], "add": "amiodarone"}, state)
    assert told["coverage"]["unresolved"] == ["zzyzx"]
    assert any("zzyzx" in note for note in told["notes"])
    assert any(drugs_of(f) == {"warfarin", "amiodarone"} for f in told["findings"])


def test_an_unknown_drug_to_add_is_an_error_with_its_candidates(state: State) -> None:
    with pytest.raises(UnresolvedDrug, match="'zocro'") as caught:
        answer({"add": "zocro", "taking": ["warfarin"]}, state)
    assert "simvastatin" in {row["name"] for row in caught.value.details["candidates"]}


def test_a_drug_that_is_not_taken_cannot_be_stopped(state: State) -> None:
    with pytest.raises(NotTaken, match="warfarin"):
        answer({"stop": "warfarin", "taking": ["simvastatin"]}, state)


@pytest.mark.parametrize(
    "body",
    [
        {"tking": []},
        {"taking": [""]},
        {"taking": [None]},
        {"taking": ["x"] * 101},
        {"taking": "warfarin"},
        {"replace": ["a"]},
        {"patient": {"age_years": -1}},
        {"patient": {"age_years": "old"}},
        {"patient": {"sex": "unknown"}},
        {"patient": {"child_pugh": "D"}},
        {"patient": {"labs": [{"loinc": "potassium", "value": 5}]}},
        {"patient": {"labs": [{"loinc": "2823-3", "value": float("inf")}]}},
        {"patient": {"diplotypes": {"CYP2C19": "*2"}}},
        {"patient": {"diplotypes": {"NOGENE1": "*1/*2"}}},
        {"patient": {"diplotypes": {"CYP2C19": "*2/*987"}}},
        {"patient": {"phenotypes": {"CYP2C19": "sleepy"}}},
    ],
    ids=str,
)
def test_a_value_that_is_not_accepted_is_named(body: dict[str, Any], state: State) -> None:
    with pytest.raises(InvalidRequest):
        answer({"taking": ["warfarin"], **body}, state)


def test_what_no_rule_looks_at_is_said(state: State) -> None:
    told = answer({"taking": ["warfarin"], "patient": {"age_years": 80}}, state)
    assert any("age_years" in note for note in told["notes"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "line 1"),
        (b"{", "line 1"),
        (b"[]", "an object is expected"),
        (b'"x"', "an object is expected"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"a": ' + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1) + b"}", "nested"),
        (b'{"a": ' + b"[" * 200_000, "nested"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_not_a_json_object_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(MalformedJson, match=reason):
        read_object(content, "the body")


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b'{"resourceType": "Bundle"}', "FHIR"), (b'{"genes": {}, "drugs": {}}', "PharmCAT")],
)
def test_a_document_that_is_not_read_yet_is_called_by_its_name(content: bytes, kind: str) -> None:
    with pytest.raises(NotReadYet, match=kind):
        read_question(content, "patient.json")


def test_every_error_of_a_question_knows_its_status() -> None:
    kinds = [QuestionError, *QuestionError.__subclasses__(), *InvalidRequest.__subclasses__()]
    assert all(400 <= kind.status < 500 and kind.title for kind in kinds)
