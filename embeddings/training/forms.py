"""Interactions of PyKEEN whose scores over every effect of a pair are one matrix product.

A pair has no order, so a score is the mean over both orders of its drugs. That leaves of each
interaction a product of a vector of the pair and a vector of the effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from pykeen.nn.modules import Interaction
from torch import Tensor


class PairForm(Interaction[Tensor, tuple[Tensor, Tensor], Tensor]):
    """A symmetric interaction: an entity is a vector, a relation a vector and a bias.

    The last ``sums`` numbers of an entity's and of a relation's vector are its leanings: those of
    two entities are added up before they meet those of the relation.
    """

    entity_shape: Sequence[str] = ("e",)
    relation_shape: Sequence[str] = ("r", "")
    entity_width: ClassVar[int] = 1
    """Numbers of an entity for each dimension."""

    def __init__(self, dimension: int, sums: int = 0) -> None:
        super().__init__()
        self.dimension, self.sums = dimension, sums

    @property
    def entity_size(self) -> int:
        """Numbers of an entity."""
        return self.dimension * self.entity_width + self.sums

    @property
    def relation_size(self) -> int:
        """Numbers of a relation, without its bias."""
        return self.dimension + self.sums

    def forward(self, h: Tensor, r: tuple[Tensor, Tensor], t: Tensor) -> Tensor:
        """Score triples whose parts are shaped (*batch, numbers) and, for the bias, (*batch)."""
        weights, bias = r
        return (self.features(h, t) * self.core(weights)).sum(dim=-1) + bias

    def features(self, first: Tensor, second: Tensor) -> Tensor:
        """Vector of each pair: (*batch, features)."""
        size = self.dimension * self.entity_width
        met = self.met(first[..., :size], second[..., :size])
        if not self.sums:
            return met
        return torch.cat((met, first[..., size:] + second[..., size:]), dim=-1)

    def core(self, weights: Tensor) -> Tensor:
        """Vector of each effect that a pair's features meet: (*batch, features)."""
        size = weights.shape[-1] - self.sums
        if not self.sums:
            return self.meeting(weights)
        return torch.cat((self.meeting(weights[..., :size]), weights[..., size:]), dim=-1)

    def met(self, first: Tensor, second: Tensor) -> Tensor:
        """Features of a pair without the leanings."""
        return first * second

    def meeting(self, weights: Tensor) -> Tensor:
        """Vector of an effect without the leanings."""
        return weights

    def factors(self, drugs: Tensor, core: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Write the form as ``sum_k left_ak core_ek right_bk``, all without the leanings."""
        return drugs, drugs, core


class PairDistMult(PairForm):
    """DistMult (Yang et al. 2015), which is symmetric as it stands."""


class PairComplEx(PairForm):
    """ComplEx (Trouillon et al. 2016): of a relation, the mean of both orders leaves the real part.

    The first half of an entity is real, the second imaginary.
    """

    entity_width = 2

    def met(self, first: Tensor, second: Tensor) -> Tensor:
        """Real part of one entity times the conjugate of the other."""
        real, imaginary = (first * second).chunk(2, dim=-1)
        return real + imaginary

    def factors(self, drugs: Tensor, core: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Both parts of a drug meet the same vector."""
        return drugs, drugs, torch.cat((core, core), dim=-1)


class PairSimplE(PairForm):
    """SimplE (Kazemi and Poole 2018): of a relation, the mean of both orders leaves one vector.

    The first half of an entity is the entity as head, the second as tail.
    """

    entity_width = 2

    def met(self, first: Tensor, second: Tensor) -> Tensor:
        """Mean of head with tail and tail with head."""
        head, tail = first.chunk(2, dim=-1)
        other_head, other_tail = second.chunk(2, dim=-1)
        return (head * other_tail + tail * other_head) / 2.0

    def factors(self, drugs: Tensor, core: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """A drug as head faces one as tail."""
        head, tail = drugs.chunk(2, dim=-1)
        facing = torch.cat((tail, head), dim=-1)
        return drugs, facing, torch.cat((core, core), dim=-1) / 2.0


class PairTuckER(PairForm):
    """TuckER (Balazevic et al. 2019) with a core tensor that is symmetric in its two entities.

    A relation has ``ranks`` numbers for each dimension of an entity; the core maps them to a matrix
    between the two drugs.
    """

    ranks: ClassVar[int] = 8

    def __init__(self, dimension: int, sums: int = 0) -> None:
        super().__init__(dimension, sums)
        self.tensor = torch.nn.Parameter(torch.empty(dimension * dimension, dimension * self.ranks))

    @property
    def relation_size(self) -> int:
        """Numbers of a relation, without its bias."""
        return self.dimension * self.ranks + self.sums

    def reset_parameters(self) -> None:
        """Draw the core tensor anew."""
        torch.nn.init.normal_(self.tensor, std=self.tensor.shape[1] ** -0.5)

    def met(self, first: Tensor, second: Tensor) -> Tensor:
        """Every number of one drug times every number of the other."""
        return (first[..., :, None] * second[..., None, :]).flatten(start_dim=-2)

    def meeting(self, weights: Tensor) -> Tensor:
        """The relation's matrix between two drugs, symmetric, row after row."""
        square = (weights @ self.tensor.T).reshape(*weights.shape[:-1], *[self.dimension] * 2)
        return ((square + square.transpose(-1, -2)) / 2.0).flatten(start_dim=-2)

    def factors(self, drugs: Tensor, core: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Every number of one drug stands before every number of the other."""
        each = drugs.repeat_interleave(self.dimension, dim=-1)
        return each, drugs.repeat(1, self.dimension), core


FORMS: dict[str, type[PairForm]] = {
    "distmult": PairDistMult,
    "complex": PairComplEx,
    "simple": PairSimplE,
    "tucker": PairTuckER,
}
