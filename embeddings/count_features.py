"""What counting sees of whole pairs under every effect: totals, degrees and two item models.

Nothing here needs training: it is read off the training facts, which travel in a bundle. No item
has a weight for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from embeddings.baselines import EffectDegree, degree_per_effect
from embeddings.items import DrugItems, PairItems
from embeddings.pair_scorer import KnownEffects
from embeddings.scorer import WeightArray
from embeddings.triples import Facts

FEATURES = (
    "log_effect_total",
    "log_degree_product",
    "log_effect_degree_product",
    "log_effect_degree_ratio",
    "log_pair_count",
    "pair_unknown",
    "pair_items",
    "log_pair_items",
    "drug_items",
    "log_drug_items",
    "drug_items_gap",
    "both_items",
    "log_both_items",
)
"""What is seen of a cell, in order; the item models are cut to 0 and 1 (pairs) or 2 (drugs)."""
DRUGS_KEPT = 256
"""Drugs whose company is remembered: 1.3 MB each on Decagon (two bytes a cell)."""
_LEAST_ITEM = np.float32(0.01)
_MOST_ITEM = 2.0

Pairs = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class CountFeatures:
    """Features of pairs under every effect.

    ``of_drugs`` (drugs, drugs) and ``of_effects`` (effects, effects) are weights between items:
    whose company vouches for whom, and which effects of a pair for which. ``drugs_kept`` bounds
    the drugs whose company is remembered.
    """

    train: Facts
    of_drugs: WeightArray
    of_effects: WeightArray
    drugs_kept: int = DRUGS_KEPT

    @classmethod
    def fit(cls, train: Facts) -> CountFeatures:
        """Solve for the weights between drugs and between effects."""
        return cls(train, DrugItems.fit(train).weights, PairItems.weights_of(train))

    def of_pairs(self, pairs: Pairs) -> WeightArray:
        """Features of every cell of the pairs, in any order of drugs: (features, pairs, effects).

        ``both_items`` weighs what the drugs' company tells of the other effects of the pair, so
        that a pair without training facts has effects to be weighed, too.
        """
        first, second = pairs[:, 0], pairs[:, 1]
        there = self._vouched(first, second)
        back = self._vouched(second, first)
        near = there + back
        both = np.clip(near @ self.of_effects, 0.0, _MOST_ITEM)
        gap = np.abs(there - back)
        near = np.clip(near, 0.0, _MOST_ITEM)
        shown, place = self._known.shown(pairs, len(self.train.effects))
        of_pair = np.zeros_like(near)
        of_pair[place] = np.clip(shown @ self.of_effects, 0.0, 1.0)
        count = np.zeros((len(pairs), 1), dtype=np.float32)
        count[place] = shown.sum(axis=1, keepdims=True)
        degree, in_effect = self._log_degree, self._log_effect_degree
        columns = (
            self._log_total[None, :],
            (degree[first] + degree[second])[:, None],
            in_effect[first] + in_effect[second],
            np.abs(in_effect[first] - in_effect[second]),
            np.log1p(count),
            count == 0.0,
            of_pair,
            np.log(of_pair + _LEAST_ITEM),
            near,
            np.log(near + _LEAST_ITEM),
            gap,
            both,
            np.log(both + _LEAST_ITEM),
        )
        features = np.empty((len(columns), *near.shape), dtype=np.float32)
        for place_of, column in enumerate(columns):
            features[place_of] = column
        return features

    def _vouched(self, drugs: Pairs, others: Pairs) -> WeightArray:
        """Sum of the weights of a drug's company for the other drug: (pairs, effects)."""
        rows = [self._company(a)[b] for a, b in zip(drugs.tolist(), others.tolist(), strict=True)]
        table = np.array(rows, dtype=np.float32)
        return table.reshape(len(drugs), len(self.train.effects))

    def _company(self, drug: int) -> npt.NDArray[np.float16]:
        kept = self._kept.get(drug)
        if kept is None:
            company = self._known.company(drug, len(self.train.effects)).T
            met = np.flatnonzero(company.any(axis=1))
            kept = (self.of_drugs[met].T @ company[met]).astype(np.float16)
            for oldest in list(self._kept)[: max(0, len(self._kept) + 1 - self.drugs_kept)]:
                self._kept.pop(oldest, None)
            self._kept[drug] = kept
        return kept

    @cached_property
    def _kept(self) -> dict[int, npt.NDArray[np.float16]]:
        return {}

    @cached_property
    def _known(self) -> KnownEffects:
        return KnownEffects.of(self.train)

    @cached_property
    def _log_total(self) -> WeightArray:
        return np.log1p(self.train.per_effect).astype(np.float32)

    @cached_property
    def _log_degree(self) -> WeightArray:
        degree: WeightArray = degree_per_effect(self.train).sum(axis=0).astype(np.float32)
        return np.log1p(degree)

    @cached_property
    def _log_effect_degree(self) -> WeightArray:
        degree = EffectDegree.fit(self.train).degree
        return np.ascontiguousarray(np.log(degree).T, dtype=np.float32)
