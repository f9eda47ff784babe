"""The likeliest effects of every pair of drugs as one Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from embeddings.codes import encoded, ordered, places_among
from embeddings.judging.metrics import usable
from embeddings.judging.outcomes import KINDS, LEVELS, Outcomes
from embeddings.negatives import Novelty
from embeddings.scorer import FloatArray
from embeddings.store import Bundle
from embeddings.triples import IntArray
from kg.atomic_file import atomic_file

_FIRST, _SECOND = 16, 128  # pairs that share drugs are scored together, so many by so many
PAIRS = _FIRST * _SECOND
"""Pairs scored at once: 16 MB of scores on Decagon, below what makes a stack tabulate all pairs."""
ROWS_OF_A_GROUP = 500_000
"""At least so many rows make a group of the file, the last one aside."""
COLUMNS = (
    "drug_a",
    "drug_a_name",
    "drug_b",
    "drug_b_name",
    "effect",
    "effect_name",
    "probability",
    "base_rate",
    "lift",
    "came_true",
    "known",
)

Progress = Callable[[str], None]
_Texts = Callable[[IntArray], pa.DictionaryArray]


class NoEffectsAsked(ValueError):
    """Fewer than one effect of each pair was asked for."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} effects of each pair were asked for; expected 1 or more")
        self.count = count


def write_top(
    bundle: Bundle,
    path: Path,
    count: int,
    progress: Progress,
    names: Mapping[str, str] | None = None,
) -> int:
    """Write the ``count`` likeliest effects of every two drugs that have training facts.

    The rows of a pair stand together, best first. ``probability`` is at natural prevalence, among
    all pairs, the known ones counted; ``lift`` is over the ``base_rate`` of the effect. ``known``
    tells that a fact of training or validation states the row, so that it is no guess.
    ``came_true`` is which share of validation's guesses about pairs as new as this one, from the
    next lower level of probability on, were held-out facts; NaN for what is known, and where
    validation cannot tell. Gives the number of rows. The file appears whole or not at all. Memory
    does not grow with the pairs: one group of rows is held.

    Raises:
        NoEffectsAsked: ``count`` is below 1.
        OSError: The file cannot be written.
        UnusableScores: The model gives NaN.
    """
    if count < 1:
        raise NoEffectsAsked(count)
    columns = _Columns.of(bundle, names or {})
    written = 0
    with atomic_file(path) as unfinished, pq.ParquetWriter(unfinished, columns.schema) as file:
        held: list[pa.RecordBatch] = []
        for batch in _batches(bundle, columns, count, progress):
            held.append(batch)
            written += len(batch)
            if sum(map(len, held)) >= ROWS_OF_A_GROUP:
                file.write_table(pa.Table.from_batches(held))
                held.clear()
        if held:
            file.write_table(pa.Table.from_batches(held))
    return written


@dataclass(frozen=True, slots=True)
class _Columns:
    """How indices of a model become columns of texts, and what is known."""

    drugs: tuple[_Texts, _Texts]
    effects: tuple[_Texts, _Texts]
    base_rate: FloatArray
    known: IntArray
    came_true: FloatArray
    n_drugs: int

    @classmethod
    def of(cls, bundle: Bundle, names: Mapping[str, str]) -> _Columns:
        train = bundle.train
        return cls(
            (_texts(train.drugs), _texts([names.get(drug, drug) for drug in train.drugs])),
            (_texts(train.effects), _texts([names.get(one, one) for one in train.effects])),
            bundle.calibration.base_rate,
            np.sort(np.concatenate((train.codes, bundle.valid.codes))),
            _came_true(bundle.calibration.outcomes),
            len(train.drugs),
        )

    @property
    def schema(self) -> pa.Schema:
        none = np.zeros(0, dtype=np.int64)
        return self.batch(np.zeros((0, 2), np.int64), none, none, np.zeros(0)).schema

    def batch(
        self, pairs: IntArray, kind: IntArray, effect: IntArray, probability: FloatArray
    ) -> pa.RecordBatch:
        """Rows of pairs of a kind of novelty under effects."""
        first, second = pairs.T
        base, known = self.base_rate[effect], self._stated(first, effect, second)
        level = np.searchsorted(LEVELS, probability, side="right")
        came_true = np.where(known, np.nan, self.came_true[kind, level])
        lift = np.divide(probability, base, out=np.zeros_like(probability), where=base > 0.0)
        arrays = [
            *(texts(first) for texts in self.drugs),
            *(texts(second) for texts in self.drugs),
            *(texts(effect) for texts in self.effects),
            *(
                pa.array(numbers.astype(np.float32))
                for numbers in (probability, base, lift, came_true)
            ),
            pa.array(known),
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(COLUMNS))

    def _stated(self, first: IntArray, effect: IntArray, second: IntArray) -> npt.NDArray[np.bool_]:
        return places_among(self.known, encoded(ordered(first, effect, second), self.n_drugs))[1]


def _batches(
    bundle: Bundle, columns: _Columns, count: int, progress: Progress
) -> Iterator[pa.RecordBatch]:
    train = bundle.train
    with_facts = np.unique(train.array[:, [0, 2]]).astype(np.int64)
    low, high = (with_facts[side] for side in np.triu_indices(len(with_facts), k=1))
    order = np.lexsort((high, low, high // _SECOND, low // _FIRST))
    low, high = low[order], high[order]
    scorer, effects = bundle.scorer, np.arange(len(train.effects))
    novelty = Novelty.of(train)
    for start in range(0, len(low), PAIRS):
        pairs = np.column_stack((low[start : start + PAIRS], high[start : start + PAIRS]))
        scores = usable(scorer.effect_scores(pairs))
        probability = bundle.calibration.probability(scores, effects)
        best = _best(probability, min(count, len(effects)))
        chosen = np.take_along_axis(probability, best, axis=1)
        kind = novelty.kinds(np.insert(pairs, 1, 0, axis=1).astype(np.int32))
        each, kinds = (np.repeat(rows, best.shape[1], axis=0) for rows in (pairs, kind))
        yield columns.batch(each, kinds, best.ravel(), chosen.ravel())
        progress(f"{start + len(pairs):,} of {len(low):,} pairs")


def _came_true(outcomes: Outcomes) -> FloatArray:
    """Shares by kind of pair and by the number of levels that a probability reaches."""
    shares = [[outcomes.share(kind, level) for level in LEVELS] for kind in range(len(KINDS))]
    told = [[np.nan, *(np.nan if one is None else one[1] for one in row)] for row in shares]
    return np.array(told)


def _best(probability: FloatArray, count: int) -> IntArray:
    """Places of the highest numbers of each row, the highest first: (rows, count)."""
    first_kept = probability.shape[1] - count
    kept = np.sort(np.argpartition(probability, first_kept, axis=1)[:, first_kept:], axis=1)
    order = np.argsort(-np.take_along_axis(probability, kept, axis=1), axis=1, kind="stable")
    return np.take_along_axis(kept, order, axis=1).astype(np.int64)


def _texts(words: Sequence[str]) -> _Texts:
    unique, place = np.unique(np.array(words, dtype=object), return_inverse=True)
    dictionary = pa.array(unique.tolist(), pa.string())
    codes = place.astype(np.int32)
    return lambda rows: pa.DictionaryArray.from_arrays(pa.array(codes[rows]), dictionary)
