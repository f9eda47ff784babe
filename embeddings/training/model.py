"""PyKEEN models of (drug, effect, drug), whose scores are matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

import torch
from pykeen.losses import BCEWithLogitsLoss
from pykeen.models import ERModel
from pykeen.nn.modules import (
    ComplExInteraction,
    DistMultInteraction,
    Interaction,
    SimplEInteraction,
)
from pykeen.triples import CoreTriplesFactory
from torch import Tensor
from torch.nn.init import normal_

from embeddings.training.configs import Config
from embeddings.triples import Facts

INITIAL_ENTITY = 0.1
INITIAL_RELATION = 0.3
INITIAL_BIAS = -4.0
"""Where learning starts; the bias stands for an effect that about one pair in fifty has."""


class DenseInteraction(Interaction[Tensor, tuple[Tensor, Tensor], Tensor]):
    """A bilinear interaction with a bias per relation, which scores all pairs at once.

    An entity is one real vector, a relation a vector and a number.
    """

    entity_shape: Sequence[str] = ("e",)
    relation_shape: Sequence[str] = ("d", "")
    entity_width: ClassVar[int] = 1
    """Dimensions of an entity for each dimension of a relation."""

    def table(self, heads: Tensor, weights: Tensor, bias: Tensor, tails: Tensor) -> Tensor:
        """Score all pairs: (k, e) heads, (m, d) relations, (n, e) tails give (m, k, n)."""
        return self.folded(heads, weights[:, None, :]) @ self.facing(tails).T + bias[:, None, None]

    def forward(self, h: Tensor, r: tuple[Tensor, Tensor], t: Tensor) -> Tensor:
        """Score triples whose parts are shaped (*batch, dimension) and, for the bias, (*batch)."""
        weights, bias = r
        return self.unbiased(h, weights, t) + bias

    def unbiased(self, h: Tensor, r: Tensor, t: Tensor) -> Tensor:
        """Score triples by PyKEEN's own interaction."""
        raise NotImplementedError

    def folded(self, heads: Tensor, weights: Tensor) -> Tensor:
        """Heads with the relation folded in; their products with facing tails are the scores."""
        raise NotImplementedError

    def facing(self, tails: Tensor) -> Tensor:
        """Tails as folded heads meet them."""
        return tails


class BiasedDistMult(DenseInteraction):
    """DistMult (Yang et al. 2015): symmetric in its two entities."""

    def __init__(self) -> None:
        super().__init__()
        self.base = DistMultInteraction()

    def unbiased(self, h: Tensor, r: Tensor, t: Tensor) -> Tensor:
        """Score triples by PyKEEN's own interaction."""
        scores: Tensor = self.base(h, r, t)
        return scores

    def folded(self, heads: Tensor, weights: Tensor) -> Tensor:
        """Heads times the relation."""
        return heads * weights


class BiasedComplEx(DenseInteraction):
    """ComplEx (Trouillon et al. 2016); the first half of a vector is real, the second imaginary."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ComplExInteraction()

    def unbiased(self, h: Tensor, r: Tensor, t: Tensor) -> Tensor:
        """Score triples by PyKEEN's own interaction."""
        parts = (torch.complex(*part.chunk(2, dim=-1)) for part in (h, r, t))
        scores: Tensor = self.base(*parts)
        return scores

    def folded(self, heads: Tensor, weights: Tensor) -> Tensor:
        """Heads multiplied by the relation in the complex plane."""
        real, imaginary = heads.chunk(2, dim=-1)
        r_real, r_imaginary = weights.chunk(2, dim=-1)
        turned = (real * r_real - imaginary * r_imaginary, imaginary * r_real + real * r_imaginary)
        return torch.cat(turned, dim=-1)


class BiasedSimplE(DenseInteraction):
    """SimplE (Kazemi and Poole 2018) with one relation for both directions: symmetric.

    The first half of an entity's vector is the entity as head, the second as tail.
    """

    entity_width: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__()
        self.base = SimplEInteraction()  # type: ignore[no-untyped-call]

    def unbiased(self, h: Tensor, r: Tensor, t: Tensor) -> Tensor:
        """Score triples by PyKEEN's own interaction."""
        # PyKEEN 1.11 multiplies first parts with first parts, so the tail's parts change places.
        scores: Tensor = self.base(h.chunk(2, dim=-1), (r, r), t.chunk(2, dim=-1)[::-1])
        return scores

    def folded(self, heads: Tensor, weights: Tensor) -> Tensor:
        """Both halves times the relation, halved as the mean of two directions."""
        return heads * (torch.cat((weights, weights), dim=-1) / 2.0)

    def facing(self, tails: Tensor) -> Tensor:
        """Both halves changed over: a head meets a tail."""
        as_head, as_tail = tails.chunk(2, dim=-1)
        return torch.cat((as_tail, as_head), dim=-1)


DenseModel: TypeAlias = ERModel[Tensor, tuple[Tensor, Tensor], Tensor]

INTERACTIONS: dict[str, type[DenseInteraction]] = {
    "distmult": BiasedDistMult,
    "complex": BiasedComplEx,
    "simple": BiasedSimplE,
}


def factory_of(facts: Facts) -> CoreTriplesFactory:
    """Hand facts to PyKEEN, each once; both orders of its drugs are one thing to the loop."""
    return CoreTriplesFactory(
        mapped_triples=torch.from_numpy(facts.array.astype("int64")),
        num_entities=len(facts.drugs),
        num_relations=len(facts.effects),
    )


def model_of(config: Config, triples: CoreTriplesFactory, seed: int) -> DenseModel:
    """Make an untrained model."""
    interaction = INTERACTIONS[config.interaction]()
    return ERModel(
        triples_factory=triples,
        interaction=interaction,
        entity_representations_kwargs={
            "shape": (config.dimension * interaction.entity_width,),
            "initializer": normal_,
            "initializer_kwargs": {"std": INITIAL_ENTITY},
            "dropout": config.dropout,
        },
        relation_representations_kwargs=[
            {
                "shape": (config.dimension,),
                "initializer": normal_,
                "initializer_kwargs": {"std": INITIAL_RELATION},
            },
            {
                "shape": (),
                "initializer": torch.nn.init.constant_,
                "initializer_kwargs": {"val": INITIAL_BIAS},
            },
        ],
        loss=BCEWithLogitsLoss(reduction="sum", pos_weight=config.positive_weight),
        random_seed=seed,
    )
