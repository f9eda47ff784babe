"""A search for better settings of a configuration, judged on validation facts alone.

What a trial tries follows from the seed, its number and the trials before it, and these stand in a
table that is written after each one: a search that was killed goes on as if it had not been.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState, create_trial

from embeddings.judging.metrics import UnusableScores
from embeddings.run import TrainingRequest, mechanism_for, prepared
from embeddings.scorer import FloatArray, Weights
from embeddings.splits import Split
from embeddings.training.configs import (
    Config,
    CountConfig,
    PairConfig,
    config_named,
    written,
)
from embeddings.training.loop import learn
from embeddings.training.pairs import Watch, learn_pairs
from embeddings.training.watching import Progress
from embeddings.trials import (
    COMPLETE,
    FAILED,
    PROTOCOLS,
    PRUNED,
    NothingToSearch,
    Trial,
    best_of,
    read_trials,
    write_trials,
)
from embeddings.watched import watched
from kg.graph import KnowledgeGraph

FORMAT_VERSION = 1
"""Raised when the same seed no longer gives the same trials."""
MOST_FACTS = 50_000
"""Validation facts that a trial is judged by, drawn at random where there are more."""
DRAWN_FIRST = 5
"""Trials whose settings are drawn at random before the better ones draw the others near."""
NEVER_STOPPED = 3
"""Trials that are finished whatever they promise; a later one stops below their median."""
AROUND: Mapping[str, float] = {"dimension": 2.0, "learning_rate": 4.0}
"""How far, as a factor either way, a setting may lie from what the configuration has."""
SPACES: Mapping[type[Config | PairConfig], Mapping[str, BaseDistribution]] = {
    Config: {
        "weight_decay": FloatDistribution(1e-4, 1.0, log=True),
        "dropout": FloatDistribution(0.0, 0.6),
        "positive_weight": FloatDistribution(0.3, 10.0, log=True),
        "bystanders": FloatDistribution(0.05, 1.0),
    },
    PairConfig: {
        "weight_decay": FloatDistribution(1e-5, 1e-1, log=True),
        "dropout": FloatDistribution(0.0, 0.6),
        "unconnected": FloatDistribution(0.05, 1.0, log=True),
        "sums": CategoricalDistribution((0, 16, 32, 64)),
        "context": CategoricalDistribution((0, 8, 16, 32)),
        "memory": CategoricalDistribution((0, 256, 768, 1536)),
    },
}
"""Where each kind of configuration is searched, beside ``AROUND``."""

Learned: TypeAlias = Config | PairConfig
Space = Mapping[str, BaseDistribution]
Judge = Callable[[Weights], float]
Learn = Callable[[Learned, Judge], object]
_STATES = {COMPLETE: TrialState.COMPLETE, PRUNED: TrialState.PRUNED, FAILED: TrialState.FAIL}


@dataclass(frozen=True, slots=True)
class Search:
    """Trials of a search, the folder of their table, and the best settings for ``--config``."""

    folder: Path
    trials: tuple[Trial, ...]
    best: str


def search(
    graph: KnowledgeGraph, home: Path, request: TrainingRequest, count: int, progress: Progress
) -> Search:
    """Try so many settings of a configuration, the first being those that it has.

    What ``request.config`` changes by hand is held as it is. A trial is one model, without the
    stack; its value is the mean AUROC over effects under both of ``PROTOCOLS``. With
    ``request.resume`` the trials that stand are taken over.

    Raises:
        NothingToSearch: The configuration learns nothing, all is held, several processes were
            started, or no trial was finished.
        DamagedSearch: The table to go on from cannot be read.
        As :func:`embeddings.run.train_model`.
    """
    config, space = searched(request.config)
    _, split, inputs = prepared(graph, home, request)
    folder = home / "searches" / _digest({**inputs, "space": {k: str(space[k]) for k in space}})
    trials = read_trials(folder, tuple(space)) if request.resume else ()
    judged_by = watched(split, config.interaction, PROTOCOLS, MOST_FACTS, request.seed)
    learned = _learner(graph, split, config, request.seed, progress)
    for number in range(len(trials), count):
        trial = _tried(_asked(trials, space, config, request.seed), config, learned, judged_by)
        told = written(replace(config, **trial.settings))
        progress(f"trial {number + 1} of {count}: {trial.state}, {trial.value} with {told}")
        trials = (*trials, trial)
        write_trials(folder, trials)
    best = best_of(trials)
    if best is None:
        raise NothingToSearch(request.config, f"no trial was finished; see {folder}")
    return Search(folder, trials, written(replace(config, **best.settings)))


def searched(text: str) -> tuple[Learned, Space]:
    """Find what to begin with, and where to search: nothing that the text itself sets.

    Raises:
        UnknownConfig: No configuration is called so.
        UnknownSetting: It has no such number, or what is given is none.
        NothingToSearch: Nothing is left to search, or several processes were started.
    """
    config = config_named(text)
    if isinstance(config, CountConfig):
        raise NothingToSearch(text, "it learns nothing")
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise NothingToSearch(text, "a search runs in one process")
    numbers = config.as_dict()
    near = {field: _near(numbers[field], factor) for field, factor in AROUND.items()}
    held = {change.partition("=")[0] for change in text.split(",")[1:]}
    whole = {**near, **SPACES[type(config)]}
    space = {field: place for field, place in whole.items() if field not in held}
    if not space:
        raise NothingToSearch(text, "it sets all that could be searched")
    return config, space


def _near(number: Any, factor: float) -> BaseDistribution:
    if isinstance(number, int):
        return IntDistribution(max(1, round(number / factor)), round(number * factor), log=True)
    return FloatDistribution(_short(number / factor), _short(number * factor), log=True)


def _short(number: Any) -> Any:
    """Round a number as it will be written, so that what is written is what was tried."""
    return number if isinstance(number, int) else float(f"{number:.3g}")


def _digest(inputs: Mapping[str, Any]) -> str:
    text = json.dumps({"format": FORMAT_VERSION, **inputs}, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _asked(trials: tuple[Trial, ...], space: Space, config: Learned, seed: int) -> optuna.Trial:
    """Ask for the next settings, given the trials so far."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    drawn = int(np.random.SeedSequence((seed, len(trials))).generate_state(1)[0])
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=drawn, n_startup_trials=DRAWN_FIRST),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=NEVER_STOPPED, n_warmup_steps=1),
    )
    study.add_trials([_told(trial, space) for trial in trials])
    if not trials:
        study.enqueue_trial({field: getattr(config, field) for field in space})
    return study.ask(dict(space))


