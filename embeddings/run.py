"""From a graph to a judged model: split, leakage, train, baselines, evaluate, calibrate, store."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from embeddings import calibrate, store
from embeddings.blend import with_degrees
from embeddings.drug_features import Knowledge, features_of, mechanism_of, own_effects_of
from embeddings.evaluate import evaluate
from embeddings.judge import EvaluationRequest, judged
from embeddings.leakage import refuse_leaks
from embeddings.learned_facts import Teaching, co_reported_effects, stated_effects
from embeddings.negatives import with_negatives
from embeddings.pair_scorer import scorer_of
from embeddings.scorer import WeightArray, Weights
from embeddings.served import served_scorer
from embeddings.splits import Split, split_facts
from embeddings.stack_fit import fit_stack
from embeddings.store import Bundle, MissingModel
from embeddings.training.configs import AnyConfig, Config, CountConfig, PairConfig, config_named
from embeddings.triples import Facts, aliases_of
from kg.graph import KnowledgeGraph

Progress = Callable[[str], None]

WATCHED = 20_000
"""Validation facts by which the progress of a training is told."""


class NoFacts(ValueError):
    """A graph states no effect of any pair of drugs, so there is nothing to learn."""

    def __init__(self, graph_id: str) -> None:
        super().__init__(
            f"graph {graph_id!r} states no effect of a pair of drugs; nothing to learn"
        )
        self.graph_id = graph_id


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train: a configuration, a seed, a split as ``--split`` has it, facts to leave out.

    ``force`` trains again even where the same inputs have already given a model. ``resume`` goes on
    from the last checkpoint of such a training; one is written every ``checkpoint_seconds``.
    """

    config: str = "fast"
    seed: int = 0
    split: str = "random"
    exclude: tuple[Facts, ...] = ()
    force: bool = False
    resume: bool = False
    checkpoint_seconds: float = 60.0


def train_model(
    graph: KnowledgeGraph, home: Path, request: TrainingRequest, progress: Progress
) -> Bundle:
    """Train, calibrate, judge and store a model; one of the same inputs is returned as it is.

    Under ``torchrun`` every process trains and judges, and the first one stores.

    Raises:
        NoFacts: The graph has nothing to learn from.
        UnknownConfig: The configuration has no such name.
        UnknownSplit: The split is written in no known way.
        EmptySplit: The split leaves a part without facts.
        LeakedFact: A fact stands on two sides of the split.
        DamagedCheckpoint: The checkpoint to resume from is not one of this training.
    """
    config = config_named(request.config)
    teaching = _teaching(graph, home, config)
    split = _split(graph, teaching.facts, request)
    inputs = _inputs(graph, teaching, request, config, split)
    model_id = store.model_id_of(inputs)
    if not request.force:
        try:
            return store.load(home, model_id)
        except (MissingModel, store.DamagedBundle):
            progress(f"training model {model_id}")
    weights = _learned(graph, split, config, request, home / "checkpoints" / model_id, progress)
    if isinstance(config, CountConfig) or (isinstance(config, PairConfig) and config.stacked):
        progress("stacking on counting")
        weights |= _stack(split, config, weights, request.seed)
    bundle = _judged(model_id, inputs, weights, split, request, progress)
    if leads():
        store.save(bundle, home, _names(graph))
    return bundle


def leads() -> bool:
    """Tell whether this process speaks and stores for all that ``torchrun`` started."""
    return int(os.environ.get("RANK", "0")) == 0


def _judged(
    model_id: str,
    inputs: Mapping[str, Any],
    weights: Weights,
    split: Split,
    request: TrainingRequest,
    progress: Progress,
) -> Bundle:
    scorer = served_scorer(inputs["config"]["interaction"], weights, split.train)
    progress("calibrating")
    calibration = calibrate.fit(scorer, split)
    progress("judging on held-out facts")
    metrics = judged(scorer, calibration, split, EvaluationRequest(seed=request.seed))
    return Bundle(model_id, inputs, weights, split.train, split.valid, calibration, metrics)


