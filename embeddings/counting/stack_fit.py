"""The weights of a stack, fitted on validation facts and negatives of every protocol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embeddings.counting.features import CountFeatures
from embeddings.counting.stack import REACH, StackScorer, features_at
from embeddings.logistic import fit_logistic
from embeddings.negatives import Negatives, with_negatives
from embeddings.scorer import FloatArray, Scorer, WeightArray
from embeddings.splits import Split
from embeddings.triples import IntArray, TripleArray

FITTED_UNDER = ("uniform", "corrupt", "known-pairs")
"""One surface serves all three: fitted under one alone it loses more under the others than it gains
under its own."""
MOST_FACTS = 100_000
"""Validation facts that are used, drawn at random where there are more."""
HELD_OUT = 0.2
"""Part of the pairs on which the form is chosen before the weights are fitted on all of them."""
RIDGE = 1.0
_LEAST_SCALE = 1e-3


def fit_stack(split: Split, model: Scorer | None, seed: int) -> StackScorer:
    """Stack a model, or nothing, on what counting sees of the training facts.

    The form is quadratic, or linear where that is likelier on pairs that were held out.
    """
    counts = CountFeatures.fit(split.train)
    facts, labels = _sampled(split, seed)
    learned = None if model is None else model.scores(facts)
    seen = features_at(counts, learned, facts)
    centre, spread = seen.mean(axis=0, dtype=np.float64), seen.std(axis=0, dtype=np.float64)
    scale = np.where(spread > _LEAST_SCALE, spread, 1.0)
    data = _Rows(_standard(seen, centre, scale), labels)
    form = data.fitted(_chosen(data, _held_out(facts, len(split.train.drugs), seed)))
    weights = tuple(array.astype(np.float32) for array in (form, centre, scale))
    return StackScorer(counts, model, *weights)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Standardised features with a 1 behind them, (rows, k + 1), and whether a row is a fact."""

    seen: WeightArray
    labels: FloatArray

    @property
    def forms(self) -> tuple[tuple[IntArray, IntArray], ...]:
        """Which products of two columns a form weighs: quadratic, linear."""
        k = self.seen.shape[1]
        first, second = np.triu_indices(k)
        linear = np.flatnonzero(second == k - 1)
        return (first, second), (first[linear], second[linear])

    def fitted(self, form: tuple[IntArray, IntArray]) -> FloatArray:
        """Fit the weights of a form: (k + 1, k + 1)."""
        features = self._products(form)
        weights = np.zeros((self.seen.shape[1],) * 2)
        weights[form] = fit_logistic(features, self.labels, np.ones(len(features)), RIDGE)
        return weights

    def surprise(self, weights: FloatArray, form: tuple[IntArray, IntArray]) -> float:
        """Mean negative log-likelihood under the weights of a form."""
        odds = self._products(form) @ weights[form]
        return float((np.logaddexp(0.0, odds) - self.labels * odds).mean())

    def _products(self, form: tuple[IntArray, IntArray]) -> FloatArray:
        features = np.empty((len(self.seen), len(form[0])))
        for column, (one, other) in enumerate(zip(*form, strict=True)):
            np.multiply(self.seen[:, one], self.seen[:, other], out=features[:, column])
        return features


def _sampled(split: Split, seed: int) -> tuple[TripleArray, FloatArray]:
    order = np.random.default_rng(seed).permutation(len(split.valid))
    some = split.valid.keep(order < MOST_FACTS)
    drawn: list[Negatives] = [
        with_negatives(some, split.shown, split.train, protocol, seed + place)
        for place, protocol in enumerate(FITTED_UNDER)
    ]
    labels = np.concatenate([sample.labels for sample in drawn]).astype(np.float64)
    return np.concatenate([sample.facts for sample in drawn]), labels


def _standard(seen: WeightArray, centre: FloatArray, scale: FloatArray) -> WeightArray:
    columns = np.ones((len(seen), seen.shape[1] + 1), dtype=np.float32)
    columns[:, :-1] = np.clip((seen - centre) / scale, -REACH, REACH)
    return columns


def _held_out(facts: TripleArray, n_drugs: int, seed: int) -> IntArray:
    """Tell of each row, as 0 or 1, whether its pair is held out: a pair is on one side only."""
    drawn = np.random.default_rng(seed).random((n_drugs, n_drugs)) < HELD_OUT
    sides: IntArray = drawn[facts[:, 0], facts[:, 2]].astype(np.int64)
    return sides


def _chosen(data: _Rows, held_out: IntArray) -> tuple[IntArray, IntArray]:
    quadratic, linear = data.forms
    shown, hidden = (_Rows(data.seen[held_out == s], data.labels[held_out == s]) for s in (0, 1))
    if not len(hidden.labels) or not len(shown.labels):
        return linear
    surprises = [hidden.surprise(shown.fitted(form), form) for form in (quadratic, linear)]
    return quadratic if surprises[0] < surprises[1] else linear
