"""A learned model stacked on counting: one smooth surface over both, served with numpy alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings.counting.features import FEATURES, CountFeatures, tiles
from embeddings.scorer import FloatArray, Scorer, WeightArray, Weights
from embeddings.triples import Facts, IntArray, TripleArray

PREFIX = "stack."
"""Names of the stack's own arrays begin so; the others of a bundle are those of its model."""
REACH = 4.0
"""A feature counts at most so many standard deviations from its mean."""
LIMIT = 31.9
"""Scores are cut to this, in log-odds, so that two bytes hold one to a part in 1,024."""
PAIRS_KEPT = 8_192
"""Pairs whose scores are remembered: 4 kB each on Decagon."""
STEP = np.float64(1.0 / 1_024)
"""Scores are kept in whole steps of this."""
_MANY = 4_096  # pairs from which a table of every pair is worth its time

Pairs: TypeAlias = "npt.NDArray[np.integer]"


@dataclass(frozen=True, eq=False)
class StackScorer:
    """Log-odds that are quadratic in what counting sees and a model says of a cell.

    ``form`` is (k + 1, k + 1), upper triangular, over the k features of ``FEATURES`` (and the
    model's log-odds, where there is one) and a 1, the features being shifted by ``centre`` and
    divided by ``scale``.
    """

    counts: CountFeatures
    model: Scorer | None
    form: WeightArray
    centre: WeightArray
    scale: WeightArray

    @classmethod
    def of(cls, weights: Weights, train: Facts, model: Scorer | None) -> StackScorer:
        """Make the scorer from the stack's arrays in a bundle, its training facts and its model."""
        own = {name.removeprefix(PREFIX): weights[name] for name in weights}
        counts = CountFeatures(train, own["of_drugs"], own["of_effects"])
        return cls(counts, model, own["form"], own["centre"], own["scale"])

    @property
    def weights(self) -> dict[str, WeightArray]:
        """The stack's arrays by the names that a bundle stores them under."""
        named = {
            "of_drugs": self.counts.of_drugs,
            "of_effects": self.counts.of_effects,
            "form": self.form,
            "centre": self.centre,
            "scale": self.scale,
        }
        return {f"{PREFIX}{name}": array for name, array in named.items()}

    def scores(self, facts: TripleArray) -> FloatArray:
        """Score rows (drug, effect, drug)."""
        codes = facts[:, 0].astype(np.int64) * self._n + facts[:, 2]
        pairs, row = np.unique(codes, return_inverse=True)
        both = np.column_stack(np.divmod(pairs, self._n))
        if len(pairs) >= _MANY:
            return unstepped(self._table[facts[:, 1], self._place(both)[row]])
        return self.effect_scores(both)[row, facts[:, 1]]

    def effect_scores(self, pairs: Pairs) -> FloatArray:
        """Score every effect of the pairs, given as rows of two drug indices: (pairs, effects).

        What is remembered of a pair is looked up.
        """
        if len(pairs) >= _MANY:
            return unstepped(self._table[:, self._place(pairs)].T)
        codes = (pairs.min(axis=1) * self._n + pairs.max(axis=1)).tolist()
        rows = {code: self._kept.get(code) for code in codes}
        new = [place for place, code in enumerate(codes) if rows[code] is None]
        fresh = dict(zip((codes[place] for place in new), self._rows(pairs[new]), strict=True))
        rows |= fresh
        if len(self._kept) + len(fresh) > PAIRS_KEPT:
            self._kept.clear()
        self._kept.update(fresh)
        table = np.array([rows[code] for code in codes], dtype=np.float64)
        return table.reshape(len(pairs), len(self.counts.train.effects))

    def drug_scores(self, effect: int) -> WeightArray:
        """Score one effect of every pair of drugs: (drugs, drugs), symmetric."""
        scores = np.zeros((self._n, self._n), dtype=np.float32)
        low, high = self._every
        scores[low, high] = scores[high, low] = self._table[effect] * np.float32(STEP)
        return scores

    def standardised(self, pairs: Pairs, learned: WeightArray | None) -> WeightArray:
        """Give what the form sees of every cell: (k + 1, pairs, effects), the last is 1."""
        shape = (len(self.form), len(pairs), len(self.counts.train.effects))
        columns = np.empty(shape, dtype=np.float32)
        self.counts.of_pairs(pairs, out=columns[: len(FEATURES)])
        if learned is not None:
            columns[len(FEATURES)] = learned
        columns[-1] = 1.0
        seen = columns[:-1]
        seen -= self.centre[:, None, None]
        seen *= (np.float32(1.0) / self.scale)[:, None, None]
        np.clip(seen, -REACH, REACH, out=seen)
        return columns

    def _rows(self, pairs: Pairs) -> WeightArray:
        rows = np.empty((len(pairs), len(self.counts.train.effects)), dtype=np.float32)
        for some in tiles(pairs):
            learned = None if self.model is None else self.model.effect_scores(pairs[some])
            rows[some] = self._formed(pairs[some], learned)
        return rows

    def _formed(self, pairs: Pairs, learned: npt.NDArray[np.floating] | None) -> WeightArray:
        given = None if learned is None else learned.astype(np.float32)
        columns = self.standardised(pairs, given)
        flat = columns.reshape(len(columns), -1)
        odds: WeightArray = np.einsum("ij,ij->j", self.form @ flat, flat)
        return np.clip(odds, -LIMIT, LIMIT, out=odds).reshape(columns.shape[1:])

    def _place(self, pairs: Pairs) -> IntArray:
        """Where pairs stand in the table, whose columns are the pairs in the order of their codes.

        A drug with itself has no place of its own and is given that of some pair.
        """
        low, high = pairs.min(axis=1).astype(np.int64), pairs.max(axis=1).astype(np.int64)
        place: IntArray = low * self._n - low * (low + 1) // 2 + high - low - 1
        return place

    @property
    def _n(self) -> int:
        return len(self.counts.train.drugs)

    @cached_property
    def _every(self) -> tuple[IntArray, IntArray]:
        low, high = np.triu_indices(self._n, k=1)
        return low, high

    @cached_property
    def _kept(self) -> dict[int, WeightArray]:
        return {}

    @cached_property
    def _table(self) -> npt.NDArray[np.int16]:
        """Scores of every pair: (effects, pairs), in steps of ``STEP``; 0.4 GB on Decagon."""
        low, high = self._every
        table = np.zeros((len(self.counts.train.effects), len(low)), dtype=np.int16)
        if self.model is not None:
            for effect in range(len(table)):
                table[effect] = stepped(self.model.drug_scores(effect)[low, high])
        pairs = np.column_stack((low, high))
        for some in tiles(pairs):
            learned = None if self.model is None else table[:, some].T * np.float32(STEP)
            table[:, some] = stepped(self._formed(pairs[some], learned)).T
        return table


