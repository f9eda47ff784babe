"""Which held names resemble a text, or begin with it: what is shown where nothing is chosen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ontologies.letters import differing_bits
from ontologies.name_index import NameIndex

WORTH_SHOWING = 60.0
"""Least score of a candidate."""
MOST_ALIKE = 200
"""Of the names that share most letters with a text so many are compared with it, to be shown."""
MOST_BEGUN = 50
"""So many names that a text begins are looked at."""


def names_alike(index: NameIndex, query: str, limit: int) -> Iterator[tuple[int, float]]:
    """Yield keys that resemble a folded text, or that it begins, each with a score below 100."""
    alike = process.extract(
        query,
        {key: index.keys[key] for key in _with_like_letters(index, query)},
        scorer=OSA.normalized_similarity,
        score_cutoff=WORTH_SHOWING / 100,
        limit=limit,
    )
    yield from ((key, round(99.0 * score, 1)) for _, score, key in alike)
    yield from _begun(index, query)


def _with_like_letters(index: NameIndex, query: str) -> list[int]:
    """Give the keys whose letters are most like those of a query, in the order of length."""
    share = WORTH_SHOWING / 100
    bounds = (len(query) * share, len(query) / share + 1)
    start, end = (int(place) for place in np.searchsorted(index.lengths, bounds))
    differing = differing_bits(query, index.marks[start:end])
    n_within = np.cumsum(np.bincount(differing))
    most = int(np.searchsorted(n_within, MOST_ALIKE, side="right"))
    return [int(key) for key in index.by_length[start:end][differing <= most]]


def _begun(index: NameIndex, query: str) -> Iterator[tuple[int, float]]:
    """Yield names that the text begins, for a text of three letters or more."""
    if len(query) >= 3:
        for key in index.keys_that_begin(query, MOST_BEGUN):
            share = len(query) / len(index.keys[key])
            yield key, round(WORTH_SHOWING + 35.0 * share, 1)
