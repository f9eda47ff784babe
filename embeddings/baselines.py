"""Counting: what a model must beat.

Each way of counting sees the training facts alone; the weights of the blend come from validation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.logistic import fit_logistic
from embeddings.negatives import Negatives
from embeddings.scorer import FactScorer, FloatArray
from embeddings.triples import Facts, IntArray, TripleArray

RIDGE = 50.0
"""Ridge of the closed-form item model, in facts."""


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


@dataclass(frozen=True, slots=True, eq=False)
class EffectDegree:
    """The same product, counted for the effect in question only."""

    degree: FloatArray

    @classmethod
    def fit(cls, train: Facts) -> EffectDegree:
        """Count each drug's facts per effect."""
        return cls(degree_per_effect(train))

    def scores(self, facts: TripleArray) -> FloatArray:
        """Product of the two counts, each raised by 1."""
        first, effect, second = facts.T
        product: FloatArray = (1.0 + self.degree[effect, first]) * (
            1.0 + self.degree[effect, second]
        )
        return product


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
        place, found = _looked_up(facts, self.pairs, self.n_drugs)
        return np.where(found, self.counts[place], 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Ease:
    """A closed-form item model: a pair's other effects, weighted for the effect in question.

    Steck, Embarrassingly Shallow Autoencoders for Sparse Data (2019), with pairs as users.
    """

    pairs: IntArray
    table: npt.NDArray[np.float32]
    n_drugs: int

    @classmethod
    def fit(cls, train: Facts) -> Ease:
        """Solve for the weights between effects; an effect has no weight for itself."""
        pairs, row = np.unique(train.pair_codes, return_inverse=True)
        shown = np.zeros((len(pairs), len(train.effects)), dtype=np.float32)
        shown[row, train.array[:, 1]] = 1.0
        together = (shown.T @ shown).astype(np.float64)
        inverse = np.linalg.inv(together + RIDGE * np.eye(len(together)))
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0.0)
        return cls(pairs, shown @ weights.astype(np.float32), len(train.drugs))

    def scores(self, facts: TripleArray) -> FloatArray:
        """Sum of the weights of the pair's training effects; 0 for a pair without any."""
        place, found = _looked_up(facts, self.pairs, self.n_drugs)
        return np.where(found, self.table[place, facts[:, 1]], 0.0).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class CountBlend:
    """A logistic blend of the logarithms of all counts and of the item model."""

    parts: tuple[FactScorer, ...]
    weights: FloatArray

    @classmethod
    def fit(cls, parts: tuple[FactScorer, ...], validation: Negatives) -> CountBlend:
        """Weigh the parts on validation facts and their negatives."""
        features = _features(parts, validation.facts)
        labels = validation.labels.astype(np.float64)
        return cls(parts, fit_logistic(features, labels, np.ones(len(labels)), ridge=1e-3))

    def scores(self, facts: TripleArray) -> FloatArray:
        """Log-odds of the blend."""
        odds: FloatArray = _features(self.parts, facts) @ self.weights
        return odds


def counting(train: Facts, validation: Negatives) -> dict[str, FactScorer]:
    """Fit every baseline, under the names of ``evaluate --json``."""
    parts: dict[str, FactScorer] = {
        "degree_product": DegreeProduct.fit(train),
        "effect_degree": EffectDegree.fit(train),
        "pair_count": PairCount.fit(train),
        "ease": Ease.fit(train),
    }
    return {**parts, "count_blend": CountBlend.fit(tuple(parts.values()), validation)}


def degree_per_effect(train: Facts) -> FloatArray:
    """Number of training facts of each drug under each effect: (effects, drugs)."""
    counts = np.zeros((len(train.effects), len(train.drugs)))
    for column in (0, 2):
        np.add.at(counts, (train.array[:, 1], train.array[:, column]), 1.0)
    return counts


def _features(parts: tuple[FactScorer, ...], facts: TripleArray) -> FloatArray:
    columns = [part.scores(facts) for part in parts]
    logs = [np.log1p(np.maximum(column, 0.0)) for column in columns]
    return np.column_stack([*logs, np.ones(len(facts))])


def _looked_up(
    facts: TripleArray, pairs: IntArray, n_drugs: int
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    asked = facts[:, 0].astype(np.int64) * n_drugs + facts[:, 2]
    place = np.minimum(np.searchsorted(pairs, asked), len(pairs) - 1)
    return place, pairs[place] == asked
