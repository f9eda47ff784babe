"""Abbreviations and short words by which notes name medicines, and when they are read."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import get_args

from ontologies.fold import fold
from ontologies.lexicon import Lexicon, Resolution
from ontologies.mention_words import Need
from ontologies.note_words import Word, phrases_from
from ontologies.short_names import short_names

ABBREVIATIONS_TABLE = files("ontologies") / "data" / "mention_abbreviations.tsv"
"""An abbreviation, folded; the medicines that it may mean; what it needs beside it; the figures
that are doses of it without a unit; who says so, or why."""
MOST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """What an abbreviation may mean, what it needs beside it, and its usual figures."""

    means: tuple[str, ...]
    need: Need
    strengths: frozenset[str]


@lru_cache(maxsize=1)
def abbreviations() -> Mapping[str, Abbreviation]:
    """Give the abbreviations of the table, and those that every door reads, which need a dose."""
    found = {fold(name): Abbreviation((name,), "dose", frozenset()) for name in short_names()}
    lines = ABBREVIATIONS_TABLE.read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        need = next(n for n in get_args(Need) if n == row["use"])
        strengths = frozenset(row["strengths"].split("|")) - {""}
        found[row["name"]] = Abbreviation(tuple(row["means"].split("|")), need, strengths)
    return found


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(name.partition(" ")[0] for name in abbreviations())


def abbreviation_at(words: Sequence[Word], place: int) -> tuple[int, Abbreviation] | None:
    """Give the longest abbreviation that begins at a word, and the place after it."""
    if words[place].folded not in _first_words():
        return None
    told = phrases_from(words, place, MOST_WORDS)
    known = [(after, abbreviations()[text]) for text, after in told if text in abbreviations()]
    return known[-1] if known else None


def meaning_of(written: str, short: Abbreviation, lexicon: Lexicon) -> Resolution:
    """Look up what an abbreviation means; one of several medicines is never chosen."""
    looked = [lexicon.lookup(name) for name in short.means]
    if len(looked) == 1:
        found = looked[0]
        return found if found.candidate else replace(found, query=written)
    candidates = dict.fromkeys(found.candidate for found in looked if found.candidate)
    return Resolution(written, "unresolved", None, tuple(candidates))


class Classes:
    """Words for classes of medicines."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Take the class that each word, in any case, names."""
        self._names = {fold(word): name for word, name in names.items()}
        self._first = frozenset(word.partition(" ")[0] for word in self._names)

    def at(self, words: Sequence[Word], place: int) -> tuple[int, str] | None:
        """Give the class that words name, the longest first, and the place after them."""
        if words[place].folded not in self._first:
            return None
        told = phrases_from(words, place, MOST_WORDS)
        known = [(after, self._names[text]) for text, after in told if text in self._names]
        return known[-1] if known else None
