"""Filtered realistic ranks: where a held-out fact stands among all drugs that could take its place.

A fact (a, e, b) is asked for twice: which drug has the effect with a, and which with b. Candidates
are all other drugs but those of which the fact is known. The realistic rank of Berrendorf et al.
(2020) is the mean of the best and the worst place among equal scores, so that a constant gains
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from embeddings.judging.metrics import rounded, summarised, usable
from embeddings.scorer import FloatArray
from embeddings.triples import Facts, IntArray

HITS = (1, 3, 10)
_ROWS = 512


class DrugScorer(Protocol):
    """A scorer of whole effects."""

    def drug_scores(self, effect: int) -> npt.NDArray[np.floating]:
        """Score one effect of every pair of drugs: (drugs, drugs), symmetric."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Realistic ranks of facts: ``ranks`` is (facts, 2), asked by the first and the second drug.

    ``effects`` is the effect of each fact, ``candidates`` (facts, 2) how many drugs it stood among.
    """

    effects: npt.NDArray[np.integer]
    ranks: FloatArray
    candidates: IntArray

    def summary(self, seed: int) -> dict[str, object]:
        """Mean reciprocal rank and hits: over all ranks, and as a mean over effects."""
        per_effect = self.per_effect()
        names = ("mrr", *(f"hits{k}" for k in HITS))
        over_effects = summarised(np.column_stack([per_effect[name] for name in names]), seed)
        means = {
            name: {"mean": one.mean, "median": one.median, "ci": one.ci}
            for name, one in zip(names, over_effects, strict=True)
        }
        return {
            "n_ranks": self.ranks.size,
            **{name: rounded(value) for name, value in self.pooled().items()},
            "over_effects": means,
        }

    def pooled(self) -> dict[str, float]:
        """Mean reciprocal rank, hits and mean rank over all ranks, as PyKEEN reports them."""
        if not self.ranks.size:
            return {}
        hits = {f"hits{k}": float((self.ranks <= k).mean()) for k in HITS}
        return {
            "mrr": float((1.0 / self.ranks).mean()),
            **hits,
            "mean_rank": float(self.ranks.mean()),
        }

    def per_effect(self) -> dict[str, FloatArray]:
        """Mean reciprocal rank and hits of each effect, the effects ascending."""
        effects, place = np.unique(self.effects, return_inverse=True)
        columns = {"mrr": 1.0 / self.ranks} | {f"hits{k}": self.ranks <= k for k in HITS}
        size = np.maximum(np.bincount(place, minlength=len(effects)), 1)
        return {
            name: np.bincount(place, values.mean(axis=1), len(effects)) / size
            for name, values in columns.items()
        }


def ranks_of(scorer: DrugScorer, facts: Facts, known: Facts) -> Ranks:
    """Rank facts; a known fact, in either order, is no candidate beside another.

    Raises:
        UnusableScores: A score is NaN.
    """
    ranks = np.ones((len(facts), 2))
    candidates = np.zeros((len(facts), 2), dtype=np.int64)
    for effect in np.unique(facts.array[:, 1]).tolist():
        rows = slice(*np.searchsorted(facts.array[:, 1], (effect, effect + 1)).tolist())
        scores = usable(np.array(scorer.drug_scores(effect), dtype=np.float64))
        first, second = facts.array[rows, 0], facts.array[rows, 2]
        own = scores[first, second], scores[second, first]
        n_left = _without_known(scores, known, effect)
        for side, asking in enumerate((first, second)):
            ranks[rows, side] = _ranked(scores, asking, own[side])
            candidates[rows, side] = n_left[asking] + 1
    return Ranks(facts.array[:, 1], ranks, candidates)


def _without_known(scores: FloatArray, known: Facts, effect: int) -> IntArray:
    """Take what is known, and a drug with itself, out of the race; give how many are left."""
    first, second = known.under(effect)[:, [0, 2]].T
    out = np.eye(len(scores), dtype=np.bool_)
    out[first, second] = out[second, first] = True
    scores[out] = -np.inf
    return np.asarray((~out).sum(axis=1), dtype=np.int64)


def _ranked(scores: FloatArray, asking: npt.NDArray[np.integer], own: FloatArray) -> FloatArray:
    ranks = np.empty(len(own))
    for start in range(0, len(own), _ROWS):
        block = slice(start, start + _ROWS)
        among, mine = scores[asking[block]], own[block, None]
        better, equal = (among > mine).sum(axis=1), (among == mine).sum(axis=1)
        ranks[block] = 1.0 + better + equal / 2.0
    return ranks
