"""Counting: what a model must beat.

Each way of counting sees the training facts alone; the weights of the blends come from validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from embeddings.counting.items import places_of
from embeddings.logistic import fit_logistic
from embeddings.negatives import Negatives
from embeddings.scorer import FactScorer, FloatArray
from embeddings.triples import Facts, IntArray, TripleArray

EXPECTED_SHARE = 0.01
"""Part of the facts expected of a drug, by its and the effect's total, that joins what is counted.

It orders the pairs of drugs that training never saw under the effect.
"""
RIDGE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class DegreeProduct:
    """Facts of the one drug times facts of the other, over all effects."""

    degree: FloatArray

    @classmethod
    def fit(cls, train: Facts) -> DegreeProduct:
        """Count each drug's facts."""
        return cls(degree_per_effect(train).sum(axis=0))

    def scores(self, facts: TripleArray) -> FloatArray:
        """Product of both counts, each raised by 1 lest one new drug hide the other."""
        return (1.0 + self.degree[facts[:, 0]]) * (1.0 + self.degree[facts[:, 2]])

    def drug_scores(self, effect: int) -> FloatArray:
        """Score every pair of drugs alike under all effects: (drugs, drugs)."""
        del effect
        return np.outer(1.0 + self.degree, 1.0 + self.degree)


@dataclass(frozen=True, slots=True, eq=False)
class EffectDegree:
    """The same product, counted for the effect in question only.

    ``degree`` is (effects, drugs): what is counted and ``EXPECTED_SHARE`` of what is expected.
    """

    degree: FloatArray

    @classmethod
    def fit(cls, train: Facts) -> EffectDegree:
        """Count each drug's facts per effect."""
        counted = degree_per_effect(train)
        share = (1.0 + counted.sum(axis=1)) / (1.0 + counted.sum())
        return cls(counted + EXPECTED_SHARE * np.outer(share, 1.0 + counted.sum(axis=0)))

    def scores(self, facts: TripleArray) -> FloatArray:
        """Product of the two counts."""
        first, effect, second = facts.T
        product: FloatArray = self.degree[effect, first] * self.degree[effect, second]
        return product

    def drug_scores(self, effect: int) -> FloatArray:
        """Score one effect of every pair of drugs: (drugs, drugs), symmetric."""
        return np.outer(self.degree[effect], self.degree[effect])


@dataclass(frozen=True, slots=True, eq=False)
class PairCount:
    """How many effects are known of the pair."""

    pairs: IntArray
    counts: FloatArray
    n_drugs: int

    @classmethod
    def fit(cls, train: Facts) -> PairCount:
        """Count each pair's effects."""
        pairs, counts = np.unique(train.pair_codes, return_counts=True)
        return cls(pairs, counts.astype(np.float64), len(train.drugs))

    def scores(self, facts: TripleArray) -> FloatArray:
        """Count of the pair; 0 for a pair without a training fact."""
        place, found = places_of(facts, self.pairs, self.n_drugs)
        scores = np.zeros(len(facts))
        scores[found] = self.counts[place[found]]
        return scores


@dataclass(frozen=True, slots=True, eq=False)
class CountBlend:
    """A logistic blend of the logarithms of the four counts, the items of a pair among them."""

    counts: Mapping[str, FactScorer]
    weights: FloatArray

    @classmethod
    def fit(cls, counts: Mapping[str, FactScorer], validation: Negatives) -> CountBlend:
        """Weigh the counts on validation facts and their negatives."""
        return cls(counts, weighed(_blend_features(counts, validation.facts), validation))

    def scores(self, facts: TripleArray) -> FloatArray:
        """Log-odds of the blend."""
        odds: FloatArray = _blend_features(self.counts, facts) @ self.weights
        return odds


def degree_per_effect(train: Facts) -> FloatArray:
    """Number of training facts of each drug under each effect: (effects, drugs)."""
    n = len(train.drugs)
    rows = train.array[:, 1].astype(np.int64) * n
    cells = len(train.effects) * n
    counts = sum(np.bincount(rows + train.array[:, i], minlength=cells) for i in (0, 2))
    return np.asarray(counts, dtype=np.float64).reshape(-1, n)


def weighed(features: FloatArray, validation: Negatives) -> FloatArray:
    """Weights of a logistic blend of features (facts, features), fitted on validation."""
    labels = validation.labels.astype(np.float64)
    return fit_logistic(features, labels, np.ones(len(labels)), RIDGE)


def _blend_features(counts: Mapping[str, FactScorer], facts: TripleArray) -> FloatArray:
    """Logarithms of the counts, the item model between 0 and 1, and a 1."""
    return np.column_stack(
        (
            np.log(counts["degree_product"].scores(facts)),
            np.log(counts["effect_degree"].scores(facts)),
            np.log1p(counts["pair_count"].scores(facts)),
            np.clip(counts["ease"].scores(facts), 0.0, 1.0),
            np.ones(len(facts)),
        )
    )
