"""Learning by whole effects: a pair of drugs is a cell, a matrix product scores them all."""

from __future__ import annotations

import tempfile
from typing import Any, ClassVar, TypeAlias, cast

import numpy as np
import torch
from pykeen.training import TrainingLoop
from pykeen.triples import CoreTriplesFactory
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset

from embeddings.training.configs import Config
from embeddings.training.model import DenseInteraction, DenseModel, factory_of, model_of
from embeddings.training.watching import (
    Cosine,
    EpochReport,
    FloatWeights,
    Progress,
    Validation,
    settled_heap,
)
from embeddings.triples import Facts

Batch: TypeAlias = tuple[Tensor]
_NO_PAIR = -60.0  # log-odds of a drug with itself: nothing to learn there


class EffectMajorLoop(TrainingLoop[Batch]):
    """The local closed world of PyKEEN's LCWA loop, some effects at a time instead of some pairs.

    The scores of a batch are one matrix product: drugs that have a fact under one of its effects,
    and a random share of the others, against all drugs. The loss runs over every cell but those of
    a drug with itself; a fact is a positive cell in both orders.
    """

    supports_slicing: ClassVar[bool] = False

    def __init__(
        self,
        *,
        model: DenseModel,
        triples_factory: CoreTriplesFactory,
        bystanders: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(model=model, triples_factory=triples_factory, **kwargs)
        self._entities = model.entity_representations[0]
        self._relations = tuple(model.relation_representations)
        self._interaction = cast("DenseInteraction", model.interaction)
        facts = triples_factory.mapped_triples
        n_effects = triples_factory.num_relations
        self._cells = [facts[facts[:, 1] == effect][:, [0, 2]] for effect in range(n_effects)]
        self._n_drugs = triples_factory.num_entities
        self._bystanders = bystanders

    def _create_training_data_loader(
        self, triples_factory: CoreTriplesFactory, sampler: str | None, **kwargs: Any
    ) -> DataLoader[Batch]:
        effects = cast("Dataset[Batch]", TensorDataset(torch.arange(triples_factory.num_relations)))
        return DataLoader(effects, **kwargs)

    @staticmethod
    def _get_batch_size(batch: Batch) -> int:
        return len(batch[0])

    def _process_batch(
        self,
        batch: Batch,
        start: int,
        stop: int,
        label_smoothing: float = 0.0,
        slice_size: int | None = None,
    ) -> Tensor:
        effects = batch[0][start:stop]
        rows = self._rows(effects)
        drugs = self._entities(None)
        weights, bias = (of_effect(effects) for of_effect in self._relations)
        scores = self._interaction.table(drugs[rows], weights, bias, drugs)
        scores[:, torch.arange(len(rows)), rows] = _NO_PAIR
        labels = self._labels(effects, rows)
        loss: Tensor = self.loss.process_lcwa_scores(scores, labels, label_smoothing)
        return loss / self._n_drugs

    def _rows(self, effects: Tensor) -> Tensor:
        chosen = torch.rand(self._n_drugs) < self._bystanders
        for effect in effects.tolist():
            chosen[self._cells[effect].flatten()] = True
        return chosen.nonzero().flatten()

    def _labels(self, effects: Tensor, rows: Tensor) -> Tensor:
        labels = torch.zeros(len(effects), len(rows), self._n_drugs)
        place = torch.empty(self._n_drugs, dtype=torch.long)
        place[rows] = torch.arange(len(rows))
        for number, effect in enumerate(effects.tolist()):
            first, second = self._cells[effect].T
            labels[number, place[first], second] = 1.0
            labels[number, place[second], first] = 1.0
        return labels

    def _slice_size_search(self, **kwargs: Any) -> int:
        raise MemoryError(
            "a batch of one effect is the smallest; fewer drugs or a smaller dimension may fit"
        )


def learn(
    train: Facts,
    config: Config,
    seed: int,
    progress: Progress,
    validation: Validation | None = None,
) -> dict[str, FloatWeights]:
    """Train a model over facts and return its weights; ``validation`` judges them on the way.

    ``entity`` is (drugs, dimension times the interaction's width), ``relation`` (effects,
    dimension), ``bias`` (effects,), all float32. The same facts, configuration and seed on the same
    number of threads give the same weights.
    """
    torch.set_flush_denormal(True)
    torch.set_num_threads(config.threads)
    torch.manual_seed(seed)
    triples = factory_of(train)
    model = model_of(config, triples, seed)
    loop = EffectMajorLoop(
        model=model,
        triples_factory=triples,
        optimizer="Adam",
        optimizer_kwargs={
            "lr": config.learning_rate,
            "weight_decay": config.weight_decay,
            "decoupled_weight_decay": True,
        },
        automatic_memory_optimization=False,
        bystanders=config.bystanders,
    )
    judge = (lambda: validation(weights_of(model))) if validation else None
    with tempfile.TemporaryDirectory() as unused_checkpoints, settled_heap():
        loop.train(
            triples_factory=triples,
            num_epochs=config.epochs,
            batch_size=config.effects_per_batch,
            use_tqdm=False,
            callbacks=[
                Cosine(config.learning_rate, config.epochs),
                EpochReport(progress, config.epochs, judge),
            ],
            checkpoint_directory=unused_checkpoints,
            pin_memory=False,
        )
    return weights_of(model)


def weights_of(model: DenseModel) -> dict[str, FloatWeights]:
    """Copy a model's parameters out of torch."""
    model.eval()
    with torch.inference_mode():
        relation, bias = (r(None) for r in model.relation_representations)
        tensors = {
            "entity": model.entity_representations[0](None),
            "relation": relation,
            "bias": bias,
        }
        return {
            name: tensor.numpy().astype(np.float32, copy=True) for name, tensor in tensors.items()
        }
