"""Reads ``class_pairs.tsv``: what two drugs or classes do when they meet."""

from __future__ import annotations

from pathlib import Path

from kg.rules.rows import (
    MalformedRule,
    curie_of,
    one_of,
    rows_of,
    severity_unless_silent,
    target_of,
)
from kg.screening.class_pairs import ClassPair
from kg.screening.documented import MECHANISM_NAMES
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

FILE = "class_pairs.tsv"
_KEY = ("one", "other", "effect_id")
_TOLD = ("name", "effect_name", "mechanism", "severity", "recommendation", "reference")
_COLUMNS = (*_KEY, *_TOLD)


def load_class_pairs(folder: Path = FOLDER) -> tuple[ClassPair, ...]:
    """Read ``class_pairs.tsv``; a silent row keeps a wider one from speaking.

    Raises:
        MalformedRule: A target, effect, mechanism or severity cannot be read, or a pair of targets
            has one effect twice.
        MalformedSource: The file lacks a column.
    """
    found: dict[tuple[frozenset[str], Curie], ClassPair] = {}
    for number, row in rows_of(folder, FILE, _COLUMNS, _KEY):
        rule = ClassPair(
            one=target_of(FILE, number, row["one"]),
            other=target_of(FILE, number, row["other"]),
            name=row["name"],
            effect=curie_of(FILE, number, row["effect_id"]),
            mechanism=one_of(FILE, number, row["mechanism"], MECHANISM_NAMES),
            severity=severity_unless_silent(FILE, number, row["severity"]),
            recommendation=row["recommendation"],
            reference=row["reference"],
        )
        key = (frozenset((rule.one, rule.other)), rule.effect)
        if key in found:
            raise MalformedRule(FILE, number, f"{rule.one} {rule.other}", "a pair told once")
        found[key] = rule
    return tuple(found.values())
