"""Scoring with numpy alone, in two shapes: given facts, or all effects of given pairs.

A pair of drugs has no order, so a score is the mean over both orders of its drugs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from embeddings.triples import TripleArray

FloatArray = npt.NDArray[np.float64]
WeightArray = npt.NDArray[np.float32]
Weights = Mapping[str, WeightArray]

_BLOCK = 65_536


class FactScorer(Protocol):
    """Anything that tells how likely facts look: a learned model, or a way of counting."""

    def scores(self, facts: TripleArray) -> FloatArray:
        """Score rows (drug, effect, drug); higher is likelier, the scale is the scorer's own."""
        ...


class Scorer(FactScorer, Protocol):
    """A model: it also scores all effects of pairs, and all pairs under an effect."""

    def effect_scores(self, pairs: npt.NDArray[np.integer]) -> FloatArray:
        """Score every effect of the pairs, given as rows of two drug indices: (pairs, effects)."""
        ...

    def drug_scores(self, effect: int) -> WeightArray:
        """Score one effect of every pair of drugs: (drugs, drugs), symmetric."""
        ...


class UnknownScorer(ValueError):
    """No numpy scorer is called so."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no scorer is called {name!r}; known: {', '.join(sorted(_SYMMETRIC_FORMS))}"
        )
        self.name = name


@dataclass(frozen=True, slots=True, eq=False)
class BilinearScorer:
    """A symmetric form per effect.

    ``s(a, e, b) = sum_k left_ak * core_ek * right_bk + bias_e + offset_ea + offset_eb``

    ``left`` and ``right`` are (drugs, d), ``core`` is (effects, d), ``bias`` is (effects,),
    ``offset`` is (effects, drugs). The form gives the same for (a, b) as for (b, a).
    """

    left: WeightArray
    core: WeightArray
    right: WeightArray
    bias: WeightArray
    offset: WeightArray

    @classmethod
    def of(cls, name: str, weights: Weights) -> BilinearScorer:
        """Make the scorer of a named interaction from its weights.

        Raises:
            UnknownScorer: There is none of that name.
        """
        try:
            form = _SYMMETRIC_FORMS[name]
        except KeyError:
            raise UnknownScorer(name) from None
        return form(weights)

    def scores(self, facts: TripleArray) -> FloatArray:
        """Score rows (drug, effect, drug)."""
        parts = [self._block(facts[i : i + _BLOCK]) for i in range(0, len(facts), _BLOCK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def effect_scores(self, pairs: npt.NDArray[np.integer]) -> FloatArray:
        """Score every effect of the pairs, given as rows of two drug indices: (pairs, effects)."""
        features = self.left[pairs[:, 0]] * self.right[pairs[:, 1]]
        scores = features.astype(np.float64) @ self.core.T + self.bias
        scores += self.offset[:, pairs[:, 0]].T + self.offset[:, pairs[:, 1]].T
        return np.asarray(scores, dtype=np.float64)

    def drug_scores(self, effect: int) -> WeightArray:
        """Score one effect of every pair of drugs: (drugs, drugs), symmetric."""
        scores: WeightArray = (self.left * self.core[effect]) @ self.right.T + self.bias[effect]
        offset = self.offset[effect]
        scores += offset[:, None] + offset[None, :]
        return scores

    def _block(self, facts: TripleArray) -> FloatArray:
        first, effect, second = facts.T
        product = self.left[first] * self.core[effect] * self.right[second]
        total: FloatArray = product.sum(axis=1, dtype=np.float64) + self.bias[effect]
        total += self.offset[effect, first] + self.offset[effect, second]
        return total


def _distmult(weights: Weights) -> BilinearScorer:
    entity = weights["entity"]
    return BilinearScorer(entity, weights["relation"], entity, weights["bias"], _offset(weights))


def _complex(weights: Weights) -> BilinearScorer:
    # The imaginary part of a relation changes sign with the order: the mean has none of it.
    entity, relation = weights["entity"], weights["relation"]
    real = relation[:, : relation.shape[1] // 2]
    core = np.hstack((real, real))
    return BilinearScorer(entity, core, entity, weights["bias"], _offset(weights))


def _simple(weights: Weights) -> BilinearScorer:
    entity = weights["entity"]
    as_head, as_tail = np.hsplit(entity, 2)
    core = np.hstack((weights["relation"], weights["relation"])) / 2.0
    facing = np.hstack((as_tail, as_head))
    return BilinearScorer(entity, core, facing, weights["bias"], _offset(weights))


def _offset(weights: Weights) -> WeightArray:
    nothing = np.zeros((len(weights["relation"]), len(weights["entity"])), dtype=np.float32)
    return weights.get("offset", nothing)


_SYMMETRIC_FORMS = {"distmult": _distmult, "complex": _complex, "simple": _simple}
