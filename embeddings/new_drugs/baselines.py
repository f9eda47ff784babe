"""What stands beside a model that tells of new drugs: plainer ways to use what is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embeddings.new_drugs.odds import DRAWN, WITH, WITHOUT, NewDrugOdds
from embeddings.new_drugs.scorer import NewDrugScorer
from embeddings.scorer import FactScorer, FloatArray, Scorer, WeightArray
from embeddings.triples import TripleArray

NEAREST = 10
"""Known drugs whose mean stands for a new drug, each weighed by its likeness."""


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourDegrees:
    """The sum of both drugs' log-degrees under the effect; those of a new drug are its neighbours'.

    ``log_degree`` is (drugs, effects).
    """

    log_degree: WeightArray

    @classmethod
    def of(cls, odds: NewDrugOdds, kind: str) -> NeighbourDegrees:
        """Fill in the degrees of new drugs by one kind of description, ``effects`` or ``targets``.

        A new drug that shares nothing with any known one has the mean of all.
        """
        counted = odds.counted
        degrees = counted.log_degree.copy()
        known = degrees[counted.old]
        drugs = counted.train.drugs
        for place in np.setdiff1d(np.arange(len(drugs)), counted.old).tolist():
            found = odds.new.descriptions.of(drugs[place]).of(kind)
            likeness = odds.likeness.known[kind].likeness("cosine", found)
            nearest = np.argsort(-likeness, kind="stable")[:NEAREST]
            near = likeness[nearest]
            own = near @ known[nearest] / near.sum() if near.sum() > 0.0 else known.mean(axis=0)
            degrees[place] = own
        return cls(degrees)

    def scores(self, facts: TripleArray) -> FloatArray:
        """Sum of the two log-degrees."""
        first, effect, second = facts.T
        one, other = self.log_degree[first, effect], self.log_degree[second, effect]
        total: FloatArray = (one + other).astype(np.float64)
        return total


def beside(scorer: Scorer) -> dict[str, FactScorer]:
    """Scorers to judge beside one that tells of new drugs, by name; none beside another.

    ``without_effects`` is the same model where nothing is known of a new drug but its targets and
    its structure, ``structure_alone`` where nothing but a drawing is.
    """
    if not isinstance(scorer, NewDrugScorer):
        return {}
    odds, found = scorer.odds, dict[str, FactScorer]()
    for kind in (WITHOUT, DRAWN):
        if kind in odds.new.surfaces and scorer.kind != kind:
            found[kind] = NewDrugScorer(scorer.known, odds, kind)
    if WITH in odds.new.surfaces:
        found["neighbours_by_effects"] = NeighbourDegrees.of(odds, "effects")
    found["neighbours_by_targets"] = NeighbourDegrees.of(odds, "targets")
    return found
