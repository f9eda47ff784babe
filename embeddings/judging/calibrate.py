"""From scores to probabilities at natural prevalence: among all pairs, not chosen ones.

The base rate of an effect is its facts over the pairs of drugs that are asked about. A probability
says how often a pair with such a score is a stated fact of the effect, when pairs are drawn as they
come. Where whole pairs were held out it speaks of pairs that training does not state. What a model
is judged by is hidden from its calibration: test facts count as unstated there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.judging.cells import Cells, Population, bands_of
from embeddings.judging.outcomes import KINDS, LEAST_LIFT, NEVER, Guesses, Outcomes
from embeddings.logistic import fit_logistic, sigmoid
from embeddings.scorer import FloatArray, Scorer
from embeddings.splits import Split

BINS = 400
"""Cells of one effect are counted in this many intervals of the score."""
ECE_BINS = 15
SHRINKAGE = np.array([4.0, 16.0])
"""Precision of an effect's intercept and slope around the fit of its frequency band."""
BAND_SHRINKAGE = np.array([1.0, 4.0])
"""Precision of a band's intercept and slope around the pooled fit."""
LEAST_SLOPE = 1e-3
_UNFITTED = np.array([0.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Monotone maps from score to probability, one per effect, and the thresholds for showing any.

    ``intercept``, ``slope`` and ``base_rate`` are (effects,). ``thresholds`` has the least
    probability that is told for each of ``outcomes.KINDS``, ``NEVER`` where validation allows none.
    """

    intercept: FloatArray
    slope: FloatArray
    base_rate: FloatArray
    thresholds: FloatArray
    lift_threshold: float = LEAST_LIFT
    outcomes: Outcomes = field(default_factory=Outcomes.none)

    @classmethod
    def read(cls, stored: Mapping[str, Any], effects: tuple[str, ...]) -> Calibration:
        """Make what :meth:`as_dict` wrote.

        Raises:
            KeyError: A part, or one of the effects, is missing.
        """
        rows = [stored["effects"][effect] for effect in effects]
        intercept, slope, base_rate = (
            np.array([row[name] for row in rows], dtype=np.float64)
            for name in ("intercept", "slope", "base_rate")
        )
        thresholds = (stored["thresholds"][kind] for kind in KINDS)
        return cls(
            intercept,
            slope,
            base_rate,
            np.array([NEVER if t is None else t for t in thresholds], dtype=np.float64),
            stored["lift_threshold"],
            Outcomes.read(stored["outcomes"]),
        )

    @property
    def tells(self) -> npt.NDArray[np.bool_]:
        """Whether validation lets anything be told unasked, for each of ``outcomes.KINDS``."""
        return self.thresholds < NEVER

    def probability(self, scores: FloatArray, effects: npt.NDArray[np.integer]) -> FloatArray:
        """Probability at natural prevalence of scores under effects (arrays that broadcast)."""
        return sigmoid(self.intercept[effects] + self.slope[effects] * scores)

    def even_probability(self, scores: FloatArray, effects: npt.NDArray[np.integer]) -> FloatArray:
        """Probability where facts and negatives are equally many, as in a 1:1 evaluation."""
        base = np.clip(self.base_rate[effects], 1e-9, 1 - 1e-9)
        odds = self.intercept[effects] + self.slope[effects] * scores
        return sigmoid(odds - np.log(base / (1.0 - base)))

    def as_dict(self, effects: tuple[str, ...]) -> dict[str, object]:
        """Everything by name, for ``calibration.json``."""
        columns = zip(self.intercept, self.slope, self.base_rate, strict=True)
        return {
            "method": "Platt per effect, shrunk to its frequency band, at natural prevalence",
            "thresholds": {
                kind: threshold if tells else None
                for kind, threshold, tells in zip(
                    KINDS, self.thresholds.tolist(), self.tells.tolist(), strict=True
                )
            },
            "lift_threshold": self.lift_threshold,
            "outcomes": self.outcomes.as_dict(),
            "effects": {
                effect: {"intercept": float(a), "slope": float(b), "base_rate": float(p)}
                for effect, (a, b, p) in zip(effects, columns, strict=True)
            },
        }


def fit(scorer: Scorer, split: Split) -> Calibration:
    """Calibrate on the validation facts against every pair of which the effect is not stated."""
    population = Population.of(split, split.valid, split.shown)
    kinds = population.kinds(split.train)
    histograms = [_counted(cells, kinds[cells.pair]) for cells in population.cells(scorer)]
    fitted = _shrunk(histograms, bands_of(split.shown.per_effect))
    slope = np.maximum(fitted[:, 1], LEAST_SLOPE)
    never = np.full(len(KINDS), NEVER)
    unset = Calibration(fitted[:, 0], slope, population.base_rates, never)
    guesses = _guessed(unset, histograms)
    return replace(unset, thresholds=guesses.thresholds(), outcomes=guesses.outcomes())


@dataclass(frozen=True, slots=True, eq=False)
class _Histogram:
    """Cells of one effect by score, ``centres`` (bins,).

    ``positive`` and ``negative`` are (kinds, bins). ``natural`` (bins,) are the negatives of all
    kinds at natural odds to the positives.
    """

    effect: int
    centres: FloatArray
    positive: FloatArray
    negative: FloatArray
    natural: FloatArray


def _counted(cells: Cells, kinds: npt.NDArray[np.integer]) -> _Histogram:
    low, high = float(cells.scores.min(initial=0.0)), float(cells.scores.max(initial=0.0))
    width = max(high - low, 1e-9) / BINS
    place = np.minimum(((cells.scores - low) / width).astype(np.int64), BINS - 1)
    negatives = np.where(cells.positive, 0.0, cells.asked) / cells.weight
    natural = np.bincount(place, negatives, minlength=BINS).astype(np.float64)
    place += kinds.astype(np.int64) * BINS
    positive, every = (
        np.bincount(some, minlength=len(KINDS) * BINS).reshape(len(KINDS), BINS).astype(np.float64)
        for some in (place[cells.positive], place)
    )
    centres = (low + width * (np.arange(BINS) + 0.5)).astype(np.float64)
    return _Histogram(cells.effect, centres, positive, every - positive, natural)


def _guessed(calibration: Calibration, histograms: list[_Histogram]) -> Guesses:
    effects = np.array([h.effect for h in histograms], dtype=np.int64)[:, None]
    scores = np.array([h.centres for h in histograms]).reshape(-1, BINS)
    base = np.repeat(calibration.base_rate[effects], BINS, axis=1)
    facts, others = (
        np.concatenate([getattr(h, name) for h in histograms], axis=1)
        if histograms
        else np.zeros((len(KINDS), 0))
        for name in ("positive", "negative")
    )
    probability = calibration.probability(scores, effects)
    return Guesses(probability.ravel(), base.ravel(), facts, others)


def _shrunk(histograms: list[_Histogram], bands: npt.NDArray[np.int64]) -> FloatArray:
    """Fit all effects, then those of each band around that, then each effect around its band."""
    judged = [h for h in histograms if h.positive.any()]
    pooled = _pooled(judged, np.array([1e-6, 1e-3]), _UNFITTED)
    of_band = {
        band: _pooled([h for h in judged if bands[h.effect] == band], BAND_SHRINKAGE, pooled)
        for band in np.unique(bands).tolist()
    }
    fitted = np.array([of_band[band] for band in bands.tolist()]).reshape(-1, 2)
    for histogram in judged:
        fitted[histogram.effect] = _fitted(histogram, SHRINKAGE, fitted[histogram.effect])
    return fitted


def _pooled(judged: list[_Histogram], precision: FloatArray, centre: FloatArray) -> FloatArray:
    if not judged:
        return centre
    return _weighed([_natural(histogram) for histogram in judged], precision, centre)


def _fitted(table: _Histogram, precision: FloatArray, centre: FloatArray) -> FloatArray:
    return _weighed([_natural(table)], precision, centre)


def _natural(table: _Histogram) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centres, positives and negatives of all kinds at natural odds."""
    return table.centres, table.positive.sum(axis=0), table.natural


def _weighed(
    tables: list[tuple[FloatArray, FloatArray, FloatArray]],
    precision: FloatArray,
    centre: FloatArray,
) -> FloatArray:
    centres, positive, negative = (np.concatenate(part) for part in zip(*tables, strict=True))
    features = np.column_stack((np.ones_like(centres), centres))
    labels = np.repeat([1.0, 0.0], len(centres))
    weights = np.concatenate((positive, negative))
    return fit_logistic(np.vstack((features, features)), labels, weights, precision, centre)
