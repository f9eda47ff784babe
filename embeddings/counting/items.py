"""Closed-form item models: what stands together tells what is missing, without any training.

Steck, Embarrassingly Shallow Autoencoders for Sparse Data (2019): the weights between items are
``-P / diag(P)`` with ``P`` the inverse of the ridged counts of items that stand together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.codes import places_among
from embeddings.counting.known_effects import KnownEffects
from embeddings.scorer import FloatArray, WeightArray
from embeddings.triples import Facts, IntArray, TripleArray

RIDGE = 500.0
"""Ridge of both models, in facts."""
LEAST_ITEM = 0.01
"""Added to what items sum up to before its logarithm is taken."""
MOST_ITEM = 2.0
"""What the items of both drugs sum up to is cut to this."""
NOTHING_KNOWN = -1.0
"""Score of a pair without a training fact: below what is known of any pair."""


@dataclass(frozen=True, slots=True, eq=False)
class PairItems:
    """A pair's other effects, weighted for the effect in question: pairs are users, effects items.

    ``table`` is (known pairs, effects); ``pairs`` are their codes, sorted.
    """

    pairs: IntArray
    table: WeightArray
    n_drugs: int

    @classmethod
    def fit(cls, train: Facts) -> PairItems:
        """Solve for the weights between effects; an effect has no weight for itself."""
        return cls.of(train, cls.weights_of(train))

    @classmethod
    def of(cls, train: Facts, weights: WeightArray) -> PairItems:
        """Weigh every known pair by weights between effects that were solved for before."""
        known = KnownEffects.of(train)
        table = np.empty((len(known.pairs), len(weights)), dtype=np.float32)
        for rows, shown in known.blocks(len(weights)):
            np.matmul(shown, weights, out=table[rows])
        return cls(known.pairs, table, len(train.drugs))

    @staticmethod
    def weights_of(train: Facts) -> WeightArray:
        """Solve for the weights between effects alone: (effects, effects)."""
        together = np.zeros((len(train.effects),) * 2)
        for _, shown in KnownEffects.of(train).blocks(len(together)):
            together += shown.T @ shown
        return item_weights(together)

    def scores(self, facts: TripleArray) -> FloatArray:
        """Sum of the weights of the pair's training effects; ``NOTHING_KNOWN`` without any."""
        place, found = places_of(facts, self.pairs, self.n_drugs)
        scores = np.full(len(facts), NOTHING_KNOWN)
        scores[found] = self.table[place[found], facts[found, 1]]
        return scores


@dataclass(frozen=True, slots=True, eq=False)
class DrugItems:
    """The drugs that one drug has the effect with, weighted for the other: drugs are items.

    A score is the sum of both directions, so it also tells something of a pair that is wholly new.
    """

    train: Facts
    weights: WeightArray

    @classmethod
    def fit(cls, train: Facts) -> DrugItems:
        """Solve for the weights between drugs; a user is a drug under an effect."""
        n = len(train.drugs)
        together = np.zeros((n, n))
        for _, active, table in _active_tables(train, range(len(train.effects))):
            together[np.ix_(active, active)] += table @ table
        return cls(train, item_weights(together))

    def scores(self, facts: TripleArray) -> FloatArray:
        """Sum of the weights of either drug's company under the effect for the other drug."""
        scores = np.zeros(len(facts))
        order = np.argsort(facts[:, 1], kind="stable")
        asked, starts = np.unique(facts[order, 1], return_index=True)
        ends = np.append(starts[1:], len(order))
        for effect, start, end in zip(asked.tolist(), starts, ends[: len(asked)], strict=True):
            rows = order[start:end]
            first, second = facts[rows][:, [0, 2]].T
            scores[rows] = self.drug_scores(effect)[first, second]
        return scores

    def drug_scores(self, effect: int) -> WeightArray:
        """Score one effect of every pair of drugs: (drugs, drugs), symmetric."""
        near = np.zeros_like(self.weights)
        for _, active, table in _active_tables(self.train, (effect,)):
            near[active] = table @ self.weights[active]
        return near + near.T


def item_weights(together: npt.NDArray[np.floating]) -> WeightArray:
    """Weights between items (items, items) from how often two stand together; none for itself."""
    inverse = np.linalg.inv(together.astype(np.float64) + RIDGE * np.eye(len(together)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights.astype(np.float32)


def places_of(
    facts: TripleArray, pairs: IntArray, n_drugs: int
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Where the pair of each row stands among sorted codes of pairs, and whether it does."""
    asked = facts[:, 0].astype(np.int64) * n_drugs + facts[:, 2]
    return places_among(pairs, asked)


def _active_tables(
    train: Facts, effects: range | tuple[int, ...]
) -> Iterator[tuple[int, IntArray, WeightArray]]:
    """Yield an effect, its drugs and, symmetric over these drugs, which pairs have it."""
    for effect in effects:
        first, second = train.under(effect)[:, [0, 2]].T
        active, place = np.unique(np.concatenate((first, second)), return_inverse=True)
        table = np.zeros((len(active), len(active)), dtype=np.float32)
        one, other = np.split(place, 2)
        table[one, other] = table[other, one] = 1.0
        yield effect, active.astype(np.int64), table
