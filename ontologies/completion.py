"""What somebody who still types a drug's name may mean: the names that begin so, in an order."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np
import numpy.typing as npt

from ontologies.fold import fold
from ontologies.lexicon import WORTH_SHOWING, Candidate, Lexicon
from ontologies.name_index import KINDS

Weights = npt.NDArray[np.float64]
"""By drug, in the order of the index: how likely it is to be meant."""
Places = npt.NDArray[np.integer[Any]]

ASIDE = 0.5
"""Weight of a drug by a synonym or brand of it, as a part of its weight by its own name."""
_OWN = (KINDS.index("name"), KINDS.index("generic"))
"""A drug's own names: that of its node, and the international one (paracetamol)."""
_AFTER_ALL = "\U0010ffff"


def completions(lexicon: Lexicon, text: str, weights: Weights, most: int) -> list[Candidate]:
    """Give the drugs of which a name begins with a text, the heaviest first, each once.

    Of names that weigh the same first comes what is written in more ways, as several sources have
    it (Salbutamol, salbutamol), then the shorter. The score of a candidate tells how much of
    the name is typed.
    """
    query = fold(text)
    if not query:
        return []
    index = lexicon.index
    first, end = bisect_left(index.keys, query), bisect_left(index.keys, query + _AFTER_ALL)
    start, stop = int(index.row_starts[first]), int(index.row_starts[end])
    drugs = np.asarray(index.row_drugs[start:stop])
    is_own = np.isin(np.asarray(index.kinds[start:stop]), _OWN)
    keys = np.repeat(np.arange(end - first), np.diff(index.row_starts[first : end + 1]))
    lengths = np.diff(index.keys.starts[first : end + 1])[keys]
    heavy = weights[drugs] * np.where(is_own, 1.0, ASIDE)
    order = np.lexsort((keys, lengths, -_ways(keys, drugs), ~is_own, -heavy))
    _, met = np.unique(drugs[order], return_index=True)
    typed = len(query.encode())
    return [
        _candidate(lexicon, start + int(row), typed / int(lengths[row]))
        for row in order[np.sort(met)[:most]]
    ]


def _ways(keys: Places, drugs: Places) -> Places:
    """In how many ways each name of each drug is written, by letters of either size."""
    pairs = keys.astype(np.int64) * (int(drugs.max(initial=0)) + 1) + drugs
    _, which, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    ways: Places = counts[which]
    return ways


def _candidate(lexicon: Lexicon, row: int, share: float) -> Candidate:
    """The drug of a row; all of its name is typed, or a share."""
    index = lexicon.index
    curie = index.drugs[int(index.row_drugs[row])]
    score = 100.0 if share == 1.0 else round(WORTH_SHOWING + 35.0 * share, 1)
    return Candidate(curie, lexicon.name(curie), index.row_names[row], score)
