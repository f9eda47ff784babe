"""A training that is killed resumes to identical weights; two processes learn as well as one."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest

from embeddings.judging.evaluate import evaluate
from embeddings.negatives import with_negatives
from embeddings.pair_scorer import scorer_of
from embeddings.store import DamagedCheckpoint, read_tensors

pytest.importorskip("torch", reason="the extra `train` is not installed")

from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from embeddings.training.checkpoints import Checkpoints
from embeddings.training.pairs import Watch, learn_pairs
from tests.embeddings import pair_training

pytestmark = pytest.mark.slow

EPOCHS = 60
KILLS = 2
# A process that has loaded what learns, and nothing else, is the parent of all that are started.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([pair_training.__name__])


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "OMP_NUM_THREADS", "1")


def started(*arguments: object) -> BaseProcess:
    process = PROCESSES.Process(target=pair_training.main, args=tuple(map(str, arguments)))
    process.start()
    return process


def weights_in(path: Path) -> dict[str, np.ndarray]:
    return read_tensors(path)[0]


def wait_for_checkpoint(folder: Path, process: BaseProcess, after: str) -> str:
    """Wait until a checkpoint other than ``after`` stands, or the process has ended."""
    state = folder / "member-0" / "state.safetensors"
    while process.is_alive():
        if state.is_file():
            epoch = read_tensors(state)[1]["epoch"]
            if epoch != after:
                return epoch
        time.sleep(0.01)
    return after


def test_a_training_killed_at_random_moments_resumes_to_identical_weights(tmp_path: Path) -> None:
    train, config = pair_training.small_split().train, pair_training.config_of(EPOCHS)
    expected = learn_pairs(train, config, pair_training.SEED, Watch(lambda _: None))
    seen, rng = "", random.Random(7)  # noqa: S311
    for _ in range(KILLS):
        process = started(tmp_path / "killed", tmp_path / "weights", EPOCHS)
        seen = wait_for_checkpoint(tmp_path / "killed", process, seen)
        time.sleep(rng.random() * 0.2)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    assert not (tmp_path / "weights.0").exists()
    resumed = started(tmp_path / "killed", tmp_path / "weights", EPOCHS)
    resumed.join()
    assert resumed.exitcode == 0
    found = weights_in(tmp_path / "weights.0")
    assert expected.keys() == found.keys()
    assert all(np.array_equal(expected[name], found[name]) for name in expected)


def test_two_processes_learn_the_same_and_as_well_as_one(tmp_path: Path) -> None:
    # As ``torchrun --nproc-per-node 2`` starts them.
    two = LaunchConfig(
        1, 1, 2, rdzv_backend="c10d", rdzv_endpoint="localhost:0", start_method="forkserver"
    )
    elastic_launch(two, pair_training.main)(str(tmp_path / "c"), str(tmp_path / "w"), "20")
    first, second = (weights_in(tmp_path / f"w.{rank}") for rank in (0, 1))
    assert all(np.array_equal(first[name], second[name]) for name in first)
    split = pair_training.small_split()
    sample = with_negatives(split.test, split.known, split.train, "uniform", 0)
    alone = [
        learn_pairs(split.train, pair_training.config_of(20), seed, Watch(lambda _: None))
        for seed in range(3)
    ]
    figures = [
        float(evaluate(scorer_of("distmult", w, split.train), sample, 0).auroc.mean())
        for w in (first, *alone)
    ]
    spread = max(figures[1:]) - min(figures[1:])
    assert figures[0] >= min(figures[1:]) - max(spread, 0.01)


def test_a_damaged_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    watch = Watch(lambda _: None, None, checkpoints, resume=True)
    split, config = pair_training.small_split(), pair_training.config_of(2)
    learn_pairs(split.train, config, 0, watch)
    state = tmp_path / "member-0" / "state.safetensors"
    state.write_bytes(state.read_bytes()[:100])
    with pytest.raises(DamagedCheckpoint, match=r"state\.safetensors.*--resume"):
        learn_pairs(split.train, config, 0, watch)
    checkpoints.of_member(0).write({"weight.other": np.zeros(3, np.float32)}, 1)
    with pytest.raises(DamagedCheckpoint, match="member-0"):
        learn_pairs(split.train, config, 0, watch)
