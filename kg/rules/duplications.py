"""Reads which drugs of one class are one too many, and which are given together on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.model import Severity
from kg.rules.routes import load_routes
from kg.rules.strengths import MalformedRule
from kg.screening.double_rules import DoubleRule, DoubleRules
from kg.screening.targets import MalformedTarget, checked_target
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER

LEVELS = "double_levels.tsv"
ACCEPTED = "accepted_doubles.tsv"
_RULE = ("one", "other", "name", "severity", "recommendation", "reference")
_PAIR = ("one", "other", "why", "reference")


def load_double_rules(folder: Path = FOLDER) -> DoubleRules:
    """Read ``double_levels.tsv``, ``accepted_doubles.tsv`` and which routes are local.

    Raises:
        MalformedRule: A target, a severity or a route cannot be read, or a pair of targets stands
            twice, in whichever order.
        MalformedSource: A file lacks a column.
    """
    rules: dict[frozenset[str], DoubleRule] = {}
    for row, cells in _rows(folder, LEVELS, _RULE):
        one, other, name, severity, recommendation, reference = cells
        pair = frozenset((one, other))
        if pair in rules:
            raise MalformedRule(LEVELS, row, f"{one} {other}", "a pair of targets named once")
        rules[pair] = DoubleRule(
            *_pair(LEVELS, row, one, other),
            name,
            _severity(row, severity),
            recommendation,
            reference,
        )
    pairs = (_pair(ACCEPTED, row, *cells[:2]) for row, cells in _rows(folder, ACCEPTED, _PAIR))
    local = load_routes(folder).local
    return DoubleRules(tuple(rules.values()), frozenset(pairs), local)


def _rows(
    folder: Path, file: str, columns: tuple[str, ...]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    frame = read_table("curated", folder / file, columns)
    for row, cells in enumerate(frame[list(columns)].itertuples(index=False, name=None), start=2):
        yield row, tuple(str(cell) for cell in cells)


def _pair(file: str, row: int, *targets: str) -> tuple[str, str]:
    try:
        one, other = (checked_target(target) for target in targets)
    except MalformedTarget as error:
        raise MalformedRule(file, row, error.text, "a drug or an ATC group") from error
    return one, other


def _severity(row: int, value: str) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        raise MalformedRule(LEVELS, row, value, f"one of {', '.join(Severity)}") from None
