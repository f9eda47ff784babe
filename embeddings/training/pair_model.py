"""The pair model: an interaction of PyKEEN with terms that see the training facts."""

from __future__ import annotations

from typing import Any, TypeAlias

import torch
from pykeen.losses import BCEWithLogitsLoss
from pykeen.models import ERModel
from pykeen.nn.representation import Embedding
from pykeen.triples import CoreTriplesFactory
from torch import Tensor, nn
from torch.nn.init import constant_, normal_

from embeddings.drug_features import NOTHING, Knowledge
from embeddings.training.blocks import Block, PairTable
from embeddings.training.configs import PairConfig
from embeddings.training.forms import FORMS, PairForm
from embeddings.training.mechanism import LoopLoss, MechanismLoss
from embeddings.training.terms import ContextTerm, DegreeTerm, MemoryTerm, product, shown_part

INITIAL_ENTITY = 0.1
INITIAL_RELATION = 0.3
INITIAL_BIAS = -4.0
"""Where learning starts; the bias stands for an effect that about one pair in fifty has."""

_Base: TypeAlias = ERModel[Tensor, tuple[Tensor, Tensor], Tensor]


class EnrichedEmbedding(Embedding):
    """Learned vectors plus a learned linear map of fixed features (entities, features)."""

    features: Tensor

    def __init__(self, *, features: Tensor, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.register_buffer("features", features, persistent=False)
        self.map = nn.Linear(features.shape[1], self.shape[0], bias=False)
        nn.init.zeros_(self.map.weight)

    def reset_parameters(self) -> None:
        """Draw the vectors anew; features begin without a say."""
        super().reset_parameters()
        if hasattr(self, "map"):
            nn.init.zeros_(self.map.weight)

    def _plain_forward(self, indices: Tensor | None = None) -> Tensor:
        mapped = self.map(self.features)
        chosen: Tensor = mapped if indices is None else mapped[indices]
        return chosen + super()._plain_forward(indices)


class PairModel(_Base):
    """Scores of (drug, effect, drug) by an interaction, and by the terms that a configuration asks.

    ``knowledge`` is what the configuration asks to know of drugs beside their pairs.
    """

    def __init__(
        self,
        *,
        triples_factory: CoreTriplesFactory,
        config: PairConfig,
        knowledge: Knowledge = NOTHING,
        **kwargs: Any,
    ) -> None:
        form = FORMS[config.interaction](config.dimension, config.sums)
        super().__init__(
            triples_factory=triples_factory,
            interaction=form,
            entity_representations=EnrichedEmbedding if knowledge.features is not None else None,
            entity_representations_kwargs=_entities(form, config, knowledge),
            relation_representations_kwargs=_relations(form),
            **{"loss": BCEWithLogitsLoss(), **kwargs},
        )
        self.form, self.config = form, config
        triples = triples_factory.mapped_triples
        self.table = PairTable(triples, triples_factory.num_entities, triples_factory.num_relations)
        self.degrees = DegreeTerm(self.table) if config.degrees else None
        self.context = ContextTerm(self.table, config.context) if config.context else None
        self.memory = _memory(config, triples_factory.num_relations) if config.memory else None
        self.mechanism = _mechanism(form, config, knowledge, triples_factory.num_entities)
        self.loops = _loops(form, config, knowledge)
        self.reset_parameters_()  # type: ignore[no-untyped-call]

    def collect_regularization_term(self) -> Any:
        """Loss beside that of pairs: PyKEEN's regularisers, and what else is asked of drugs."""
        term = super().collect_regularization_term()  # type: ignore[no-untyped-call]
        if self.mechanism is None and self.loops is None:
            return term
        drugs = self.entity_representations[0](None)
        if self.mechanism is not None:
            met = drugs[:, : self.mechanism.nodes.shape[1]]
            term = term + self.config.mechanism * self.mechanism(met)
        if self.loops is not None:
            term = term + self.config.loops * self.loops(self.form.features(drugs, drugs))
        return term

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
            scores = scores + self.memory(shown, features[:, : self.config.dimension])
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
        block = self.table.block(first, second, (1,) * len(first))
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


def _entities(form: PairForm, config: PairConfig, knowledge: Knowledge) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "shape": (form.entity_size,),
        "initializer": normal_,
        "initializer_kwargs": {"std": INITIAL_ENTITY},
        "dropout": config.dropout,
    }
    if knowledge.features is not None:
        settings["features"] = torch.from_numpy(knowledge.features)
    return settings


def _mechanism(
    form: PairForm, config: PairConfig, knowledge: Knowledge, n_drugs: int
) -> MechanismLoss | None:
    if not config.mechanism or knowledge.mechanism is None:
        return None
    return MechanismLoss(knowledge.mechanism, n_drugs, form.entity_size - form.sums)


def _loops(form: PairForm, config: PairConfig, knowledge: Knowledge) -> LoopLoss | None:
    if not config.loops or knowledge.own is None:
        return None
    nobody = torch.zeros(1, form.entity_size)
    return LoopLoss(torch.from_numpy(knowledge.own), form.features(nobody, nobody).shape[1])


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
    mixed = config.dimension if config.mixed else 0
    half = bool(config.half)
    return MemoryTerm(n_effects, config.memory, config.memory_dropout, mixed, half=half)
