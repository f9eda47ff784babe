"""Scores where some drugs of the vocabulary have no training fact: these by their neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from embeddings.counting.stack import STEP, stepped, unstepped
from embeddings.negatives import Novelty
from embeddings.new_drugs.descriptions import Description
from embeddings.new_drugs.odds import SETTINGS, NewDrugOdds
from embeddings.new_drugs.tables import CarriedTable, Placement
from embeddings.scorer import FloatArray, Scorer, WeightArray
from embeddings.triples import IntArray, TripleArray

_NEW = 16  # new drugs in hand at once: what is carried over to one takes 8 MB on Decagon

Pairs = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class NewDrugScorer:
    """Log-odds of pairs of drugs of a vocabulary: ``known`` scores those of known drugs.

    The others are looked up in a table that is made when it is first asked for; on Decagon with a
    tenth of the drugs new it takes 0.1 GB.
    """

    known: Scorer
    odds: NewDrugOdds
    kind: str

    def scores(self, facts: TripleArray) -> FloatArray:
        """Score rows (drug, effect, drug)."""
        first, effect, second = facts.T
        scores, row, other = self._looked_up(first, second)
        fresh = row >= 0
        scores[fresh] = unstepped(self._table[effect[fresh], row[fresh], other[fresh]])
        scores[~fresh] = self.known.scores(facts[~fresh])
        return scores

    def effect_scores(self, pairs: Pairs) -> FloatArray:
        """Score every effect of the pairs, given as rows of two drug indices: (pairs, effects)."""
        _, row, other = self._looked_up(pairs.min(axis=1), pairs.max(axis=1))
        fresh = row >= 0
        scores = np.zeros((len(pairs), len(self.odds.counted.train.effects)))
        if fresh.any():
            scores[fresh] = unstepped(self._table[:, row[fresh], other[fresh]].T)
        scores[~fresh] = self.known.effect_scores(pairs[~fresh])
        return scores

    def drug_scores(self, effect: int) -> WeightArray:
        """Score one effect of every pair of drugs: (drugs, drugs), symmetric."""
        scores = self.known.drug_scores(effect).copy()
        found = self._table[effect] * np.float32(STEP)
        scores[self._new] = found
        scores[:, self._new] = found.T
        return scores

    def _looked_up(self, first: Pairs, second: Pairs) -> tuple[FloatArray, IntArray, IntArray]:
        """Blank scores; the row of a new drug in the table, or -1; its partner."""
        row = self._row[first]
        swapped = row < 0
        other = np.where(swapped, first, second).astype(np.int64)
        return np.zeros(len(first)), np.where(swapped, self._row[second], row), other

    @cached_property
    def _new(self) -> IntArray:
        return np.flatnonzero(~Novelty.of(self.odds.counted.train).seen_drugs)

    @cached_property
    def _row(self) -> IntArray:
        row = np.full(len(self.odds.counted.train.drugs), -1, dtype=np.int64)
        row[self._new] = np.arange(len(self._new))
        return row

    @cached_property
    def _described(self) -> list[Description]:
        drugs = self.odds.counted.train.drugs
        return [self.odds.new.descriptions.of(drugs[place]) for place in self._new.tolist()]

    @cached_property
    def _table(self) -> npt.NDArray[np.int16]:
        """Scores of every new drug with every drug, in steps: (effects, new, drugs)."""
        train = self.odds.counted.train
        table = np.zeros((len(train.effects), len(self._new), len(train.drugs)), dtype=np.int16)
        placements = self._placements()
        for start in range(0, len(self._new), _NEW):
            rows = slice(start, start + _NEW)
            carried = [CarriedTable.of(self.odds.counted, one, rows) for one in placements]
            for row in range(len(self._new[rows])):
                table[:, start + row] = self._scored(carried, row, int(self._new[start + row]))
        among = table[:, :, self._new]
        # Two new drugs have one score, whichever of them is asked for first.
        low, high = np.triu_indices(len(self._new), k=1)
        table[:, high, self._new[low]] = among[:, low, high]
        return table

    def _scored(self, carried: list[CarriedTable], row: int, new: int) -> npt.NDArray[np.int16]:
        """Score a new drug with every drug: (effects, drugs)."""
        counted = self.odds.counted
        steps = np.zeros((len(counted.train.effects), len(counted.train.drugs)), dtype=np.int16)
        for two_new, others in ((False, counted.old), (True, self._new)):
            columns = [counted.log_effect[None, :]]
            for table in carried:
                columns += table.beside(new, row, others).columns(two_new=two_new)
            odds = self.odds.new.surfaces[self.kind][two_new].odds(columns)
            steps[:, others] = stepped(odds).T
        return steps

    def _placements(self) -> list[Placement]:
        """Weights of the known drugs for the new ones, setting by setting."""
        placed = [self.odds.placed(one, self.kind) for one in self._described]
        return [
            Placement(
                self._new,
                np.array([of_drug[place].of_degrees for of_drug in placed]),
                np.array([of_drug[place].of_company for of_drug in placed]),
            )
            for place in range(len(SETTINGS[self.kind]))
        ]


def known_part(scorer: Scorer) -> Scorer:
    """Give what scores pairs of known drugs: the scorer itself where it tells of no others."""
    return scorer.known if isinstance(scorer, NewDrugScorer) else scorer
