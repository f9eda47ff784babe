"""Reads the tables of exposure in ``kg/curated``: classes, measured ratios, margins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.model import Severity
from kg.rules.strengths import MalformedRule, load_intended_pairs
from kg.screening.exposure import (
    DIRECTIONS,
    MARGINS,
    ExposureClass,
    ExposureTables,
    Margin,
    MarginRule,
    Measurement,
)
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie, MalformedCurie

SILENT = "none"
"""What a rule says that makes no finding."""


def load_exposure_tables(folder: Path = FOLDER) -> ExposureTables:
    """Read all tables of exposure but the rules by strength.

    Raises:
        MalformedRule: A value cannot be read, or a question is answered twice.
        MalformedSource: A file lacks a column.
    """
    return ExposureTables(
        classes=load_exposure_classes(folder),
        measured=load_measurements(folder),
        margins=load_margins(folder),
        margin_rules=load_margin_rules(folder),
        intended=load_intended_pairs(folder),
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
    key = ("perpetrator_id", "substrate_id")
    rows = rows_of(folder, file, (*key, "ratio", "circumstances", "reference"), key)
    return tuple(
        Measurement(
            perpetrator=drug_of(file, number, row["perpetrator_id"]),
            victim=drug_of(file, number, row["substrate_id"]),
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
            drug=drug_of(file, number, row["drug_id"]),
            width=one_of(file, number, row["margin"], MARGINS),
            reference=row["reference"],
        )
        for number, row in rows_of(folder, file, ("drug_id", "margin", "reference"), ("drug_id",))
    )


def load_margin_rules(folder: Path = FOLDER) -> tuple[MarginRule, ...]:
    """Read ``margin_rules.tsv``; raises as `load_exposure_tables` does."""
    file = "margin_rules.tsv"
    key = ("margin", "severity")
    return tuple(
        MarginRule(
            width=one_of(file, number, row["margin"], MARGINS),
            severity=severity_of(file, number, row["severity"]),
            becomes=None if row["becomes"] == SILENT else severity_of(file, number, row["becomes"]),
            reference=row["reference"],
        )
        for number, row in rows_of(folder, file, (*key, "becomes", "reference"), key)
    )


def rows_of(
    folder: Path, file: str, columns: tuple[str, ...], key: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table with their numbers; a key that stands twice is refused.

    Raises:
        MalformedRule: Two rows have one key.
        MalformedSource: The file lacks a column.
    """
    frame = read_table("curated", folder / file, columns)
    met = set()
    for number, record in enumerate(frame[list(columns)].to_dict("records"), start=2):
        row = {str(name): str(value) for name, value in record.items()}
        asked = tuple(row[name] for name in key)
        if asked in met:
            raise MalformedRule(file, number, " ".join(asked), "a question asked once")
        met.add(asked)
        yield number, row


def one_of(file: str, number: int, value: str, words: tuple[str, ...]) -> str:
    """Give a word of a closed list back; raises MalformedRule for another."""
    if value not in words:
        raise MalformedRule(file, number, value, f"one of {', '.join(words)}")
    return value


def severity_of(file: str, number: int, value: str) -> Severity:
    """Read a severity; raises MalformedRule where it is none."""
    return Severity(one_of(file, number, value, tuple(Severity)))


def ratio_of(file: str, number: int, value: str) -> float:
    """Read an AUC ratio; raises MalformedRule where it is none."""
    try:
        ratio = float(value)
    except ValueError:
        ratio = 0.0
    if not 0 < ratio < 10_000:
        raise MalformedRule(file, number, value, "an AUC ratio: a number above 0 and below 10000")
    return ratio


def drug_of(file: str, number: int, value: str) -> Curie:
    """Read the CURIE of a drug; raises MalformedRule where it is none."""
    try:
        return Curie.parse(value)
    except MalformedCurie:
        raise MalformedRule(file, number, value, "a CURIE such as RXCUI:11289") from None
