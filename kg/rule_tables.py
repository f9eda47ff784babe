"""Reads the rule tables of ``kg/curated`` into the rules that screening applies."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from kg.model import Severity
from kg.screening.rules import MEASURES, AdditiveRule, ExposureRule, Requirement
from kg.sources.base import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

_AT_LEAST = re.compile(r"(drugs|groups|points)>=(\d+)")
_GRADE = re.compile(r"(?:graded:)?(high|moderate|low)>=(\d+)")
_GROUP = re.compile(r"group:([a-z0-9_]+)(?:>=(\d+))?")


class MalformedRule(ValueError):
    """A row of a rule table cannot be read; file, row and value are quoted."""

    def __init__(self, file: str, row: int, value: str, expected: str) -> None:
        super().__init__(f"{file}, row {row}: {value!r} is not {expected}")
        self.file, self.row, self.value = file, row, value


def load_exposure_rules(folder: Path = FOLDER) -> tuple[ExposureRule, ...]:
    """Read ``exposure_rules.tsv``.

    Raises:
        MalformedRule: A severity is unknown.
        MalformedSource: The file lacks a column.
    """
    file = "exposure_rules.tsv"
    columns = ("role", "perpetrator", "substrate", "activates", "change", "severity", "reference")
    frame = read_table("curated", folder / file, columns)
    return tuple(
        ExposureRule(
            role=row["role"],
            perpetrator=row["perpetrator"],
            substrate=row["substrate"],
            activates=row["activates"] == "yes",
            change=row["change"],
            severity=_severity(file, number, row["severity"]),
            reference=row["reference"],
        )
        for number, row in _rows(frame[list(columns)])
    )


def load_intended_pairs(folder: Path = FOLDER) -> frozenset[tuple[Curie, Curie]]:
    """Read ``intended_pairs.tsv``: perpetrator and substrate that are given together on purpose.

    Raises:
        MalformedSource: The file lacks a column.
    """
    columns = ("perpetrator_id", "substrate_id", "purpose", "reference")
    frame = read_table("curated", folder / "intended_pairs.tsv", columns)
    pairs = zip(frame["perpetrator_id"], frame["substrate_id"], strict=True)
    return frozenset((Curie.parse(one), Curie.parse(other)) for one, other in pairs)


def load_additive_rules(folder: Path = FOLDER) -> tuple[AdditiveRule, ...]:
    """Read ``liability_rules.tsv``.

    Raises:
        MalformedRule: A severity or a requirement is not in the closed language.
        MalformedSource: The file lacks a column.
    """
    file = "liability_rules.tsv"
    columns = (
        "liability",
        "name",
        "effect_id",
        "requires",
        "severity",
        "recommendation",
        "reference",
    )
    frame = read_table("curated", folder / file, columns)
    return tuple(
        AdditiveRule(
            liability=row["liability"],
            name=row["name"],
            effect=Curie.parse(row["effect_id"]),
            requires=tuple(
                _requirement(file, number, term) for term in row["requires"].split(" & ")
            ),
            severity=_severity(file, number, row["severity"]),
            recommendation=row["recommendation"],
            reference=row["reference"],
        )
        for number, row in _rows(frame[list(columns)])
    )


def _rows(frame: pd.DataFrame) -> list[tuple[int, dict[str, str]]]:
    records = frame.to_dict("records")
    return [
        (number, {str(k): str(v) for k, v in row.items()})
        for number, row in enumerate(records, start=2)
    ]


def _severity(file: str, row: int, value: str) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        raise MalformedRule(file, row, value, f"one of {', '.join(Severity)}") from None


def _requirement(file: str, row: int, term: str) -> Requirement:
    if match := _AT_LEAST.fullmatch(term):
        requirement = Requirement(match[1], "", int(match[2]))
    elif match := _GRADE.fullmatch(term):
        requirement = Requirement("drugs", match[1], int(match[2]))
    elif match := _GROUP.fullmatch(term):
        requirement = Requirement("group", match[1], int(match[2] or 1))
    else:
        raise MalformedRule(
            file, row, term, "a requirement such as drugs>=2, high>=1 or group:nsaid"
        )
    if requirement.measure not in MEASURES:
        raise MalformedRule(file, row, term, f"a measure of {sorted(MEASURES)}")
    return requirement
