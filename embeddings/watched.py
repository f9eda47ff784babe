"""How well weights do on validation facts while they are learned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embeddings.judging.evaluate import evaluate
from embeddings.negatives import with_negatives
from embeddings.pair_scorer import scorer_of
from embeddings.scorer import FloatArray, Weights
from embeddings.splits import Split

Watched = Callable[[Weights], FloatArray]


def watched(
    split: Split, interaction: str, protocols: tuple[str, ...], most_facts: int, seed: int
) -> Watched:
    """Prepare to judge weights: the mean AUROC over effects, under each of some protocols.

    At most so many validation facts take part, drawn at random. Nothing of the test does.
    """
    chosen = np.random.default_rng(seed).permutation(len(split.valid)) < most_facts
    some = split.valid.keep(chosen)
    samples = [with_negatives(some, split.shown, split.train, name, seed) for name in protocols]

    def judge(weights: Weights) -> FloatArray:
        scorer = scorer_of(interaction, weights, split.train)
        of_effects = [evaluate(scorer, sample, seed).auroc for sample in samples]
        return np.array([_mean(auroc) for auroc in of_effects])

    return judge


def _mean(auroc: FloatArray) -> float:
    defined = auroc[~np.isnan(auroc)]
    return float(defined.mean()) if len(defined) else float("nan")
