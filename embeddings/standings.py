"""Where a pair stands among all pairs under an effect, from a small table made at training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.judging.ranking import DrugScorer
from embeddings.scorer import FloatArray, WeightArray
from embeddings.triples import Facts, IntArray

LEVELS = 256
"""Ranks whose scores are kept for each effect."""
_TOLERANCE = 1e-3  # a score asked for alone may differ from one in a table by so much


@dataclass(frozen=True, slots=True, eq=False)
class Standings:
    """Scores of each effect at some ranks among all pairs of drugs that training knows.

    ``ranks`` (levels,) rise from 1 by equal factors to the number of pairs; ``scores`` is
    (effects, levels).
    """

    ranks: IntArray
    scores: WeightArray

    @classmethod
    def fit(cls, scorer: DrugScorer, train: Facts) -> Standings:
        """Sort the scores of all pairs, effect by effect, and keep those at the ranks."""
        learned = np.unique(train.array[:, [0, 2]])
        first, second = np.triu_indices(len(learned), k=1)
        places = learned[first].astype(np.int64) * len(train.drugs) + learned[second]
        ranks = ranks_up_to(len(places))
        scores = np.empty((len(train.effects), len(ranks)), dtype=np.float32)
        for effect in range(len(scores)):
            every = np.asarray(scorer.drug_scores(effect), dtype=np.float32).ravel()[places]
            every.sort()
            scores[effect] = every[len(every) - ranks]
        return cls(ranks, scores)

    @property
    def n_pairs(self) -> int:
        """Number of pairs among which is ranked."""
        return int(self.ranks[-1]) if len(self.ranks) else 0

    @property
    def error(self) -> float:
        """By which part of itself a rank may be too high."""
        steps = (np.diff(self.ranks) - 1) / self.ranks[1:]
        return float(steps.max(initial=0.0))

    def rank(self, effect: int, score: float) -> int:
        """Rank of a score under an effect, 1 the likeliest; too high by ``error`` at most."""
        falling: npt.NDArray[np.float32] = -self.scores[effect]
        place = int(np.searchsorted(falling, -(score + _TOLERANCE)))
        return int(self.ranks[min(place, len(self.ranks) - 1)])


def ranks_up_to(count: int) -> IntArray:
    """Whole numbers from 1 to a count, at most ``LEVELS``, each so many times the one before.

    >>> ranks_up_to(3).tolist()
    [1, 2, 3]
    """
    if count < 1:
        return np.zeros(0, dtype=np.int64)
    wished: FloatArray = np.geomspace(1.0, count, LEVELS)
    return np.unique(np.rint(wished).astype(np.int64))
