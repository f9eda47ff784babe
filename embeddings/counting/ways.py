"""Every way of counting, fitted once, and the blends that validation weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from embeddings.counting.baselines import (
    CountBlend,
    DegreeProduct,
    EffectDegree,
    PairCount,
    weighed,
)
from embeddings.counting.features import FEATURES, CountFeatures
from embeddings.counting.items import PairItems
from embeddings.negatives import Negatives
from embeddings.scorer import FactScorer, FloatArray
from embeddings.triples import Facts, TripleArray

STACKED = (
    "log_effect_total",
    "log_degree_product",
    "log_effect_degree_product",
    "log_pair_count",
    "pair_unknown",
    "pair_items",
    "log_pair_items",
    "drug_items",
    "log_drug_items",
)
"""What the stack of counts sees. The effect's total lets one set of weights serve all effects."""
_COLUMNS = [FEATURES.index(name) for name in STACKED]


@dataclass(frozen=True, slots=True, eq=False)
class CountStack:
    """A logistic blend of what counting sees, fitted anew under each protocol.

    It is what the stack is compared with: linear, and without both items at once.
    """

    counts: CountFeatures
    weights: FloatArray

    @classmethod
    def fit(cls, counts: CountFeatures, validation: Negatives) -> CountStack:
        """Weigh everything on validation facts and their negatives."""
        return cls(counts, weighed(_stacked(counts, validation.facts), validation))

    def scores(self, facts: TripleArray) -> FloatArray:
        """Log-odds of the stack."""
        odds: FloatArray = _stacked(self.counts, facts) @ self.weights
        return odds


@dataclass(frozen=True, slots=True, eq=False)
class Counting:
    """Every way of counting that needs nothing but training facts, fitted once."""

    counts: Mapping[str, FactScorer]
    features: CountFeatures

    @classmethod
    def fit(cls, train: Facts) -> Counting:
        """Count."""
        features = CountFeatures.fit(train)
        counts: dict[str, FactScorer] = {
            "degree_product": DegreeProduct.fit(train),
            "effect_degree": EffectDegree.fit(train),
            "pair_count": PairCount.fit(train),
            "ease": PairItems.of(train, features.of_effects),
        }
        return cls(counts, features)

    def blended(self, validation: Negatives) -> dict[str, FactScorer]:
        """Add the blends: every baseline, under the names of ``evaluate --json``."""
        stack = CountStack.fit(self.features, validation)
        blend = CountBlend.fit(self.counts, validation)
        return {**self.counts, "count_blend": blend, "count_stack": stack}


def _stacked(counts: CountFeatures, facts: TripleArray) -> FloatArray:
    """What the stack sees of facts: (facts, features), a 1 in the last column."""
    seen = counts.of_cells(facts)[_COLUMNS]
    return np.column_stack((*seen.astype(np.float64), np.ones(len(facts))))
