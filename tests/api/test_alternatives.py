"""Alternatives and the dose of warfarin, as the answer of every door holds them."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from api.service import answer
from api.state import State
from tests.api.test_render import answered, text_of

ASKED: dict[str, Any] = {"add": "simvastatin", "taking": ["clarithromycin"], "alternatives": True}
ADULT = {"age_years": 65, "height_cm": 170, "weight_kg": 80}


def test_an_alternative_says_for_whom_why_and_what_remains(
    state: State, answer_schema: dict[str, Any]
) -> None:
    told = answer(ASKED, state)
    jsonschema.validate(told, answer_schema)
    first = told["alternatives"][0]
    assert first["instead_of"]["name"] == "simvastatin"
    assert first["shared_class"] == "ATC:C10AA"
    assert first["kinship"] == "ATC level 4"
    assert (first["worst_severity"], first["findings"]) == (None, 0)
    assert len(told["alternatives"]) <= 10


def test_what_remains_is_what_asking_for_the_alternative_tells(state: State) -> None:
    for offered in answer(ASKED, state)["alternatives"]:
        told = answer({**ASKED, "add": offered["curie"], "alternatives": False}, state)
        new = [f for f in told["findings"] if f["change"] in {"created", "worsened"}]
        assert len(new) == offered["findings"]
        assert offered["worst_severity"] in {f["severity"] for f in new} | {None}
        assert all(f["severity"] != "contraindicated" for f in new)


def test_nobody_who_did_not_ask_gets_alternatives(state: State) -> None:
    told = answer({**ASKED, "alternatives": False}, state)
    assert told["alternatives"] == []
    assert not any("lternative" in note for note in told["notes"])


def test_where_nothing_is_offered_the_answer_says_why(state: State) -> None:
    told = answer({"add": "colchicine", "taking": ["warfarin"], "alternatives": True}, state)
    assert told["alternatives"] == []
    assert any("No alternative to colchicine" in note for note in told["notes"])


def test_alternatives_stand_under_the_drug_that_they_replace() -> None:
    place = {"curie": "X:a", "name": "simvastatin"}
    rows: list[dict[str, Any]] = [
        {"name": "pravastatin", "instead_of": place, "worst_severity": None, "findings": 0},
        {"name": "lovastatin", "instead_of": place, "worst_severity": "major", "findings": 2},
    ]
    more: dict[str, Any] = {
        "kinship": "shared indication",
        "shared_class": None,
        "advised": False,
        "little_known": False,
    }
    rows[1]["advised"] = True
    text = text_of(answered([], alternatives=[{**more, **row} for row in rows]))
    assert "Instead of simvastatin, with what would be new or worse" in text
    assert "none found       pravastatin: nothing found (shared indication)" in text
    assert "major            lovastatin: 2 findings (shared indication, named in the" in text
    assert "advice)" in text


def test_the_dose_of_warfarin_is_a_note_and_part_of_its_gene_findings(state: State) -> None:
    genes = {"diplotypes": {"CYP2C9": "*3/*3"}, "phenotypes": {"VKORC1": "-1639 AA"}}
    told = answer({"add": "warfarin", "patient": {**ADULT, **genes}}, state)
    (note,) = (text for text in told["notes"] if text.startswith("warfarin: about"))
    assert "pharmacogenetic equation" in note
    gene = [f for f in told["findings"] if f["kind"] == "drug_gene"]
    assert gene
    for finding in gene:
        assert "mg a week" in finding["recommendation"]
        assert "iwpc-2009" in {e["reference"] for e in finding["evidence"]}


@pytest.mark.parametrize("taking", [[], ["simvastatin"]])
def test_height_counts_for_warfarin_alone(taking: list[str], state: State) -> None:
    asked = {"taking": taking, "patient": ADULT}
    unused = "height_cm"
    assert any(unused in note for note in answer(asked, state)["notes"])
    with_warfarin = answer({**asked, "add": "warfarin"}, state)["notes"]
    assert not any(unused in note for note in with_warfarin)


def test_a_patient_on_warfarin_is_not_asked_for_what_lacks(state: State) -> None:
    assert not any("IWPC" in note for note in answer({"taking": ["warfarin"]}, state)["notes"])
    added = answer({"add": "warfarin"}, state)["notes"]
    assert any("not known: age, height, weight" in note for note in added)