def stepped(scores: npt.NDArray[np.floating]) -> npt.NDArray[np.int16]:
    """Cut scores to ``LIMIT`` and give them in whole steps."""
    steps: npt.NDArray[np.int16] = np.rint(np.clip(scores, -LIMIT, LIMIT) / STEP).astype(np.int16)
    return steps


def unstepped(steps: npt.NDArray[np.int16]) -> FloatArray:
    """Scores again, of whole steps."""
    scores: FloatArray = steps.astype(np.float64) * STEP
    return scores


def features_at(
    counts: CountFeatures, learned: FloatArray | None, facts: TripleArray
) -> WeightArray:
    """Features of single cells, rows (drug, effect, drug): (rows, k), unshifted."""
    seen = counts.of_cells(facts)
    every = seen if learned is None else np.vstack((seen, learned.astype(np.float32)))
    return np.ascontiguousarray(every.T)


def checked(weights: Weights) -> Weights:
    """Give arrays back whose stack, if there is one, is made for what counting sees.

    Raises:
        ValueError: The stack is made for another number of features.
    """
    form, learned = weights.get(f"{PREFIX}form"), bool(model_weights(weights))
    if form is not None and len(form) != len(FEATURES) + learned + 1:
        wanted = len(FEATURES) + learned
        raise ValueError(f"it is of another layout (a stack of {len(form) - 1}, not {wanted})")
    return weights


def model_weights(weights: Weights) -> dict[str, WeightArray]:
    """Arrays of the model under a stack: all that are not the stack's own."""
    return {name: array for name, array in weights.items() if not name.startswith(PREFIX)}


def stack_weights(weights: Weights) -> Mapping[str, WeightArray]:
    """Arrays of the stack; none in a bundle that is a model alone."""
    return {name: array for name, array in weights.items() if name.startswith(PREFIX)}
