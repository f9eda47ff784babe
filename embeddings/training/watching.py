"""What runs beside the epochs: the learning rate, running means, progress, other processes."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pykeen.training.callbacks import TrainingCallback
from torch import Tensor, distributed, nn

FloatWeights = npt.NDArray[np.float32]
Progress = Callable[[str], None]
Validation = Callable[[Mapping[str, FloatWeights]], float]
"""Judges weights on validation facts; higher is better."""
LEARNING_RATE_FLOOR = 0.05
"""Part of the learning rate that is left at the last epoch of the cosine schedule."""


def rate_after(epoch: int, epochs: int) -> float:
    """Part of the learning rate that holds once an epoch is done, along half a cosine."""
    left = (1.0 + math.cos(math.pi * min(epoch, epochs) / epochs)) / 2.0
    return LEARNING_RATE_FLOOR + (1.0 - LEARNING_RATE_FLOOR) * left


class Cosine(TrainingCallback):
    """Lowers the learning rate after each epoch, along half a cosine down to its floor."""

    def __init__(self, learning_rate: float, epochs: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._learning_rate, self._epochs = learning_rate, epochs

    def post_epoch(self, epoch: int, epoch_loss: float, **kwargs: Any) -> None:
        """Set the rate of the next epoch."""
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate * rate_after(epoch, self._epochs)


class RunningMean(TrainingCallback):
    """Keeps a running mean of a model's weights, which scores better than the last of them.

    ``decay`` is the part that a step keeps, less while few steps are done; 0 keeps no mean.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.decay, self.steps = decay, 0
        self._of = model
        self.mean = self._copied() if decay else {}

    def pre_step(self, **kwargs: Any) -> None:
        """Take in the weights as they stand before the step."""
        self.take()

    @torch.no_grad()
    def take(self) -> None:
        """Move the mean a little towards the weights."""
        if not self.mean:
            return
        kept = min(self.decay, self.steps / (self.steps + 10.0))
        self.steps += 1
        for name, weight in self._of.named_parameters():
            self.mean[name].lerp_(weight, 1.0 - kept)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the model have the mean for its weights while the block runs."""
        if not self.mean:
            yield
            return
        last = self._copied()
        self._put(self.mean)
        try:
            yield
        finally:
            self._put(last)

    def _copied(self) -> dict[str, Tensor]:
        return {name: weight.detach().clone() for name, weight in self._of.named_parameters()}

    @torch.no_grad()
    def _put(self, weights: Mapping[str, Tensor]) -> None:
        for name, weight in self._of.named_parameters():
            weight.copy_(weights[name])


class SharedGradient(TrainingCallback):
    """Gives every process of a group the mean of their gradients, so that all take one step."""

    def pre_step(self, **kwargs: Any) -> None:
        """Average what the batch of each process has taught."""
        weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        for weight in weights:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        flat = torch.cat([w.grad.flatten() for w in weights if w.grad is not None])
        distributed.all_reduce(flat)
        flat /= distributed.get_world_size()
        for weight, mean in zip(
            weights, torch.split(flat, [w.numel() for w in weights]), strict=True
        ):
            weight.grad = mean.view_as(weight)


class EpochReport(TrainingCallback):
    """Says after each tenth of the epochs the loss, the validation metric and the time left.

    ``judge`` gives the metric; without it only the loss and the time are told.
    """

    def __init__(
        self, progress: Progress, epochs: int, judge: Callable[[], float] | None = None
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._progress, self._epochs, self._judge = progress, epochs, judge
        self._began, self._done = time.monotonic(), 0

    def post_epoch(self, epoch: int, epoch_loss: float, **kwargs: Any) -> None:
        """Report the mean loss of a batch."""
        self._done += 1
        if epoch % max(1, self._epochs // 10) and epoch != self._epochs:
            return
        judged = f", validation {self._judge():.4f}" if self._judge else ""
        each = (time.monotonic() - self._began) / self._done
        left = round(each * (self._epochs - epoch))
        self._progress(
            f"epoch {epoch} of {self._epochs}: loss {epoch_loss:.5f}{judged}, {left} s left"
        )


@contextmanager
def settled_heap() -> Iterator[None]:
    """Spare the garbage collector, which PyKEEN runs after each epoch, what stands already."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
