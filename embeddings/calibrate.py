"""From scores to probabilities that hold at natural prevalence: among all pairs, not among chosen ones.

The base rate of an effect is its facts over all possible pairs of drugs. A probability says how often a pair
with such a score is a stated fact of the effect, when pairs are drawn as they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.logistic import fit_logistic, sigmoid
from embeddings.scorer import BilinearScorer, FloatArray
from embeddings.splits import Split
from embeddings.triples import Facts

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

_CANDIDATE = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Monotone maps from score to probability, one per effect, and the thresholds for showing any.

    ``intercept``, ``slope`` and ``base_rate`` are (effects,). ``probability_threshold`` is ``NEVER`` where
    validation allows no prediction to be shown.
    """

    intercept: FloatArray
    slope: FloatArray
    base_rate: FloatArray
    probability_threshold: float
    lift_threshold: float

    def probability(self, scores: FloatArray, effects: npt.NDArray[np.integer]) -> FloatArray:
        """Probability at natural prevalence of scores under their effects (arrays that broadcast)."""
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
            "method": "Platt scaling per effect, shrunk towards the pooled fit, at natural prevalence",
            "probability_threshold": self.probability_threshold,
            "lift_threshold": self.lift_threshold,
            "effects": {
                effect: {"intercept": float(a), "slope": float(b), "base_rate": float(p)}
                for effect, (a, b, p) in zip(effects, columns, strict=True)
            },
        }


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """All pairs of one effect that training does not state: their scores, and the held-out facts' scores."""

    effect: int
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    scores: FloatArray
    positive: npt.NDArray[np.bool_]
    weight: float
    """How many facts a held-out fact stands for at natural prevalence."""


def fit(scorer: BilinearScorer, split: Split) -> Calibration:
    """Calibrate on the validation facts against every pair of which the effect is not stated."""
    base = base_rates(split.known)
    tables = [_counted(cells) for cells in held_out_cells(scorer, split, split.valid)]
    pooled = _pooled(tables)
    fitted = np.tile(pooled, (len(base), 1))
    for table in tables:
        if table.positive.sum() > 0:
            fitted[table.effect] = _fitted(table, SHRINKAGE, pooled)
    # An effect without held-out facts keeps the pooled slope, and its own base rate decides little there.
    slope = np.maximum(fitted[:, 1], LEAST_SLOPE)
    unset = Calibration(fitted[:, 0], slope, base, NEVER, LEAST_LIFT)
    threshold = shown_from(unset, scorer, split)
    return Calibration(fitted[:, 0], slope, base, threshold, LEAST_LIFT)


def base_rates(facts: Facts) -> FloatArray:
    """Facts of each effect over all possible pairs of drugs."""
    n = len(facts.drugs)
    rates: FloatArray = facts.per_effect / max(1.0, n * (n - 1) / 2)
    return rates


def held_out_cells(scorer: BilinearScorer, split: Split, held_out: Facts) -> Iterator[Cells]:
    """Yield, effect by effect, every pair that is not a known fact, together with the held-out facts."""
    n = len(split.known.drugs)
    upper = np.triu_indices(n, k=1)
    for effect in range(len(split.known.effects)):
        stated = _table(split.known, effect)[upper]
        positive = _table(held_out, effect)[upper]
        open_cells = ~stated | positive
        first, second = upper[0][open_cells], upper[1][open_cells]
        scores = scorer.drug_scores(effect)[first, second]
        found = int(positive.sum())
        weight = stated.sum() / found if found else 1.0
        yield Cells(effect, first, second, scores, positive[open_cells], float(weight))


def shown_from(calibration: Calibration, scorer: BilinearScorer, split: Split) -> float:
    """Least probability from which predictions for pairs without any training fact may be shown.

    Among such pairs, at least ``LEAST_PRECISION`` of the validation cells at or above it that also reach
    ``LEAST_LIFT`` are held-out facts. That is a hard test: unstated facts count as errors.
    """
    n = len(split.known.drugs)
    probabilities, hits = [], []
    for cells in held_out_cells(scorer, split, split.valid):
        probability = calibration.probability(cells.scores, np.array(cells.effect))
        unseen = ~np.isin(cells.first * n + cells.second, split.train.pair_codes)
        lifted = probability >= LEAST_LIFT * calibration.base_rate[cells.effect]
        chosen = unseen & lifted & (probability >= _CANDIDATE)
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
    edges = np.histogram_bin_edges(cells.scores, BINS)
    positive, _ = np.histogram(cells.scores[cells.positive], edges)
    negative, _ = np.histogram(cells.scores[~cells.positive], edges)
    centres = (edges[:-1] + edges[1:]) / 2
    # A held-out fact counts once; the negatives are thinned until the odds are natural.
    return _Histogram(cells.effect, centres, positive.astype(np.float64), negative / cells.weight)


def _pooled(tables: list[_Histogram]) -> FloatArray:
    judged = [table for table in tables if table.positive.sum() > 0]
    joined = _Histogram(
        -1, *(np.concatenate([getattr(t, name) for t in judged]) for name in ("centres", "positive", "negative"))
    )
    return _fitted(joined, np.array([1e-6, 1e-3]), np.array([0.0, 1.0]))


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
