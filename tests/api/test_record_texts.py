"""The texts of hospital records mean what the medicine holds, and never half of it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from api.contents import Contents
from api.fhir.medicines import WrittenMedicine, read_medicine
from api.fhir.naming import chosen_name
from api.fhir.resources import References
from api.service import answer
from api.state import State

TABLE = Path(__file__).parents[1] / "samples" / "record_texts.tsv"
"""Display texts of records in the United States and in Britain, and what each holds."""
HALVES = (
    "amoxicillin 875 mg-125 mg tablet",
    "amoxicillin 875/125",
    "hydrocodone 5 mg-325 mg tab",
    "hydrocodone 10/325",
    "valsartan 80-12.5 mg",
    "Diovan 80-12.5 mg",
    "aspirin (with codeine) 300 mg",
    "amoxicillin (AUGMENTIN) 875-125 mg tablet",
    "valsartan (ENTRESTO) 24-26 mg tablet",
    "Ibuprofen (Advil PM) 200 mg",
    "aspirin 81 mg, clopidogrel 75 mg",
    "warfarin-zyzzocillin 5-1 mg",
    "oxycodone 5-10 mg tablet",
)
"""Texts of which one substance is plain and another, or a range of doses, stands beside it."""


@pytest.fixture(scope="module")
def contents(state: State) -> Contents:
    return state.contents


def rows() -> dict[str, set[str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        listed = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["text"]: set(row["substances"].split("|")) - {""} for row in listed}


def held(text: str, contents: Contents) -> set[str]:
    entries = contents.of([contents.lexicon.lookup(text)])
    return {contents.graph.name(entry.drug) for entry in entries}


def written(text: str) -> WrittenMedicine:
    concept = {"text": text}
    resource = {"resourceType": "MedicationRequest", "medicationCodeableConcept": concept}
    return read_medicine({**resource, "id": "m", "status": "active"}, References.of(()))


def test_each_display_text_stands_for_exactly_what_it_holds(contents: Contents) -> None:
    table = rows()
    assert len(table) >= 75
    assert all(table.values())
    read = {text: held(text, contents) for text in table}
    if not contents.lexicon.holds("Depakote"):  # a graph from before this brand was listed
        read.pop("Depakote ER 500 mg")
    assert {t: found for t, found in read.items() if found != table[t]} == {}


@pytest.mark.parametrize("text", HALVES)
def test_half_a_combination_never_stands_for_the_whole(text: str, contents: Contents) -> None:
    assert contents.lexicon.lookup(text).candidate is None
    name = chosen_name(written(text), contents)
    assert not name.is_resolved, name


def test_a_combination_that_is_not_held_is_read_by_its_parts_in_a_record(
    contents: Contents,
) -> None:
    name = chosen_name(written("ramipril-indapamide 5-1.25 mg"), contents)
    assert {contents.graph.name(drug) for drug in name.drugs} == {"ramipril", "indapamide"}
    assert not chosen_name(written("ramipril-zyzzocillin 5-1 mg"), contents).is_resolved


@pytest.mark.parametrize(
    ("text", "drug"),
    [
        ("insulin lispro (HumaLOG U-900 X) 100 unit/mL", "insulin lispro"),
        ("Fentanyl 25micrograms/hour patch (product)", "fentanyl"),
    ],
)
def test_a_bracket_that_names_nothing_known_costs_no_medicine_of_a_record(
    text: str, drug: str, contents: Contents
) -> None:
    name = chosen_name(written(text), contents)
    assert {contents.graph.name(each) for each in name.drugs} == {drug}


def test_an_answer_says_how_an_abbreviation_was_read(state: State) -> None:
    told = answer({"taking": ["MTX 15 mg weekly"], "add": "ibuprofen"}, state)
    assert "'MTX 15 mg weekly' was read as 'methotrexate'." in told["notes"]
