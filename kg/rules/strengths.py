"""Reads the rule tables of ``kg/curated`` into the rules that screening applies."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from kg.model import Severity
from kg.screening.rules import (
    ACTING,
    DEPENDING,
    MEASURES,
    SITES,
    AdditiveRule,
    ExposureRule,
    Requirement,
)
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie, MalformedCurie

_AT_LEAST = re.compile(r"(drugs|groups|points)>=(\d+)")
_GRADE = re.compile(r"(?:graded:)?(high|moderate|low)>=(\d+)")
_EXPOSURE_KEY = ("site", "role", "perpetrator", "substrate", "activates")
_EXPOSURE_COLUMNS = (*_EXPOSURE_KEY, "change", "severity", "reference")
_ROLES = ("inhibitor", "inducer")
_SILENT = "none"
_GROUP = re.compile(r"group:([a-z0-9_]+)(?:>=(\d+))?")


class MalformedRule(ValueError):
    """A row of a rule table cannot be read; file, row and value are quoted."""

    def __init__(self, file: str, row: int, value: str, expected: str) -> None:
        super().__init__(f"{file}, row {row}: {value!r} is not {expected}")
        self.file, self.row, self.value = file, row, value


def load_exposure_rules(folder: Path = FOLDER) -> tuple[ExposureRule, ...]:
    """Read ``exposure_rules.tsv``.

    An empty severity is one that is not stated; the word ``none`` makes a rule silent. Both are
    decisions of ours, so that neither needs a reference.

    Raises:
        MalformedRule: A word is not of its closed list, a change is given without a severity or
            left out with one, or a question is answered twice.
        MalformedSource: The file lacks a column.
    """
    file = "exposure_rules.tsv"
    frame = read_table("curated", folder / file, _EXPOSURE_COLUMNS)
    rules: dict[tuple[str, ...], ExposureRule] = {}
    for number, row in _rows(frame[list(_EXPOSURE_COLUMNS)]):
        key = tuple(row[column] for column in _EXPOSURE_KEY)
        if key in rules:
            raise MalformedRule(file, number, " ".join(key), "a question asked once")
        rules[key] = _exposure_rule(file, number, row)
    return tuple(rules.values())


def _exposure_rule(file: str, number: int, row: dict[str, str]) -> ExposureRule:
    is_silent = row["severity"] == _SILENT
    closed = {
        "site": SITES,
        "role": _ROLES,
        "perpetrator": (*ACTING, ""),
        "substrate": (*DEPENDING, ""),
        "activates": ("yes", "no"),
    }
    for column, words in closed.items():
        if row[column] not in words:
            raise MalformedRule(file, number, row[column], f"a {column}: one of {', '.join(words)}")
    is_graded = bool(row["severity"]) and not is_silent
    if bool(row["change"]) != is_graded:
        raise MalformedRule(file, number, row["change"], "a change that goes with its severity")
    return ExposureRule(
        role=row["role"],
        perpetrator=row["perpetrator"],
        substrate=row["substrate"],
        activates=row["activates"] == "yes",
        change=row["change"],
        severity=_severity(file, number, row["severity"]) if is_graded else None,
        reference=row["reference"],
        site=row["site"],
        silent=is_silent,
    )


def load_intended_pairs(folder: Path = FOLDER) -> frozenset[tuple[Curie, Curie]]:
    """Read ``intended_pairs.tsv``: perpetrator and substrate that are given together on purpose.

    Raises:
        MalformedRule: A drug is no CURIE.
        MalformedSource: The file lacks a column.
    """
    file, ends = "intended_pairs.tsv", ("perpetrator_id", "substrate_id")
    frame = read_table("curated", folder / file, (*ends, "purpose", "reference"))
    return frozenset(
        (_curie(file, number, row[ends[0]]), _curie(file, number, row[ends[1]]))
        for number, row in _rows(frame[list(ends)])
    )


def load_additive_rules(folder: Path = FOLDER) -> tuple[AdditiveRule, ...]:
    """Read ``liability_rules.tsv``.

    Raises:
        MalformedRule: A severity or a requirement is not in the closed language, or an effect is
            no CURIE.
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
            effect=_curie(file, number, row["effect_id"]),
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


def _curie(file: str, row: int, value: str) -> Curie:
    try:
        return Curie.parse(value)
    except MalformedCurie:
        raise MalformedRule(file, row, value, "a CURIE such as RXCUI:11289") from None


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
