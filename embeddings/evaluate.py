"""How well scores tell held-out facts from drawn negatives, effect by effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from embeddings.negatives import Negatives
from embeddings.scorer import FactScorer, FloatArray

CUT = 50
RESAMPLES = 1000

Labels = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Summary:
    """One metric over effects: mean, its 95 % bootstrap interval, median, number of effects.

    The numbers are ``None`` where no effect could be measured.
    """

    mean: float | None
    median: float | None
    ci: list[float] | None
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Metrics of one scorer, each an array over the judged effects; NaN where not defined."""

    auroc: FloatArray
    auprc: FloatArray
    ap50: FloatArray
    p50: FloatArray

    def summary(self, seed: int) -> dict[str, dict[str, object]]:
        """Mean, median and interval of each metric, in the words of ``evaluate --json``."""
        names = ("auroc", "auprc", "ap50", "p50")
        return {name: asdict(summarised(getattr(self, name), seed)) for name in names}


def auroc(scores: FloatArray, labels: Labels) -> float:
    """Area under the ROC curve by midranks, so that a constant score gives exactly .5."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    midrank = last - (counts - 1) / 2
    positives = int(labels.sum())
    negatives = len(labels) - positives
    total = float(midrank[inverse][labels].sum())
    return (total - positives * (positives + 1) / 2) / (positives * negatives)


def average_precision(scores: FloatArray, labels: Labels) -> float:
    """Area under the precision-recall curve in steps; tied scores are one threshold."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order])
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    gained = np.diff(hits[ends], prepend=0)
    return float((gained * hits[ends] / (ends + 1)).sum() / hits[-1])


def shuffled_ranking(scores: FloatArray, labels: Labels, rng: np.random.Generator) -> Labels:
    """Labels from the best score down, ties in random order."""
    return labels[np.lexsort((rng.random(len(scores)), -scores))]


def average_precision_at(ranking: Labels, k: int) -> float:
    """Sum over ranks up to ``k`` of relevance times precision, over min(k, positives)."""
    top = ranking[:k]
    precision = np.cumsum(top) / np.arange(1, len(top) + 1)
    return float((top * precision).sum() / min(k, int(ranking.sum())))


def precision_at(ranking: Labels, k: int) -> float:
    """Part of the first ``k`` that is relevant; NaN where fewer than ``k`` are to be found."""
    return float(ranking[:k].mean()) if int(ranking.sum()) >= k else float("nan")


def evaluate(scorer: FactScorer, sample: Negatives, seed: int) -> Scores:
    """Measure a scorer on positives and their negatives, effect by effect."""
    scores = scorer.scores(sample.facts)
    rng = np.random.default_rng(seed)
    rows = []
    for part in _by_effect(sample.facts[:, 1]):
        of_effect, labels = scores[part], sample.labels[part]
        ranking = shuffled_ranking(of_effect, labels, rng)
        rows.append(
            (
                auroc(of_effect, labels),
                average_precision(of_effect, labels),
                average_precision_at(ranking, CUT),
                precision_at(ranking, CUT),
            )
        )
    columns = np.asarray(rows, dtype=np.float64).reshape(-1, 4).T
    return Scores(*columns)


def summarised(values: FloatArray, seed: int) -> Summary:
    """Summarise one metric over the effects on which it is defined."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return Summary(None, None, None, 0)
    rng = np.random.default_rng(seed)
    draws = rng.integers(len(defined), size=(RESAMPLES, len(defined)))
    low, high = np.quantile(defined[draws].mean(axis=1), (0.025, 0.975))
    return Summary(
        _rounded(defined.mean()),
        _rounded(np.median(defined)),
        [_rounded(low), _rounded(high)],
        len(defined),
    )


def share_won(model: Scores, baseline: Scores) -> float:
    """Part of the effects on which the model's AUROC is above the baseline's."""
    return _rounded((model.auroc > baseline.auroc).mean()) if len(model.auroc) else 0.0


def _by_effect(effects: npt.NDArray[np.integer]) -> Iterator[npt.NDArray[np.int64]]:
    order = np.argsort(effects, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(effects[order])) + 1) if len(order) else ()


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 6)
