"""How far probabilities are from frequencies on held-out facts: Brier score, ECE, and curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.judging.calibrate import ECE_BINS, Calibration
from embeddings.judging.cells import BAND_EDGES, Population, bands_of
from embeddings.judging.metrics import rounded
from embeddings.negatives import Negatives
from embeddings.scorer import FloatArray, Scorer
from embeddings.splits import Split
from embeddings.triples import IntArray

N_BANDS = len(BAND_EDGES) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What is predicted and what turned out, by frequency band and bin of probability.

    ``weight``, ``predicted`` and ``observed`` are (``N_BANDS``, ``ECE_BINS``): the weight of what
    fell there, and the weighted sums of probability and outcome; ``squared`` sums squared errors of
    each band.
    """

    weight: FloatArray
    predicted: FloatArray
    observed: FloatArray
    squared: FloatArray

    @classmethod
    def none(cls) -> Curve:
        """Nothing measured yet."""
        shape = (N_BANDS, ECE_BINS)
        return cls(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(N_BANDS))

    @classmethod
    def of(
        cls,
        probability: FloatArray,
        labels: npt.NDArray[np.bool_],
        weights: FloatArray,
        bands: IntArray,
    ) -> Curve:
        """Measure probabilities against what turned out; ``bands`` is the band of each."""
        place = np.minimum((probability * ECE_BINS).astype(np.int64), ECE_BINS - 1)
        cell = bands * ECE_BINS + place

        def summed(values: FloatArray) -> FloatArray:
            sums = np.bincount(cell, values, N_BANDS * ECE_BINS)
            return sums.astype(np.float64).reshape(N_BANDS, ECE_BINS)

        squared = summed(weights * (probability - labels) ** 2).sum(axis=1)
        predicted, observed = summed(weights * probability), summed(weights * labels)
        return cls(summed(weights), predicted, observed, squared)

    def plus(self, other: Curve) -> Curve:
        """Both measurements as one."""
        return Curve(
            self.weight + other.weight,
            self.predicted + other.predicted,
            self.observed + other.observed,
            self.squared + other.squared,
        )

    def as_dict(self) -> dict[str, float]:
        """Brier score and expected calibration error over equal bins; 0 where nothing is."""
        total = float(self.weight.sum()) or 1.0
        gap = np.abs((self.predicted - self.observed).sum(axis=0)).sum()
        return {"brier": rounded(self.squared.sum() / total), "ece15": rounded(gap / total)}

    def of_bands(self) -> dict[int, dict[str, float]]:
        """Give the same for each band that has anything, with its weight."""
        found = {}
        for band in np.flatnonzero(self.weight.sum(axis=1)).tolist():
            total = self.weight[band].sum()
            gap = np.abs(self.predicted[band] - self.observed[band]).sum()
            found[band] = {
                "brier": rounded(self.squared[band] / total),
                "ece15": rounded(gap / total),
            }
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Curves of a calibration on test facts: 1:1 with negatives, and among all pairs."""

    one_to_one: Curve
    natural: Curve

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Figures in the words of ``evaluate --json``."""
        return {"one_to_one": self.one_to_one.as_dict(), "natural": self.natural.as_dict()}


def reliability(
    calibration: Calibration, scorer: Scorer, split: Split, even: Negatives, scores: FloatArray
) -> Reliability:
    """Measure a calibration on the test facts.

    ``natural`` is every pair that is asked about, as often as it comes, under every effect with
    test facts, each test fact weighted up to the effect's base rate: its part of all pairs of such
    drugs. Where whole pairs are held out, only pairs that training does not state come, so mixed
    that an effect is as frequent among them (see ``Population``). ``one_to_one`` is the given
    sample of positives and negatives with its scores.
    """
    bands = bands_of(split.shown.per_effect)
    effects = even.facts[:, 1]
    probability = calibration.even_probability(scores, effects)
    one_to_one = Curve.of(probability, even.labels, np.ones(len(scores)), bands[effects])
    natural = Curve.none()
    for cells in Population.of(split, split.test, split.known).cells(scorer):
        if cells.positive.any():
            probability = calibration.probability(cells.scores, np.array(cells.effect))
            weights = np.where(cells.positive, cells.weight, cells.asked)
            of_effect = np.full(len(weights), bands[cells.effect])
            natural = natural.plus(Curve.of(probability, cells.positive, weights, of_effect))
    return Reliability(one_to_one, natural)
