"""Reads ``dose_limits.tsv``: up to how much of a drug may be taken, and what to say of more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from kg.rules.conditions import terms_of
from kg.rules.rows import (
    MalformedRule,
    curie_of,
    number_of,
    rows_of,
    severity_of,
    target_of,
)
from kg.screening.doses.cases import DoseLimit
from kg.screening.doses.limits import SUBJECTS
from kg.screening.factors import Term
from kg.screening.laboratory import LabTests
from kg.sources.curated import FOLDER

FILE = "dose_limits.tsv"
_KEY = ("drug_id", "beside_id", "when", "at_most_mg")
_TOLD = ("days", "above", "within", "effect_id", "recommendation", "reference")
_PHENOTYPE = re.compile(r"phenotype:([A-Z][A-Z0-9-]*)=(\S.*)")
_BELOW = "<"


def load_dose_limits(folder: Path = FOLDER) -> tuple[DoseLimit, ...]:
    """Read ``dose_limits.tsv``.

    ``when`` is in the language of :func:`kg.screening.factors.parse_terms`, of the patient alone,
    or ``phenotype:GENE=PHENOTYPE``, or empty. ``at_most_mg`` may be taken in ``days``; written as
    ``<4000`` it is too much itself. An empty ``within`` leaves the severity as it is.

    Raises:
        MalformedRule: A cell cannot be read, or one limit stands twice.
        MalformedSource: The file lacks a column.
    """
    return tuple(
        _limit(number, row) for number, row in rows_of(folder, FILE, (*_KEY, *_TOLD), _KEY)
    )


def _limit(number: int, row: Mapping[str, str]) -> DoseLimit:
    phenotype = _PHENOTYPE.fullmatch(row["when"])
    amount, days = row["at_most_mg"].removeprefix(_BELOW), row["days"]
    return DoseLimit(
        drug=str(curie_of(FILE, number, row["drug_id"])),
        beside=target_of(FILE, number, row["beside_id"]) if row["beside_id"] else "",
        terms=() if phenotype or not row["when"] else _terms(number, row),
        phenotype=(phenotype[1], phenotype[2]) if phenotype else None,
        mg=number_of(FILE, number, amount, "an amount in mg above 0", _is_amount),
        days=int(number_of(FILE, number, days, "a number of days from 1 on", _is_days)),
        is_below=row["at_most_mg"].startswith(_BELOW),
        above=severity_of(FILE, number, row["above"]),
        within=severity_of(FILE, number, row["within"]) if row["within"] else None,
        effect=curie_of(FILE, number, row["effect_id"]),
        recommendation=row["recommendation"],
        reference=row["reference"],
    )


def _terms(number: int, row: Mapping[str, str]) -> tuple[Term, ...]:
    terms = terms_of(FILE, number, {**row, "unit": ""}, LabTests())
    for term in terms:
        if term.kind not in SUBJECTS and term.what != "condition":
            raise MalformedRule(FILE, number, str(term), "a fact of the patient, without a test")
    return terms


def _is_amount(mg: float) -> bool:
    return mg > 0


def _is_days(days: float) -> bool:
    return days >= 1 and days.is_integer()
