"""Reads which drugs of one class are one too many, and which are given together on purpose."""

from __future__ import annotations

from pathlib import Path

from kg.rules.routes import load_routes
from kg.rules.rows import MalformedRule, rows_of, severity_of, target_of
from kg.screening.double_rules import DoubleRule, DoubleRules
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
    for number, row in rows_of(folder, LEVELS, _RULE):
        one, other = _pair(LEVELS, number, row)
        pair = frozenset((one, other))
        if pair in rules:
            raise MalformedRule(LEVELS, number, f"{one} {other}", "a pair of targets named once")
        rules[pair] = DoubleRule(
            one,
            other,
            row["name"],
            severity_of(LEVELS, number, row["severity"]),
            row["recommendation"],
            row["reference"],
        )
    pairs = frozenset(
        _pair(ACCEPTED, number, row) for number, row in rows_of(folder, ACCEPTED, _PAIR)
    )
    return DoubleRules(tuple(rules.values()), pairs, load_routes(folder).local)


def _pair(file: str, number: int, row: dict[str, str]) -> tuple[str, str]:
    return target_of(file, number, row["one"]), target_of(file, number, row["other"])