def _told(trial: Trial, space: Space) -> FrozenTrial:
    return create_trial(
        state=_STATES[trial.state],
        value=trial.value if trial.state == COMPLETE else None,
        params=dict(trial.settings),
        distributions=dict(space),
        intermediate_values=dict(enumerate(trial.curve, start=1)),
    )


def _tried(
    asked: optuna.Trial,
    config: Learned,
    learned: Learn,
    judged_by: Callable[[Weights], FloatArray],
) -> Trial:
    """Learn with the settings that a trial asks for, until the end or while it promises enough."""
    settings = {field: _short(value) for field, value in asked.params.items()}
    curve: list[FloatArray] = []

    def judge(weights: Weights) -> float:
        figures = judged_by(weights)
        value = float(figures.mean())
        curve.append(figures)
        asked.report(value, len(curve))
        if asked.should_prune():
            raise optuna.TrialPruned
        return value

    began, state = time.process_time(), COMPLETE
    try:
        learned(replace(config, **settings), judge)
    except optuna.TrialPruned:
        state = PRUNED
    except (UnusableScores, MemoryError):
        state = FAILED
    seconds = time.process_time() - began
    figures = tuple(curve[-1].tolist()) if curve else ()
    values = tuple(float(one.mean()) for one in curve)
    if not values or math.isnan(values[-1]):
        # Nothing was measured, so there is nothing to compare it by.
        state, figures, values = FAILED, (), ()
    return Trial(asked.number, settings, figures, values, seconds, state)


def _learner(
    graph: KnowledgeGraph, split: Split, config: Learned, seed: int, progress: Progress
) -> Learn:
    mechanism = mechanism_for(graph, split.train, config)

    def learned(tried: Learned, judge: Judge) -> object:
        if isinstance(tried, Config):
            return learn(split.train, tried, seed, progress, judge)
        one = replace(tried, members=1)
        return learn_pairs(split.train, one, seed, Watch(progress, judge), mechanism)

    return learned
