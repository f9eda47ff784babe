"""Training drugs treated as new, a tenth at a time: what a surface over carried counts learns from.

In a fold the facts of its drugs are hidden. Cells are drawn as negatives are for ``uniform``; their
weights tell how many cells each stands for among all pairs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from embeddings.negatives import Negatives, Novelty, with_negatives
from embeddings.new_drugs.descriptions import Descriptions
from embeddings.new_drugs.neighbours import KERNELS, MEASURES, CentredKernel, Likeness
from embeddings.new_drugs.odds import SETTINGS, Counted
from embeddings.new_drugs.tables import CarriedTable, Placement
from embeddings.scorer import FloatArray, WeightArray
from embeddings.triples import Facts, IntArray

FOLDS = 5
SHARE = 0.1
"""Part of the drugs that is new in a fold."""
MOST_FACTS = 20_000
"""Facts of a fold with one new drug, and with two, that are drawn."""
UNKNOWN = 2.0
"""Distance of a drug of which nothing of the kind is known; others are 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """Cells with one new drug or two, their features by kind of description, and what they are.

    ``features`` are (cells, k). ``weights`` are numbers of cells at natural prevalence. ``new`` and
    ``other`` are the drugs of a cell; ``partner`` is the partner's log-degree under the effect.
    ``apart`` is how far the new drug is from the nearest known one, by kind of distance.
    """

    features: Mapping[str, WeightArray]
    apart: Mapping[str, FloatArray]
    labels: npt.NDArray[np.bool_]
    weights: FloatArray
    effects: IntArray
    new: IntArray
    other: IntArray
    two_new: npt.NDArray[np.bool_]
    partner: WeightArray

    def kept(self, rows: npt.NDArray[np.bool_]) -> Fold:
        """Some of the cells."""
        return Fold(
            {kind: seen[rows] for kind, seen in self.features.items()},
            {kind: far[rows] for kind, far in self.apart.items()},
            *(
                getattr(self, name)[rows]
                for name in (
                    "labels",
                    "weights",
                    "effects",
                    "new",
                    "other",
                    "two_new",
                    "partner",
                )
            ),
        )


@dataclass(frozen=True, eq=False)
class Folding:
    """Makes folds: training facts over drugs that all have some, and kernels between them."""

    counted: Counted
    kernels: Mapping[str, FloatArray]
    near: Mapping[str, FloatArray]
    kinds: tuple[str, ...]

    @classmethod
    def of(
        cls,
        train: Facts,
        of_effects: WeightArray,
        descriptions: Descriptions,
        kinds: tuple[str, ...],
    ) -> Folding:
        """Leave drugs without training facts out, and hold the others against each other."""
        told = among_themselves(train)
        likeness = Likeness.of(descriptions, told.drugs)
        names = {setting.kernel for kind in kinds for setting in SETTINGS[kind]}
        kernels = {
            name: np.array([likeness.to(descriptions.of(drug), name) for drug in told.drugs])
            for name in KERNELS
            if name in names
        }
        near = {
            kind: np.array([likeness.near(kind, descriptions.of(drug)) for drug in told.drugs])
            for kind in MEASURES
        }
        return cls(Counted(told, of_effects), kernels, near, kinds)

    def still_known(self, new: IntArray) -> int:
        """Count the drugs that keep a fact when those of some drugs are hidden."""
        train = self.counted.train
        return int(Novelty.of(train.keep(~self._hidden(new))).seen_drugs.sum())

    def fold(self, new: IntArray, seed: int) -> Fold:
        """Hide the facts of some drugs, at least two, and see what is carried over to these.

        Drugs that keep no fact then are new, too; some must keep one.
        """
        train = self.counted.train
        hidden = self._hidden(new)
        shown = replace(self.counted, train=train.keep(~hidden))
        held_out = train.keep(hidden)
        is_new = ~Novelty.of(shown.train).seen_drugs
        sample, kinds = _drawn(held_out, train, shown.train, seed)
        blank = _cells(sample, kinds, is_new, shown)
        weighed = replace(blank, weights=_natural(blank, held_out, is_new))
        apart = {
            kind: _apart(near[:, shown.old], near.diagonal())[blank.new]
            for kind, near in self.near.items()
        }
        features = self._features(weighed, shown, np.flatnonzero(is_new))
        return replace(weighed, features=features, apart=apart)

    def _hidden(self, new: IntArray) -> npt.NDArray[np.bool_]:
        ends = self.counted.train.array[:, [0, 2]]
        return np.asarray(np.isin(ends, new).any(axis=1))

    def _features(self, cells: Fold, shown: Counted, new: IntArray) -> dict[str, WeightArray]:
        row = np.searchsorted(new, cells.new)
        found = {}
        for kind in self.kinds:
            columns = [shown.log_effect[cells.effects]]
            for setting in SETTINGS[kind]:
                ridges = (setting.of_degrees, setting.of_company)
                placement = placed_among(self.kernels[setting.kernel], shown.old, new, ridges)
                table = CarriedTable.of(shown, placement, slice(None))
                carried = table.at(cells.new, row, cells.other, cells.effects)
                one = carried.columns(two_new=False)
                two = carried.columns(two_new=True)
                columns += [np.where(cells.two_new, b, a) for a, b in zip(one, two, strict=True)]
            found[kind] = np.column_stack(columns).astype(np.float32)
        return found


