"""Pairs of drugs as they come: what held-out facts are told from at natural prevalence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.judging.ranking import DrugScorer
from embeddings.negatives import LEAST_NEW_PAIRS, Novelty
from embeddings.scorer import FloatArray
from embeddings.splits import Split
from embeddings.triples import Facts, IntArray, TripleArray

LEAST_SHARE = 0.01
"""A kind of novelty that fewer of the held-out facts have does not count."""
BAND_EDGES = (500, 1_000, 2_000, 5_000, 10_000)
"""Numbers of facts at which a new frequency band of effects begins."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Pairs of one effect, each with its score and whether it is a held-out fact.

    ``pair`` is the pair's code, as in ``Facts.pair_codes``, and ``asked`` how often it comes.
    ``weight`` is how many facts a held-out fact stands for at natural prevalence.
    """

    effect: int
    pair: IntArray
    scores: FloatArray
    positive: Mask
    asked: FloatArray
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Which pairs are asked about, and what is known of them.

    ``pairs`` are codes of pairs whose drugs are as new to training as those of the held-out facts,
    sorted; ``asked`` tells how often each comes, as a negative. ``known`` are the facts that are no
    negatives, the held-out ones among them.
    """

    pairs: IntArray
    asked: FloatArray
    known: Facts
    held_out: Facts

    @classmethod
    def of(cls, split: Split, held_out: Facts, known: Facts) -> Population:
        """Choose the pairs that held-out facts are told from.

        These are all pairs of drugs that training knows. Where whole pairs are held out, those that
        training states do not come, and those of which nothing is stated are thinned: facts are as
        frequent among what remains as among all pairs. Where drugs are held out, they are the pairs
        with as many new drugs as the held-out facts have, one or both, one of which no other part
        of the split tells of.
        """
        novelty = Novelty.of(split.train)
        n_new, counts = np.unique(novelty.new_drugs(held_out.array), return_counts=True)
        usual = n_new[counts >= LEAST_SHARE * max(1, len(held_out))]
        n = len(split.train.drugs)
        first, second = np.triu_indices(n, k=1)
        rows = np.column_stack((first, np.zeros_like(first), second)).astype(np.int32)
        chosen = np.isin(novelty.new_drugs(rows), usual)
        chosen &= Novelty.of(split.train.joined(held_out)).new_drugs(rows) == 0
        if 0 not in usual:
            elsewhere = known.keep(~held_out.states(known.codes))
            own = ~Novelty.of(elsewhere).seen_drugs
            chosen &= own[first] | own[second]
        asked = _asked(novelty, held_out, known, rows[chosen])
        return cls((first * n + second)[chosen].astype(np.int64), asked, known, held_out)

    @property
    def base_rates(self) -> FloatArray:
        """Known facts of each effect over the pairs, each of which counts as one."""
        inside = self.known.keep(np.isin(self.known.pair_codes, self.pairs))
        rates: FloatArray = inside.per_effect / max(1, len(self.pairs))
        return rates

    def kinds(self, train: Facts) -> npt.NDArray[np.int8]:
        """Kind of novelty to training of each of these pairs, by its code; 0 for all others."""
        n = len(train.drugs)
        first, second = np.divmod(self.pairs, n)
        rows = np.column_stack((first, np.zeros_like(first), second)).astype(np.int32)
        kinds = np.zeros(n * n, dtype=np.int8)
        kinds[self.pairs] = Novelty.of(train).kinds(rows)
        return kinds

    def cells(self, scorer: DrugScorer) -> Iterator[Cells]:
        """Yield, effect by effect, every pair that is no known fact, and the held-out facts."""
        n = len(self.known.drugs)
        totals = self.base_rates * max(1.0, self.asked.sum())
        for effect, total in enumerate(totals.tolist()):
            positive = _flat(self.held_out, effect, n)[self.pairs]
            kept = ~_flat(self.known, effect, n)[self.pairs] | positive
            pair, found = self.pairs[kept], positive[kept]
            scores = np.asarray(scorer.drug_scores(effect)).ravel()[pair].astype(np.float64)
            weight = max(1.0, total / max(1, int(found.sum())))
            yield Cells(effect, pair, scores, found, self.asked[kept], weight)


def bands_of(counts: npt.NDArray[np.integer]) -> IntArray:
    """Give the frequency band of effects by their numbers of facts: 0 for the rarest."""
    return np.searchsorted(np.asarray(BAND_EDGES), counts, side="right").astype(np.int64)


def band_name(band: int) -> str:
    """Say which numbers of facts a band holds.

    >>> band_name(0), band_name(1), band_name(5)
    ('under 500', '500 to 999', '10000 and more')
    """
    if band == 0:
        return f"under {BAND_EDGES[0]}"
    if band == len(BAND_EDGES):
        return f"{BAND_EDGES[-1]} and more"
    return f"{BAND_EDGES[band - 1]} to {BAND_EDGES[band] - 1}"


def _asked(novelty: Novelty, held_out: Facts, known: Facts, pairs: TripleArray) -> FloatArray:
    """How often pairs come as negatives: as often as they are drawn beside held-out facts."""
    kinds = novelty.kinds(held_out.array)
    by_pair = (kinds == 1).sum() >= LEAST_NEW_PAIRS * len(kinds) > 0
    if not by_pair or (kinds == 0).sum() >= LEAST_SHARE * len(kinds):
        return np.ones(len(pairs))
    stated = Novelty.of(known).seen_pairs
    silent = ~stated[pairs[:, 0], pairs[:, 2]]
    found = novelty.kinds(pairs)
    thinned = np.where(silent & (found == 1), novelty.new_share(stated), 1.0)
    return np.where(found == 0, 0.0, thinned)


def _flat(facts: Facts, effect: int, n: int) -> Mask:
    table = np.zeros(n * n, dtype=np.bool_)
    rows = facts.under(effect).astype(np.int64)
    table[rows[:, 0] * n + rows[:, 2]] = True
    return table
