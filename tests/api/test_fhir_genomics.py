"""Genotypes and phenotypes as the HL7 guide for genomics reporting writes them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from api.fhir.naming import GraphWords
from api.fhir.reading import Record, read_record
from api.state import State

LOINC = "http://loinc.org"
GENOTYPE, HAPLOTYPE = "84413-4", "84414-2"
TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"


def result(code: str, gene: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    filed = {"coding": [{"system": "http://www.genenames.org", "display": gene}]}
    component = {
        "code": {"coding": [{"system": LOINC, "code": "48018-6"}]},
        "valueCodeableConcept": filed,
    }
    return {
        "resourceType": "Observation",
        "id": "g",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "valueCodeableConcept": value,
        "component": [component] if gene else [],
    } | more


def read(state: State, *resources: dict[str, Any]) -> Record:
    return read_record(resources, on=date(2026, 1, 1), words=GraphWords(state))


@pytest.mark.parametrize(
    ("gene", "value", "part", "told"),
    [
        ("CYP2C19", {"coding": [{"display": "CYP2C19*2/*2"}]}, "diplotypes", "*2/*2"),
        ("CYP2C9", {"coding": [{"display": "CYP2C9 *2/*5"}]}, "diplotypes", "*2/*5"),
        ("CYP2D6", {"text": "CYP2D6*7.001 / CYP2D6*1.001"}, "diplotypes", "*7.001/*1.001"),
        ("CYP2D6", {"coding": [{"code": "CYP2D6_*1/*1"}]}, "diplotypes", "*1/*1"),
        ("", {"text": "CYP2C19*1/*2"}, "diplotypes", "*1/*2"),
        (
            "VKORC1",
            {"text": "VKORC1 rs9923231 C/T"},
            "diplotypes",
            "rs9923231 reference (C)/rs9923231 variant (T)",
        ),
        (
            "HLA-B",
            {"coding": [{"code": "hla#3.23.0#HLA-B*15:01:01G+HLA-B*57:01:01G"}]},
            "diplotypes",
            "*15:01:01G/*57:01:01G",
        ),
        ("HLA-B", {"coding": [{"display": "HLA-B*15:02"}]}, "phenotypes", "*15:02 positive"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_genotype_is_read_however_it_is_written(
    gene: str, value: dict[str, Any], part: str, told: str, state: State
) -> None:
    record = read(state, result(GENOTYPE, gene, value))
    assert list(record.patient[part].values()) == [told]


@pytest.mark.parametrize(
    ("gene", "text"),
    [
        ("CYP2C19", "*2/*999"),
        ("CYP2C19", "*2"),
        ("GULO", "*1/*1"),
        ("HLA-A", "hla#3.33.0#HLA-A*02:69+HLA-A*23:30|HLA-A*02:302+HLA-A*23:26/HLA-A*23:39"),
        ("", "NM_022787.3(NMNAT1):c.[53A>G];[769G>A]"),
    ],
)
def test_a_result_that_cannot_be_used_is_quoted(gene: str, text: str, state: State) -> None:
    record = read(state, result(GENOTYPE, gene, {"text": text}))
    assert not record.patient
    assert any(text in note for note in record.notes)


def test_two_haplotypes_make_a_diplotype(state: State) -> None:
    first = result(HAPLOTYPE, "CYP2D6", {"coding": [{"code": "PV1", "display": "CYP2D6*4"}]})
    second = result(HAPLOTYPE, "CYP2D6", {"coding": [{"code": "PV2", "display": "CYP2D6*1"}]})
    assert read(state, first, second).patient["diplotypes"] == {"CYP2D6": "*4/*1"}


def test_the_latest_usable_result_of_a_gene_counts(state: State) -> None:
    told = [("*1/*1", "2019-01-01"), ("*2/*2", "2024-05-05"), ("*2/*999", "2025-01-01")]
    results = [result(GENOTYPE, "CYP2C19", {"text": t}, effectiveDateTime=d) for t, d in told]
    assert read(state, *results).patient["diplotypes"] == {"CYP2C19": "*2/*2"}


def test_what_is_not_final_or_is_somatic_says_nothing_of_the_patient(state: State) -> None:
    somatic = {
        "code": {"coding": [{"system": LOINC, "code": "48002-0"}]},
        "valueCodeableConcept": {"coding": [{"code": "LA6684-0"}]},
    }
    value = {"text": "CYP2C19*2/*2"}
    one = result(GENOTYPE, "CYP2C19", value, status="preliminary")
    other = result(GENOTYPE, "", value, component=[somatic])
    assert not read(state, one, other).patient


def implication(phenotype: str) -> dict[str, Any]:
    """What a guide says of a drug, derived from the genotype ``g``."""
    code = {"coding": [{"system": TBD, "code": "therapeutic-implication"}]}
    part = {"code": code, "valueCodeableConcept": {"coding": [{"display": phenotype}]}}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": code,
        "derivedFrom": [{"reference": "Observation/g"}],
        "component": [part],
    }


def test_a_phenotype_stands_in_for_a_genotype_that_cannot_be_used(state: State) -> None:
    genotype = result(GENOTYPE, "CYP2C19", {"text": "*2/*999"})
    found = read(state, genotype, implication("Poor metabolizer"))
    assert found.patient["phenotypes"] == {"CYP2C19": "Poor metabolizer"}


def test_a_phenotype_that_does_not_follow_from_the_genotype_is_told(state: State) -> None:
    genotype = result(GENOTYPE, "CYP2C19", {"text": "*1/*1"})
    found = read(state, genotype, implication("Poor metabolizer"))
    assert found.patient == {"diplotypes": {"CYP2C19": "*1/*1"}}
    assert any("does not follow from *1/*1" in note for note in found.notes)


def test_a_metabolizer_status_alone_is_read(state: State) -> None:
    status = result("53040-2", "CYP2D6", {"text": "Poor metabolizer"})
    assert read(state, status).patient["phenotypes"] == {"CYP2D6": "Poor metabolizer"}
