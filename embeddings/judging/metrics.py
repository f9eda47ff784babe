"""How well scores tell facts from negatives, all effects at once: one sort, then sums by effect."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from embeddings.scorer import FloatArray
from embeddings.triples import IntArray

CUT = 50
RESAMPLES = 1000
METRICS = ("auroc", "auprc", "ap50", "p50")

Labels = npt.NDArray[np.bool_]
_Number = TypeVar("_Number", bound=np.floating)


class UnusableScores(ValueError):
    """A scorer gave something that cannot be ranked."""

    def __init__(self, count: int, total: int) -> None:
        super().__init__(
            f"{count} of {total} scores are not numbers; nothing can be ranked by them"
        )
        self.count = count


def usable(scores: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """Give scores back that can be ranked.

    Raises:
        UnusableScores: A score is NaN.
    """
    unusable = int(np.isnan(scores).sum())
    if unusable:
        raise UnusableScores(unusable, scores.size)
    return scores


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
    """Metrics of one scorer, each an array over the judged effects; NaN where not defined.

    ``effects`` are their indices, ascending; ``positives`` counts the facts of each.
    """

    effects: IntArray
    positives: IntArray
    auroc: FloatArray
    auprc: FloatArray
    ap50: FloatArray
    p50: FloatArray

    def summary(self, seed: int) -> dict[str, dict[str, object]]:
        """Mean, median and interval of each metric, in the words of ``evaluate --json``."""
        columns = [getattr(self, name) for name in METRICS]
        summaries = summarised(np.column_stack(columns), seed)
        return {name: asdict(one) for name, one in zip(METRICS, summaries, strict=True)}


def measured(
    scores: FloatArray, labels: Labels, effects: npt.NDArray[np.integer], seed: int
) -> Scores:
    """Measure scores effect by effect; ties are broken at random, by the seed.

    AUROC counts a tie as half, so that a constant gives exactly .5. AUPRC is average precision with
    tied scores as one threshold. AP@50 is the sum over ranks up to 50 of relevance times precision,
    over min(50, facts); P@50 is the share of facts among the first 50, NaN where there are fewer.

    Raises:
        UnusableScores: A score is NaN.
    """
    if not len(usable(scores)):
        empty = np.zeros(0)
        return Scores(np.zeros(0, np.int64), np.zeros(0, np.int64), empty, empty, empty, empty)
    ranking = _Ranking.of(scores, labels, effects, np.random.default_rng(seed))
    return Scores(
        ranking.effects,
        ranking.positives.astype(np.int64),
        ranking.auroc(),
        ranking.average_precision(),
        ranking.average_precision_at(CUT),
        ranking.precision_at(CUT),
    )


def summarised(values: FloatArray, seed: int) -> list[Summary]:
    """Summarise metrics, the columns of (effects, metrics), each where it is defined.

    Every metric is resampled over the same draws of effects.
    """
    n_effects = len(values)
    defined = ~np.isnan(values)
    if not n_effects:
        return [Summary(None, None, None, 0)] * values.shape[1]
    draws = np.random.default_rng(seed).integers(n_effects, size=(RESAMPLES, n_effects))
    draws += np.arange(RESAMPLES)[:, None] * n_effects
    times = np.bincount(draws.ravel(), minlength=RESAMPLES * n_effects).reshape(RESAMPLES, -1)
    totals = times @ np.where(defined, values, 0.0)
    means = totals / np.maximum(times @ defined.astype(np.float64), 1.0)
    return [
        _summary(values[defined[:, column], column], means[:, column])
        for column in range(values.shape[1])
    ]


def share_won(model: FloatArray, baseline: FloatArray) -> float:
    """Part of the effects on which the one metric is above the other."""
    return rounded((model > baseline).mean()) if len(model) else 0.0


def rounded(value: float | np.floating) -> float:
    """Six digits after the point: what a report keeps of a number."""
    return round(float(value), 6)


def _summary(values: FloatArray, means: FloatArray) -> Summary:
    if not len(values):
        return Summary(None, None, None, 0)
    low, high = np.quantile(means, (0.025, 0.975))
    middle = np.median(values)
    return Summary(
        rounded(values.mean()), rounded(middle), [rounded(low), rounded(high)], len(values)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ranking:
    """Labels sorted by effect, then from the best score down, ties in random order.

    ``start`` is where each effect begins, ``tie_end`` the last row of each group of equal scores of
    an effect, ``of_row`` and ``of_tie`` the effect of a row and of a group, by its place.
    """

    labels: Labels
    effects: IntArray
    start: IntArray
    of_row: IntArray
    tie_end: IntArray
    of_tie: IntArray
    positives: FloatArray

    @classmethod
    def of(
        cls,
        scores: FloatArray,
        labels: Labels,
        effects: npt.NDArray[np.integer],
        rng: np.random.Generator,
    ) -> _Ranking:
        order = rng.permutation(len(scores))
        order = order[np.argsort(-scores[order], kind="stable")]
        narrow = np.min_scalar_type(int(effects.max()))
        order = order[np.argsort(effects[order].astype(narrow), kind="stable")]
        effect, score, label = effects[order], scores[order], labels[order]
        new = np.diff(effect, prepend=effect[0] - 1) != 0
        start = np.flatnonzero(new)
        of_row = np.cumsum(new) - 1
        ends = np.append(new[1:] | (np.diff(score) != 0), np.True_)
        tie_end = np.flatnonzero(ends)
        return cls(
            labels=label,
            effects=effect[start].astype(np.int64),
            start=start,
            of_row=of_row,
            tie_end=tie_end,
            of_tie=of_row[tie_end],
            positives=np.add.reduceat(label.astype(np.float64), start),
        )

    def auroc(self) -> FloatArray:
        sizes = np.diff(np.append(self.start, len(self.labels)))
        negatives = sizes - self.positives
        hits, rank = self._ties()
        missed = rank - hits
        below = negatives[self.of_tie] - missed + self._steps(missed) / 2.0
        return self._over(self._steps(hits) * below, self.of_tie, self.positives * negatives)

    def average_precision(self) -> FloatArray:
        hits, rank = self._ties()
        return self._over(self._steps(hits) * hits / rank, self.of_tie, self.positives)

    def average_precision_at(self, k: int) -> FloatArray:
        top, place = self._top(k)
        hits = self._hits(top)
        found = self.labels[top] * hits / (place + 1.0)
        return self._over(found, self.of_row[top], np.minimum(self.positives, k))

    def precision_at(self, k: int) -> FloatArray:
        top, _ = self._top(k)
        enough = np.where(self.positives >= k, float(k), 0.0)
        return self._over(self.labels[top].astype(np.float64), self.of_row[top], enough)

    def _ties(self) -> tuple[FloatArray, FloatArray]:
        """Give for each group of ties the facts, and the rows, of its effect down to its end."""
        rank = (self.tie_end - self.start[self.of_tie]).astype(np.float64) + 1.0
        return self._hits(self.tie_end), rank

    def _steps(self, running: FloatArray) -> FloatArray:
        """Undo a running sum over the groups of ties of each effect."""
        first = np.append(np.True_, np.diff(self.of_tie) != 0)
        return np.where(first, running, np.diff(running, prepend=0.0))

    def _top(self, k: int) -> tuple[IntArray, IntArray]:
        sizes = np.diff(np.append(self.start, len(self.labels)))
        taken = np.minimum(sizes, k)
        place = np.arange(taken.sum()) - np.repeat(np.cumsum(taken) - taken, taken)
        return np.repeat(self.start, taken) + place, place

    def _hits(self, rows: IntArray) -> FloatArray:
        """Count the facts of a row's effect down to the row."""
        total = np.cumsum(self.labels, dtype=np.float64)
        before = total[self.start] - self.labels[self.start]
        return np.asarray(total[rows] - before[self.of_row[rows]])

    def _over(self, values: FloatArray, places: IntArray, whole: FloatArray) -> FloatArray:
        """Sum by effect and divide; NaN where there is nothing to divide by."""
        sums = np.bincount(places, values, minlength=len(self.start))
        nothing = np.full(len(whole), np.nan)
        return np.asarray(np.divide(sums, whole, out=nothing, where=whole > 0))
