"""Abbreviations by which records and notes write a medicine: one hand-kept table.

What has three letters or fewer and is no drug's own name means a medicine only by this table: what
sources hold so is as often an amino acid, the code of a chemical or an old brand (MET methionine,
CAP chloramphenicol, JAM cocaine).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, get_args

Need = Literal["none", "name", "taken", "dose", "never"]
"""What must stand beside a name in a note: nothing; a capital or a verb; a verb, route or dose; a
dose or a place in a list of medicines; or whatever stands there, it names none."""
SHORT_NAMES_TABLE = files("ontologies") / "data" / "short_names.tsv"
"""An abbreviation, folded; the medicines that it may mean; those that it may mean where nothing
stands beside it, if they are others; what it needs beside it in a note; the figures that are doses
of it without a unit; who says so, or why."""
MOST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """What an abbreviation may mean, what it needs beside it in a note, and its usual figures."""

    means: tuple[str, ...]
    alone: tuple[str, ...]
    need: Need
    strengths: frozenset[str]


@lru_cache(maxsize=1)
def short_names() -> Mapping[str, Abbreviation]:
    """Give the abbreviations of the table, folded."""
    lines = SHORT_NAMES_TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["name"]: _abbreviation(row) for row in rows}


def _abbreviation(row: Mapping[str, str]) -> Abbreviation:
    means = tuple(row["means"].split("|"))
    alone = tuple(row["alone"].split("|")) if row["alone"] else means
    need = next(n for n in get_args(Need) if n == row["use"])
    return Abbreviation(means, alone, need, frozenset(row["strengths"].split("|")) - {""})


@lru_cache(maxsize=1)
def _joined() -> Mapping[str, Abbreviation]:
    return {name.replace(" ", ""): short for name, short in short_names().items()}


def short_name(folded: str) -> Abbreviation | None:
    """Give an abbreviation of the table, with or without its blanks (5 FU, 5FU)."""
    return short_names().get(folded) or _joined().get(folded.replace(" ", ""))


def is_short(folded: str) -> bool:
    """Say whether a name is so short that it means a medicine only by a table."""
    return len(folded.replace(" ", "")) <= MOST_LETTERS
