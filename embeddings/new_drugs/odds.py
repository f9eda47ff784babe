"""Effects of pairs with one or two drugs of which no training fact tells, with numpy alone.

A new drug takes its counts from its neighbours: log-degrees, and the facts that they have with the
partner. A smooth surface over these gives log-odds, one for one new drug and one for two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.counting.baselines import degree_per_effect
from embeddings.counting.items import LEAST_ITEM, MOST_ITEM
from embeddings.counting.known_effects import KnownEffects
from embeddings.logistic import sigmoid
from embeddings.new_drugs.descriptions import Description, Descriptions
from embeddings.new_drugs.neighbours import CentredKernel, Likeness
from embeddings.scorer import FloatArray, WeightArray
from embeddings.triples import Facts, IntArray

REACH = 4.0
"""A feature counts at most so many standard deviations from its mean."""
WITH, WITHOUT, DRAWN = "with_effects", "without_effects", "structure_alone"


@dataclass(frozen=True, slots=True)
class Setting:
    """A kernel of ``KERNELS``, and the ridges by which degrees and company are carried over."""

    kernel: str
    of_degrees: float
    of_company: float


SETTINGS: Mapping[str, tuple[Setting, ...]] = {
    WITH: (
        Setting("effects", 0.3, 0.5),
        Setting("effects", 0.3, 2.0),
        Setting("effects", 1.0, 8.0),
    ),
    WITHOUT: (Setting("structure", 1.0, 3.0), Setting("structure", 3.0, 10.0)),
    DRAWN: (Setting("drawing", 1.0, 3.0),),
}
"""By what is used of a new drug: effects reported of it alone, genes and structure, structure."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Log-odds that are linear in features and in their squares.

    ``centre`` and ``scale`` are (k,), ``weights`` (2k + 1,): those of the features, of their
    squares, and the intercept.
    """

    centre: WeightArray
    scale: WeightArray
    weights: WeightArray

    def odds(self, columns: Sequence[npt.NDArray[np.floating]]) -> WeightArray:
        """Score k columns of any shapes that broadcast."""
        k = len(columns)
        total: Any = self.weights[-1]
        for place, column in enumerate(columns):
            seen = (column.astype(np.float32, copy=False) - self.centre[place]) / self.scale[place]
            seen = np.clip(seen, -REACH, REACH)
            total = total + seen * (self.weights[place] + self.weights[k + place] * seen)
        return np.asarray(total, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """What a setting carries over to cells: arrays that broadcast, the effects last.

    ``own`` and ``other`` are log-degrees under the effect, of the new drug and of its partner;
    ``totals`` the sum of their log-degrees under all; ``facts`` the facts of the neighbours with
    the partner, ``both`` those of other effects weighed for this one, ``number`` their sum.
    """

    own: npt.NDArray[np.floating]
    other: npt.NDArray[np.floating]
    totals: npt.NDArray[np.floating]
    facts: npt.NDArray[np.floating]
    both: npt.NDArray[np.floating]
    number: npt.NDArray[np.floating]

    def columns(self, *, two_new: bool) -> list[npt.NDArray[np.floating]]:
        """Features of the cells; two new drugs have no order."""
        gap = self.own - self.other
        return [
            self.own + self.other,
            np.abs(gap) if two_new else gap,
            self.totals,
            self.facts,
            np.log(np.clip(self.facts, 0.0, MOST_ITEM) + LEAST_ITEM),
            self.both,
            np.log(np.clip(self.both, 0.0, MOST_ITEM) + LEAST_ITEM),
            np.log1p(self.number),
        ]


@dataclass(frozen=True, eq=False)
class Counted:
    """What is counted of training facts; ``of_effects`` are weights between effects."""

    train: Facts
    of_effects: WeightArray

    @cached_property
    def old(self) -> IntArray:
        """Indices of the drugs that have training facts."""
        return np.unique(self.train.array[:, [0, 2]]).astype(np.int64)

    @cached_property
    def log_degree(self) -> WeightArray:
        """Logarithms of the facts of each drug under each effect: (drugs, effects)."""
        return np.log1p(degree_per_effect(self.train).T).astype(np.float32)

    @cached_property
    def log_total(self) -> WeightArray:
        """Logarithms of the facts of each drug: (drugs,)."""
        total: WeightArray = degree_per_effect(self.train).sum(axis=0).astype(np.float32)
        return np.log1p(total)

    @cached_property
    def log_effect(self) -> WeightArray:
        """Logarithms of the facts of each effect: (effects,)."""
        return np.log1p(self.train.per_effect).astype(np.float32)

    @cached_property
    def base_rate(self) -> FloatArray:
        """Facts of each effect over the pairs of known drugs: (effects,)."""
        pairs = len(self.old) * (len(self.old) - 1) / 2
        return np.clip(self.train.per_effect / max(1.0, pairs), 1e-9, 1.0 - 1e-9)

    @cached_property
    def known(self) -> KnownEffects:
        """Effects pair by pair."""
        return KnownEffects.of(self.train)

    @cached_property
    def pairs(self) -> npt.NDArray[np.int32]:
        """Codes of the pairs of all facts: 13 MB on Decagon."""
        return self.train.pair_codes.astype(np.int32)

    def both(self, facts: npt.NDArray[np.floating]) -> WeightArray:
        """Weigh carried facts of other effects for each effect: (..., effects)."""
        weighed: WeightArray = np.clip(facts, 0.0, 1.0).astype(np.float32) @ self.of_effects
        return weighed


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Weights of known drugs (drugs of ``Counted.old``) for one new drug under one setting."""

    of_degrees: WeightArray
    of_company: WeightArray


