"""Names of a lexicon that begin at a word of a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ontologies.name_index import NameIndex
from ontologies.notes.key_heads import KeyHeads
from ontologies.notes.ordinary_words import need_of, needs
from ontologies.notes.words import Word, phrases_from
from ontologies.several import several_meanings
from ontologies.short_names import Need

MOST_NAME_WORDS = 8

_STRENGTH = re.compile(r"[a-z] \d[\d ]*(?:(?:mg|mcg|ug|g|ml|unt|units?|iu|meq|mmol)\b)")
"""What stands in the names of products and is a dose in a text."""

MOST_KEPT = 50_000
"""So many words with which names begin are kept from text to text."""

Begun = list[tuple[int, int | None]]
"""The place after each name that begins at a word, the shortest first, and its key; a word that
means several medicines has none."""


@dataclass(frozen=True, slots=True)
class First:
    """Where the names lie that begin with a word: whether one is the word, and one goes on."""

    place: int
    end: int
    is_key: bool
    goes_on: bool


class HeldNames:
    """Looks names up by the words of texts; of the words it keeps those with which names begin."""

    def __init__(self, index: NameIndex) -> None:
        """Read the first letters of all names."""
        self._index, self._keys, self._heads = index, index.keys, KeyHeads(index.keys)
        self._first: dict[str, First] = {}
        self._needs: dict[int, Need] = {}

    def begun(self, words: Sequence[Word], place: int) -> Begun:
        """Give the names that begin at a word."""
        word = words[place].folded
        first = self._first.get(word) or self._look(word)
        if word in _first_of_several():
            return self._begun(words, place, first, begins_several=True)
        if first.goes_on:
            return self._begun(words, place, first)
        return [(place + 1, first.place)] if first.is_key else []

    def need(self, key: int) -> Need:
        """Say what a name needs beside it."""
        if key not in self._needs:
            self._needs[key] = need_of(self._keys[key], key, self._index)
        return self._needs[key]

    def _look(self, word: str) -> First:
        if not word or word.isdigit() or needs().get(word) == "never":
            return _NOTHING
        start, end = self._heads.range_of(word)
        if start == end:
            return _NOTHING
        place, is_key, goes_on = self._heads.place_of(word, (start, end))
        found = First(place, end, is_key, goes_on)
        if (is_key or goes_on) and len(self._first) < MOST_KEPT:
            self._first[word] = found
        return found

    def _begun(
        self, words: Sequence[Word], place: int, first: First, *, begins_several: bool = False
    ) -> Begun:
        found: Begun = []
        at, end = first.place, first.end
        is_key, goes_on = first.is_key, first.goes_on
        for text, after in phrases_from(words, place, MOST_NAME_WORDS):
            if after > place + 1:
                at, is_key, goes_on = self._heads.place_of(text, (at, end))
            if begins_several and text in several_meanings():
                found.append((after, None))
            elif is_key and not _STRENGTH.search(text):
                found.append((after, at))
            if not goes_on and not begins_several:
                break
        return found


@lru_cache(maxsize=1)
def _first_of_several() -> frozenset[str]:
    return frozenset(text.partition(" ")[0] for text in several_meanings())


_NOTHING = First(0, 0, is_key=False, goes_on=False)
