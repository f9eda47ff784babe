"""Scoring by whole pairs with numpy alone: interaction, degrees, company, and the pair's memory.

A model of pairs looks up the training facts when it scores: they travel in its bundle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from embeddings.counting.baselines import degree_per_effect
from embeddings.counting.known_effects import KnownEffects
from embeddings.scorer import BilinearScorer, FloatArray, Scorer, WeightArray, Weights
from embeddings.triples import Facts, IntArray, TripleArray

_PAIRS = 2_048  # pairs scored at once, so that what is in hand fits the processor's cache
_MANY = 100_000  # facts from which looking up beats encoding pair by pair

STEADY = 1.0
"""Added to a degree under the root that steadies the sum over a drug's company."""

Pairs = npt.NDArray[np.integer]


def scorer_of(interaction: str, weights: Weights, train: Facts) -> Scorer:
    """Make the numpy scorer of some weights: of whole effects, of whole pairs, or of several.

    Raises:
        UnknownScorer: Weights of whole effects are of an interaction that has no scorer.
    """
    if "left" in weights:
        return PairScorer(dict(weights), train)
    if any("/" in name for name in weights):
        return MeanScorer(tuple(PairScorer(part, train) for part in _members(weights)))
    return BilinearScorer.of(interaction, weights)


@dataclass(frozen=True, eq=False)
class PairScorer:
    """Scores of a pair model; ``weights`` as ``weights_of`` in the room of training names them."""

    weights: Weights
    train: Facts

    def scores(self, facts: TripleArray) -> FloatArray:
        """Score rows (drug, effect, drug)."""
        codes = facts[:, 0].astype(np.int64) * len(self.train.drugs) + facts[:, 2]
        pairs, row = np.unique(codes, return_inverse=True)
        total = np.empty(len(facts))
        order = np.argsort(row, kind="stable")
        ends = np.searchsorted(row[order], np.arange(0, len(pairs) + _PAIRS, _PAIRS))
        several = "into" in self.weights and len(facts) >= _MANY
        for start, (begin, end) in enumerate(pairwise(ends.tolist())):
            chunk, chosen = start * _PAIRS, order[begin:end]
            both = np.column_stack(np.divmod(pairs[chunk : chunk + _PAIRS], len(self.train.drugs)))
            scored = self._without_memory(both) if several else self.effect_scores(both)
            total[chosen] = scored[row[chosen] - chunk, facts[chosen, 1]]
        return total + self._looked_up(codes, facts[:, 1]) if several else total

    def effect_scores(self, pairs: Pairs) -> FloatArray:
        """Score every effect of the pairs, given as rows of two drug indices: (pairs, effects)."""
        scores = self._without_memory(pairs)
        if "into" in self.weights:
            self._remember(pairs, scores)
        return scores.astype(np.float64)

    def drug_scores(self, effect: int) -> WeightArray:
        """Score one effect of every pair of drugs: (drugs, drugs), symmetric."""
        w = self.weights
        scores: WeightArray = (w["left"] * w["core"][effect]) @ w["right"].T
        scores += w["bias"][effect]
        scores += w["offset"][effect][:, None] + w["offset"][effect][None, :]
        if "degree_product" in w:
            logs = self._log_degree[effect]
            scores += w["degree_product"][effect] * logs[:, None] * logs[None, :]
        if "asked" in w:
            near = self._companies[:, effect] @ w["asked"].T
            scores += (near + near.T) / 2.0
        if "into" in w:
            there, back = self._places
            remembered = self._table[effect].astype(np.float32)
            scores.ravel()[there] += remembered
            scores.ravel()[back] += remembered
        return scores

    def _without_memory(self, pairs: Pairs) -> WeightArray:
        w = self.weights
        first, second = pairs[:, 0], pairs[:, 1]
        met: WeightArray = w["left"][first] * w["right"][second]
        scores: WeightArray = met @ w["core"].T
        scores += w["bias"]
        offset = self._offset_by_drug
        scores += offset[first]
        scores += offset[second]
        if "degree_product" in w:
            logs = self._log_degree_by_drug
            scores += w["degree_product"] * logs[first] * logs[second]
        if "asked" in w:
            scores += (self._near(first, second) + self._near(second, first)) / 2.0
        return scores

    def _near(self, first: Pairs, second: Pairs) -> WeightArray:
        near = np.empty((len(first), len(self.train.effects)), dtype=np.float32)
        order = np.argsort(first, kind="stable")
        drugs, starts = np.unique(first[order], return_index=True)
        ends = np.append(starts[1:], len(order))
        for drug, start, end in zip(drugs.tolist(), starts, ends[: len(drugs)], strict=True):
            place = order[start:end]
            near[place] = self.weights["asked"][second[place]] @ self._company(drug).T
        return near

    def _remember(self, pairs: Pairs, scores: WeightArray) -> None:
        """Add what the memory says of pairs to their scores."""
        shown, place = self._known.shown(pairs, len(self.train.effects))
        if len(place):
            scores[place] += self._encoded(shown)

    def _encoded(self, shown: WeightArray) -> WeightArray:
        w = self.weights
        number: WeightArray = shown.sum(axis=1, keepdims=True, dtype=np.float32)
        hidden: WeightArray = (shown / np.sqrt(number)).astype(np.float32, copy=False) @ w["into"].T
        hidden += np.log1p(number) * w["count"] + w["inner_bias"]
        scores: WeightArray = np.maximum(hidden, 0.0, out=hidden) @ w["out"].T
        return scores

    def _looked_up(self, codes: IntArray, effects: npt.NDArray[np.integer]) -> FloatArray:
        place, found = self._known.places(codes)
        kept = self._table[effects[found], place[found]]
        scores = np.zeros(len(codes))
        scores[found] = kept
        return scores

    @cached_property
    def _table(self) -> npt.NDArray[np.float16]:
        """What the memory says of each known pair: (effects, known pairs)."""
        n = len(self.train.drugs)
        codes = self._known.pairs
        table = np.empty((len(self.train.effects), len(codes)), dtype=np.float16)
        for start in range(0, len(codes), _PAIRS):
            pairs = np.column_stack(np.divmod(codes[start : start + _PAIRS], n))
            scores = np.zeros((len(pairs), len(self.train.effects)), dtype=np.float32)
            self._remember(pairs, scores)
            table[:, start : start + _PAIRS] = scores.T
        return table

    @cached_property
    def _places(self) -> tuple[IntArray, IntArray]:
        """Where known pairs stand in a flat table of drugs against drugs, in both orders."""
        low, high = np.divmod(self._known.pairs, len(self.train.drugs))
        return self._known.pairs, high * len(self.train.drugs) + low

    def _company(self, drug: int) -> WeightArray:
        """Whom a drug shares each effect with, summed up and steadied: (effects, dimension)."""
        if drug not in self._kept:
            w = self.weights
            partner, stated = self._known.partners(drug, len(self.train.effects))
            together: WeightArray = w["given"][partner].T @ stated
            together /= np.sqrt(stated.sum(axis=0) + np.float32(STEADY))
            self._kept[drug] = together.T * w["gate"]
        return self._kept[drug]

    @cached_property
    def _companies(self) -> WeightArray:
        return np.stack([self._company(drug) for drug in range(len(self.train.drugs))])

    @cached_property
    def _kept(self) -> dict[int, WeightArray]:
        return {}

    @cached_property
    def _known(self) -> KnownEffects:
        return KnownEffects.of(self.train)

    @cached_property
    def _degree(self) -> WeightArray:
        return degree_per_effect(self.train).astype(np.float32)

    @cached_property
    def _log_degree(self) -> WeightArray:
        return np.log1p(self._degree)

    @cached_property
    def _log_degree_by_drug(self) -> WeightArray:
        return np.ascontiguousarray(self._log_degree.T)

    @cached_property
    def _offset_by_drug(self) -> WeightArray:
        return np.ascontiguousarray(self.weights["offset"].T)


