"""Reads the tables of absorption in ``kg/curated``: roles of drugs in the gut, and rules."""

from __future__ import annotations

from pathlib import Path

from kg.rules.rows import MalformedRule, curie_of, one_of, rows_of, severity_of
from kg.screening.absorption import (
    ACTING,
    DEPENDENCES,
    GRADES,
    ROLES,
    AbsorptionRole,
    AbsorptionRule,
)
from kg.sources.curated import FOLDER


def load_absorption_roles(folder: Path = FOLDER) -> tuple[AbsorptionRole, ...]:
    """Read ``absorption_roles.tsv``.

    Raises:
        MalformedRule: A value cannot be read, or a drug has one role twice.
        MalformedSource: The file lacks a column.
    """
    file = "absorption_roles.tsv"
    key = ("drug_id", "role")
    found = []
    for number, row in rows_of(folder, file, (*key, "grade", "reference"), key):
        role = one_of(file, number, row["role"], ROLES)
        grade = one_of(file, number, row["grade"], GRADES if role in ACTING else DEPENDENCES)
        drug = curie_of(file, number, row["drug_id"])
        found.append(AbsorptionRole(drug, role, grade, row["reference"]))
    return tuple(found)


def load_absorption_rules(folder: Path = FOLDER) -> tuple[AbsorptionRule, ...]:
    """Read ``absorption_rules.tsv``; a row is about two roles with grades, or about two drugs.

    Raises:
        MalformedRule: A value cannot be read, or a question is answered twice.
        MalformedSource: The file lacks a column.
    """
    file = "absorption_rules.tsv"
    key = ("acting", "affected", "acting_grade", "affected_grade")
    columns = (*key, "severity", "effect_id", "recommendation", "reference")
    found = []
    for number, row in rows_of(folder, file, columns, key):
        _check_ends(file, number, row)
        found.append(
            AbsorptionRule(
                acting=row["acting"],
                affected=row["affected"],
                acting_grade=row["acting_grade"],
                affected_grade=row["affected_grade"],
                severity=severity_of(file, number, row["severity"]),
                effect=curie_of(file, number, row["effect_id"]),
                recommendation=row["recommendation"],
                reference=row["reference"],
            )
        )
    return tuple(found)


def _check_ends(file: str, number: int, row: dict[str, str]) -> None:
    if not row["acting_grade"] and not row["affected_grade"]:
        for end in ("acting", "affected"):
            curie_of(file, number, row[end])
        return
    one_of(file, number, row["acting_grade"], GRADES)
    one_of(file, number, row["affected_grade"], DEPENDENCES)
    wanted = ACTING[one_of(file, number, row["acting"], ACTING)][0]
    if row["affected"] != wanted:
        raise MalformedRule(
            file, number, row["affected"], f"what a {row['acting']} meets: {wanted}"
        )
