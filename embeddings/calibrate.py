"""From scores to probabilities at natural prevalence: among all pairs, not chosen ones.

The base rate of an effect is its facts over all possible pairs of drugs. A probability says how
often a pair with such a score is a stated fact of the effect, when pairs are drawn as they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from embeddings.logistic import fit_logistic, sigmoid
from embeddings.scorer import BilinearScorer, FloatArray
from embeddings.splits import Split
from embeddings.triples import Facts, IntArray

BINS = 400
"""Cells of one effect are counted in this many intervals of the score."""
ECE_BINS = 15
SHRINKAGE = np.array([4.0, 16.0])
"""Precision of an effect's intercept and slope around the pooled fit."""
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
            "method": "Platt per effect, shrunk towards the pooled fit, at natural prevalence",
            "probability_threshold": self.probability_threshold,
            "lift_threshold": self.lift_threshold,
            "effects": {
                effect: {"intercept": float(a), "slope": float(b), "base_rate": float(p)}
                for effect, (a, b, p) in zip(effects, columns, strict=True)
            },
        }


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Pairs of one effect, each with its score and whether it is a held-out fact.

    ``pair`` is the pair's code, as in ``Facts.pair_codes``. ``weight`` is how many facts a held-out
    fact stands for at natural prevalence.
    """

    effect: int
    pair: IntArray
    scores: FloatArray
    positive: npt.NDArray[np.bool_]
    weight: float

    def best(self, count: int) -> Cells:
        """Keep the ``count`` highest scores."""
        if len(self.scores) <= count:
            return self
        kept = np.argpartition(-self.scores, count)[:count]
        return replace(
            self, pair=self.pair[kept], scores=self.scores[kept], positive=self.positive[kept]
        )


def fit(scorer: BilinearScorer, split: Split) -> Calibration:
    """Calibrate on the validation facts against every pair of which the effect is not stated."""
    base = base_rates(split.known)
    histograms, best = [], []
    for cells in held_out_cells(scorer, split, split.valid):
        histograms.append(_counted(cells))
        best.append(cells.best(CANDIDATES))
    pooled = _pooled([h for h in histograms if h.positive.any()])
    fitted = np.tile(pooled, (len(base), 1))
    for histogram in histograms:
        if histogram.positive.any():
            fitted[histogram.effect] = _fitted(histogram, SHRINKAGE, pooled)
    slope = np.maximum(fitted[:, 1], LEAST_SLOPE)
    unset = Calibration(fitted[:, 0], slope, base, NEVER, LEAST_LIFT)
    return replace(unset, probability_threshold=shown_from(unset, best, split.train))


def base_rates(facts: Facts) -> FloatArray:
    """Facts of each effect over all possible pairs of drugs."""
    n = len(facts.drugs)
    rates: FloatArray = facts.per_effect / max(1.0, n * (n - 1) / 2)
    return rates


def held_out_cells(scorer: BilinearScorer, split: Split, held_out: Facts) -> Iterator[Cells]:
    """Yield, effect by effect, every pair that is no known fact, and the held-out facts."""
    n = len(split.known.drugs)
    upper = np.triu(np.ones((n, n), dtype=np.bool_), k=1)
    for effect, total in enumerate(split.known.per_effect.tolist()):
        positive = _table(held_out, effect)
        pair = np.flatnonzero((upper & ~_table(split.known, effect)) | positive)
        scores = scorer.drug_scores(effect).ravel()[pair].astype(np.float64)
        found = positive.ravel()[pair]
        yield Cells(effect, pair, scores, found, total / max(1, int(found.sum())))


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


def _pooled(judged: list[_Histogram]) -> FloatArray:
    names = ("centres", "positive", "negative")
    if not judged:
        return _UNFITTED
    joined = _Histogram(-1, *(np.concatenate([getattr(h, name) for h in judged]) for name in names))
    return _fitted(joined, np.array([1e-6, 1e-3]), _UNFITTED)


def _fitted(table: _Histogram, precision: FloatArray, centre: FloatArray) -> FloatArray:
    features = np.column_stack((np.ones_like(table.centres), table.centres))
    labels = np.repeat([1.0, 0.0], len(table.centres))
    weights = np.concatenate((table.positive, table.negative))
    return fit_logistic(np.vstack((features, features)), labels, weights, precision, centre)


def _table(facts: Facts, effect: int) -> npt.NDArray[np.bool_]:
    table = np.zeros((len(facts.drugs), len(facts.drugs)), dtype=np.bool_)
    rows = facts.array[facts.array[:, 1] == effect]
    table[rows[:, 0], rows[:, 2]] = True
    return table
