"""Reads the tables of the dose equations of warfarin."""

from __future__ import annotations

from pathlib import Path

from kg.rule_tables import MalformedRule
from kg.screening.warfarin import DoseRules, Equation
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie, MalformedCurie

__all__ = ["load_dose_rules"]

EQUATIONS = "warfarin_equations.tsv"
DRUGS = "warfarin_drugs.tsv"
ANCESTRIES = "warfarin_ancestries.tsv"
_TERMS = frozenset({"inducer", "amiodarone"})
_RACES = frozenset({"white", "asian", "black"})


def load_dose_rules(folder: Path = FOLDER) -> DoseRules:
    """Read ``warfarin_equations.tsv``, ``warfarin_drugs.tsv`` and ``warfarin_ancestries.tsv``.

    Raises:
        MalformedRule: An equation, a coefficient, a drug, a term or a race is none, or a term
            stands twice.
        MalformedSource: A file lacks a column.
    """
    coefficients: dict[Equation, dict[str, float]] = {equation: {} for equation in Equation}
    for number, row in _rows(folder / EQUATIONS, ("equation", "term", "coefficient", "reference")):
        if row["equation"] not in coefficients:
            expected = f"an equation: one of {', '.join(Equation)}"
            raise MalformedRule(EQUATIONS, number, row["equation"], expected)
        terms = coefficients[Equation(row["equation"])]
        if row["term"] in terms:
            raise MalformedRule(EQUATIONS, number, row["term"], "a term given once")
        terms[row["term"]] = _number(number, row["coefficient"])
    return DoseRules(coefficients, _drugs(folder / DRUGS), _races(folder / ANCESTRIES))


def _drugs(path: Path) -> dict[Curie, str]:
    found: dict[Curie, str] = {}
    for number, row in _rows(path, ("drug_id", "drug", "term", "reference")):
        if row["term"] not in _TERMS:
            raise MalformedRule(DRUGS, number, row["term"], f"one of {', '.join(sorted(_TERMS))}")
        try:
            found[Curie.parse(row["drug_id"])] = row["term"]
        except MalformedCurie:
            raise MalformedRule(DRUGS, number, row["drug_id"], "a CURIE") from None
    return found


def _races(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, row in _rows(path, ("written", "race", "reference")):
        if row["race"] not in _RACES:
            expected = f"one of {', '.join(sorted(_RACES))}"
            raise MalformedRule(ANCESTRIES, number, row["race"], expected)
        found[row["written"].casefold()] = row["race"]
    return found


def _number(number: int, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise MalformedRule(EQUATIONS, number, text, "a number") from None


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    records = read_table("curated", path, columns)[list(columns)].to_dict("records")
    return [(n, {str(k): str(v) for k, v in row.items()}) for n, row in enumerate(records, 2)]