def _teaching(graph: KnowledgeGraph, home: Path, config: AnyConfig) -> Teaching:
    if not isinstance(config, Config):
        reported = co_reported_effects(graph, home, config.least_facts)
        if len(reported.facts):
            return reported
    stated = stated_effects(graph)
    if not len(stated.facts):
        raise NoFacts(graph.id)
    return stated


def _split(graph: KnowledgeGraph, stated: Facts, request: TrainingRequest) -> Split:
    usable = stated.excluding(*request.exclude)
    split = split_facts(usable, request.split, request.seed, aliases_of(graph.tables))
    refuse_leaks(split)
    return replace(split, known=stated.joined(split.known.over(stated.vocabulary)))


def _inputs(
    graph: KnowledgeGraph,
    teaching: Teaching,
    request: TrainingRequest,
    config: AnyConfig,
    split: Split,
) -> dict[str, Any]:
    return {
        "graph": graph.id,
        "licence": "; ".join(teaching.licences),
        "config": config.as_dict(),
        "seed": request.seed,
        "split": request.split,
        "facts": {p: getattr(split, p).digest for p in ("train", "valid", "test", "known")},
    }


def _learned(
    graph: KnowledgeGraph,
    split: Split,
    config: AnyConfig,
    request: TrainingRequest,
    folder: Path,
    progress: Progress,
) -> dict[str, WeightArray]:
    if isinstance(config, CountConfig):
        return {}
    if isinstance(config, Config):
        return _by_effects(split, config, request.seed, progress)
    return _by_pairs(graph, split, config, request, folder, progress)


def _stack(
    split: Split, config: CountConfig | PairConfig, weights: Weights, seed: int
) -> dict[str, WeightArray]:
    model = scorer_of(config.interaction, weights, split.train) if weights else None
    return fit_stack(split, model, seed).weights


def _by_effects(
    split: Split, config: Config, seed: int, progress: Progress
) -> dict[str, WeightArray]:
    # torch is an extra: only who trains pays for it.
    from embeddings.training.loop import learn

    weights = learn(split.train, config, seed, progress)
    return with_degrees(config.interaction, weights, split, seed + 2)


def _by_pairs(
    graph: KnowledgeGraph,
    split: Split,
    config: PairConfig,
    request: TrainingRequest,
    folder: Path,
    progress: Progress,
) -> dict[str, WeightArray]:
    from embeddings.training.checkpoints import Checkpoints
    from embeddings.training.pairs import Watch, learn_pairs

    checkpoints = Checkpoints(folder, request.checkpoint_seconds)
    validation = _validation(split, config, request.seed)
    watch = Watch(progress, validation, checkpoints, request.resume)
    weights = learn_pairs(
        split.train, config, request.seed, watch, _knowledge(graph, split.train, config)
    )
    if leads():
        checkpoints.clear()
    return weights


def _knowledge(graph: KnowledgeGraph, train: Facts, config: PairConfig) -> Knowledge:
    return Knowledge(
        features_of(graph, train.drugs, config.features) if config.features else None,
        mechanism_of(graph, train.drugs) if config.mechanism else None,
        own_effects_of(graph, train.drugs) if config.loops else None,
    )


def _validation(split: Split, config: PairConfig, seed: int) -> Callable[[Weights], float]:
    """Mean AUROC over effects, on some validation facts against other known pairs."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(split.valid)) < WATCHED
    some = split.valid.keep(chosen)
    sample = with_negatives(some, split.shown, split.train, "known-pairs", seed)

    def judge(weights: Weights) -> float:
        scorer = scorer_of(config.interaction, weights, split.train)
        judged_effects = evaluate(scorer, sample, seed).auroc
        defined = judged_effects[~np.isnan(judged_effects)]
        return float(defined.mean()) if len(defined) else float("nan")

    return judge


def _names(graph: KnowledgeGraph) -> dict[str, str]:
    nodes = graph.tables.nodes
    return dict(zip(nodes["id"], nodes["name"], strict=True))
