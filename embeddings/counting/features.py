"""What counting sees of whole pairs under every effect: totals, degrees and two item models.

Nothing here needs training: it is read off the training facts, which travel in a bundle. No item
has a weight for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from embeddings.counting.baselines import EffectDegree, degree_per_effect
from embeddings.counting.items import LEAST_ITEM, MOST_ITEM, DrugItems, PairItems
from embeddings.counting.known_effects import KnownEffects
from embeddings.scorer import WeightArray
from embeddings.triples import Facts, IntArray, TripleArray

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
    "log_company_total",
)
"""What is seen of a cell, in order; the item models are cut to 0 and 1 (pairs) or 2 (drugs).

The last is the same under every effect: how many effects the company of either drug makes likely
of the pair, which tells whether the two are reported together at all.
"""
_MANY_CELLS = 8  # cells of a pair from which weighing all of its effects is cheaper
_TILE = 16  # drugs by so many others are in hand at once: their company is laid out once for all

Pairs = npt.NDArray[np.integer]


class _Sums(NamedTuple):
    """What is summed up for cells.

    Weights of either drug's company, of what both companies tell of the pair's other effects, of
    the pair's effects, how many these are, and the weights of both companies under all effects.
    """

    there: WeightArray
    back: WeightArray
    both: WeightArray
    of_pair: WeightArray
    number: WeightArray
    company: WeightArray


@dataclass(frozen=True, eq=False)
class CountFeatures:
    """Features of pairs under every effect.

    ``of_drugs`` (drugs, drugs) and ``of_effects`` (effects, effects) are weights between items:
    whose company vouches for whom, and which effects of a pair for which.
    """

    train: Facts
    of_drugs: WeightArray
    of_effects: WeightArray

    @classmethod
    def fit(cls, train: Facts) -> CountFeatures:
        """Solve for the weights between drugs and between effects."""
        return cls(train, DrugItems.fit(train).weights, PairItems.weights_of(train))

    def of_pairs(self, pairs: Pairs, out: WeightArray | None = None) -> WeightArray:
        """Features of every cell of the pairs, in any order of drugs: (features, pairs, effects).

        ``both_items`` weighs what the drugs' company tells of the other effects of the pair, so
        that a pair without training facts has effects to be weighed, too. Pairs that share drugs
        are cheaper together. ``out`` is filled where it is given.
        """
        n_pairs, n_effects = len(pairs), len(self.train.effects)
        there, back = self._vouched(pairs)
        shown, place = self._known.shown(pairs, n_effects)
        near = there + back
        # One product instead of two: laying out the weights costs as much as many rows.
        items = np.concatenate((near, shown)) @ self.of_effects
        of_pair = np.zeros((n_pairs, n_effects), dtype=np.float32)
        of_pair[place] = items[n_pairs:]
        count = np.zeros((n_pairs, 1), dtype=np.float32)
        count[place] = shown.sum(axis=1, keepdims=True)
        degree = self._log_degree[pairs].sum(axis=1, keepdims=True)
        one, other = (self._log_effect_degree[drugs] for drugs in pairs.T)
        seen = np.empty((len(FEATURES), n_pairs, n_effects), np.float32) if out is None else out
        company = near.sum(axis=1, keepdims=True)
        sums = _Sums(there, back, items[:n_pairs], of_pair, count, company)
        return _fill(seen, self._log_total, degree, (one, other), sums)

    def of_cells(self, facts: TripleArray) -> WeightArray:
        """Features of single cells, rows (drug, effect, drug): (features, rows)."""
        sums = _Sums(*np.zeros((len(_Sums._fields), len(facts)), dtype=np.float32))
        codes = facts[:, 0].astype(np.int64) * len(self.train.drugs) + facts[:, 2]
        asked, row = np.unique(codes, return_inverse=True)
        pairs = np.column_stack(np.divmod(asked, len(self.train.drugs)))
        for some, cells, place in _by_tile(pairs, row):
            found = self._sums(pairs[some], place, facts[cells, 1])
            for whole, part in zip(sums, found, strict=True):
                whole[cells] = part
        first, effect, second = facts.T
        degree = self._log_degree[first] + self._log_degree[second]
        in_effect = (self._log_effect_degree[drug, effect] for drug in (first, second))
        seen = np.empty((len(FEATURES), len(facts)), dtype=np.float32)
        return _fill(seen, self._log_total[effect], degree, tuple(in_effect), sums)

    def _sums(self, pairs: Pairs, row: IntArray, effect: Pairs) -> _Sums:
        """Sums of cells, given by the row of their pair and their effect."""
        there, back = self._vouched(pairs)
        shown, place = self._known.shown(pairs, len(self.train.effects))
        place_of = np.full(len(pairs), -1)
        place_of[place] = np.arange(len(place))
        has = np.flatnonzero(place_of[row] >= 0)
        known = place_of[row[has]]
        of_pair, number = np.zeros((2, len(row)), dtype=np.float32)
        of_pair[has] = self._weighed(shown, known, effect[has])
        number[has] = shown.sum(axis=1)[known]
        near = there + back
        both = self._weighed(near, row, effect)
        company = near.sum(axis=1)[row]
        return _Sums(there[row, effect], back[row, effect], both, of_pair, number, company)

    def _weighed(self, shown: WeightArray, row: IntArray, effect: Pairs) -> WeightArray:
        """Cells of the sum of the weights of what is shown."""
        if len(row) > _MANY_CELLS * len(shown):
            return np.asarray((shown @ self.of_effects)[row, effect])
        weights = self._weights_of_effect[effect]
        return np.asarray(np.einsum("ij,ij->i", shown[row], weights))

    def _vouched(self, pairs: Pairs) -> tuple[WeightArray, WeightArray]:
        """Sum of the weights of either drug's company for the other: each (pairs, effects)."""
        vouching, vouched_for = pairs.T.ravel(), pairs[:, ::-1].T.ravel()
        table = np.empty((len(vouching), len(self.train.effects)), dtype=np.float32)
        order = np.argsort(vouching, kind="stable")
        drugs, starts = np.unique(vouching[order], return_index=True)
        for drug, rows in zip(drugs.tolist(), np.split(order, starts[1:]), strict=False):
            partner, company = self._known.partners(drug, table.shape[1])
            table[rows] = self._weights_of_drug[vouched_for[rows]].take(partner, axis=1) @ company
        return table[: len(pairs)], table[len(pairs) :]

    @cached_property
    def _known(self) -> KnownEffects:
        return KnownEffects.of(self.train)

    @cached_property
    def _log_total(self) -> WeightArray:
        return np.log1p(self.train.per_effect).astype(np.float32)

    @cached_property
    def _weights_of_drug(self) -> WeightArray:
        return np.ascontiguousarray(self.of_drugs.T)

    @cached_property
    def _weights_of_effect(self) -> WeightArray:
        return np.ascontiguousarray(self.of_effects.T)

    @cached_property
    def _log_degree(self) -> WeightArray:
        degree: WeightArray = degree_per_effect(self.train).sum(axis=0).astype(np.float32)
        return np.log1p(degree)

    @cached_property
    def _log_effect_degree(self) -> WeightArray:
        degree = EffectDegree.fit(self.train).degree
        return np.ascontiguousarray(np.log(degree).T, dtype=np.float32)


