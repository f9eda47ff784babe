"""What became of the guesses on validation, by kind of pair, and from where on one may be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.scorer import FloatArray
from embeddings.triples import IntArray

KINDS = ("known_pair", "new_pair", "one_new_drug", "two_new_drugs")
"""Kinds of novelty of a pair to training, in the order of ``Novelty.kinds``."""
LEVELS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Probabilities from which on outcomes are counted."""
LEAST_PRECISION = 0.5
"""Part of the told guesses that must be held-out facts, on validation."""
LEAST_LIFT = 10.0
"""A guess is told only when it is this many times likelier than the effect's base rate."""
LEAST_HITS = 30
"""With fewer held-out facts among the guesses, validation cannot tell: at a precision of a half the
95 % interval of 30 facts in 60 guesses reaches .13 either way."""
NEVER = 2.0
"""Threshold above every probability: nothing is told."""


@dataclass(frozen=True, slots=True, eq=False)
class Guesses:
    """Cells of validation that training does not state, in bins of like probability.

    ``probability`` and ``base_rate`` are (bins,), each bin being of one effect. ``facts`` and
    ``others`` are (kinds, bins): how many of its cells are held-out facts, and how many are not.
    """

    probability: FloatArray
    base_rate: FloatArray
    facts: FloatArray
    others: FloatArray

    def thresholds(self) -> FloatArray:
        """Give for each kind the least probability from which on guesses may be told.

        At least ``LEAST_PRECISION`` of the guesses from there on, among those that reach
        ``LEAST_LIFT``, are held-out facts, and these are ``LEAST_HITS`` or more; ``NEVER`` where no
        probability is so good. That is a hard test: a fact that is held out for the judges, or that
        nobody has reported yet, counts as an error.
        """
        lifted = np.flatnonzero(self.probability >= LEAST_LIFT * self.base_rate)
        order = lifted[np.argsort(-self.probability[lifted], kind="stable")]
        hits = np.cumsum(self.facts[:, order], axis=1)
        told = hits + np.cumsum(self.others[:, order], axis=1)
        good = (hits >= LEAST_PRECISION * told) & (hits >= LEAST_HITS)
        found = np.full(len(KINDS), NEVER)
        for kind in np.flatnonzero(good.any(axis=1)).tolist():
            found[kind] = self.probability[order[np.flatnonzero(good[kind])[-1]]]
        return found

    def outcomes(self) -> Outcomes:
        """Count guesses and facts from each level of probability on."""
        reached = (self.probability[:, None] >= np.array(LEVELS)).astype(np.float64)
        facts, others = self.facts @ reached, self.others @ reached
        return Outcomes((facts + others).astype(np.int64), facts.astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Guesses on validation with at least a level of probability, and the facts among them.

    ``cells`` and ``facts`` are (kinds, levels).
    """

    cells: IntArray
    facts: IntArray

    @classmethod
    def none(cls) -> Outcomes:
        """Nothing counted."""
        nothing = np.zeros((len(KINDS), len(LEVELS)), dtype=np.int64)
        return cls(nothing, nothing)

    @classmethod
    def read(cls, stored: Mapping[str, list[list[float]]]) -> Outcomes:
        """Make what :meth:`as_dict` wrote."""
        rows = np.array([stored[kind] for kind in KINDS], dtype=np.float64)
        return cls(rows[:, :, 1].astype(np.int64), rows[:, :, 2].astype(np.int64))

    def share(self, kind: int, probability: float) -> tuple[float, float] | None:
        """Give the highest level that a probability reaches, and which share came true from it on.

        ``None`` where fewer than ``LEAST_HITS`` facts were held out there, or none was asked about.
        """
        reached: npt.NDArray[np.int64] = np.flatnonzero(
            (np.array(LEVELS) <= probability) & (self.facts[kind] >= LEAST_HITS)
        )
        if not len(reached):
            return None
        level = int(reached[-1])
        return LEVELS[level], float(self.facts[kind, level] / self.cells[kind, level])

    def as_dict(self) -> dict[str, list[list[float]]]:
        """Rows of level, guesses and facts, by kind of pair."""
        return {
            name: [list(row) for row in zip(LEVELS, cells, facts, strict=True)]
            for name, cells, facts in zip(
                KINDS, self.cells.tolist(), self.facts.tolist(), strict=True
            )
        }
