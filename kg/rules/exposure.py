"""Reads the tables of exposure in ``kg/curated``: rules, classes, measured ratios, margins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from kg.rules.rows import (
    SILENT,
    MalformedRule,
    curie_of,
    one_of,
    ratio_of,
    rows_of,
    severity_of,
    severity_unless_silent,
)
from kg.screening.exposure import (
    DIRECTIONS,
    MARGINS,
    ExposureClass,
    ExposureTables,
    Margin,
    MarginRule,
    Measurement,
)
from kg.screening.rules import ACTING, DEPENDING, SITES, ExposureRule
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

_RULE_KEY = ("site", "role", "precipitant", "substrate", "activates")
_CLOSED = {
    "site": SITES,
    "role": ("inhibitor", "inducer"),
    "precipitant": (*ACTING, ""),
    "substrate": (*DEPENDING, ""),
    "activates": ("yes", "no"),
}


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
    columns = (*_RULE_KEY, "change", "severity", "reference")
    rows = rows_of(folder, file, columns, _RULE_KEY)
    return tuple(_exposure_rule(file, number, row) for number, row in rows)


def _exposure_rule(file: str, number: int, row: dict[str, str]) -> ExposureRule:
    for column, words in _CLOSED.items():
        one_of(file, number, row[column], words, named=f"a {column}")
    is_silent = row["severity"] == SILENT
    is_graded = bool(row["severity"]) and not is_silent
    if bool(row["change"]) != is_graded:
        raise MalformedRule(file, number, row["change"], "a change that goes with its severity")
    return ExposureRule(
        role=row["role"],
        precipitant=row["precipitant"],
        substrate=row["substrate"],
        activates=row["activates"] == "yes",
        change=row["change"],
        severity=severity_of(file, number, row["severity"]) if is_graded else None,
        reference=row["reference"],
        site=row["site"],
        silent=is_silent,
    )


def load_exposure_tables(folder: Path = FOLDER) -> ExposureTables:
    """Read all tables of exposure but the rules by strength.

    Raises:
        MalformedRule: A value cannot be read, or a question is answered twice.
        MalformedSource: A file lacks a column.
    """
    return ExposureTables(
        classes=load_exposure_classes(folder),
        measured=load_measurements(folder),
        margins=with_guides(load_margins(folder), folder),
        margin_rules=load_margin_rules(folder),
        intended=load_intended_pairs(folder),
        rejected=load_rejected_roles(folder),
    )


def load_rejected_roles(folder: Path = FOLDER) -> frozenset[tuple[str, str, str]]:
    """Read what ``enzymes_decisions.tsv`` rejects; raises as `load_exposure_tables` does."""
    key = ("drug", "gene", "role")
    rows = rows_of(folder, "enzymes_decisions.tsv", (*key, "decision", "why", "reference"), key)
    return frozenset(
        (row["drug"].casefold(), row["gene"], row["role"])
        for _, row in rows
        if row["decision"] == "reject"
    )


def load_exposure_classes(folder: Path = FOLDER) -> tuple[ExposureClass, ...]:
    """Read ``exposure_classes.tsv``; raises as `load_exposure_tables` does."""
    file = "exposure_classes.tsv"
    columns = ("direction", "least_ratio", "change", "severity", "reference")
    found = []
    for number, row in rows_of(folder, file, columns, ("direction", "least_ratio")):
        direction = one_of(file, number, row["direction"], DIRECTIONS)
        ratio = ratio_of(file, number, row["least_ratio"])
        if (ratio > 1) != (direction == "raised"):
            raise MalformedRule(file, number, row["least_ratio"], f"a ratio that is {direction}")
        severity = severity_of(file, number, row["severity"])
        found.append(ExposureClass(direction, ratio, row["change"], severity, row["reference"]))
    return tuple(found)


def load_measurements(folder: Path = FOLDER) -> tuple[Measurement, ...]:
    """Read ``exposure_ratios.tsv``; raises as `load_exposure_tables` does."""
    file = "exposure_ratios.tsv"
    key = ("precipitant_id", "substrate_id")
    rows = rows_of(folder, file, (*key, "ratio", "circumstances", "reference"), key)
    return tuple(
        Measurement(
            precipitant=curie_of(file, number, row["precipitant_id"]),
            affected=curie_of(file, number, row["substrate_id"]),
            ratio=ratio_of(file, number, row["ratio"]),
            circumstances=row["circumstances"],
            reference=row["reference"],
        )
        for number, row in rows
    )


def load_margins(folder: Path = FOLDER) -> tuple[Margin, ...]:
    """Read ``margins.tsv``; raises as `load_exposure_tables` does."""
    file = "margins.tsv"
    return tuple(
        Margin(
            drug=curie_of(file, number, row["drug_id"]),
            width=one_of(file, number, row["margin"], MARGINS),
            reference=row["reference"],
        )
        for number, row in rows_of(folder, file, ("drug_id", "margin", "reference"), ("drug_id",))
    )


def with_guides(margins: Iterable[Margin], folder: Path = FOLDER) -> tuple[Margin, ...]:
    """Give narrow margins the measurement that guides the dose, from ``dose_guides.tsv``.

    Raises:
        MalformedRule: A drug is no CURIE, or its margin is not known to be narrow.
        MalformedSource: The file lacks a column.
    """
    file = "dose_guides.tsv"
    known = {margin.drug: margin for margin in margins}
    for number, row in rows_of(folder, file, ("drug_id", "measure", "reference"), ("drug_id",)):
        margin = known.get(curie_of(file, number, row["drug_id"]))
        if margin is None or margin.width != "narrow":
            raise MalformedRule(file, number, row["drug_id"], "a drug of a narrow margin")
        cited = dict.fromkeys((*margin.reference.split("|"), *row["reference"].split("|")))
        known[margin.drug] = replace(margin, reference="|".join(cited), guide=row["measure"])
    return tuple(known.values())


def load_margin_rules(folder: Path = FOLDER) -> tuple[MarginRule, ...]:
    """Read ``margin_rules.tsv``; raises as `load_exposure_tables` does."""
    file = "margin_rules.tsv"
    key = ("margin", "severity")
    return tuple(
        MarginRule(
            width=one_of(file, number, row["margin"], MARGINS),
            severity=severity_of(file, number, row["severity"]),
            becomes=severity_unless_silent(file, number, row["becomes"]),
            reference=row["reference"],
        )
        for number, row in rows_of(folder, file, (*key, "becomes", "reference"), key)
    )


def load_intended_pairs(folder: Path = FOLDER) -> frozenset[tuple[Curie, Curie]]:
    """Read ``intended_pairs.tsv``: precipitant and substrate that are given together on purpose.

    Raises:
        MalformedRule: A drug is no CURIE.
        MalformedSource: The file lacks a column.
    """
    file, ends = "intended_pairs.tsv", ("precipitant_id", "substrate_id")
    return frozenset(
        (curie_of(file, number, row[ends[0]]), curie_of(file, number, row[ends[1]]))
        for number, row in rows_of(folder, file, (*ends, "purpose", "reference"))
    )
