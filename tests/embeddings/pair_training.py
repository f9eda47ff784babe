"""Train a small pair model in a process of its own and write its weights: for kills and torchrun.

Arguments: the folder of the checkpoints, the file of the weights, the number of epochs.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from embeddings.splits import Split, split_facts
from embeddings.store import write_tensors
from embeddings.training.checkpoints import Checkpoints
from embeddings.training.configs import PairConfig
from embeddings.training.pairs import Watch, learn_pairs
from embeddings.triples import Facts
from tests.embeddings.conftest import class_rules

SEED = 3
SMALL = PairConfig(
    "small",
    "distmult",
    8,
    12,
    0.05,
    1e-3,
    0.2,
    sums=4,
    degrees=1,
    context=4,
    memory=16,
    averaging=0.9,
    cells=1_000,
    threads=1,
)


def small_split() -> Split:
    """Hold out facts of three classes of drugs, as the tests of evaluation do."""
    return split_facts(Facts.of(class_rules()), "random", 0)


def config_of(epochs: int) -> PairConfig:
    """Give the small configuration with so many epochs."""
    return replace(SMALL, epochs=epochs)


def main(checkpoints: str, weights: str, epochs: str) -> None:
    """Train, going on from a checkpoint where one stands."""
    config = config_of(int(epochs))
    watch = Watch(lambda _: None, None, Checkpoints(Path(checkpoints), 0.0), resume=True)
    learned = learn_pairs(small_split().train, config, SEED, watch)
    target = Path(f"{weights}.{os.environ.get('RANK', '0')}")
    write_tensors(target, {name: np.asarray(array) for name, array in learned.items()}, {})


if __name__ == "__main__":
    main(*sys.argv[1:])
