"""What stands at the ends of edges: found by its CURIE, with the edges that begin or end there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import lru_cache
from zlib import crc32

import pyarrow as pa

from kg.serving.columns import Texts, numbers
from ontologies.curie import Curie

CURIES_KEPT = 8_192
"""How many CURIEs stay known by their place, and as values, once they were asked for."""


def finder(ends: pa.RecordBatch, kept: int = CURIES_KEPT) -> Callable[[str], int | None]:
    """Give what finds the place of a CURIE among the ends; ``None`` where it is none.

    Places of so many as are ``kept`` stay known once they were asked for.
    """
    texts = Texts(ends["id"])
    hashes, by_hash = numbers(ends["hash"]), numbers(ends["by_hash"])

    @lru_cache(kept)
    def find(curie: str) -> int | None:
        wanted = curie.encode()
        hashed = crc32(wanted)
        place = bisect_left(hashes, hashed)
        while place < len(hashes) and hashes[place] == hashed:
            if texts.encoded(by_hash[place]) == wanted:
                return by_hash[place]
            place += 1
        return None

    return find


def curie_reader(ends: pa.RecordBatch) -> Callable[[int], Curie]:
    """Give what reads the CURIE at a place."""
    texts = Texts(ends["id"])

    @lru_cache(CURIES_KEPT)
    def curie(place: int) -> Curie:
        return known_curie(texts[place])

    return curie


def known_curie(text: str) -> Curie:
    """Take the text of a CURIE apart that was checked when its graph was built."""
    prefix, _, identifier = text.partition(":")
    return Curie(prefix, identifier)


class EdgesByEnd:
    """Rows of edges by one of their ends: ``outgoing`` by subject, ``incoming`` by object."""

    def __init__(self, ends: pa.RecordBatch, edges: pa.RecordBatch, direction: str) -> None:
        """Look at the columns of a direction; nothing is copied."""
        self._first = numbers(ends[f"{direction}_first"])
        self._last = numbers(ends[f"{direction}_last"])
        self._rows = numbers(edges[direction])
        self._predicates = numbers(edges[f"{direction}_predicate"])

    def rows(self, end: int) -> list[int]:
        """Rows of all edges of an end, in the order of the table."""
        return sorted(self._rows[self._first[end] : self._last[end]])

    def rows_with(self, end: int, predicate: int) -> list[int]:
        """Rows of the edges of an end with one predicate (by its code), in that order."""
        first, last = self._first[end], self._last[end]
        begin = bisect_left(self._predicates, predicate, first, last)
        stop = bisect_right(self._predicates, predicate, begin, last)
        return self._rows[begin:stop].tolist()
