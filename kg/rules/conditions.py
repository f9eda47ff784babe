"""Reads the tables about patients in ``kg/curated``: conditions, tests, drugs in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.rules.rows import (
    MalformedRule,
    curie_of,
    number_of,
    ratio_of,
    rows_of,
    severity_of,
    target_of,
)
from kg.screening.drug_condition import DrugConditionRule
from kg.screening.factors import MalformedFactor, Term, parse_terms
from kg.screening.laboratory import LabTest, LabTests
from kg.screening.targets import MalformedTarget
from kg.sources.curated import FOLDER
from ontologies.curie import Curie


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that rules may ask for, with the words and codes that mean it or are within it.

    ``icd10`` are beginnings of codes of ICD-10-CM, ``snomed`` codes of SNOMED CT.
    """

    curie: Curie
    name: str
    synonyms: tuple[str, ...]
    icd10: tuple[str, ...]
    snomed: tuple[str, ...]


def load_conditions(folder: Path = FOLDER) -> tuple[Condition, ...]:
    """Read ``conditions.tsv``.

    Raises:
        MalformedRule: An id is no CURIE, or stands twice.
        MalformedSource: The file lacks a column.
    """
    file, columns = "conditions.tsv", ("id", "name", "synonyms", "icd10", "snomed")
    return tuple(
        Condition(
            curie=curie_of(file, number, row["id"]),
            name=row["name"],
            synonyms=_listed(row["synonyms"]),
            icd10=_listed(row["icd10"]),
            snomed=_listed(row["snomed"]),
        )
        for number, row in rows_of(folder, file, columns, ("id",))
    )


def load_lab_tests(folder: Path = FOLDER) -> LabTests:
    """Read ``lab_codes.tsv``.

    Raises:
        MalformedRule: A factor or a bound is no number, or a code stands twice.
        MalformedSource: The file lacks a column.
    """
    file = "lab_codes.tsv"
    columns = ("loinc", "name", "unit", "same_as", "other_units", "least", "most", "reference")
    tests: list[LabTest] = []
    met: set[str] = set()
    for number, row in rows_of(folder, file, columns, ("loinc",)):
        test = _test(file, number, row)
        for code in (test.loinc, *test.same_as):
            if code in met:
                raise MalformedRule(file, number, code, "a code that means one test")
            met.add(code)
        tests.append(test)
    return LabTests(tuple(tests))


def _test(file: str, number: int, row: Mapping[str, str]) -> LabTest:
    return LabTest(
        loinc=row["loinc"],
        name=row["name"],
        unit=row["unit"],
        same_as=_listed(row["same_as"]),
        other_units=tuple(_unit(file, number, cell) for cell in _listed(row["other_units"])),
        least=number_of(file, number, row["least"]),
        most=number_of(file, number, row["most"]),
        reference=row["reference"],
    )


def load_drug_condition_rules(
    tests: LabTests, folder: Path = FOLDER
) -> tuple[DrugConditionRule, ...]:
    """Read ``drug_conditions.tsv``; ``tests`` are those that a rule may ask for.

    Raises:
        MalformedRule: A target, a condition, a unit or a severity cannot be read, or a question
            is answered twice.
        MalformedSource: The file lacks a column.
    """
    file, key = "drug_conditions.tsv", ("target_id", "when")
    columns = (*key, "unit", "severity", "effect_id", "recommendation", "reference")
    return tuple(
        DrugConditionRule(
            target=target_of(file, number, row["target_id"]),
            terms=terms_of(file, number, row, tests),
            severity=severity_of(file, number, row["severity"]),
            effect=curie_of(file, number, row["effect_id"]),
            recommendation=row["recommendation"],
            reference=row["reference"],
        )
        for number, row in rows_of(folder, file, columns, key)
    )


def terms_of(file: str, number: int, row: Mapping[str, str], tests: LabTests) -> tuple[Term, ...]:
    """Read the cell ``when``; the unit of a laboratory value must be that of its test.

    Raises:
        MalformedRule: A term, its test or its unit is not known.
    """
    try:
        terms = parse_terms(row["when"])
    except (MalformedFactor, MalformedTarget) as error:
        raise MalformedRule(file, number, row["when"], f"a condition ({error})") from None
    asked = {term.what.removeprefix("lab:") for term in terms if term.what.startswith("lab:")}
    known = [test for code in asked if (test := tests.of(code)) and test.loinc == code]
    if len(known) != len(asked) or ({test.unit for test in known} or {""}) != {row["unit"]}:
        raise MalformedRule(file, number, f"{row['when']} {row['unit']}", "a test in its own unit")
    return terms


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _unit(file: str, number: int, cell: str) -> tuple[str, float]:
    unit, _, factor = cell.rpartition("=")
    return unit, ratio_of(file, number, factor)
