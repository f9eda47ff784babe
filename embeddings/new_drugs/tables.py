"""Counts carried over to many new drugs at once, beside every drug and under every effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embeddings.new_drugs.odds import Carried, Counted
from embeddings.scorer import WeightArray
from embeddings.triples import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Weights of known drugs for all new ones under one setting, (new, known) each.

    ``new`` are the indices of the new drugs; those of the known ones are ``Counted.old``.
    """

    new: IntArray
    of_degrees: WeightArray
    of_company: WeightArray


@dataclass(frozen=True, slots=True, eq=False)
class CarriedTable:
    """What one setting carries over to some of the new drugs, beside every drug.

    ``degree`` (drugs, effects) and ``total`` (drugs,) are logarithms, those of new drugs filled in;
    ``facts`` and ``both`` are (effects, rows, drugs), ``number`` (rows, drugs).
    """

    degree: WeightArray
    total: WeightArray
    facts: WeightArray
    both: WeightArray
    number: WeightArray

    @classmethod
    def of(cls, counted: Counted, placement: Placement, rows: slice) -> CarriedTable:
        """Carry over to the new drugs ``placement.new[rows]``."""
        degree, total = counted.log_degree.copy(), counted.log_total.copy()
        degree[placement.new] = placement.of_degrees @ counted.log_degree[counted.old]
        total[placement.new] = placement.of_degrees @ counted.log_total[counted.old]
        facts = _facts(counted, placement, rows)
        cut = np.clip(facts, 0.0, 1.0)
        number = cut.sum(axis=0)
        both = (counted.of_effects.T @ cut.reshape(len(cut), -1)).reshape(cut.shape)
        return cls(degree, total, facts, both, number)

    def at(self, new: IntArray, row: IntArray, other: IntArray, effect: IntArray) -> Carried:
        """What is carried over to single cells: the new drug, its row here, its partner."""
        return Carried(
            self.degree[new, effect],
            self.degree[other, effect],
            self.total[new] + self.total[other],
            self.facts[effect, row, other],
            self.both[effect, row, other],
            self.number[row, other],
        )

    def beside(self, new: int, row: int, others: IntArray) -> Carried:
        """What is carried over to a new drug beside some drugs: (others, effects)."""
        return Carried(
            self.degree[new][None, :],
            self.degree[others],
            (self.total[new] + self.total[others])[:, None],
            self.facts[:, row, others].T,
            self.both[:, row, others].T,
            self.number[row, others][:, None],
        )


def _facts(counted: Counted, placement: Placement, rows: slice) -> WeightArray:
    n, (n_new, _) = len(counted.train.drugs), placement.of_company.shape
    weights = np.zeros((n_new, n), dtype=np.float32)
    weights[:, counted.old] = placement.of_company
    asked = weights[rows]
    found = np.zeros((len(counted.train.effects), len(asked), n), dtype=np.float32)
    table = np.zeros((n, n), dtype=np.float32)
    ends = np.searchsorted(counted.train.array[:, 1], np.arange(len(found) + 1))
    for effect, carried in enumerate(found):
        first, _, second = counted.train.array[ends[effect] : ends[effect + 1]].T
        table[first, second] = table[second, first] = 1.0
        np.matmul(asked, table, out=carried)
        table[first, second] = table[second, first] = 0.0
        carried[:, placement.new] = carried @ weights.T
    return found
