"""Reads the table that grades the wordings of pharmacogenetic recommendations."""

from __future__ import annotations

import re
from pathlib import Path

from kg.model import Severity
from kg.rules.strengths import MalformedRule
from kg.screening.drug_gene import GeneSeverityRule
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER

__all__ = ["load_gene_severity_rules"]

FILE = "gene_severity.tsv"
_COLUMNS = ("order", "pattern", "severity", "why", "reference")
_NO_FINDING = "none"


def load_gene_severity_rules(folder: Path = FOLDER) -> tuple[GeneSeverityRule, ...]:
    """Read ``gene_severity.tsv``: the rules in the order in which they are tried.

    Raises:
        MalformedRule: An order, a pattern or a severity cannot be read, or an order stands twice.
        MalformedSource: The file lacks a column.
    """
    frame = read_table("curated", folder / FILE, _COLUMNS)
    rules: dict[int, GeneSeverityRule] = {}
    for row, cells in enumerate(frame[list(_COLUMNS)].itertuples(index=False, name=None), start=2):
        order, pattern, severity, _, reference = (str(cell) for cell in cells)
        if not order.isdigit() or int(order) in rules:
            raise MalformedRule(FILE, row, order, "a number of its own")
        rules[int(order)] = GeneSeverityRule(
            _pattern(row, pattern), _severity(row, severity), reference
        )
    return tuple(rules[order] for order in sorted(rules))


def _pattern(row: int, value: str) -> re.Pattern[str]:
    try:
        return re.compile(value, re.IGNORECASE)
    except re.error as error:
        raise MalformedRule(FILE, row, value, f"a regular expression: {error}") from error


def _severity(row: int, value: str) -> Severity | None:
    if value == _NO_FINDING:
        return None
    try:
        return Severity(value)
    except ValueError:
        expected = f"one of {', '.join((*Severity, _NO_FINDING))}"
        raise MalformedRule(FILE, row, value, expected) from None
