"""Surfaces, lines and limits of new drugs, fitted on training drugs that are treated as new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from embeddings.judging.cells import bands_of
from embeddings.judging.reliability import Curve
from embeddings.logistic import fit_logistic, sigmoid
from embeddings.new_drugs.descriptions import Descriptions
from embeddings.new_drugs.folds import Fold, Folding, among_themselves, draws_of
from embeddings.new_drugs.limits import limits_of
from embeddings.new_drugs.neighbours import CentredKernel
from embeddings.new_drugs.odds import DRAWN, REACH, WITH, WITHOUT, Counted, NewDrugs, Surface
from embeddings.scorer import FloatArray, WeightArray
from embeddings.triples import Facts

LEAST_DESCRIBED = 20
"""With fewer described drugs than this, nothing is carried over by a kind of description."""
LEAST_KNOWN = 2
"""So many drugs must keep a fact where others are treated as new."""
LEAST_FOLDS = 2
"""What is fitted on some folds is measured on another."""
RIDGE = 10.0
LINE_RIDGE = 1.0
_LEAST_SCALE = 1e-3
_UNFITTED = np.array([0.0, 1.0, 1.0])

Progress = Callable[[str], None]


def fit_new_drugs(
    train: Facts,
    of_effects: WeightArray,
    descriptions: Descriptions,
    seed: int,
    progress: Progress,
) -> NewDrugs | None:
    """Learn how to tell the effects of drugs without training facts; ``None`` if too few are known.

    Figures of the fit are those of folds that the fit did not see.
    """
    kinds = _kinds(descriptions, among_themselves(train).drugs)
    if not kinds:
        progress(f"fewer than {LEAST_DESCRIBED} drugs are described: nothing is told of new drugs")
        return None
    progress("treating training drugs as new")
    folding = Folding.of(train, of_effects, descriptions, kinds)
    drawn = draws_of(len(folding.counted.train.drugs), seed)
    folds = [
        folding.fold(new, seed + place)
        for place, new in enumerate(drawn)
        if folding.still_known(new) >= LEAST_KNOWN
    ]
    if len(folds) < LEAST_FOLDS:
        progress("too few drugs keep facts beside hidden ones: nothing is told of new drugs")
        return None
    fitted = {
        kind: [_fitted(folds, kind, folding.counted, two_new=two) for two in (False, True)]
        for kind in kinds
    }
    return NewDrugs(
        descriptions,
        {name: CentredKernel.of(kernel) for name, kernel in folding.kernels.items()},
        {kind: (one[0], two[0]) for kind, (one, two) in fitted.items()},
        {kind: (one[1], two[1]) for kind, (one, two) in fitted.items()},
        {kind: {"one": one[2], "two": two[2]} for kind, (one, two) in fitted.items()},
    )


def _kinds(descriptions: Descriptions, drugs: Sequence[str]) -> tuple[str, ...]:
    known = [descriptions.of(drug) for drug in drugs]
    enough = {
        WITH: sum(bool(one.effects) for one in known),
        WITHOUT: sum(bool(one.genes) for one in known),
        DRAWN: sum(bool(one.structure) for one in known),
    }
    return tuple(kind for kind, number in enough.items() if number >= LEAST_DESCRIBED)


def _fitted(
    folds: Sequence[Fold], kind: str, counted: Counted, *, two_new: bool
) -> tuple[Surface, FloatArray, dict[str, Any]]:
    """Fit the surface and its line; tell how well they do on folds that they did not see."""
    cells = [fold.kept(fold.two_new == two_new) for fold in folds]
    odds = [
        surface_of(cells[:place] + cells[place + 1 :], kind).odds(list(fold.features[kind].T))
        for place, fold in enumerate(cells)
    ]
    surface = surface_of(cells, kind)
    line = _line(cells, odds, counted)
    curve = Curve.none()
    for place, fold in enumerate(cells):
        rest = [one for one in range(len(cells)) if one != place]
        other = _line([cells[one] for one in rest], [odds[one] for one in rest], counted)
        probability = sigmoid(_lined(odds[place], fold, counted) @ other)
        bands = bands_of(counted.train.per_effect)[fold.effects]
        curve = curve.plus(Curve.of(probability, fold.labels, fold.weights, bands))
    told: dict[str, Any] = {"natural": curve.as_dict()}
    if not two_new:
        told["limits"] = limits_of(cells, odds)
    return surface, line, told


def surface_of(folds: Sequence[Fold], kind: str) -> Surface:
    """Fit a surface on the cells of some folds; without any it is 0 everywhere."""
    seen = np.concatenate([fold.features[kind] for fold in folds])
    labels = np.concatenate([fold.labels for fold in folds]).astype(np.float64)
    k = seen.shape[1]
    if not len(seen):
        nothing = np.zeros(2 * k + 1, np.float32)
        return Surface(nothing[:k], np.ones(k, np.float32), nothing)
    centre = seen.mean(axis=0, dtype=np.float64)
    scale = seen.std(axis=0, dtype=np.float64) + _LEAST_SCALE
    form = np.ones((len(seen), 2 * k + 1))
    form[:, :k] = np.clip((seen - centre) / scale, -REACH, REACH)
    form[:, k : 2 * k] = form[:, :k] ** 2
    weights = fit_logistic(form, labels, np.ones(len(form)), RIDGE)
    return Surface(*(part.astype(np.float32) for part in (centre, scale, weights)))


def _line(folds: Sequence[Fold], odds: Sequence[WeightArray], counted: Counted) -> FloatArray:
    rows = [_lined(one, fold, counted) for one, fold in zip(odds, folds, strict=True)]
    labels = np.concatenate([fold.labels for fold in folds]).astype(np.float64)
    weights = np.concatenate([fold.weights for fold in folds])
    return fit_logistic(np.concatenate(rows), labels, weights, LINE_RIDGE, _UNFITTED)


def _lined(odds: WeightArray, fold: Fold, counted: Counted) -> FloatArray:
    base = counted.base_rate[fold.effects]
    return np.column_stack((np.ones(len(odds)), odds, np.log(base / (1.0 - base))))
