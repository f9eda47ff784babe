"""Which drugs a written medicine means, and which records tell of one therapy."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from api.contents import Contents
from api.fhir.medicines import WrittenMedicine, read_medicine
from api.fhir.naming import GraphWords, Name, chosen_name, therapies
from api.fhir.reading import read_record
from api.fhir.resources import References
from api.state import State

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SIMVASTATIN, WARFARIN, UNKNOWN = "36567", "11289", "9999999"
ON = date(2026, 3, 1)


@pytest.fixture(scope="module")
def contents(state: State) -> Contents:
    return state.contents


def written(text: str = "", code: str = "", **more: Any) -> WrittenMedicine:
    """A request by text, by code, or by both."""
    concept: dict[str, Any] = {"text": text} if text else {}
    concept |= {"coding": [{"system": RXNORM, "code": code}]} if code else {}
    kind = more.pop("kind", "MedicationRequest")
    resource = {"resourceType": kind, "id": f"{text}{code}", "status": "active"} | more
    return read_medicine({**resource, "medicationCodeableConcept": concept}, References.of(()))


def names(name: Name, contents: Contents) -> set[str]:
    return {contents.graph.name(drug) for drug in name.drugs}


def test_a_known_code_comes_before_the_text(contents: Contents) -> None:
    found = chosen_name(written("Simvastatin 20 MG Oral Tablet", SIMVASTATIN), contents)
    assert (found.text, found.also, found.notes) == ("RXCUI:36567", (), ())
    assert names(found, contents) == {"simvastatin"}


def test_the_text_is_read_where_the_code_is_not_known(contents: Contents) -> None:
    found = chosen_name(written("Simvastatin 20 MG Oral Tablet", UNKNOWN), contents)
    assert found.text == "Simvastatin 20 MG Oral Tablet"
    assert names(found, contents) == {"simvastatin"}


def test_a_code_and_a_text_of_different_drugs_are_both_screened_and_told(
    contents: Contents,
) -> None:
    found = chosen_name(written("Captopril 25 MG Oral Tablet", WARFARIN), contents)
    assert found.texts == ("RXCUI:11289", "Captopril 25 MG Oral Tablet")
    assert names(found, contents) == {"warfarin", "captopril"}
    assert "RXCUI:11289 means warfarin" in found.notes[0]


def test_a_text_that_only_resembles_another_drug_does_not_gainsay_the_code(
    contents: Contents,
) -> None:
    assert chosen_name(written("wafarin", SIMVASTATIN), contents).texts == ("RXCUI:36567",)


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("Fentanyl 25micrograms/hour patch (product)", {"fentanyl"}),
        ("Ceftriaxone sodium 500mg powder for injection solution vial", {"ceftriaxone"}),
        (
            "24 HR Donepezil hydrochloride 10 MG / Memantine hydrochloride 28 MG Oral Capsule",
            {"donepezil", "memantine"},
        ),
    ],
)
def test_a_product_that_is_not_held_is_read_by_what_stands_before_its_strengths(
    text: str, drugs: set[str], contents: Contents
) -> None:
    assert names(chosen_name(written(text), contents), contents) == drugs


@pytest.mark.parametrize(
    "text", ["Zyzzocillin 5 MG / Warfarin 2 MG", "Warfarin and zyzzocillin 5 mg", "unheard-of tea"]
)
def test_nothing_is_dropped_from_what_is_not_known_wholly(text: str, contents: Contents) -> None:
    found = chosen_name(written(text), contents)
    assert not found.is_resolved
    assert (found.text, found.drugs) == (text, ())


def test_ingredients_stand_for_a_medicine_that_is_not_known_itself(contents: Contents) -> None:
    parts = [{"itemCodeableConcept": {"text": text}} for text in ("warfarin", "zyzzocillin")]
    medication = {"resourceType": "Medication", "code": {"text": "Our mix"}, "ingredient": parts}
    found = chosen_name(read_medicine(medication, References.of(())), contents)
    assert found.texts == ("warfarin", "zyzzocillin")
    assert "not checked: 'zyzzocillin'" in found.notes[0]


def test_a_medicine_without_a_name_is_not_resolved(contents: Contents) -> None:
    found = chosen_name(written(), contents)
    assert (found.status, found.text) == ("unresolved", "a medicine without a name")


def listed(contents: Contents, *medicines: WrittenMedicine) -> list[tuple[str, ...]]:
    return [tuple(r.kind for r in t.records) for t in therapies(medicines, contents)]


def test_records_of_one_therapy_collapse_and_two_orders_do_not(contents: Contents) -> None:
    ordered = written("warfarin", WARFARIN)
    supplied = written("Warfarin Sodium 5 MG Oral Tablet", kind="MedicationDispense")
    stated = written("warfarin", kind="MedicationStatement")
    again = written("Warfarin Sodium 5 MG Oral Tablet")
    whole = listed(contents, supplied, stated, ordered, supplied)
    assert whole == [
        ("MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationDispense")
    ]
    assert listed(contents, ordered, again) == [("MedicationRequest",)] * 2
    assert listed(contents, stated, stated) == [("MedicationStatement",)] * 2
    assert listed(contents, ordered, written("ibuprofen", kind="MedicationDispense")) == [
        ("MedicationRequest",),
        ("MedicationDispense",),
    ]


def test_another_route_is_another_therapy(contents: Contents) -> None:
    ordered = written("diclofenac", dosageInstruction=[{"route": {"text": "oral"}}])
    rubbed = written(
        "diclofenac", kind="MedicationStatement", dosage=[{"route": {"text": "topical"}}]
    )
    assert len(listed(contents, ordered, rubbed)) == 2


def test_that_way_to_write_a_condition_is_used_which_the_graph_knows(state: State) -> None:
    codes = [("http://snomed.info/sct", "1"), ("http://hl7.org/fhir/sid/icd-10-cm", "I48.91")]
    coding = [{"system": system, "code": code} for system, code in codes]
    known = {"resourceType": "Condition", "code": {"coding": coding, "text": "A fib, see letter"}}
    unknown = {"resourceType": "Condition", "code": {"text": "green hair"}}
    allergen = {
        "resourceType": "AllergyIntolerance",
        "code": {"coding": [{"system": "x", "code": "1"}]},
        "reaction": [{"substance": {"text": "penicillin"}}],
    }
    record = read_record([known, unknown, allergen], on=ON, words=GraphWords(state))
    assert record.patient["conditions"] == ["ICD10CM:I48.91", "green hair"]
    assert record.patient["allergies"] == ["penicillin"]
