"""A scorer measured on held-out facts and their negatives, effect by effect."""

from __future__ import annotations

from embeddings.judging.metrics import Scores, measured
from embeddings.negatives import Negatives
from embeddings.scorer import FactScorer


def evaluate(scorer: FactScorer, sample: Negatives, seed: int) -> Scores:
    """Measure a scorer on positives and their negatives, effect by effect.

    Raises:
        UnusableScores: A score is NaN.
    """
    return measured(scorer.scores(sample.facts), sample.labels, sample.facts[:, 1], seed)