@dataclass(frozen=True, slots=True, eq=False)
class MeanScorer:
    """The mean of several scorers, in log-odds."""

    members: tuple[Scorer, ...]

    def scores(self, facts: TripleArray) -> FloatArray:
        """Score rows (drug, effect, drug)."""
        total: FloatArray = sum((m.scores(facts) for m in self.members), np.zeros(len(facts)))
        return total / len(self.members)

    def effect_scores(self, pairs: Pairs) -> FloatArray:
        """Score every effect of the pairs, given as rows of two drug indices: (pairs, effects)."""
        parts = [member.effect_scores(pairs) for member in self.members]
        total: FloatArray = np.sum(parts, axis=0)
        return total / len(parts)

    def drug_scores(self, effect: int) -> WeightArray:
        """Score one effect of every pair of drugs: (drugs, drugs), symmetric."""
        parts = [member.drug_scores(effect) for member in self.members]
        total: WeightArray = np.sum(parts, axis=0)
        return total / np.float32(len(parts))


def _members(weights: Weights) -> list[Mapping[str, WeightArray]]:
    split = [(int(name.split("/")[0]), name) for name in weights]
    return [
        {name.split("/", 1)[1]: weights[name] for number, name in split if number == member}
        for member in sorted({number for number, _ in split})
    ]