@dataclass(frozen=True, slots=True, eq=False)
class NewDrugs:
    """All that placing new drugs needs beside the training facts; it travels in a bundle.

    ``surfaces`` and ``lines`` are for one and for two new drugs, by kind of description; a line is
    (3,): intercept, weight of the log-odds, weight of the base rate's log-odds, all of which gives
    log-odds at natural prevalence. ``told`` is what was measured in fitting them.
    """

    descriptions: Descriptions
    kernels: Mapping[str, CentredKernel]
    surfaces: Mapping[str, tuple[Surface, Surface]]
    lines: Mapping[str, tuple[FloatArray, FloatArray]]
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class NewDrugOdds:
    """Log-odds and probabilities of all effects of pairs with described drugs."""

    new: NewDrugs
    counted: Counted

    @cached_property
    def likeness(self) -> Likeness:
        """Likeness to the drugs that have training facts."""
        drugs = tuple(self.counted.train.drugs[place] for place in self.counted.old.tolist())
        return Likeness.of(self.new.descriptions, drugs)

    def placed(self, description: Description, kind: str) -> list[Placed]:
        """Place a described drug among the known ones, once for each setting of the kind."""
        kernels = {setting.kernel for setting in SETTINGS[kind]}
        near = {name: self.likeness.to(description, name)[None, :] for name in kernels}
        return [
            Placed(
                *(
                    self.new.kernels[setting.kernel].weights(near[setting.kernel], ridge)[0]
                    for ridge in (setting.of_degrees, setting.of_company)
                )
            )
            for setting in SETTINGS[kind]
        ]

    def odds(self, drug: Description, partner: int | Description, kind: str) -> WeightArray:
        """Log-odds, at as many negatives as facts, of every effect of a pair: (effects,).

        The partner is the index of a known drug, or a second new drug.
        """
        placed = self.placed(drug, kind)
        if isinstance(partner, Description):
            carried = self._beside_new(placed, self.placed(partner, kind))
        else:
            carried = self._beside_known(placed, partner)
        two_new = isinstance(partner, Description)
        columns = [self.counted.log_effect]
        for part in carried:
            columns += part.columns(two_new=two_new)
        return self.new.surfaces[kind][two_new].odds(columns)

    def probability(
        self, odds: npt.NDArray[np.floating], kind: str, *, two_new: bool
    ) -> FloatArray:
        """Probability at natural prevalence of log-odds of every effect: (..., effects)."""
        base = self.counted.base_rate
        line = self.new.lines[kind][two_new]
        return sigmoid(line[0] + line[1] * odds + line[2] * np.log(base / (1.0 - base)))

    def _beside_known(self, placed: list[Placed], partner: int) -> list[Carried]:
        counted = self.counted
        company = counted.known.company(partner, len(counted.train.effects))[:, counted.old]
        found = []
        for one in placed:
            facts = company @ one.of_company
            own, total = self._degrees(one)
            other, beside = counted.log_degree[partner], counted.log_total[partner]
            found.append(self._carried(own, other, total + float(beside), facts))
        return found

    def _beside_new(self, placed: list[Placed], others: list[Placed]) -> list[Carried]:
        train, n = self.counted.train, len(self.counted.train.drugs)
        found = []
        for one, two in zip(placed, others, strict=True):
            weights = np.zeros((n, n), dtype=np.float32)
            weights[np.ix_(self.counted.old, self.counted.old)] = np.outer(
                one.of_company, two.of_company
            )
            of_facts = (weights + weights.T).ravel().take(self.counted.pairs)
            summed = np.bincount(train.array[:, 1], of_facts, minlength=len(train.effects))
            facts: WeightArray = summed.astype(np.float32)
            (own, total), (other, beside) = self._degrees(one), self._degrees(two)
            found.append(self._carried(own, other, total + beside, facts))
        return found

    def _degrees(self, placed: Placed) -> tuple[WeightArray, float]:
        known = self.counted.old
        own: WeightArray = placed.of_degrees @ self.counted.log_degree[known]
        return own, float(placed.of_degrees @ self.counted.log_total[known])

    def _carried(
        self, own: WeightArray, other: WeightArray, totals: float, facts: WeightArray
    ) -> Carried:
        number = np.clip(facts, 0.0, 1.0).sum()
        both = self.counted.both(facts)
        return Carried(own, other, np.asarray(totals), facts, both, np.asarray(number))
