"""Names of a lexicon that begin at a word of a text, for one text at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ontologies.key_heads import KeyHeads
from ontologies.mention_words import Need, need_of, needs
from ontologies.name_index import NameIndex
from ontologies.note_words import Word, phrases_from
from ontologies.several import several_meanings

MOST_NAME_WORDS = 8

_STRENGTH = re.compile(r"[a-z] \d[\d ]*(?:(?:mg|mcg|ug|g|ml|unt|units?|iu|meq|mmol)\b)")
"""What stands in the names of products and is a dose in a text."""

Begun = list[tuple[int, int | None]]
"""The place after each name that begins at a word, the shortest first, and its key; a word that
means several medicines has none."""


class HeldNames:
    """Looks names up by the words of one text, and remembers words with which none begins."""

    def __init__(self, index: NameIndex, heads: KeyHeads) -> None:
        """Look them up in an index whose first letters are read already."""
        self._index, self._keys, self._heads = index, index.keys, heads
        self._single: dict[str, int | None] = {}
        """The key of each word with which no longer name begins."""
        self._needs: dict[int, Need] = {}

    def begun(self, words: Sequence[Word], place: int) -> Begun:
        """Give the names that begin at a word."""
        word = words[place].folded
        if word in self._single:
            key = self._single[word]
            return [] if key is None else [(place + 1, key)]
        begins_several = word in _first_of_several()
        start, end = self._bounds(word)
        if begins_several:
            return self._begun(words, place, (start, end), begins_several=True)
        if start == end:
            self._single[word] = None
            return []
        return self._begun(words, place, (start, end))

    def need(self, key: int) -> Need:
        """Say what a name needs beside it."""
        if key not in self._needs:
            self._needs[key] = need_of(self._keys[key], key, self._index)
        return self._needs[key]

    def _bounds(self, word: str) -> tuple[int, int]:
        if not word or word.isdigit() or needs().get(word) == "never":
            return 0, 0
        return self._heads.range_of(word)

    def _begun(
        self,
        words: Sequence[Word],
        place: int,
        bounds: tuple[int, int],
        *,
        begins_several: bool = False,
    ) -> Begun:
        found: Begun = []
        at, end = bounds
        for text, after in phrases_from(words, place, MOST_NAME_WORDS):
            at, is_key, goes_on = self._heads.place_of(text, (at, end))
            if begins_several and text in several_meanings():
                found.append((after, None))
            elif is_key and not _STRENGTH.search(text):
                found.append((after, at))
            if not goes_on and not begins_several:
                if after == place + 1:
                    self._single[text] = at if is_key else None
                break
        return found


@lru_cache(maxsize=1)
def _first_of_several() -> frozenset[str]:
    return frozenset(text.partition(" ")[0] for text in several_meanings())
