"""How near the dose equations of warfarin come to the doses that people needed.

``python benchmarks/warfarin.py --data FILE.csv.gz`` reads a file of the layout of the cohort of the
International Warfarin Pharmacogenetics Consortium (PharmGKB) and prints JSON: for both equations
the mean absolute error in mg a week, the share of doses within 20 % of the actual dose and the
number of subjects, over all and by ancestry. Subjects count that reached a stable dose and whose
dose, age, height and weight are known; unknown genotypes and races are terms of the equations.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.rules.warfarin import load_dose_rules
from kg.screening.warfarin import UNKNOWN, DoseRules, Equation, Terms, weekly_mg

WITHIN = 0.2
"""An estimate counts as near when it differs from the actual dose by no more than this share."""
DOSE, STABLE = "Therapeutic Dose of Warfarin", "Subject Reached Stable Dose of Warfarin"
RACES = {"white": "white", "asian": "asian", "black or african american": "black"}
INDUCERS = ("Carbamazepine (Tegretol)", "Phenytoin (Dilantin)", "Rifampin or Rifampicin")
AMIODARONE = "Amiodarone (Cordarone)"
CYP2C9, VKORC1 = "CYP2C9 consensus", "VKORC1 -1639 consensus"
_DECADE = re.compile(r"(\d)0(?: - \d9|\+)")
_GENOTYPE = re.compile(r"\S+/\S+")
_LINKED: tuple[tuple[str, Mapping[str, str], bool], ...] = (
    ("VKORC1 1173 consensus", {"C/C": "G/G", "C/T": "A/G", "T/T": "A/A"}, False),
    ("VKORC1 2255 consensus", {"C/C": "G/G", "C/T": "A/G", "T/T": "A/A"}, True),
    ("VKORC1 1542 consensus", {"G/G": "G/G", "C/G": "A/G", "C/C": "A/A"}, True),
)
"""Variants that tell -1639 where it is not typed; some only in white and Asian subjects."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One person of the cohort: what the equations ask, the dose in mg a week, the race."""

    terms: Terms
    weekly_mg: float
    race: str


def main() -> int:
    """Print the errors of both equations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the cohort, .csv or .csv.gz")
    arguments = parser.parse_args()
    rules = load_dose_rules()
    found = list(subjects(_rows(arguments.data), rules))
    sys.stdout.write(json.dumps(compared(found, rules), indent=1) + "\n")
    return 0


def subjects(rows: Iterable[Mapping[str, str]], rules: DoseRules) -> Iterator[Subject]:
    """Yield the subjects with a stable dose whose dose, age, height and weight are known."""
    for row in rows:
        dose, height = _number(row[DOSE]), _number(row["Height (cm)"])
        weight, decade = _number(row["Weight (kg)"]), _DECADE.match(row["Age"])
        if row[STABLE] != "1" or not (dose and height and weight and decade):
            continue
        race = RACES.get(row["Race"].strip().casefold(), UNKNOWN)
        terms = Terms(
            age_years=int(decade[1]) * 10,
            height_cm=height,
            weight_kg=weight,
            race=race,
            vkorc1=_vkorc1(row, race),
            cyp2c9=_cyp2c9(row, rules),
            inducer=any(row[drug] == "1" for drug in INDUCERS),
            amiodarone=row[AMIODARONE] == "1",
        )
        yield Subject(terms, dose, race)


def compared(found: Iterable[Subject], rules: DoseRules) -> dict[str, Any]:
    """Errors of both equations, over all subjects and by race."""
    groups: dict[str, list[Subject]] = defaultdict(list)
    for subject in found:
        groups[subject.race].append(subject)
    everyone = [subject for group in groups.values() for subject in group]
    typed = [s for s in everyone if UNKNOWN not in {s.terms.vkorc1, s.terms.cyp2c9}]
    return {
        "n": len(everyone),
        **_both(everyone, rules),
        "both_genes_known": _both(typed, rules),
        "by_ancestry": {race: _both(groups[race], rules) for race in sorted(groups)},
    }


def _both(found: list[Subject], rules: DoseRules) -> dict[str, Any]:
    return {equation.value: _errors(found, rules, equation) for equation in Equation}


def _errors(found: list[Subject], rules: DoseRules, equation: Equation) -> dict[str, Any]:
    coefficients = rules.coefficients[equation]
    errors = [(abs(weekly_mg(s.terms, coefficients) - s.weekly_mg), s.weekly_mg) for s in found]
    if not errors:
        return {"n": 0, "mae_mg_week": None, "share_within_20_percent": None}
    near = sum(error <= WITHIN * actual for error, actual in errors)
    return {
        "n": len(errors),
        "mae_mg_week": round(sum(error for error, _ in errors) / len(errors), 3),
        "share_within_20_percent": round(near / len(errors), 4),
    }


def _vkorc1(row: Mapping[str, str], race: str) -> str:
    """Genotype at -1639, typed or told by a variant that is inherited with it."""
    if _GENOTYPE.fullmatch(row[VKORC1]):
        return row[VKORC1]
    for column, told, needs_race in _LINKED:
        if row[column] in told and not (needs_race and race not in {"white", "asian"}):
            return told[row[column]]
    return UNKNOWN


def _cyp2c9(row: Mapping[str, str], rules: DoseRules) -> str:
    """Genotype of CYP2C9; one that the equation has no term for counts as unknown, as there."""
    known = f"CYP2C9 {row[CYP2C9]}" in rules.coefficients[Equation.PHARMACOGENETIC]
    return row[CYP2C9] if known else UNKNOWN


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _rows(path: Path) -> list[dict[str, str]]:
    """Rows of the file; a short one, as the last may be, is filled with empty cells."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    reader = csv.DictReader(text.splitlines(), restval="")
    return [{str(k): v for k, v in row.items() if isinstance(v, str)} for row in reader]


if __name__ == "__main__":
    sys.exit(main())
