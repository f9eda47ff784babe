"""Blocks of unordered pairs, each pair once an epoch, and what training states of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.data import Dataset


@dataclass(frozen=True, slots=True)
class Block:
    """Some pairs: strips of one drug against others, one strip after the other.

    ``first`` and ``second`` are the drugs of each pair (n,), ``stated`` is (n, effects): 1 where
    training states the effect of the pair. ``strips`` holds the length of each strip.
    """

    first: Tensor
    second: Tensor
    stated: Tensor
    strips: tuple[int, ...]

    def rows(self) -> Iterator[tuple[Tensor, slice]]:
        """Yield each strip: the drug that all its pairs share, and its place in the block."""
        start = 0
        for length in self.strips:
            if length:
                yield self.first[start], slice(start, start + length)
            start += length


class PairTable:
    """The training facts by pair: what is stated of any pair, whichever way round it is named.

    Built once from PyKEEN's triples (head, relation, tail); a fact that stands twice, or in both
    orders, counts once, and a drug with itself not at all.
    """

    def __init__(self, triples: Tensor, n_drugs: int, n_effects: int) -> None:
        self.n_drugs, self.n_effects = n_drugs, n_effects
        pairs = self._codes(triples[:, 0], triples[:, 2])
        apart = triples[:, 0] != triples[:, 2]
        cells = torch.unique(pairs[apart] * n_effects + triples[apart, 1])
        self.pairs, counts = torch.unique(cells // n_effects, return_counts=True)
        self.starts = torch.cat((counts.new_zeros(1), counts.cumsum(0)))
        self.effects = cells % n_effects
        self._by_drug = self._partners(cells)

    def to(self, device: torch.device) -> PairTable:
        """Move the table to where the model is."""
        for name in ("pairs", "starts", "effects"):
            setattr(self, name, getattr(self, name).to(device))
        starts, effects, partners = self._by_drug
        self._by_drug = starts.to(device), effects.to(device), partners.to(device)
        return self

    def stated(self, first: Tensor, second: Tensor) -> Tensor:
        """State the facts of pairs as a table of 0 and 1: (n, effects)."""
        codes = self._codes(first, second)
        place = torch.searchsorted(self.pairs, codes).clamp_(max=max(0, len(self.pairs) - 1))
        table = torch.zeros(len(codes), self.n_effects, device=codes.device)
        if not len(self.pairs):
            return table
        found = (self.pairs[place] == codes).nonzero().flatten()
        row, cell = spread(self.starts, place[found])
        table[found[row], self.effects[cell]] = 1.0
        return table

    def block(
        self, first: Tensor, second: Tensor, strips: tuple[int, ...], *, connected: bool = False
    ) -> Block:
        """Make the block of some pairs, or only of those among them that have a fact."""
        if connected:
            known = torch.isin(self._codes(first, second), self.pairs)
            strips = tuple(int(part.sum()) for part in torch.split(known, list(strips)))
            first, second = first[known], second[known]
        return Block(first, second, self.stated(first, second), strips)

    def company(self, drug: Tensor) -> Tensor:
        """Which drugs share which effect with a drug, as a table of 0 and 1: (effects, drugs)."""
        starts, effects, partners = self._by_drug
        chosen = slice(int(starts[drug]), int(starts[drug + 1]))
        table = torch.zeros(self.n_effects, self.n_drugs, device=effects.device)
        table[effects[chosen], partners[chosen]] = 1.0
        return table

    def degrees(self) -> Tensor:
        """Number of facts of each drug under each effect: (drugs, effects), float."""
        starts, effects, _ = self._by_drug
        drug = torch.repeat_interleave(starts.diff())
        cells = drug * self.n_effects + effects
        counts = torch.bincount(cells, minlength=self.n_drugs * self.n_effects)
        return counts.reshape(self.n_drugs, self.n_effects).float()

    def _codes(self, first: Tensor, second: Tensor) -> Tensor:
        return torch.minimum(first, second) * self.n_drugs + torch.maximum(first, second)

    def _partners(self, cells: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        pair, effect = cells // self.n_effects, cells % self.n_effects
        low, high = pair // self.n_drugs, pair % self.n_drugs
        drug = torch.cat((low, high))
        order = torch.argsort(drug, stable=True)
        counts = torch.bincount(drug, minlength=self.n_drugs)
        starts = torch.cat((counts.new_zeros(1), counts.cumsum(0)))
        return starts, torch.cat((effect, effect))[order], torch.cat((high, low))[order]


def spread(starts: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Spell out rows of a ragged table: for each cell, the place of its row, and its own place."""
    first, length = starts[rows], starts[rows + 1] - starts[rows]
    row = torch.repeat_interleave(length)
    within = torch.arange(len(row), device=rows.device) - (length.cumsum(0) - length)[row]
    return row, first[row] + within


class Tournament(Dataset[Tensor]):
    """Batches of strips, in which every two drugs meet once an epoch.

    Drugs stand in a circle in an order drawn anew each epoch, and each meets those that follow it
    half way round. A strip is one drug with ``width`` of them, or with fewer. An item is the
    numbers of the strips of one batch. Of ``world`` processes, each has its own share of the
    batches, all equally many; the last of them may begin again at the first.
    """

    def __init__(
        self, n_drugs: int, width: int, strips_per_batch: int, rank: int = 0, world: int = 1
    ) -> None:
        self._n, self._width, self._size = n_drugs, width, strips_per_batch
        self._rank, self._world = rank, world
        self._chunks = -(-(n_drugs // 2) // width)
        self._order = torch.arange(n_drugs)

    def draw(self, generator: torch.Generator) -> None:
        """Draw the order of the circle for an epoch."""
        self._order = torch.randperm(self._n, generator=generator)

    def __len__(self) -> int:
        return -(-self._batches // self._world)

    def __getitem__(self, item: int) -> Tensor:
        if item >= len(self):
            raise IndexError(item)
        start = (item * self._world + self._rank) % self._batches * self._size
        return torch.arange(start, min(start + self._size, self._n * self._chunks))

    def pairs(self, strips: Tensor) -> tuple[Tensor, Tensor, tuple[int, ...]]:
        """Give the two drugs of each pair of some strips, and how long each strip is."""
        places = [self._strip(*divmod(strip, self._chunks)) for strip in strips.tolist()]
        lengths = tuple(len(second) for _, second in places)
        first = torch.tensor([place for place, _ in places]).repeat_interleave(
            torch.tensor(lengths)
        )
        second = torch.cat([second for _, second in places])
        return self._order[first], self._order[second], lengths

    @property
    def _batches(self) -> int:
        return max(1, -(-(self._n * self._chunks) // self._size))

    def _strip(self, place: int, chunk: int) -> tuple[int, Tensor]:
        # With an even number of drugs, only half of them meet the one that stands opposite.
        reach = (self._n - 1) // 2 + int(self._n % 2 == 0 and place < self._n // 2)
        start = 1 + chunk * self._width
        steps = torch.arange(start, min(start + self._width, reach + 1))
        return place, (place + steps) % self._n
