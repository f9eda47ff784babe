"""From scores to probabilities at natural prevalence: among all pairs, not chosen ones.

The base rate of an effect is its facts over the pairs of drugs that are asked about. A probability
says how often a pair with such a score is a stated fact of the effect, when pairs are drawn as they
come. What a model is judged by is hidden from its calibration: test facts count as unstated there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from embeddings.cells import Cells, Population, bands_of
from embeddings.logistic import fit_logistic, sigmoid
from embeddings.scorer import FloatArray, Scorer
from embeddings.splits import Split
from embeddings.triples import Facts

BINS = 400
"""Cells of one effect are counted in this many intervals of the score."""
ECE_BINS = 15
SHRINKAGE = np.array([4.0, 16.0])
"""Precision of an effect's intercept and slope around the fit of its frequency band."""
BAND_SHRINKAGE = np.array([1.0, 4.0])
"""Precision of a band's intercept and slope around the pooled fit."""
LEAST_SLOPE = 1e-3
LEAST_PRECISION = 0.5
"""Part of the shown predictions that must be held-out facts, on validation."""
LEAST_LIFT = 10.0
"""A prediction is shown only when it is this many times likelier than the effect's base rate."""
NEVER = 2.0
"""Threshold above every probability: nothing is shown."""

CANDIDATES = 10_000
"""So many of the best cells of an effect are looked at for the threshold."""
_UNFITTED = np.array([0.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Monotone maps from score to probability, one per effect, and the thresholds for showing any.

    ``intercept``, ``slope`` and ``base_rate`` are (effects,). ``probability_threshold`` is
    ``NEVER`` where validation allows no prediction to be shown.
    """

    intercept: FloatArray
    slope: FloatArray
    base_rate: FloatArray
    probability_threshold: float
    lift_threshold: float

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
            "probability_threshold": self.probability_threshold,
            "lift_threshold": self.lift_threshold,
            "effects": {
                effect: {"intercept": float(a), "slope": float(b), "base_rate": float(p)}
                for effect, (a, b, p) in zip(effects, columns, strict=True)
            },
        }


def fit(scorer: Scorer, split: Split) -> Calibration:
    """Calibrate on the validation facts against every pair of which the effect is not stated."""
    population = Population.of(split, split.valid, split.shown)
    base = population.base_rates
    histograms, best = [], []
    for cells in population.cells(scorer):
        histograms.append(_counted(cells))
        best.append(cells.best(CANDIDATES))
    fitted = _shrunk(histograms, bands_of(split.shown.per_effect))
    slope = np.maximum(fitted[:, 1], LEAST_SLOPE)
    unset = Calibration(fitted[:, 0], slope, base, NEVER, LEAST_LIFT)
    return replace(unset, probability_threshold=shown_from(unset, best, split.train))


def shown_from(calibration: Calibration, best: Iterable[Cells], train: Facts) -> float:
    """Least probability from which predictions for pairs without any training fact may be shown.

    Among such pairs, at least ``LEAST_PRECISION`` of the cells at or above it that also reach
    ``LEAST_LIFT`` are held-out facts. That is a hard test: a pair that nobody states counts as an
    error.
    """
    seen = np.unique(train.pair_codes)
    probabilities, hits = [], []
    for cells in best:
        probability = calibration.probability(cells.scores, np.array(cells.effect))
        lifted = probability >= LEAST_LIFT * calibration.base_rate[cells.effect]
        chosen = lifted & ~np.isin(cells.pair, seen)
        probabilities.append(probability[chosen])
        hits.append(cells.positive[chosen])
    return _threshold(np.concatenate(probabilities), np.concatenate(hits))


def _threshold(probabilities: FloatArray, hits: npt.NDArray[np.bool_]) -> float:
    order = np.argsort(-probabilities, kind="stable")
    precision = np.cumsum(hits[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= LEAST_PRECISION)
    return float(probabilities[order[good[-1]]]) if len(good) else NEVER


@dataclass(frozen=True, slots=True, eq=False)
class _Histogram:
    effect: int
    centres: FloatArray
    positive: FloatArray
    negative: FloatArray


def _counted(cells: Cells) -> _Histogram:
    low, high = float(cells.scores.min(initial=0.0)), float(cells.scores.max(initial=0.0))
    width = max(high - low, 1e-9) / BINS
    place = np.minimum(((cells.scores - low) / width).astype(np.int64), BINS - 1)
    positive = np.bincount(place[cells.positive], minlength=BINS)
    negative = np.bincount(place, minlength=BINS) - positive
    # A held-out fact counts once; the negatives are thinned until the odds are natural.
    centres = low + width * (np.arange(BINS) + 0.5)
    thinned = (negative / cells.weight).astype(np.float64)
    return _Histogram(
        cells.effect, centres.astype(np.float64), positive.astype(np.float64), thinned
    )


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
    names = ("centres", "positive", "negative")
    if not judged:
        return centre
    joined = _Histogram(-1, *(np.concatenate([getattr(h, name) for h in judged]) for name in names))
    return _fitted(joined, precision, centre)


def _fitted(table: _Histogram, precision: FloatArray, centre: FloatArray) -> FloatArray:
    features = np.column_stack((np.ones_like(table.centres), table.centres))
    labels = np.repeat([1.0, 0.0], len(table.centres))
    weights = np.concatenate((table.positive, table.negative))
    return fit_logistic(np.vstack((features, features)), labels, weights, precision, centre)
