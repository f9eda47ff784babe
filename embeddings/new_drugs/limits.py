"""How far from every known drug a new one may be: what the folds gain at each distance.

The gain is what the mean AUROC over effects is above that of the partner's degrees alone, which
need no knowledge of the new drug. It is taken fold by fold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.judging.metrics import measured, rounded
from embeddings.new_drugs.folds import UNKNOWN, Fold
from embeddings.scorer import WeightArray

EDGES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Distances at which a bin begins; the last is of drugs that share nothing with any known one."""
LEAST_DRUGS = 10
"""From fewer drugs, over all folds, nothing is known."""


def limits_of(folds: Sequence[Fold], odds: Sequence[WeightArray]) -> dict[str, Any]:
    """Gain by distance in each kind, and the distance from which on nothing is known to be gained.

    ``folds`` are cells with one new drug; ``odds`` are theirs, of a surface that did not see them.
    """
    return {kind: _by_distance(folds, odds, kind) for kind in folds[0].apart} if folds else {}


def _by_distance(folds: Sequence[Fold], odds: Sequence[WeightArray], kind: str) -> dict[str, Any]:
    def gain(low: float, high: float) -> dict[str, Any]:
        chosen = [_between(fold, kind, low, high) for fold in folds]
        return {"from": low, "to": high, **_gain(folds, odds, chosen)}

    bins = [gain(low, high) for low, high in zip(EDGES, [*EDGES[1:], UNKNOWN], strict=True)]
    beyond = [gain(low, UNKNOWN) for low in EDGES]
    unknown = gain(UNKNOWN, np.inf)
    told = {"drugs": unknown["drugs"], "gain": unknown["gain"], "error": unknown["error"]}
    return {"bins": bins, "unknown": told, "limit": _limit(beyond)}


def _between(fold: Fold, kind: str, low: float, high: float) -> npt.NDArray[np.bool_]:
    return (fold.apart[kind] >= low) & (fold.apart[kind] < high)


def _gain(
    folds: Sequence[Fold], odds: Sequence[WeightArray], chosen: Sequence[npt.NDArray[np.bool_]]
) -> dict[str, Any]:
    found, drugs, facts = [], 0, 0
    for fold, scores, rows in zip(folds, odds, chosen, strict=True):
        labels, effects = fold.labels[rows], fold.effects[rows]
        drugs += len(np.unique(fold.new[rows]))
        facts += int(labels.sum())
        both = [
            measured(values[rows].astype(np.float64), labels, effects, 0).auroc
            for values in (scores, fold.partner)
        ]
        gain = both[0] - both[1]
        if not np.isnan(gain).all():
            found.append(float(np.nanmean(gain)))
    told: dict[str, Any] = {"drugs": drugs, "facts": facts}
    if not found:
        return {**told, "gain": None, "error": None}
    error = float(np.std(found, ddof=1) / np.sqrt(len(found))) if len(found) > 1 else None
    return {
        **told,
        "gain": rounded(np.mean(found)),
        "error": None if error is None else rounded(error),
    }


def _limit(beyond: Sequence[Mapping[str, Any]]) -> float | None:
    """From where on too few drugs were seen, or all of them together gain no more than the error.

    ``beyond`` are gains of all drugs at a distance or farther; ``None`` where the farthest gain.
    """
    limit = None
    for row in reversed(beyond):
        gone = row["gain"] is None or row["gain"] <= (row["error"] or 0.0)
        if row["drugs"] >= LEAST_DRUGS and not gone:
            break
        limit = float(row["from"])
    return limit
