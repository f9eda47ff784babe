"""Which pairs lie next to a pair under an effect, by the vectors of a model of pairs."""

from __future__ import annotations

import numpy as np

from embeddings.pair_scorer import MeanScorer, PairScorer
from embeddings.scorer import BilinearScorer, FloatArray, Scorer, WeightArray


def nearness(scorer: Scorer, first: int, second: int, effect: int) -> FloatArray:
    """Cosine of every pair of drugs with a pair under an effect: (drugs, drugs), symmetric.

    The vector of a pair is ``left * right * core`` of its drugs and the effect, which sums up to
    its score; of its two orders the nearer counts, and of several models the mean.

    Raises:
        TypeError: The scorer has no such vectors.
    """
    if isinstance(scorer, MeanScorer):
        parts = [nearness(member, first, second, effect) for member in scorer.members]
        return np.asarray(np.mean(parts, axis=0), dtype=np.float64)
    left, right, core = _vectors(scorer)
    weight = core[effect] ** 2
    asked = left[first] * right[second]
    dots = (left * (asked * weight)) @ right.T
    squares = (left**2 * weight) @ (right**2).T
    length = np.sqrt(np.maximum(squares, 1e-30))
    cosine: FloatArray = (dots / (length * length[first, second])).astype(np.float64)
    nearer: FloatArray = np.maximum(cosine, cosine.T)
    return nearer


def _vectors(scorer: Scorer) -> tuple[WeightArray, WeightArray, WeightArray]:
    if isinstance(scorer, PairScorer):
        return scorer.weights["left"], scorer.weights["right"], scorer.weights["core"]
    if isinstance(scorer, BilinearScorer):
        return scorer.left, scorer.right, scorer.core
    raise TypeError(f"{type(scorer).__name__} has no vectors of pairs")
