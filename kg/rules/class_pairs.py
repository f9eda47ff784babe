"""Reads ``class_pairs.tsv``: what two drugs or classes do when they meet."""

from __future__ import annotations

from pathlib import Path

from kg.model import Severity
from kg.rules.exposure import rows_of
from kg.rules.strengths import MalformedRule
from kg.screening.class_pairs import ClassPair
from kg.screening.documented import MECHANISM_NAMES
from kg.screening.targets import MalformedTarget, checked_target
from kg.sources.curated import FOLDER
from ontologies.curie import Curie, MalformedCurie

FILE = "class_pairs.tsv"
SILENT = "none"
"""Severity of a row that keeps a wider one from speaking."""
_KEY = ("one", "other", "effect_id")
_TOLD = ("name", "effect_name", "mechanism", "severity", "recommendation", "reference")
_COLUMNS = (*_KEY, *_TOLD)


def load_class_pairs(folder: Path = FOLDER) -> tuple[ClassPair, ...]:
    """Read ``class_pairs.tsv``.

    Raises:
        MalformedRule: A target, effect, mechanism or severity cannot be read, or a pair of targets
            has one effect twice.
        MalformedSource: The file lacks a column.
    """
    found: dict[tuple[frozenset[str], Curie], ClassPair] = {}
    for number, row in rows_of(folder, FILE, _COLUMNS, _KEY):
        rule = ClassPair(
            one=_target(number, row["one"]),
            other=_target(number, row["other"]),
            name=row["name"],
            effect=_effect(number, row["effect_id"]),
            mechanism=_mechanism(number, row["mechanism"]),
            severity=_severity(number, row["severity"]),
            recommendation=row["recommendation"],
            reference=row["reference"],
        )
        key = (frozenset((rule.one, rule.other)), rule.effect)
        if key in found:
            raise MalformedRule(FILE, number, f"{rule.one} {rule.other}", "a pair told once")
        found[key] = rule
    return tuple(found.values())


def _target(row: int, text: str) -> str:
    try:
        return checked_target(text)
    except MalformedTarget as error:
        raise MalformedRule(FILE, row, text, "a drug, an ATC group or a liability") from error


def _effect(row: int, text: str) -> Curie:
    try:
        return Curie.parse(text)
    except MalformedCurie as error:
        raise MalformedRule(FILE, row, text, "an effect such as HP:0001663") from error


def _mechanism(row: int, text: str) -> str:
    if text not in MECHANISM_NAMES:
        raise MalformedRule(FILE, row, text, f"one of {', '.join(MECHANISM_NAMES)}")
    return text


def _severity(row: int, text: str) -> Severity | None:
    if text == SILENT:
        return None
    try:
        return Severity(text)
    except ValueError:
        expected = f"{SILENT}, {', '.join(Severity)}"
        raise MalformedRule(FILE, row, text, f"one of {expected}") from None
