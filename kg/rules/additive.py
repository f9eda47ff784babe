"""Reads ``liability_rules.tsv``: how much of one liability, of several drugs, is a finding."""

from __future__ import annotations

import re
from pathlib import Path

from kg.rules.rows import MalformedRule, curie_of, rows_of, severity_of
from kg.screening.rules import MEASURES, AdditiveRule, Requirement
from kg.sources.curated import FOLDER

FILE = "liability_rules.tsv"
_COLUMNS = (
    "liability",
    "name",
    "effect_id",
    "requires",
    "severity",
    "recommendation",
    "reference",
)
_AT_LEAST = re.compile(r"(drugs|groups|points)>=(\d+)")
_GRADE = re.compile(r"(?:graded:)?(high|moderate|low)>=(\d+)")
_GROUP = re.compile(r"group:([a-z0-9_]+)(?:>=(\d+))?")


def load_additive_rules(folder: Path = FOLDER) -> tuple[AdditiveRule, ...]:
    """Read ``liability_rules.tsv``.

    Raises:
        MalformedRule: A severity or a requirement is not in the closed language, or an effect is
            no CURIE.
        MalformedSource: The file lacks a column.
    """
    return tuple(
        AdditiveRule(
            liability=row["liability"],
            name=row["name"],
            effect=curie_of(FILE, number, row["effect_id"]),
            requires=tuple(_requirement(number, term) for term in row["requires"].split(" & ")),
            severity=severity_of(FILE, number, row["severity"]),
            recommendation=row["recommendation"],
            reference=row["reference"],
        )
        for number, row in rows_of(folder, FILE, _COLUMNS)
    )


def _requirement(row: int, term: str) -> Requirement:
    if match := _AT_LEAST.fullmatch(term):
        requirement = Requirement(match[1], "", int(match[2]))
    elif match := _GRADE.fullmatch(term):
        requirement = Requirement("drugs", match[1], int(match[2]))
    elif match := _GROUP.fullmatch(term):
        requirement = Requirement("group", match[1], int(match[2] or 1))
    else:
        expected = "a requirement such as drugs>=2, high>=1 or group:nsaid"
        raise MalformedRule(FILE, row, term, expected)
    if requirement.measure not in MEASURES:
        raise MalformedRule(FILE, row, term, f"a measure of {sorted(MEASURES)}")
    return requirement
