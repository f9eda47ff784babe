"""Records that nobody here wrote: Synthea, the International Patient Summary, the HL7 examples."""

from __future__ import annotations

import json
import lzma
import tarfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from fhir.resources.R4B import get_fhir_model_class

from api.fhir.naming import GraphWords, chosen_name
from api.fhir.reading import Record, read_record
from api.state import State

pytestmark = pytest.mark.shared
EVERY = 9
"""One in so many of the Synthea patients is read; ``benchmarks/fhir_records.py`` reads all 44."""


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> Path:
    return shared_data.parent / "cases"


def examples(cases: Path, name: str) -> dict[str, Any]:
    with tarfile.open(cases / f"{name}.tar.xz") as archive:
        files = [member for member in archive if member.name.endswith(".json")]
        return {
            Path(member.name).stem: json.loads(file.read())
            for member in files
            if (file := archive.extractfile(member))
        }


@pytest.fixture(scope="module")
def guide(cases: Path) -> dict[str, Any]:
    return examples(cases, "fhir-genomics-reporting")


@pytest.fixture(scope="module")
def summaries(cases: Path) -> dict[str, Any]:
    return examples(cases, "fhir-ips")


def record_of(document: Mapping[str, Any], state: State) -> Record:
    return read_record([document], on=date(2024, 1, 1), words=GraphWords(state))


def test_synthea_patients_are_screened_whole(cases: Path, client: TestClient) -> None:
    for path in sorted((cases / "synthea").glob("*.json.xz"))[::EVERY]:
        response = client.post(
            "/fhir/$screen",
            content=lzma.decompress(path.read_bytes()),
            headers={"content-type": "application/fhir+json"},
        )
        assert response.status_code == 200, (path.name, response.text[:300])
        get_fhir_model_class("Bundle").model_validate(response.json())


def test_a_patient_summary_is_read(summaries: dict[str, Any], state: State) -> None:
    record = record_of(summaries["Bundle-IPS-examples-Bundle-01"], state)
    first, second = (chosen_name(each, state.contents) for each in record.current)
    assert state.graph.name(first.drugs[0]) == "anastrozole"
    assert second.text == "Black Cohosh Extract herbal supplement"
    assert record.patient["sex"] == "female"
    assert record.patient["allergies"] == ["Substance with penicillin structure (substance)"]
    assert any("Malignant tumor of breast" in note for note in record.notes)


def test_a_summary_whose_sections_are_all_present_is_read(
    summaries: dict[str, Any], state: State
) -> None:
    record = record_of(summaries["Bundle-bundle-ips-all-sections"], state)
    assert record.current[0].display == "lisinopril 5 mg tablet"
    assert record.patient["weight_kg"] == 91.5
    assert any("cilazapril 500 microgram tablet, 90 (stopped)" in note for note in record.notes)


def test_a_summary_that_knows_nothing_holds_nothing(
    summaries: dict[str, Any], state: State
) -> None:
    record = record_of(summaries["Bundle-bundle-no-info-required-sections"], state)
    assert (record.current, dict(record.patient)) == ((), {"age_years": 38.0, "sex": "male"})


@pytest.mark.parametrize(
    ("name", "part", "results"),
    [
        ("Observation-Pgx-geno-1001", "diplotypes", {"CYP2C19": "*2/*2"}),
        ("Observation-GenotypeExample1", "phenotypes", {"HLA-B": "*15:02 positive"}),
        ("Observation-GenotypeExamplePharmVar", "diplotypes", {"CYP2D6": "*7.001/*1.001"}),
        ("Bundle-bundle-cgexample", "diplotypes", {"CYP2C9": "*2/*5"}),
        (
            "Parameters-FindSubjectHaplotypesOutput",
            "diplotypes",
            {"CYP2C19": "*1/*2", "CYP2D6": "*1/*1"},
        ),
    ],
)
def test_the_genotypes_of_the_guide_are_read(
    name: str, part: str, results: dict[str, str], guide: dict[str, Any], state: State
) -> None:
    assert record_of(guide[name], state).patient[part] == results


def test_a_genotype_of_the_guide_changes_the_advice(
    guide: dict[str, Any], client: TestClient
) -> None:
    draft = {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/CGPatientExample01"},
        "medicationCodeableConcept": {"text": "clopidogrel"},
    }
    held = [guide["Patient-CGPatientExample01"], guide["Observation-Pgx-geno-1001"], draft]
    entries = [{"resource": resource} for resource in held]
    body = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    told = client.post("/fhir/$screen", json=body).json()
    issues = [entry["resource"] for entry in told["entry"][1:]]
    assert any(i["code"]["coding"][0]["code"] == "GEN" and "CYP2C19" in i["detail"] for i in issues)


def test_every_request_of_the_specification_is_read(cases: Path, state: State) -> None:
    found = examples(cases, "fhir-r4-examples")
    read = {name: record_of(resource, state) for name, resource in found.items()}
    contents = state.contents
    names = {
        name: chosen_name(record.current[0], contents)
        for name, record in read.items()
        if record.current
    }
    drugs = {
        name: {state.graph.name(drug) for drug in chosen.drugs} for name, chosen in names.items()
    }
    assert drugs["MedicationRequest-medrx0327"] == {"fentanyl"}
    assert drugs["MedicationRequest-medrx0331"] == {"warfarin"}
    assert not read["MedicationRequest-medrx0301"].current
    for name in ("AllergyIntolerance-nka", "AllergyIntolerance-nkda", "AllergyIntolerance-nkla"):
        assert "allergies" not in read[name].patient
    assert read["AllergyIntolerance-medication"].patient["allergies"] == ["Penicillin G"]
