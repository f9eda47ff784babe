"""Abbreviations, and words for classes, where notes write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from ontologies.fold import fold
from ontologies.lexicon import Lexicon, Resolution
from ontologies.notes.words import Word, phrases_from
from ontologies.short_names import Abbreviation, short_names

MOST_WORDS = 3


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(name.partition(" ")[0] for name in short_names())


def abbreviation_at(words: Sequence[Word], place: int) -> tuple[int, Abbreviation] | None:
    """Give the longest abbreviation that begins at a word, and the place after it."""
    if words[place].folded not in _first_words():
        return None
    told = phrases_from(words, place, MOST_WORDS)
    known = [(after, short_names()[text]) for text, after in told if text in short_names()]
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
