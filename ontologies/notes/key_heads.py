"""The first letters of all names as numbers, so that a text is compared with few names."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np

from ontologies.texts import Texts

_LETTERS = 8
_NEXT = "!"
"""The character behind the blank: folded names have none between them."""


class KeyHeads:
    """Where in sorted folded names those lie that begin with a word."""

    def __init__(self, keys: Texts) -> None:
        """Read the first eight bytes of every name."""
        starts, ends = keys.starts[:-1], keys.starts[1:]
        heads = np.zeros(len(keys), np.uint64)
        last = max(len(keys.block) - 1, 0)
        for letter in range(_LETTERS if len(keys) else 0):
            places = starts + letter
            letters = keys.block[np.minimum(places, last)] * (places < ends)
            heads = (heads << np.uint64(8)) | letters.astype(np.uint64)
        self._heads = heads.data
        self._block, self._starts = keys.block.data, keys.starts.data

    def place_of(self, text: str, bounds: tuple[int, int]) -> tuple[int, bool, bool]:
        """Find a text between two names: its place, whether it is one, and whether one goes on."""
        wanted = text.encode()
        start, end = bounds
        place = bisect_left(range(end), wanted, start, end, key=self._written)
        following = self._written(place) if place < end else b""
        is_key = following == wanted
        if is_key:
            following = self._written(place + 1) if place + 1 < end else b""
        return place, is_key, following.startswith(wanted + b" ")

    def _written(self, place: int) -> bytes:
        return bytes(self._block[self._starts[place] : self._starts[place + 1]])

    def range_of(self, word: str) -> tuple[int, int]:
        """Give the bounds of the names that are a word or begin with it and a blank."""
        start = bisect_left(self._heads, _head(word))
        return start, bisect_right(self._heads, _head(word + _NEXT), start)


def _head(word: str) -> int:
    return int.from_bytes(word[:_LETTERS].encode()[:_LETTERS].ljust(_LETTERS, b"\0"), "big")
