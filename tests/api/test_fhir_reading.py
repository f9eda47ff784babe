"""What a record of FHIR resources says: which medicines are taken, and what of the patient."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import api.fhir.tables
from api.errors import InvalidRequest
from api.fhir.chart import SeveralPatients
from api.fhir.elements import codings, concept_texts, day_of, mappings_of, text_of
from api.fhir.reading import Record, read_record, resources_of
from api.schemas import PatientBody
from kg.rules.routes import load_routes

FOLDER = Path(api.fhir.tables.__file__).parent
ON = date(2026, 3, 1)
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1950-03-02"}
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def medicine(kind: str, text: str, status: str = "active", **more: Any) -> dict[str, Any]:
    """One resource of a medicine, with an id made of its kind and text."""
    name = f"{kind}-{text}".replace(" ", "-").lower()
    concept = {"medicationCodeableConcept": {"text": text}}
    subject = {"reference": "Patient/p"}
    return {"resourceType": kind, "id": name, "status": status, "subject": subject} | concept | more


def request(text: str, status: str = "active", **more: Any) -> dict[str, Any]:
    return medicine("MedicationRequest", text, status, **({"intent": "order"} | more))


def observation(code: str, value: float, unit: str, day: str = "2026-02-01") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": unit, "code": unit},
    }


def condition(text: str, clinical: str = "active", said: str = "confirmed") -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": clinical}]},
        "verificationStatus": {"coding": [{"code": said}]},
        "code": {"text": text},
    }


def record_of(*resources: Any) -> Record:
    record = read_record(resources, on=ON)
    PatientBody.model_validate(record.patient)
    return record


def taken(*resources: Any) -> list[str]:
    return [each.display for each in record_of(*resources).current]


@pytest.mark.parametrize("status", ["active", "on-hold", "unknown", "", "nonsense"])
def test_a_request_that_may_go_on_is_counted_and_doubt_is_told(status: str) -> None:
    record = record_of(PATIENT, request("warfarin", status))
    assert [each.display for each in record.current] == ["warfarin"]
    assert bool(record.notes) == (status != "active")


@pytest.mark.parametrize("status", ["completed", "stopped", "cancelled", "entered-in-error"])
def test_a_request_that_ended_is_not_counted(status: str) -> None:
    record = record_of(PATIENT, request("warfarin", status))
    assert not record.current
    assert any("'warfarin (" in note for note in record.notes) == (status != "entered-in-error")


@pytest.mark.parametrize(
    "more",
    [
        {"doNotPerform": True},
        {"intent": "proposal"},
        {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"end": "2026-02-28"}}}}]},
        {
            "authoredOn": "2026-01-01",
            "dosageInstruction": {
                "timing": {"repeat": {"boundsDuration": {"value": 1, "unit": "week", "code": "wk"}}}
            },
        },
    ],
    ids=str,
)
def test_an_active_request_that_asks_for_nothing_now_is_told_apart(more: dict[str, Any]) -> None:
    record = record_of(PATIENT, request("warfarin", **more))
    assert not record.current
    assert "'warfarin (" in record.notes[0]


def test_a_request_goes_on_while_one_of_its_dosages_has_no_end() -> None:
    ended = {"timing": {"repeat": {"boundsPeriod": {"start": "2026-01-01", "end": "2026-01-05"}}}}
    assert taken(PATIENT, request("warfarin", dosageInstruction=[ended, {"text": "then 2 mg"}]))


def test_a_draft_is_kept_apart_from_what_is_taken() -> None:
    record = record_of(PATIENT, request("warfarin", "draft"))
    assert not record.current
    assert [each.display for each in record.drafts] == ["warfarin"]


@pytest.mark.parametrize(
    ("resource", "is_taken"),
    [
        (medicine("MedicationStatement", "x"), True),
        (medicine("MedicationStatement", "x", "intended"), True),
        (medicine("MedicationStatement", "x", "not-taken"), False),
        (medicine("MedicationStatement", "x", taken="n"), False),
        (medicine("MedicationStatement", "x", effectivePeriod={"end": "2025-12"}), False),
        (medicine("MedicationDispense", "x", "completed"), True),
        (medicine("MedicationDispense", "x", "completed", whenHandedOver="2026-01-15"), True),
        (medicine("MedicationDispense", "x", "completed", whenHandedOver="2025-01-15"), False),
        (
            medicine(
                "MedicationDispense",
                "x",
                "completed",
                whenHandedOver="2025-06-15",
                daysSupply={"value": 365, "unit": "Day", "code": "d"},
            ),
            True,
        ),
        (medicine("MedicationAdministration", "x", "in-progress"), True),
        (
            medicine(
                "MedicationAdministration", "x", "completed", effectiveDateTime="2026-02-28T09:00Z"
            ),
            True,
        ),
        (
            medicine("MedicationAdministration", "x", "completed", effectiveDateTime="2026-02-01"),
            False,
        ),
    ],
    ids=lambda value: str(value)[:90],
)
def test_other_resources_count_while_their_medicine_lasts(
    resource: dict[str, Any], is_taken: object
) -> None:
    assert bool(taken(PATIENT, resource)) is is_taken


def test_what_only_fills_a_request_is_not_a_second_medicine() -> None:
    pointer = [{"reference": "http://server/fhir/MedicationRequest/medicationrequest-warfarin"}]
    filled = medicine("MedicationDispense", "Marevan", "completed", authorizingPrescription=pointer)
    assert taken(PATIENT, filled, request("warfarin")) == ["warfarin"]


def test_a_medication_is_followed_wherever_it_stands() -> None:
    described = {"resourceType": "Medication", "id": "m", "code": {"text": "warfarin"}}
    pointed: dict[str, Any] = {"medicationCodeableConcept": None}
    inside = request("a", **pointed, contained=[described], medicationReference={"reference": "#m"})
    beside = request("b", **pointed, medicationReference={"reference": "Medication/m"})
    by_url = request("c", **pointed, medicationReference={"reference": "urn:uuid:9"})
    nowhere = request(
        "d", **pointed, medicationReference={"reference": "Medication/7", "display": "tea"}
    )
    entry = {"fullUrl": "urn:uuid:9", "resource": {**described, "id": "other"}}
    bundle = {"resourceType": "Bundle", "entry": [entry, {"resource": described}]}
    outer = {"resourceType": "Bundle", "entry": [{"resource": bundle}]}
    names = [m.names for m in record_of(outer, inside, beside, by_url, nowhere).current]
    assert names == [("warfarin",)] * 3 + [("tea",)]


def test_names_are_codes_first_and_texts_without_the_words_of_the_terminology() -> None:
    coding = [
        {"system": SNOMED, "code": "1", "display": "Product containing only warfarin (product)"},
        {"system": "http://www.whocc.no/atc", "code": "B01AA03"},
        {"system": RXNORM, "code": "11289", "display": "warfarin"},
    ]
    found = record_of(request("-", medicationCodeableConcept={"coding": coding})).current[0]
    assert found.names == ("RXCUI:11289", "ATC:B01AA03", "warfarin")


def test_route_dose_start_and_length_are_read() -> None:
    dosage = {
        "route": {"coding": [{"system": SNOMED, "code": "6064005", "display": "?"}]},
        "doseAndRate": [{"doseQuantity": {"value": 2.5, "unit": "mg"}}],
        "timing": {"repeat": {"boundsPeriod": {"start": "2026-02-27", "end": "2026-03-03"}}},
    }
    text = request("x", authoredOn="2026-02-26T10:00:00Z", dosageInstruction=[dosage])
    found = record_of(text).current[0]
    assert (found.route, found.dose, found.started) == ("topical", "2.5 mg", "2026-02-26")
    assert found.duration_days == 5
    several = request("x", dosageInstruction=[dosage, {"route": {"text": "oral"}}])
    assert record_of(several).current[0].route is None


def test_age_counts_full_years_and_ends_with_life() -> None:
    assert record_of(PATIENT).patient == {"age_years": 75.0, "sex": "female"}
    dead = record_of({**PATIENT, "deceasedDateTime": "2000-03-02T01:00:00Z"})
    assert dead.patient["age_years"] == 50
    assert "died on 2000-03-02" in dead.notes[0]
    unborn = record_of({**PATIENT, "birthDate": "2031-01-01", "gender": "other"})
    assert not unborn.patient
    assert "2031-01-01" in unborn.notes[0]
    assert "other" in unborn.notes[1]


def test_a_record_without_a_patient_is_read_and_says_so() -> None:
    record = record_of(request("warfarin"))
    assert record.subject == "Patient/p"
    assert record.notes == ("The record holds no Patient: age and sex are not known.",)


def test_resources_of_two_patients_are_no_record() -> None:
    with pytest.raises(SeveralPatients, match="of 2 patients"):
        record_of(PATIENT, {**PATIENT, "id": "q"})
    other = {**condition("x"), "subject": {"reference": "Patient/q"}}
    with pytest.raises(InvalidRequest):
        record_of(PATIENT, other)


def test_conditions_hold_while_they_are_active_and_not_refuted() -> None:
    record = record_of(
        PATIENT,
        condition("asthma"),
        condition("gout", "resolved"),
        condition("epilepsy", said="refuted"),
        condition("ulcer", said="differential"),
        {**condition("psoriasis"), "clinicalStatus": "active", "verificationStatus": "confirmed"},
        {**condition("none"), "code": {"coding": [{"system": SNOMED, "code": "160245001"}]}},
        {**condition("fever"), "abatementDateTime": "2026-02-28"},
    )
    assert record.patient["conditions"] == ["asthma", "ulcer", "psoriasis"]
    assert any("'ulcer' is not confirmed (differential)" in note for note in record.notes)
    assert any("being past: 'gout', 'fever'" in note for note in record.notes)


def test_no_known_allergy_is_no_allergy() -> None:
    def allergy(code: str, text: str, said: str = "confirmed") -> dict[str, Any]:
        coding = [{"system": SNOMED, "code": code}]
        said_of = {"verificationStatus": {"coding": [{"code": said}]}}
        return {
            "resourceType": "AllergyIntolerance",
            **said_of,
            "code": {"coding": coding, "text": text},
        }

    record = record_of(
        PATIENT,
        allergy("716186003", "NKA"),
        allergy("409137002", "NKDA"),
        allergy("91936005", "Allergy to penicillin", "unconfirmed"),
        allergy("1", "latex", "refuted"),
    )
    assert record.patient["allergies"] == ["Allergy to penicillin"]
    assert "not confirmed" in record.notes[0]


def test_the_latest_final_value_of_each_test_counts() -> None:
    record = record_of(
        PATIENT,
        observation("33914-3", 80, "mL/min", "2026-01-01"),
        observation("98979-8", 35, "mL/min/{1.73_m2}"),
        {**observation("98979-8", 90, "mL/min", "2026-02-20"), "status": "preliminary"},
        observation("29463-7", 150, "[lb_av]"),
        observation("8302-2", 1.7, "m"),
        observation("2823-3", 5.9, "mmol/L", "2026-02-02"),
        observation("2823-3", 4.1, "mmol/L", "2025-02-02"),
        observation("72514-3", 3, "{score}"),
    )
    patient = record.patient
    assert patient["egfr_ml_min"] == 35
    assert (patient["weight_kg"], patient["height_cm"]) == (68.039, 170)
    assert patient["labs"] == [{"loinc": "2823-3", "value": 5.9, "unit": "mmol/L"}]
    assert not record.notes


def test_old_bounded_and_unreadable_values_are_told() -> None:
    over = observation("98979-8", 60, "mL/min")
    over["valueQuantity"]["comparator"] = ">"
    word = {**observation("2823-3", 1, ""), "valueQuantity": None, "valueString": "haemolysed"}
    old, odd = observation("2160-0", 1.1, "mg/dL", "2020-02-02"), observation("29463-7", 7, "foot")
    record = record_of(PATIENT, over, word, old, odd)
    told = " ".join(record.notes)
    assert "eGFR of > 60 mL/min was used as 60" in told
    assert "creatinine of 2020-02-02" in told
    assert "The weight (29463-7) of 7 foot cannot be read" in told
    assert "Not read, having no number" in told


@pytest.mark.parametrize(("day", "is_pregnant"), [("2026-01-01", True), ("2020-01-01", None)])
def test_a_pregnancy_lasts_no_longer_than_one_does(day: str, is_pregnant: object) -> None:
    status = {
        **observation("82810-3", 0, "", day),
        "valueQuantity": None,
        "valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA15173-0"}]},
    }
    assert record_of(PATIENT, status).patient.get("pregnant") is is_pregnant


def test_a_condition_of_pregnancy_ends_by_itself() -> None:
    begun = {**condition("Normal pregnancy"), "onsetDateTime": "2026-01-01"}
    assert record_of(PATIENT, begun).patient["pregnant"] is True
    coded = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "Z34.01"}]}
    assert record_of(PATIENT, {**begun, "code": coded}).patient["pregnant"] is True
    old = record_of(PATIENT, {**begun, "onsetDateTime": "2010-01-01"})
    assert "pregnant" not in old.patient
    assert "being past: 'Normal pregnancy'" in old.notes[0]
    assert "pregnant" not in record_of(PATIENT, condition("asthma")).patient


def test_a_record_that_knows_of_no_medicine_says_so() -> None:
    system = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
    nothing = {"coding": [{"system": system, "code": "no-medication-info", "display": "no info"}]}
    record = record_of(
        PATIENT, medicine("MedicationStatement", "", medicationCodeableConcept=nothing)
    )
    assert not record.current
    assert "no info" in record.notes[0]


def test_every_row_of_the_tables_names_its_source() -> None:
    tables = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.tsv")}
    rows = {name: [line.split("\t") for line in text.splitlines()] for name, text in tables.items()}
    known = {row[0] for row in rows.pop("references")[1:]}
    assert len(rows) == 8
    for name, (head, *body) in rows.items():
        assert head[-1] == "reference", name
        assert body == sorted(body), name
        assert {row[-1] for row in body} <= known, name


def test_every_route_is_a_word_of_the_rules() -> None:
    lines = (FOLDER / "route_codes.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert {line.split("\t")[3] for line in lines} <= set(load_routes().words.values())


GARBAGE: tuple[Any, ...] = (
    None, 5, "x", [], {}, [[]], {"coding": 5}, {"reference": 7}, True, {"value": "x"},
)  # fmt: skip


@pytest.mark.parametrize("value", GARBAGE, ids=json.dumps)
def test_an_element_of_another_shape_counts_as_not_stated(value: Any) -> None:
    whole = [
        PATIENT | {"contained": [{"resourceType": "Medication", "id": "m"}]},
        request("warfarin", dosageInstruction=[{"timing": {"repeat": {}}}], authoredOn="2026"),
        medicine("MedicationDispense", "x", daysSupply={"value": 1}),
        condition("asthma"),
        observation("2823-3", 5, "mmol/L"),
    ]
    for resource in whole:
        for key in resource:
            if key != "resourceType":
                read_record([{**resource, key: value}], on=ON)
    read_record([{"resourceType": "Bundle", "entry": value}], on=ON)
    assert list(resources_of({"resourceType": "Bundle", "entry": [{"resource": value}]})) == []


def test_elements_are_read_in_both_shapes() -> None:
    assert [c.code for c in codings("active")] == ["active"]
    assert concept_texts([{"text": " a  b "}, {"coding": {"display": "c"}}]) == ("a b", "c")
    assert list(mappings_of([1, {"a": 1}])) == [{"a": 1}]
    assert text_of(5) == ""
    assert day_of("2026-13-01") is None