def tiles(pairs: Pairs) -> list[IntArray]:
    """Split pairs, by their places, into parts that share many drugs; few are one part."""
    order = np.lexsort((pairs[:, 1], pairs[:, 1] // _TILE, pairs[:, 0] // _TILE))
    return np.split(order, np.arange(_TILE**2, len(order), _TILE**2)) if len(order) else []


def _by_tile(pairs: Pairs, row: IntArray) -> Iterator[tuple[IntArray, IntArray, IntArray]]:
    """Yield pairs of one tile, the cells of these pairs, and the place of each cell's pair.

    ``row`` is the place of each cell's pair among all pairs.
    """
    parts = tiles(pairs)
    order = np.concatenate((*parts, np.zeros(0, dtype=np.int64)))
    place = np.empty(len(pairs), dtype=np.int64)
    place[order] = np.arange(len(order))
    cells = np.argsort(place[row], kind="stable")
    ends = np.cumsum([0, *(len(part) for part in parts)])
    for part, start, (begin, end) in zip(
        parts, ends, pairwise(np.searchsorted(place[row[cells]], ends).tolist()), strict=False
    ):
        yield part, cells[begin:end], place[row[cells[begin:end]]] - start


def _fill(
    seen: WeightArray,
    log_total: WeightArray,
    log_degree: WeightArray,
    in_effect: tuple[WeightArray, ...],
    sums: _Sums,
) -> WeightArray:
    """Fill in the features, in order, in place: they are many."""
    one, other = in_effect
    seen[0] = log_total
    seen[1] = log_degree
    np.add(one, other, out=seen[2])
    np.abs(np.subtract(one, other, out=seen[3]), out=seen[3])
    seen[4] = np.log1p(sums.number)
    seen[5] = sums.number == 0.0
    np.clip(sums.of_pair, 0.0, 1.0, out=seen[6])
    np.clip(np.add(sums.there, sums.back, out=seen[8]), 0.0, MOST_ITEM, out=seen[8])
    np.abs(np.subtract(sums.there, sums.back, out=seen[10]), out=seen[10])
    np.clip(sums.both, 0.0, MOST_ITEM, out=seen[11])
    for items, logs in ((6, 7), (8, 9), (11, 12)):
        np.log(np.add(seen[items], LEAST_ITEM, out=seen[logs]), out=seen[logs])
    seen[13] = np.log1p(np.maximum(sums.company, 0.0))
    return seen