def among_themselves(train: Facts) -> Facts:
    """The same facts over a vocabulary without the drugs that have none."""
    seen = Novelty.of(train).seen_drugs
    if seen.all():
        return train
    place = np.cumsum(seen) - 1
    rows = train.array.copy()
    rows[:, [0, 2]] = place[rows[:, [0, 2]]]
    names = tuple(name for name, is_seen in zip(train.drugs, seen, strict=True) if is_seen)
    return Facts(names, train.effects, rows)


def draws_of(n_drugs: int, seed: int) -> list[IntArray]:
    """Drugs that are new in each fold; none is new twice."""
    order = np.random.default_rng(seed).permutation(n_drugs)
    size = max(2, math.ceil(SHARE * n_drugs))
    return [np.sort(order[i * size : (i + 1) * size]) for i in range(FOLDS)]


def placed_among(
    kernel: FloatArray, old: IntArray, new: IntArray, ridges: tuple[float, float]
) -> Placement:
    """Place some drugs among others by a kernel between all of them."""
    known = CentredKernel.of(kernel[np.ix_(old, old)])
    near = kernel[np.ix_(new, old)]
    return Placement(new, *(known.weights(near, ridge) for ridge in ridges))


def _apart(near: FloatArray, own: FloatArray) -> FloatArray:
    """How far each drug is from the nearest of some; what is not even like itself is unknown."""
    return np.where(own > 0.0, np.maximum(1.0 - near.max(axis=1), 0.0), UNKNOWN)


def _drawn(held_out: Facts, known: Facts, shown: Facts, seed: int) -> tuple[Negatives, IntArray]:
    """Draw facts with one new drug and with two, and as many negatives."""
    rng = np.random.default_rng(seed)
    n_new = Novelty.of(shown).new_drugs(held_out.array)
    chosen = np.zeros(len(held_out), dtype=np.bool_)
    for count in (1, 2):
        rows = np.flatnonzero(n_new == count)
        chosen[rng.permutation(rows)[:MOST_FACTS]] = True
    sample = with_negatives(held_out.keep(chosen), known, shown, "uniform", seed)
    return sample, Novelty.of(shown).new_drugs(sample.facts)


def _cells(
    sample: Negatives, n_new: IntArray, is_new: npt.NDArray[np.bool_], shown: Counted
) -> Fold:
    first, effect, second = sample.facts.T.astype(np.int64)
    swapped = ~is_new[first]
    new, other = np.where(swapped, second, first), np.where(swapped, first, second)
    partner = shown.log_degree[other, effect]
    ones = np.ones(len(new))
    return Fold({}, {}, sample.labels, ones, effect, new, other, n_new == 2, partner)


def _natural(cells: Fold, held_out: Facts, is_new: npt.NDArray[np.bool_]) -> FloatArray:
    """How many cells each drawn one stands for: of its effect, its novelty, its label."""
    n_effects, n_new = len(held_out.effects), int(is_new.sum())
    pairs = np.array([n_new * (len(is_new) - n_new), n_new * (n_new - 1) / 2])
    both = is_new[held_out.array[:, 0]] & is_new[held_out.array[:, 2]]
    facts = np.stack(
        [np.bincount(held_out.array[both == two, 1], minlength=n_effects) for two in (False, True)]
    )
    whole = np.where(cells.labels, 0.0, pairs[cells.two_new.astype(np.int64)])
    of_cell = facts[cells.two_new.astype(np.int64), cells.effects]
    whole = np.where(cells.labels, of_cell, whole - of_cell)
    group = (cells.effects * 2 + cells.two_new) * 2 + cells.labels
    drawn = np.bincount(group, minlength=4 * n_effects)
    weights: FloatArray = whole / drawn[group]
    return weights
