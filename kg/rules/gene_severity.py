"""Reads the table that grades the wordings of pharmacogenetic recommendations."""

from __future__ import annotations

import re
from pathlib import Path

from kg.rules.rows import MalformedRule, rows_of, severity_unless_silent
from kg.screening.drug_gene import GeneSeverityRule
from kg.sources.curated import FOLDER

__all__ = ["load_gene_severity_rules"]

FILE = "gene_severity.tsv"
_COLUMNS = ("order", "pattern", "severity", "why", "reference")


def load_gene_severity_rules(folder: Path = FOLDER) -> tuple[GeneSeverityRule, ...]:
    """Read ``gene_severity.tsv``: the rules in the order in which they are tried.

    Raises:
        MalformedRule: An order, a pattern or a severity cannot be read, or an order stands twice.
        MalformedSource: The file lacks a column.
    """
    rules: dict[int, GeneSeverityRule] = {}
    for number, row in rows_of(folder, FILE, _COLUMNS):
        order = row["order"]
        if not order.isdigit() or int(order) in rules:
            raise MalformedRule(FILE, number, order, "a number of its own")
        rules[int(order)] = GeneSeverityRule(
            _pattern(number, row["pattern"]),
            severity_unless_silent(FILE, number, row["severity"]),
            row["reference"],
        )
    return tuple(rules[order] for order in sorted(rules))


def _pattern(row: int, value: str) -> re.Pattern[str]:
    try:
        return re.compile(value, re.IGNORECASE)
    except re.error as error:
        raise MalformedRule(FILE, row, value, f"a regular expression: {error}") from error
