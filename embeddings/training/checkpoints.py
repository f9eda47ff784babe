"""Checkpoints of a training: written whole or not at all, and resumed to identical weights."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pykeen.training.callbacks import TrainingCallback
from torch import Tensor

from embeddings.store import DamagedCheckpoint, read_tensors, write_tensors
from embeddings.training.pair_loop import PairMajorLoop
from embeddings.training.watching import FloatWeights, RunningMean
from kg.atomic_folder import atomic_folder

_STATE = "state.safetensors"
_Tensors = dict[str, FloatWeights]


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """A folder for the checkpoints of one training, and how often one is written.

    A checkpoint is written at the first end of an epoch that is ``every_seconds`` after the last,
    and at the last epoch.
    """

    folder: Path
    every_seconds: float = 60.0

    def of_member(self, member: int) -> Checkpoints:
        """Checkpoints of one of several models that are trained one after the other."""
        return Checkpoints(self.folder / f"member-{member}", self.every_seconds)

    @property
    def stands(self) -> bool:
        """Tell whether there is a checkpoint to resume from."""
        return (self.folder / _STATE).is_file()

    def clear(self) -> None:
        """Remove every checkpoint."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, tensors: Mapping[str, FloatWeights], epoch: int) -> None:
        """Write a checkpoint in place of the one before."""
        with atomic_folder(self.folder) as folder:
            write_tensors(folder / _STATE, tensors, {"epoch": str(epoch)})

    def read(self) -> tuple[_Tensors, int]:
        """Read the checkpoint and the epoch at whose end it was written.

        Raises:
            DamagedCheckpoint: The file is no checkpoint.
        """
        path = self.folder / _STATE
        tensors, words = read_tensors(path)
        if not words.get("epoch", "").isdigit():
            raise DamagedCheckpoint(path, "it does not say its epoch")
        return tensors, int(words["epoch"])


class CheckpointWriter(TrainingCallback):
    """Writes the state of a loop as often as its checkpoints ask."""

    def __init__(self, checkpoints: Checkpoints, loop: PairMajorLoop, mean: RunningMean) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._checkpoints, self._of, self._mean = checkpoints, loop, mean
        self._last = time.monotonic()

    def post_epoch(self, epoch: int, epoch_loss: float, **kwargs: Any) -> None:
        """Write a checkpoint when its time has come."""
        if time.monotonic() - self._last >= self._checkpoints.every_seconds:
            self._checkpoints.write(state_of(self._of, self._mean), epoch)
            self._last = time.monotonic()


def state_of(loop: PairMajorLoop, mean: RunningMean) -> _Tensors:
    """Copy all that the next epoch depends on: weights, their running mean, the optimizer's memory.

    Random draws need no copy: those of an epoch follow from the seed and the epoch's number.
    """
    state: dict[str, Tensor] = {
        f"weight.{name}": weight for name, weight in loop.model.named_parameters()
    }
    state |= {f"mean.{name}": weight for name, weight in mean.mean.items()}
    state["steps"] = torch.tensor([float(mean.steps)], dtype=torch.float64)
    for name, weight in loop.model.named_parameters():
        for key, value in loop.optimizer.state[weight].items():
            state[f"optimizer.{name}.{key}"] = value.reshape(-1)
    state["rates"] = torch.tensor(
        [group["lr"] for group in loop.optimizer.param_groups], dtype=torch.float64
    )
    state["losses"] = torch.tensor(loop.losses_per_epochs, dtype=torch.float64)
    return {name: value.detach().cpu().numpy() for name, value in state.items()}


def resume(loop: PairMajorLoop, mean: RunningMean, checkpoints: Checkpoints) -> int:
    """Put a loop where its checkpoint left it, and tell how many epochs are done.

    Raises:
        DamagedCheckpoint: The file is no checkpoint, or one of another model.
    """
    tensors, epoch = checkpoints.read()
    try:
        _restore(loop, mean, tensors)
    except (KeyError, RuntimeError) as error:
        raise DamagedCheckpoint(checkpoints.folder / _STATE, str(error)) from error
    loop.go_on_after(epoch)
    return epoch


@torch.no_grad()
def _restore(loop: PairMajorLoop, mean: RunningMean, tensors: Mapping[str, FloatWeights]) -> None:
    for name, weight in loop.model.named_parameters():
        weight.copy_(_tensor(tensors[f"weight.{name}"]))
        if mean.mean:
            mean.mean[name].copy_(_tensor(tensors[f"mean.{name}"]))
        start = f"optimizer.{name}."
        kept = {key.removeprefix(start): key for key in tensors if key.startswith(start)}
        # The optimizer's count of steps stays with the processor, its memory goes with the weight.
        loop.optimizer.state[weight] = {
            key: _tensor(tensors[stored]).reshape(())
            if key == "step"
            else _tensor(tensors[stored]).reshape(weight.shape).to(weight.device)
            for key, stored in kept.items()
        }
    mean.steps = int(tensors["steps"][0])
    for group, rate in zip(loop.optimizer.param_groups, tensors["rates"], strict=True):
        group["lr"] = float(rate)
    loop.losses_per_epochs = tensors["losses"].tolist()


def _tensor(array: FloatWeights) -> Tensor:
    return torch.from_numpy(np.array(array))
