"""How far probabilities are from frequencies on held-out facts: Brier score and ECE."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.calibrate import ECE_BINS, Calibration, held_out_cells
from embeddings.negatives import Negatives
from embeddings.scorer import BilinearScorer, FloatArray
from embeddings.splits import Split


def reliability(
    calibration: Calibration, scorer: BilinearScorer, split: Split, even: Negatives
) -> dict[str, dict[str, float]]:
    """Measure a calibration on the test facts, in the words of ``evaluate --json``.

    ``natural`` is every pair of every effect with test facts, each test fact weighted up to the
    effect's base rate; ``one_to_one`` is the given sample of positives and negatives.
    """
    probability = calibration.even_probability(scorer.scores(even.facts), even.facts[:, 1])
    one_to_one = Errors.of(probability, even.labels, np.ones(len(probability)))
    natural = Errors.none()
    for cells in held_out_cells(scorer, split, split.test):
        if cells.positive.any():
            probability = calibration.probability(cells.scores, np.array(cells.effect))
            weights = np.where(cells.positive, cells.weight, 1.0)
            natural = natural.plus(Errors.of(probability, cells.positive, weights))
    return {"one_to_one": one_to_one.as_dict(), "natural": natural.as_dict()}


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Sums that give the Brier score and the error over ``ECE_BINS`` bins of equal width."""

    weight: float
    squared: float
    gap: FloatArray

    @classmethod
    def none(cls) -> Errors:
        """Nothing measured yet."""
        return cls(0.0, 0.0, np.zeros(ECE_BINS))

    @classmethod
    def of(
        cls, probability: FloatArray, labels: npt.NDArray[np.bool_], weights: FloatArray
    ) -> Errors:
        """Measure probabilities against what turned out."""
        miss = probability - labels
        place = np.minimum((probability * ECE_BINS).astype(np.int64), ECE_BINS - 1)
        gap = np.bincount(place, weights * miss, ECE_BINS).astype(np.float64)
        return cls(float(weights.sum()), float((weights * miss**2).sum()), gap)

    def plus(self, other: Errors) -> Errors:
        """Both measurements as one."""
        return Errors(
            self.weight + other.weight, self.squared + other.squared, self.gap + other.gap
        )

    def as_dict(self) -> dict[str, float]:
        """Brier score and expected calibration error; 0 where nothing was measured."""
        total = self.weight or 1.0
        error = float(np.abs(self.gap).sum()) / total
        return {"brier": round(self.squared / total, 6), "ece15": round(error, 6)}
