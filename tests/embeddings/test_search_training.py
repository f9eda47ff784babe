"""A search tries what its seed says, goes on where it stopped, and never looks at the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings.run import TrainingRequest
from embeddings.training.configs import CONFIGS, Config, CountConfig, PairConfig, config_named
from embeddings.trials import (
    COMPLETE,
    FAILED,
    DamagedSearch,
    NothingToSearch,
    Trial,
    best_of,
    read_trials,
    write_trials,
)
from kg.graph import KnowledgeGraph

pytest.importorskip("torch", reason="the extra `train` is not installed")

from embeddings.training.configs import written
from embeddings.training.search import _asked, _tried, search, searched

pytestmark = pytest.mark.slow


def quiet(message: str) -> None:
    """Take a progress message and say nothing."""


def stop_at(start: str) -> Callable[[str], None]:
    def stop(message: str) -> None:
        if message.startswith(start):
            raise KeyboardInterrupt

    return stop


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> PairConfig:
    """Small numbers under the names of the package."""
    config = PairConfig("tiny", "distmult", 4, 2, 0.1, 1e-3, 0.1, least_facts=1, threads=1)
    fast = config_named("fast")
    assert isinstance(fast, Config)
    brief = replace(fast, dimension=4, epochs=2)
    known = {"tiny": config, "fast": brief, "counts": CountConfig("counts")}
    monkeypatch.setattr("embeddings.training.configs.CONFIGS", known)
    return config


def without_seconds(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path / "trials.parquet").drop(columns="seconds")


def test_a_search_that_stopped_goes_on_to_the_same_table(
    graph: KnowledgeGraph, home: Path, tiny: PairConfig
) -> None:
    request = TrainingRequest(config="tiny,context=0")
    whole = search(graph, home / "whole", request, 3, quiet)
    for halt in ("epoch 2", "trial 2"):
        with pytest.raises(KeyboardInterrupt):
            search(graph, home, replace(request, resume=True), 3, stop_at(halt))
    messages: list[str] = []
    resumed = search(graph, home, replace(request, resume=True), 3, messages.append)
    assert sum(message.startswith("trial ") for message in messages) < 3
    pd.testing.assert_frame_equal(without_seconds(whole.folder), without_seconds(resumed.folder))
    assert resumed.best == whole.best
    first = whole.trials[0]
    assert first.settings == {field: getattr(tiny, field) for field in first.settings}
    assert "context" not in first.settings
    listed = pd.read_csv(whole.folder / "trials.tsv", sep="\t")
    assert listed["number"].tolist() == [0, 1, 2]
    best = best_of(whole.trials)
    assert best is not None
    assert config_named(whole.best) == replace(tiny, **best.settings)
    other = search(graph, home, replace(request, seed=1), 2, quiet)
    assert other.trials[1].settings != whole.trials[1].settings


def test_a_model_by_whole_effects_is_searched_too(
    graph: KnowledgeGraph, home: Path, tiny: PairConfig
) -> None:
    found = search(graph, home, TrainingRequest(config="fast"), 2, quiet)
    assert {"bystanders", "positive_weight"} <= set(found.trials[1].settings)
    assert all(len(trial.curve) == 2 for trial in found.trials)


@pytest.mark.parametrize("name", [n for n, c in CONFIGS.items() if not isinstance(c, CountConfig)])
def test_what_a_configuration_has_lies_where_it_is_searched(name: str) -> None:
    config, space = searched(name)
    assert all(
        place._contains(place.to_internal_repr(getattr(config, field)))
        for field, place in space.items()
    )
    assert config_named(written(config)) == config
    changed = replace(config, epochs=3, learning_rate=0.0123)
    assert config_named(written(changed)) == changed


def test_a_trial_by_which_nothing_was_measured_has_failed() -> None:
    config, space = searched("tucker")

    def learned(_: object, judge: Callable[[dict[str, object]], float]) -> None:
        judge({})

    asked = _asked((), space, config, 0)
    trial = _tried(asked, config, learned, lambda _: np.full(2, np.nan))
    assert (trial.state, trial.value, best_of([trial])) == (FAILED, None, None)


def test_what_cannot_be_searched_is_said(
    graph: KnowledgeGraph, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NothingToSearch, match=r"'counts'.*learns nothing"):
        search(graph, home, TrainingRequest(config="counts"), 1, quiet)
    _, space = searched("pair")
    every = ",".join(f"{field}=1" for field in space)
    with pytest.raises(NothingToSearch, match="sets all"):
        searched(f"pair,{every}")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(NothingToSearch, match="one process"):
        searched("pair")


def test_a_table_is_read_as_it_was_written_and_a_damaged_one_refused(tmp_path: Path) -> None:
    folder = tmp_path / "search"
    trials = (
        Trial(0, {"dropout": 0.1, "sums": 16}, (0.9, 0.7), (0.75, 0.8), 1.5, COMPLETE),
        Trial(1, {"dropout": 0.123, "sums": 0}, (), (), 0.5, FAILED),
    )
    write_trials(folder, trials)
    assert read_trials(folder, ("dropout", "sums")) == trials
    assert read_trials(tmp_path / "none", ("dropout",)) == ()
    with pytest.raises(DamagedSearch, match=r"trials\.parquet.*other trials.*--resume"):
        read_trials(folder, ("dropout",))
    (folder / "trials.parquet").write_bytes(b"PAR1")
    with pytest.raises(DamagedSearch, match="no table"):
        read_trials(folder, ("dropout", "sums"))
