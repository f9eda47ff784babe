"""The pair model: an interaction of PyKEEN with terms that see the training facts."""

from __future__ import annotations

from typing import Any, TypeAlias

import torch
from pykeen.losses import BCEWithLogitsLoss
from pykeen.models import ERModel
from pykeen.triples import CoreTriplesFactory
from torch import Tensor
from torch.nn.init import constant_, normal_

from embeddings.mechanism import Mechanism
from embeddings.training.blocks import Block, PairTable
from embeddings.training.configs import PairConfig
from embeddings.training.forms import FORMS, PairForm
from embeddings.training.mechanism import MechanismLoss
from embeddings.training.terms import ContextTerm, DegreeTerm, MemoryTerm, product, shown_part

INITIAL_ENTITY = 0.1
INITIAL_RELATION = 0.3
INITIAL_BIAS = -4.0
"""Where learning starts; the bias stands for an effect that about one pair in fifty has."""

_Base: TypeAlias = ERModel[Tensor, tuple[Tensor, Tensor], Tensor]


class PairModel(_Base):
    """Scores of (drug, effect, drug) by an interaction, and by the terms that a configuration asks.

    With a ``mechanism`` its loss is added, as the configuration weighs it.
    """

    def __init__(
        self,
        *,
        triples_factory: CoreTriplesFactory,
        config: PairConfig,
        mechanism: Mechanism | None = None,
        **kwargs: Any,
    ) -> None:
        form = FORMS[config.interaction](config.dimension, config.sums)
        super().__init__(
            triples_factory=triples_factory,
            interaction=form,
            entity_representations_kwargs=_entities(form, config),
            relation_representations_kwargs=_relations(form),
            **{"loss": BCEWithLogitsLoss(), **kwargs},
        )
        self.form, self.config = form, config
        triples = triples_factory.mapped_triples
        self.table = PairTable(triples, triples_factory.num_entities, triples_factory.num_relations)
        self.degrees = DegreeTerm(self.table) if config.degrees else None
        self.context = ContextTerm(self.table, config.context) if config.context else None
        self.memory = _memory(config, triples_factory.num_relations) if config.memory else None
        self.mechanism = (
            MechanismLoss(mechanism, triples_factory.num_entities, form.entity_size - form.sums)
            if mechanism is not None
            else None
        )
        self.reset_parameters_()  # type: ignore[no-untyped-call]

    def collect_regularization_term(self) -> Any:
        """Loss beside that of pairs: PyKEEN's regularisers, and that of the mechanism."""
        term = super().collect_regularization_term()  # type: ignore[no-untyped-call]
        if self.mechanism is None:
            return term
        met = self.entity_representations[0](None)[:, : self.mechanism.nodes.shape[1]]
        return term + self.config.mechanism * self.mechanism(met)

    def shown(self, block: Block) -> Tensor | None:
        """Draw what the memory may see of a block; ``None`` where there is no memory.

        In evaluation it sees all that training states.
        """
        if self.memory is None:
            return None
        return shown_part(block.stated, self.config.hidden) if self.training else block.stated

    def block_scores(self, block: Block, shown: Tensor | None) -> Tensor:
        """Score every effect of a block's pairs: (pairs, effects)."""
        drugs = self.entity_representations[0](None)
        weights, bias = (relation(None) for relation in self.relation_representations)
        features = self.form.features(drugs[block.first], drugs[block.second])
        half = bool(self.config.half)
        scores: Tensor = product(features, self.form.core(weights), half=half) + bias
        if self.degrees is not None:
            scores = scores + self.degrees(block)
        if self.context is not None:
            scores = scores + self.context(block)
        if self.memory is not None and shown is not None:
            scores = scores + self.memory(shown)
        return scores

    def score_hrt(self, hrt_batch: Tensor, **kwargs: Any) -> Tensor:
        """Score triples: (triples, 1)."""
        every = self.score_r(hrt_batch[:, [0, 2]])
        return every[torch.arange(len(every)), hrt_batch[:, 1]][:, None]

    def score_r(
        self,
        ht_batch: Tensor,
        *,
        slice_size: int | None = None,
        mode: object = None,
        relations: Tensor | None = None,
    ) -> Tensor:
        """Score every relation, or those given, of pairs (head, tail): (pairs, relations)."""
        first, second = ht_batch.unbind(dim=1)
        table = self.table.to(ht_batch.device)
        block = table.block(first, second, (1,) * len(first))
        scores = self.block_scores(block, self.shown(block))
        return scores if relations is None else scores[:, relations]

    def score_t(
        self,
        hr_batch: Tensor,
        *,
        slice_size: int | None = None,
        mode: object = None,
        tails: Tensor | None = None,
    ) -> Tensor:
        """Score every tail, or those given, of (head, relation): (queries, tails)."""
        others = torch.arange(self.num_entities) if tails is None else tails
        return torch.stack([self._against(drug, effect, others) for drug, effect in hr_batch])

    def score_h(
        self,
        rt_batch: Tensor,
        *,
        slice_size: int | None = None,
        mode: object = None,
        heads: Tensor | None = None,
    ) -> Tensor:
        """Score every head, or those given, of (relation, tail): (queries, heads)."""
        return self.score_t(rt_batch[:, [1, 0]], tails=heads)

    def _against(self, drug: Tensor, effect: Tensor, others: Tensor) -> Tensor:
        pairs = torch.stack((drug.expand(len(others)), others.to(drug.device)), dim=1)
        return self.score_r(pairs)[:, effect]


def _entities(form: PairForm, config: PairConfig) -> dict[str, Any]:
    return {
        "shape": (form.entity_size,),
        "initializer": normal_,
        "initializer_kwargs": {"std": INITIAL_ENTITY},
        "dropout": config.dropout,
    }


def _relations(form: PairForm) -> list[dict[str, Any]]:
    return [
        {
            "shape": (form.relation_size,),
            "initializer": normal_,
            "initializer_kwargs": {"std": INITIAL_RELATION},
        },
        {"shape": (), "initializer": constant_, "initializer_kwargs": {"val": INITIAL_BIAS}},
    ]


def _memory(config: PairConfig, n_effects: int) -> MemoryTerm:
    half = bool(config.half)
    return MemoryTerm(n_effects, config.memory, config.memory_dropout, half=half)
