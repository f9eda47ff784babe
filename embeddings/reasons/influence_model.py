"""What a training fact moves in the log-odds of the pair model under a stack.

Such a model looks up the facts: its memory the effects of the pair, its context the company of
either drug. Its weights stay as they were learned; what they learned from a fact is not seen here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.pair_scorer import STEADY, MeanScorer, PairScorer
from embeddings.scorer import FloatArray, Scorer


@dataclass(frozen=True, slots=True, eq=False)
class CellFacts:
    """A cell (first drug, effect, second drug) and the training facts around it.

    ``known`` (effects,) tells which effects the pair has; ``companies`` are, of either drug, which
    effects it has with which drugs: (effects, drugs).
    """

    drugs: tuple[int, int]
    effect: int
    known: npt.NDArray[np.bool_]
    companies: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]


def model_changes(model: Scorer, cell: CellFacts, in_effect: FloatArray) -> list[FloatArray]:
    """How a model's log-odds of the cell change when a fact is taken away, or added if not stated.

    Gives three arrays: for other effects of the pair (effects,), and for the effect with other
    drugs, (drugs,), of the first and of the second. ``in_effect`` (drugs,) are the degrees under
    the effect. A model that looks up no facts changes nothing.
    """
    if isinstance(model, MeanScorer):
        parts = [model_changes(member, cell, in_effect) for member in model.members]
        return [np.mean(steps, axis=0) for steps in zip(*parts, strict=True)]
    if not isinstance(model, PairScorer):
        n_effects, n_drugs = cell.companies[0].shape
        return [np.zeros(n_effects), np.zeros(n_drugs), np.zeros(n_drugs)]
    return [
        _remembered(model, cell),
        *(_kept_company(model, cell, in_effect, side) for side in (0, 1)),
    ]


def _remembered(model: PairScorer, cell: CellFacts) -> FloatArray:
    w = model.weights
    if "into" not in w or not cell.known.any():
        return np.zeros(len(cell.known))
    sign = np.where(cell.known, -1.0, 1.0).astype(np.float32)
    now = np.float32(cell.known.sum())
    summed = w["into"] @ cell.known.astype(np.float32)
    number = np.append(now + sign, now)
    hidden = np.column_stack((summed[:, None] + w["into"] * sign, summed))
    hidden /= np.sqrt(np.maximum(number, 1.0))
    hidden += np.log1p(number) * w["count"][:, None] + w["inner_bias"][:, None]
    said = (w["out"][cell.effect] @ np.maximum(hidden, 0.0, out=hidden)).astype(np.float64)
    # A pair that loses its last effect is not looked up any more.
    said[number == 0.0] = 0.0
    changes: FloatArray = said[:-1] - said[-1]
    return changes


def _kept_company(
    model: PairScorer, cell: CellFacts, in_effect: FloatArray, side: int
) -> FloatArray:
    w, e = model.weights, cell.effect
    drug, other = cell.drugs[side], cell.drugs[1 - side]
    company = cell.companies[side][e]
    sign = np.where(company, -1.0, 1.0)
    degree = in_effect[drug] + sign
    changes = np.zeros(len(company))
    if "degree_product" in w:
        step = np.log1p(degree) - np.log1p(in_effect[drug])
        changes += float(w["degree_product"][e]) * step * np.log1p(in_effect[other])
    if "asked" in w:
        vouch = w["given"].astype(np.float64) @ (w["gate"][e] * w["asked"][other])
        together = vouch[company].sum()
        now = together / np.sqrt(in_effect[drug] + STEADY)
        changes += ((together + sign * vouch) / np.sqrt(degree + STEADY) - now) / 2.0
    return changes
