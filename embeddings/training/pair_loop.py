"""A training loop of PyKEEN by whole pairs: a matrix product scores every effect of many pairs."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from pykeen.models import Model
from pykeen.training import TrainingLoop, training_loop_resolver
from pykeen.training.callbacks import MultiTrainingCallback
from pykeen.triples import CoreTriplesFactory
from torch import Tensor, distributed
from torch.utils.data import DataLoader

from embeddings.training.blocks import Block, PairTable, Tournament
from embeddings.training.pair_model import PairModel

CELLS = 2**21
"""Most cells (pairs times effects) of a batch unless a caller says otherwise."""
_NO_CELL = -60.0  # log-odds that neither cost anything nor teach anything


class PairMajorLoop(TrainingLoop[Tensor]):
    """PyKEEN's LCWA with the relation as target, over all pairs of entities and by matrix product.

    Both orders of a pair are one thing, and each pair comes once an epoch with every relation. A
    batch holds at most ``cells`` cells, whatever batch size PyKEEN asks for. ``unconnected`` weighs
    the cells of pairs without a training fact; at 0 those pairs are left out, and the cells are
    those of PyKEEN's LCWA. The draw of an epoch follows from ``seed`` and its number alone.

    Works with any model by its ``score_r``, and by one matrix product with a
    :class:`~embeddings.training.pair_model.PairModel`.
    """

    supports_slicing: ClassVar[bool] = False

    def __init__(
        self,
        *,
        model: Model,
        triples_factory: CoreTriplesFactory,
        cells: int = CELLS,
        unconnected: float = 1.0,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(model=model, triples_factory=triples_factory, **kwargs)
        n_drugs, n_effects = triples_factory.num_entities, triples_factory.num_relations
        self._table = (
            model.table
            if isinstance(model, PairModel)
            else PairTable(triples_factory.mapped_triples, n_drugs, n_effects)
        )
        self._n_effects, self._cells = n_effects, cells
        self._unconnected, self._seed = unconnected, seed
        joined = distributed.is_available() and distributed.is_initialized()
        self._rank = distributed.get_rank() if joined else 0
        self._world = distributed.get_world_size() if joined else 1
        self._tournament = self._circle(2**62)

    def go_on_after(self, epoch: int) -> None:
        """Let the next training, when it continues, begin with the epoch after this one."""
        self._epoch = epoch

    def _circle(self, batch_size: int) -> Tournament:
        """Lay out batches of at most so many strips, within the bound of cells."""
        half_way = max(1, self._table.n_drugs // 2)
        pairs = max(1, self._cells // max(1, self._n_effects))
        width = min(half_way, pairs)
        strips = max(1, min(batch_size, pairs // width))
        return Tournament(self._table.n_drugs, width, strips, self._rank, self._world)

    def _create_training_data_loader(
        self,
        triples_factory: CoreTriplesFactory,
        *,
        sampler: str | None,
        batch_size: int,
        **kwargs: Any,
    ) -> DataLoader[Tensor]:
        self._tournament = self._circle(batch_size)
        return DataLoader(self._tournament, batch_size=None)

    def _train_epoch(
        self,
        batches: DataLoader[Tensor],
        callbacks: MultiTrainingCallback,
        sub_batch_size: int | None,
        label_smoothing: float,
        slice_size: int | None,
        epoch: int,
        *args: Any,
        **kwargs: Any,
    ) -> float:
        self._begin(epoch)
        return super()._train_epoch(
            batches, callbacks, sub_batch_size, label_smoothing, slice_size, epoch, *args, **kwargs
        )

    def _begin(self, epoch: int) -> None:
        seed = self._seed * 1_000_003 + epoch
        self._tournament.draw(torch.Generator().manual_seed(seed))
        torch.manual_seed(seed * 64 + self._rank)
        self._table.to(self.device)

    @staticmethod
    def _get_batch_size(batch: Tensor) -> int:
        return len(batch)

    def _process_batch(
        self,
        batch: Tensor,
        start: int,
        stop: int,
        label_smoothing: float = 0.0,
        slice_size: int | None = None,
    ) -> Tensor:
        first, second, strips = self._tournament.pairs(batch[start:stop])
        first, second = first.to(self.device), second.to(self.device)
        block = self._table.block(first, second, strips, connected=not self._unconnected)
        if not len(block.first):
            return torch.zeros((), device=self.device, requires_grad=True)
        scores, labels = self._scored(block)
        loss: Tensor = self.loss.process_lcwa_scores(
            scores, labels, label_smoothing, self._n_effects, weights=self._weights(block)
        )
        return loss + self.model.collect_regularization_term()

    def _scored(self, block: Block) -> tuple[Tensor, Tensor]:
        """Score a block; what its memory was shown is no label, and its score costs nothing."""
        if not isinstance(self.model, PairModel):
            pairs = torch.stack((block.first, block.second), dim=1)
            return self.model.score_r(pairs), block.stated
        shown = self.model.shown(block)
        scores = self.model.block_scores(block, shown)
        if shown is None:
            return scores, block.stated
        return scores.masked_fill(shown.bool(), _NO_CELL), block.stated - shown

    def _weights(self, block: Block) -> Tensor | None:
        if self._unconnected in {0.0, 1.0}:
            return None
        connected = block.stated.any(dim=1, keepdim=True)
        return torch.where(connected, 1.0, self._unconnected)

    def _slice_size_search(self, **kwargs: Any) -> int:
        raise MemoryError("a strip of one pair is the smallest batch; fewer effects may fit")


training_loop_resolver.register(PairMajorLoop, synonyms={"pair-major"}, raise_on_conflict=False)
