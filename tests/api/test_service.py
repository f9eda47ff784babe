"""The one way to an answer: bodies are checked, names resolved, and nothing passes in silence."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import jsonschema
import pytest

from api.body import MAX_DEPTH, MalformedJson, read_object, read_question
from api.citations import unread_references
from api.errors import InvalidRequest, NotTaken, QuestionError, UnresolvedDrug
from api.fhir.ask import MalformedFhir
from api.service import answer, parse_request
from api.state import State
from ontologies.vocabulary import Category


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


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"drugs": []}, "drugs: [] is not accepted: there is no such field; there are: add, stop"),
        ({"patient": {"agge": 5}}, "patient.agge: 5 is not accepted: there is no such field"),
        ({"taking": [{"drg": "a"}]}, "taking.0.drg: 'a' is not accepted: there is no such field"),
        ({"taking": [{"drug": ""}]}, "taking.0.drug: '' is not accepted: it must not be empty"),
        ({"taking": [{}]}, "taking.0.drug: nothing is not accepted: it must be given"),
        ({"taking": [""]}, "taking.0: '' is not accepted: it must not be empty"),
        ({"add": ["x", ""]}, "add.1: '' is not accepted: it must not be empty"),
        ({"add": 5}, "add: 5 is not accepted: a text in quotation marks is expected"),
        ({"taking": "x"}, "taking: 'x' is not accepted: a list in square brackets is expected"),
        ({"patient": 5}, "patient: 5 is not accepted: an object in curly brackets is expected"),
        (
            {"patient": {"labs": [{"loinc": "potassium", "value": 5}]}},
            "patient.labs.0.loinc: 'potassium' is not accepted: a LOINC code is expected",
        ),
        (
            {"patient": {"labs": [{"loinc": "2823-3", "value": 5, "units": "g"}]}},
            "patient.labs.0.units: 'g' is not accepted: there is no such field; there are: loinc",
        ),
    ],
    ids=str,
)
def test_a_refusal_names_field_value_and_what_is_expected(
    body: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(body)
    assert str(caught.value).startswith(sentence)
    assert "constrained" not in str(caught.value.details)


def test_several_drugs_written_as_one_are_told_apart_in_the_error(state: State) -> None:
    with pytest.raises(UnresolvedDrug, match="one by one"):
        answer({"add": "aspirin, ibuprofen"}, state)


def test_one_likeness_is_not_called_several_drugs(state: State) -> None:
    with pytest.raises(
        UnresolvedDrug, match=r"is not a drug .* did you mean: Zocor \(simvastatin\)"
    ):
        answer({"add": "Zocorr"}, state)


def test_a_name_that_was_trimmed_is_noted_once(state: State) -> None:
    notes = answer({"taking": ["metformin 500 mg"]}, state)["notes"]
    assert notes == ["'metformin 500 mg' was read as 'metformin'."]


def test_what_no_rule_looks_at_is_said(state: State) -> None:
    told = answer({"taking": ["digoxin"], "patient": {"height_cm": 180}}, state)
    assert any("height_cm" in note for note in told["notes"])


@pytest.mark.parametrize(
    ("field", "value"),
    [("dose", "5 mg"), ("started", "2026-01-01")],
)
def test_how_a_medicine_is_taken_is_said_to_be_unused(
    state: State, field: str, value: object
) -> None:
    told = answer({"taking": [{"drug": "warfarin", field: value}, "zinc"]}, state)
    assert any(f"taking.{field}" in note for note in told["notes"])
    silent = answer({"taking": [{"drug": "warfarin", "dose": None, "route": ""}]}, state)
    assert silent["notes"] == []


def test_unused_values_are_told_in_one_line(state: State) -> None:
    taking = [{"drug": name, "dose": "5 mg", "route": "oral"} for name in ("digoxin", "zinc")]
    told = answer({"taking": taking, "patient": {"ancestry": "asian"}}, state)["notes"]
    unused = [note for note in told if note.startswith("No rule")]
    assert len(unused) == 1
    assert unused[0].endswith(": ancestry, taking.dose.")


def test_that_all_changes_no_answer_is_said(state: State, demo: dict[str, Any]) -> None:
    plain, whole = (answer({**demo, "all": unfold}, state) for unfold in (False, True))
    assert whole["findings"] == plain["findings"]
    assert [note for note in whole["notes"] if note.startswith("'all'")]


def test_documents_that_were_cited_and_not_read_are_named(
    state: State, demo: dict[str, Any]
) -> None:
    told = answer(demo, state)
    cited = {
        name
        for finding in told["findings"]
        for evidence in finding["evidence"]
        for name in (evidence["reference"] or "").split("|")
    }
    notes = [note for note in told["notes"] if note.startswith("Cited by the curated tables")]
    assert len(notes) == 1
    named = set(re.split(r"[:,]? ", notes[0].removesuffix(".")))
    assert {name for name in cited if name in unread_references()} == named & cited
    assert "ansm-2020-10" not in unread_references()


def test_a_drug_under_two_nodes_of_one_name_is_no_riddle(state: State) -> None:
    names = Counter(node.name for node in state.graph.nodes(Category.DRUG))
    twins = [name for name, count in names.items() if count > 1 and name.isalpha()]
    found = [state.lexicon.lookup(name) for name in twins]
    assert [r.query for r in found if r.status != "resolved"] == []


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
        (b'{"taking": ["warfarin"], "taking": ["metformin"]}', "'taking' stands twice"),
        (b'{"patient": {"labs": [{"value": 1, "value": 2}]}}', "'value' stands twice"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_not_a_json_object_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(MalformedJson, match=reason):
        read_object(content, "the body")


def test_fhir_that_is_no_record_is_called_by_its_name() -> None:
    with pytest.raises(MalformedFhir, match="'Goose' is not read"):
        read_question(b'{"resourceType": "Goose"}', "patient.json")


def test_every_error_of_a_question_knows_its_status() -> None:
    kinds = [QuestionError, *QuestionError.__subclasses__(), *InvalidRequest.__subclasses__()]
    assert all(400 <= kind.status < 500 and kind.title for kind in kinds)


def test_a_dose_is_added_to_no_line_that_tells_none(state: State) -> None:
    told = answer({"taking": ["warfarin", "warfarin 5 mg daily"]}, state)
    (note,) = (note for note in told["notes"] if "times in the list" in note)
    assert note.endswith("it counts once.")
