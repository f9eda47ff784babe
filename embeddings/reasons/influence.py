"""What one training fact moves in the log-odds of one cell of a stack, exactly.

A fact is taken away, or added, alone: the sums and degrees that counting makes of the facts change
with it, and so does what a pair model remembers of them. Weights stay as they were learned.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings.counting.baselines import EXPECTED_SHARE, degree_per_effect
from embeddings.counting.items import LEAST_ITEM, MOST_ITEM
from embeddings.counting.known_effects import KnownEffects
from embeddings.counting.stack import LIMIT, REACH, StackScorer
from embeddings.reasons.influence_model import CellFacts, model_changes
from embeddings.scorer import FloatArray
from embeddings.triples import IntArray

COMPANIES_KEPT = 64
"""Drugs whose facts are remembered as a table: 0.7 MB each on Decagon."""
EXTREMES = 128
"""So many facts of either drug under other effects are weighed, from either end."""

Mask: TypeAlias = npt.NDArray[np.bool_]


class Kind(StrEnum):
    """How a fact bears on a cell (a, e, b)."""

    SAME_PAIR = "same_pair"
    """Another effect of the pair: (a, f, b)."""
    COMPANY = "company"
    """The effect with another drug: (a, e, c) or (b, e, c)."""
    OTHER_EFFECT = "company_under_another_effect"
    """Another effect with another drug: (a, f, c) or (b, f, c)."""
    NEAR_PAIR = "near_pair"
    """The effect of a pair whose vectors in the model are alike: (c, e, d)."""


@dataclass(frozen=True, slots=True, eq=False)
class Flips:
    """Facts (drug, effect, other drug), whether training states them, and what each one moves.

    The first drug is one of the pair's. ``change`` is the score as it stands, less the score with
    the fact the other way round: taken away if stated, added if not.
    """

    kind: Kind
    facts: IntArray
    stated: Mask
    change: FloatArray


class _Sum(IntEnum):
    """What counting makes of the facts for one cell; ``_B`` is of the second drug."""

    NEAR_A = 0
    NEAR_B = 1
    BOTH = 2
    ITEMS = 3
    OF_PAIR = 4
    DEGREE_A = 5
    DEGREE_B = 6
    IN_EFFECT_A = 7
    IN_EFFECT_B = 8
    OF_EFFECT = 9
    FACTS = 10
    COMPANY = 11


class Influence:
    """Influence of the training facts of a stack on its cells, one cell at a time."""

    def __init__(self, scorer: StackScorer, known: KnownEffects) -> None:
        """Take a stack and its training facts, sorted by pair."""
        self._scorer, self._known = scorer, known
        self._train = scorer.counts.train
        self._degree = degree_per_effect(self._train)
        self._company = lru_cache(COMPANIES_KEPT)(self._table_of)

    def score(self, first: int, effect: int, second: int) -> float:
        """Score of a cell, as the scorer gives it but for its rounding."""
        cell = self._cell(first, effect, second)
        return float(self._scored(self._sums(cell), self._learned(cell))[0])

    def flips(self, first: int, effect: int, second: int) -> list[Flips]:
        """Give what every fact moves that bears on a cell, but the fact of the cell itself.

        Facts that training does not state are other effects of the pair, if it has any, and the
        effect of either drug with another that it has facts with.
        """
        cell = self._cell(first, effect, second)
        sums = self._sums(cell)
        learned = self._learned(cell)
        now = self._scored(sums, learned)
        moved = (
            self._same_pair(cell),
            *(self._company_of(cell, side) for side in (0, 1)),
            *(self._other_effects(cell, side, sums, learned) for side in (0, 1)),
        )
        return [
            Flips(
                part.kind,
                part.facts,
                part.stated,
                now - self._scored(sums + part.steps, learned + step),
            )
            for part, step in zip(moved, self._learned_changes(cell, moved), strict=True)
        ]

    def _cell(self, first: int, effect: int, second: int) -> CellFacts:
        pair, n_effects = np.array([[first, second]]), len(self._train.effects)
        shown, place = self._known.shown(pair, n_effects)
        known = shown[0] > 0 if len(place) else np.zeros(n_effects, dtype=np.bool_)
        return CellFacts(
            (first, second), effect, known, (self._company(first), self._company(second))
        )

    def _table_of(self, drug: int) -> Mask:
        return self._known.company(drug, len(self._train.effects)) > 0

    def _sums(self, cell: CellFacts) -> FloatArray:
        """Sums as they stand: (sums, 1)."""
        counts, (a, b), e = self._scorer.counts, cell.drugs, cell.effect
        near = [
            company @ counts.of_drugs[:, other].astype(np.float64)
            for company, other in zip(cell.companies, (b, a), strict=True)
        ]
        of_effects = counts.of_effects[:, e].astype(np.float64)
        values = {
            _Sum.NEAR_A: near[0][e],
            _Sum.NEAR_B: near[1][e],
            _Sum.BOTH: (near[0] + near[1]) @ of_effects,
            _Sum.ITEMS: of_effects[cell.known].sum(),
            _Sum.OF_PAIR: cell.known.sum(),
            _Sum.DEGREE_A: cell.companies[0].sum(),
            _Sum.DEGREE_B: cell.companies[1].sum(),
            _Sum.IN_EFFECT_A: self._degree[e, a],
            _Sum.IN_EFFECT_B: self._degree[e, b],
            _Sum.OF_EFFECT: self._degree[e].sum() / 2.0,
            _Sum.FACTS: len(self._train),
            _Sum.COMPANY: near[0].sum() + near[1].sum(),
        }
        return np.array([[values[part]] for part in _Sum], dtype=np.float64)

    def _same_pair(self, cell: CellFacts) -> _Moved:
        weights = self._scorer.counts.of_effects[:, cell.effect].astype(np.float64)
        others = np.arange(len(weights))
        others = others[others != cell.effect] if cell.known.any() else others[:0]
        moved = _moved(Kind.SAME_PAIR, cell, 0, others, np.full(len(others), cell.drugs[1]))
        sign = moved.sign
        moved.steps[_Sum.ITEMS] = sign * weights[others]
        moved.steps[[_Sum.OF_PAIR, _Sum.DEGREE_A, _Sum.DEGREE_B, _Sum.FACTS]] = sign
        return moved

    def _company_of(self, cell: CellFacts, side: int) -> _Moved:
        drug, other = cell.drugs[side], cell.drugs[1 - side]
        drugs = np.flatnonzero(cell.companies[side].any(axis=0))
        drugs = drugs[(drugs != drug) & (drugs != other)]
        moved = _moved(Kind.COMPANY, cell, side, np.full(len(drugs), cell.effect), drugs)
        sign = moved.sign
        vouched = sign * self._scorer.counts.of_drugs[drugs, other]
        moved.steps[[_Sum.NEAR_A + side, _Sum.COMPANY]] = vouched
        of_side = [_Sum.DEGREE_A + side, _Sum.IN_EFFECT_A + side]
        moved.steps[[*of_side, _Sum.OF_EFFECT, _Sum.FACTS]] = sign
        return moved

    def _other_effects(
        self, cell: CellFacts, side: int, sums: FloatArray, learned: float
    ) -> _Moved:
        """Facts of a drug under other effects: those that weigh most, either way.

        Each moves two sums, and by little: what it moves in the score is in the order of how steep
        the score is in these.
        """
        counts, other = self._scorer.counts, cell.drugs[1 - side]
        effects, drugs = np.nonzero(cell.companies[side])
        elsewhere = (effects != cell.effect) & (drugs != other)
        effects, drugs = effects[elsewhere], drugs[elsewhere]
        vouched = counts.of_drugs[drugs, other].astype(np.float64)
        both = vouched * counts.of_effects[effects, cell.effect]
        ends = _both_ends(
            self._slope(sums, learned, _Sum.BOTH, both) * both
            + self._slope(sums, learned, _Sum.COMPANY, vouched) * vouched
        )
        moved = _moved(Kind.OTHER_EFFECT, cell, side, effects[ends], drugs[ends])
        moved.steps[_Sum.BOTH], moved.steps[_Sum.COMPANY] = -both[ends], -vouched[ends]
        moved.steps[[_Sum.DEGREE_A + side, _Sum.FACTS]] = -1.0
        return moved

    def _slope(self, sums: FloatArray, learned: float, part: _Sum, steps: FloatArray) -> float:
        """How steep the score is in one sum, over the largest of the steps to either side."""
        reach = float(np.abs(steps).max(initial=0.0)) or 1.0
        moved = np.repeat(sums, 2, axis=1)
        moved[part] += (reach, -reach)
        up, down = self._scored(moved, learned)
        return float(up - down) / (2.0 * reach)

    def _learned_changes(self, cell: CellFacts, moved: tuple[_Moved, ...]) -> list[FloatArray]:
        still = [np.zeros(len(part.facts)) for part in moved]
        if self._scorer.model is None:
            return still
        of_pair, *of_drugs = model_changes(self._scorer.model, cell, self._degree[cell.effect])
        kept = (of_pair[moved[0].facts[:, 1]], *(
            of_drugs[side][moved[1 + side].facts[:, 2]] for side in (0, 1)
        ))  # fmt: skip
        return [*kept, *still[3:]]

    def _learned(self, cell: CellFacts) -> float:
        """Log-odds of the model under the stack; 0 where there is none."""
        model = self._scorer.model
        return float(model.effect_scores(np.array([cell.drugs]))[0, cell.effect]) if model else 0.0

    def _scored(self, sums: FloatArray, learned: float | FloatArray) -> FloatArray:
        """Score sums, (sums, rows), beside the log-odds of the model under the stack."""
        scorer = self._scorer
        columns = _columns(sums) + ([] if scorer.model is None else [np.asarray(learned)])
        seen = np.array(np.broadcast_arrays(*columns), dtype=np.float64)
        seen = np.clip((seen - scorer.centre[:, None]) / scorer.scale[:, None], -REACH, REACH)
        seen = np.vstack((seen, np.ones((1, seen.shape[1]))))
        odds: FloatArray = np.einsum("ij,ij->j", scorer.form.astype(np.float64) @ seen, seen)
        return np.clip(odds, -LIMIT, LIMIT)


@dataclass(frozen=True, slots=True, eq=False)
class _Moved:
    """Facts as in ``Flips``, and what each one moves in the sums: (sums, facts)."""

    kind: Kind
    facts: IntArray
    stated: Mask
    steps: FloatArray

    @property
    def sign(self) -> FloatArray:
        """What happens to a fact: -1 if it is stated, as it is taken away, else 1."""
        return np.where(self.stated, -1.0, 1.0)


def _moved(kind: Kind, cell: CellFacts, side: int, effects: IntArray, drugs: IntArray) -> _Moved:
    facts = np.column_stack((np.full(len(effects), cell.drugs[side]), effects, drugs))
    stated = cell.companies[side][effects, drugs]
    return _Moved(kind, facts, stated, np.zeros((len(_Sum), len(facts))))


def _both_ends(weight: npt.NDArray[np.floating]) -> IntArray:
    if len(weight) <= 2 * EXTREMES:
        return np.arange(len(weight))
    order = np.argpartition(weight, (EXTREMES, len(weight) - EXTREMES))
    return np.concatenate((order[:EXTREMES], order[-EXTREMES:])).astype(np.int64)


def _columns(sums: FloatArray) -> list[FloatArray]:
    """Features of ``FEATURES``, in order, of sums that stand so."""
    s = {part: sums[part] for part in _Sum}
    items = np.clip(s[_Sum.ITEMS], 0.0, 1.0)
    near = np.clip(s[_Sum.NEAR_A] + s[_Sum.NEAR_B], 0.0, MOST_ITEM)
    both = np.clip(s[_Sum.BOTH], 0.0, MOST_ITEM)
    share = EXPECTED_SHARE * (1.0 + 2.0 * s[_Sum.OF_EFFECT]) / (1.0 + 2.0 * s[_Sum.FACTS])
    in_effect = [
        np.log(s[_Sum(_Sum.IN_EFFECT_A + side)] + share * (1.0 + s[_Sum(_Sum.DEGREE_A + side)]))
        for side in (0, 1)
    ]
    return [
        np.log1p(s[_Sum.OF_EFFECT]),
        np.log1p(s[_Sum.DEGREE_A]) + np.log1p(s[_Sum.DEGREE_B]),
        in_effect[0] + in_effect[1],
        np.abs(in_effect[0] - in_effect[1]),
        np.log1p(s[_Sum.OF_PAIR]),
        (s[_Sum.OF_PAIR] == 0.0).astype(np.float64),
        items,
        np.log(items + LEAST_ITEM),
        near,
        np.log(near + LEAST_ITEM),
        np.abs(s[_Sum.NEAR_A] - s[_Sum.NEAR_B]),
        both,
        np.log(both + LEAST_ITEM),
        np.log1p(np.maximum(s[_Sum.COMPANY], 0.0)),
    ]
