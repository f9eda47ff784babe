"""Reads the tables of the dose equations of warfarin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from kg.rules.rows import MalformedRule, curie_of, number_of, one_of, rows_of
from kg.screening.warfarin import CYP2C9, UNKNOWN, VKORC1, Bounds, DoseRules, Equation
from kg.sources.curated import FOLDER

__all__ = ["load_dose_rules"]

EQUATIONS = "warfarin_equations.tsv"
DRUGS = "warfarin_drugs.tsv"
ANCESTRIES = "warfarin_ancestries.tsv"
BOUNDS = "warfarin_bounds.tsv"
_TERMS = ("inducer", "amiodarone")
_RACES = ("white", "asian", "black")
_UNITS = {"age": "years", "height": "cm", "weight": "kg"}
_CLINICAL = frozenset(
    {
        *("intercept", "age_decades", "height_cm", "weight_kg", *_TERMS),
        *(f"race {race}" for race in (*_RACES, UNKNOWN)),
    }
)
_GENES = {
    VKORC1: ("G/G", "A/G", "A/A", UNKNOWN),
    CYP2C9: ("*1/*1", "*1/*2", "*1/*3", "*2/*2", "*2/*3", "*3/*3", UNKNOWN),
}
_ASKED: Mapping[Equation, frozenset[str]] = {
    Equation.CLINICAL: _CLINICAL,
    Equation.PHARMACOGENETIC: _CLINICAL
    | {f"{gene} {genotype}" for gene, genotypes in _GENES.items() for genotype in genotypes},
}
"""Every term of each equation: a table without one would fail in front of a patient."""


def load_dose_rules(folder: Path = FOLDER) -> DoseRules:
    """Read the four tables ``warfarin_equations``, ``_drugs``, ``_ancestries`` and ``_bounds``.

    Raises:
        MalformedRule: A word is not of its closed list, a number is none, a row stands twice, or a
            term or a bound is missing.
        MalformedSource: A file lacks a column.
    """
    return DoseRules(
        _coefficients(folder),
        drugs={
            curie_of(DRUGS, number, row["drug_id"]): one_of(DRUGS, number, row["term"], _TERMS)
            for number, row in rows_of(
                folder, DRUGS, ("drug_id", "drug", "term", "reference"), ("drug_id",)
            )
        },
        races=_races(folder),
        bounds=_bounds(folder),
    )


def _coefficients(folder: Path) -> dict[Equation, dict[str, float]]:
    found: dict[Equation, dict[str, float]] = {equation: {} for equation in Equation}
    columns, last = ("equation", "term", "coefficient", "reference"), 1
    for number, row in rows_of(folder, EQUATIONS, columns, ("equation", "term")):
        equation = Equation(one_of(EQUATIONS, number, row["equation"], tuple(Equation)))
        term = one_of(EQUATIONS, number, row["term"], tuple(sorted(_ASKED[equation])))
        found[equation][term] = number_of(EQUATIONS, number, row["coefficient"], fits=math.isfinite)
        last = number
    for equation, terms in found.items():
        _check_whole(EQUATIONS, last, _ASKED[equation] - terms.keys(), f"equation {equation}")
    return found


def _races(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    columns = ("written", "race", "reference")
    for number, row in rows_of(folder, ANCESTRIES, columns, ("written",)):
        written = row["written"].casefold()
        if written in found:
            raise MalformedRule(ANCESTRIES, number, row["written"], "an ancestry given once")
        found[written] = one_of(ANCESTRIES, number, row["race"], _RACES)
    return found


def _bounds(folder: Path) -> dict[str, Bounds]:
    found: dict[str, Bounds] = {}
    columns, last = ("value", "unit", "least", "most", "reference"), 1
    for number, row in rows_of(folder, BOUNDS, columns, ("value",)):
        value = one_of(BOUNDS, number, row["value"], _UNITS)
        unit = one_of(BOUNDS, number, row["unit"], (_UNITS[value],))
        least, most = (
            number_of(BOUNDS, number, row[end], fits=math.isfinite) for end in ("least", "most")
        )
        if not least < most:
            raise MalformedRule(BOUNDS, number, row["most"], f"more than {row['least']}")
        found[value], last = Bounds(unit, least, most), number
    _check_whole(BOUNDS, last, _UNITS.keys() - found.keys(), "the table")
    return found


def _check_whole(file: str, last: int, missing: frozenset[str] | set[str], where: str) -> None:
    if missing:
        lacking = ", ".join(sorted(missing))
        raise MalformedRule(file, last, lacking, f"rows for all of these in {where}")
