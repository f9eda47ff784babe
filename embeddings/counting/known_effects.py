"""Which effects training states of each pair, as bits: what a scorer of whole pairs looks up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from embeddings.codes import places_among
from embeddings.scorer import WeightArray
from embeddings.triples import Facts, IntArray

_ROWS = 4_096  # pairs whose effects are in hand at once, a number each
_MANY = 4  # possible pairs for each fact from which sorting beats a table of every pair

Pairs = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class KnownEffects:
    """Effects of each pair that training states, pair after pair.

    ``pairs`` are sorted codes as in ``Facts.pair_codes``; ``bits`` is (pairs, effects / 8), an
    effect a bit: 8 MB on Decagon.
    """

    pairs: IntArray
    bits: npt.NDArray[np.uint8]
    n_drugs: int

    @classmethod
    def of(cls, train: Facts) -> KnownEffects:
        """Read the facts, effect by effect, as they stand: nothing is sorted anew."""
        n, n_effects = len(train.drugs), len(train.effects)
        low, effect, high = train.array.T
        pairs, place = _placed(low.astype(np.int64) * n + high, n * n)
        bits = np.zeros(((n_effects + 7) // 8, len(pairs)), dtype=np.uint8)
        ends = np.searchsorted(effect, np.arange(n_effects + 1, dtype=effect.dtype))
        for number, (begin, end) in enumerate(pairwise(ends.tolist())):
            bits[number // 8, place[begin:end]] |= np.uint8(128 >> number % 8)
        return cls(pairs, np.ascontiguousarray(bits.T), n)

    def places(self, codes: IntArray) -> tuple[IntArray, npt.NDArray[np.bool_]]:
        """Where pairs stand among the known ones, and whether they do."""
        return places_among(self.pairs, codes)

    def blocks(self, n_effects: int) -> Iterator[tuple[slice, WeightArray]]:
        """Yield some known pairs after others, and their effects as 0 and 1: (pairs, effects)."""
        for start in range(0, len(self.pairs), _ROWS):
            rows = slice(start, start + _ROWS)
            yield rows, self._unpacked(np.arange(len(self.pairs))[rows], n_effects)

    def partners(self, drug: int, n_effects: int) -> tuple[IntArray, WeightArray]:
        """Drugs that share an effect with a drug, and which, as 0 and 1: (partners, effects)."""
        partner, place, starts = self._by_drug
        its = slice(starts[drug], starts[drug + 1])
        return partner[its], self._unpacked(place[its], n_effects)

    def company(self, drug: int, n_effects: int) -> WeightArray:
        """Which drugs share which effect with a drug, as 0 and 1: (effects, drugs)."""
        partner, stated = self.partners(drug, n_effects)
        table = np.zeros((self.n_drugs, n_effects), dtype=np.float32)
        table[partner] = stated
        return table.T

    def shown(self, pairs: Pairs, n_effects: int) -> tuple[WeightArray, IntArray]:
        """Known effects of those pairs that have any, as 0 and 1, and which pairs those are."""
        low, high = pairs.min(axis=1).astype(np.int64), pairs.max(axis=1)
        place, found = self.places(low * self.n_drugs + high)
        return self._unpacked(place[found], n_effects), np.flatnonzero(found)

    def _unpacked(self, places: IntArray, n_effects: int) -> WeightArray:
        bits = self.bits.take(places, axis=0)
        return np.unpackbits(bits, axis=1, count=n_effects).astype(np.float32)

    @cached_property
    def _by_drug(self) -> tuple[IntArray, IntArray, list[int]]:
        """Partner and place of the pairs of each drug, drug after drug, and where each begins."""
        low, high = np.divmod(self.pairs, self.n_drugs)
        drug, partner = np.concatenate((low, high)), np.concatenate((high, low))
        order = np.argsort(drug, kind="stable")
        starts = np.searchsorted(drug[order], np.arange(self.n_drugs + 1)).tolist()
        return partner[order], order % max(len(self.pairs), 1), starts


def _placed(codes: IntArray, n_codes: int) -> tuple[IntArray, IntArray]:
    """Give the codes that occur, sorted, and where each stands among them."""
    if n_codes > _MANY * len(codes):
        return np.unique(codes, return_inverse=True)
    occurs = np.zeros(n_codes, dtype=np.bool_)
    occurs[codes] = True
    return np.flatnonzero(occurs), np.cumsum(occurs)[codes] - 1
