"""How fast pairs are learned, beside PyKEEN's LCWA loop in the same run.

The newest graph with co-reports under ``COPRESCRIBE_HOME`` (``artifacts`` when unset) gives the
facts. Both loops train DistMult of 256 dimensions by cross-entropy with Adam, with the relation as
target, over the same cells: every effect of the pairs that have a fact. PyKEEN does a few batches,
in turn with whole epochs of ours, and its epoch is extrapolated from its median batch; making its
instances is not counted. Then come epochs over every pair, and of the configuration ``best``.
Times are those of one thread on the processor, so that other work of the machine does not count.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from pykeen.models import DistMult
from pykeen.training import LCWATrainingLoop
from pykeen.triples import CoreTriplesFactory

from embeddings.learned_facts import frequent
from embeddings.training.configs import PairConfig, config_named
from embeddings.training.model import factory_of
from embeddings.training.pair_loop import PairMajorLoop
from embeddings.training.pair_model import PairModel
from embeddings.triples import Facts
from kg.tables import read_co_reports

HOME = Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
ROUNDS = 3
BATCHES = 3
BATCH_SIZE = 256
"""Pairs of a batch of PyKEEN's, its own choice on a processor."""
LEAST_FACTS = 400
SETTINGS: dict[str, Any] = {"optimizer": "Adam", "automatic_memory_optimization": False}

Timed = Callable[[], float]


def main() -> None:
    """Print seconds of an epoch, and the ratio, medians of the rounds."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    triples = factory_of(_facts())
    base = replace(_pairs("distmult"), half=0, unconnected=0.0)
    rival = _lcwa(triples)
    ours = {
        "same cells, float32": _epoch(triples, base),
        "same cells, bfloat16": _epoch(triples, replace(base, half=1)),
    }
    taken: dict[str, list[float]] = {name: [] for name in ("PyKEEN", *ours)}
    for _ in range(ROUNDS):
        taken["PyKEEN"].append(rival())
        for name, epoch in ours.items():
            taken[name].append(epoch())
    wholes = {
        "every pair, bfloat16": replace(base, half=1, unconnected=1.0),
        "every pair, best": _pairs("best"),
    }
    for name, config in wholes.items():
        epoch = _epoch(triples, config)
        taken[name] = [epoch() for _ in range(ROUNDS - 1)]
    slowest = statistics.median(taken["PyKEEN"])
    sys.stdout.write(f"{triples.num_triples} facts; seconds of the processor\n")
    for name, seconds in taken.items():
        middle = statistics.median(seconds)
        sys.stdout.write(f"{name:24} {middle:8.2f} s an epoch, {slowest / middle:6.1f} x PyKEEN\n")


def _facts() -> Facts:
    files = sorted(HOME.glob("kg/[!.]*/co_reports.parquet"), key=lambda path: path.stat().st_mtime)
    tables = (read_co_reports(path.parent) for path in reversed(files))
    reports = next((table for table in tables if len(table)), None)
    if reports is None:
        raise SystemExit(f"no graph under {HOME} has co-reports; build the recipe decagon")
    facts = Facts.of_columns(reports["drug_a"], reports["effect"], reports["drug_b"])
    return frequent(facts, LEAST_FACTS)


def _pairs(name: str) -> PairConfig:
    config = config_named(name)
    assert isinstance(config, PairConfig)  # noqa: S101
    return config


def _lcwa(triples: CoreTriplesFactory) -> Timed:
    """Seconds of an epoch of PyKEEN's, from its median batch."""
    model = DistMult(
        triples_factory=triples,
        embedding_dim=256,
        loss="bcewithlogits",
        regularizer=None,
        random_seed=0,
    )
    loop = LCWATrainingLoop(model=model, triples_factory=triples, target="relation", **SETTINGS)
    loader = loop._create_training_data_loader(  # noqa: SLF001
        triples, sampler=None, batch_size=BATCH_SIZE, drop_last=False, shuffle=True
    )

    def epoch() -> float:
        seconds, batches = [], iter(loader)
        for _ in range(BATCHES):
            began = time.process_time()
            batch = next(batches)
            loop.optimizer.zero_grad()
            torch.autograd.backward(loop._process_batch(batch, 0, BATCH_SIZE))  # noqa: SLF001
            loop.optimizer.step()
            seconds.append(time.process_time() - began)
        return statistics.median(seconds) * len(loader)

    return epoch


def _epoch(triples: CoreTriplesFactory, config: PairConfig) -> Timed:
    model = PairModel(triples_factory=triples, config=config, random_seed=0)
    loop = PairMajorLoop(
        model=model,
        triples_factory=triples,
        unconnected=config.unconnected,
        cells=config.cells,
        **SETTINGS,
    )

    def epoch() -> float:
        began = time.process_time()
        loop.train(triples, num_epochs=1, use_tqdm=False, pin_memory=False)
        loop.go_on_after(0)
        return time.process_time() - began

    return epoch


if __name__ == "__main__":
    main()
