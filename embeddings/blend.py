"""What counting adds to a learned model, weighed on validation."""

from __future__ import annotations

import numpy as np

from embeddings.counting.baselines import degree_per_effect
from embeddings.logistic import fit_logistic
from embeddings.negatives import with_negatives
from embeddings.scorer import BilinearScorer, WeightArray, Weights
from embeddings.splits import Split

WEIGHED_UNDER = ("uniform", "known-pairs")
_RIDGE = 1e-3


def with_degrees(
    interaction: str, weights: Weights, split: Split, seed: int
) -> dict[str, WeightArray]:
    """Add to a model's weights an ``offset`` for each drug under each effect.

    The offset is a multiple of ``log(1 + training facts of the drug under the effect)``: a model of
    few dimensions is unsure of effects with a handful of facts, which counting settles. The
    multiple, never below 0, is what a logistic fit on validation facts and their negatives gives
    such a logarithm beside the model's score, each effect counting alike.
    """
    drawn = [
        with_negatives(split.valid, split.shown, split.train, protocol, seed)
        for protocol in WEIGHED_UNDER
    ]
    facts = np.concatenate([sample.facts for sample in drawn])
    labels = np.concatenate([sample.labels for sample in drawn]).astype(np.float64)
    degree = np.log1p(degree_per_effect(split.train))
    first, effect, second = facts.T
    learned = BilinearScorer.of(interaction, weights).scores(facts)
    counted = degree[effect, first] + degree[effect, second]
    alike = 1.0 / np.bincount(effect, minlength=len(degree))[effect]
    features = np.column_stack((learned, counted, np.ones(len(facts))))
    of_learned, of_counted, _ = fit_logistic(features, labels, alike, _RIDGE)
    share = max(0.0, of_counted / of_learned) if of_learned > 0.0 else 0.0
    return {**weights, "offset": (share * degree).astype(np.float32)}
