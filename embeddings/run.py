"""From a graph to a judged model: split, leakage, train, baselines, evaluate, calibrate, store."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from embeddings import store
from embeddings.blend import with_degrees
from embeddings.counting.stack import PREFIX
from embeddings.counting.stack_fit import fit_stack
from embeddings.judging import calibrate
from embeddings.judging.groups import effect_classes, grouped
from embeddings.judging.judge import EvaluationRequest, judge
from embeddings.leakage import refuse_leaks
from embeddings.learned_facts import Teaching, co_reported_effects, stated_effects
from embeddings.mechanism import Mechanism, mechanism_of
from embeddings.new_drugs.describing import descriptions_of
from embeddings.new_drugs.fit import fit_new_drugs
from embeddings.new_drugs.odds import NewDrugs
from embeddings.pair_scorer import scorer_of
from embeddings.scorer import WeightArray, Weights
from embeddings.served import served_scorer
from embeddings.splits import Split, split_facts
from embeddings.standings import Standings
from embeddings.store import Bundle, MissingModel
from embeddings.structures import rdkit_version
from embeddings.training.configs import AnyConfig, Config, CountConfig, PairConfig, config_named
from embeddings.triples import Facts, aliases_of
from embeddings.watched import watched
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
    config, split, inputs = prepared(graph, home, request)
    model_id = store.model_id_of(inputs)
    if not request.force:
        try:
            return store.load(home, model_id)
        except (MissingModel, store.DamagedBundle):
            progress(f"training model {model_id}")
    weights = _learned(graph, split, config, request, home / "checkpoints" / model_id, progress)
    new = None
    if isinstance(config, CountConfig) or (isinstance(config, PairConfig) and config.stacked):
        progress("stacking on counting")
        weights |= _stack(split, config, weights, request.seed)
        if config.new_drugs:
            new = _placing(graph, home, split, weights, request.seed, progress)
    learned = _Learned(model_id, _licensed(inputs, new), weights, new)
    classes = effect_classes(graph, split.train.effects)
    bundle = _judged(learned, split, classes, request, progress)
    if leads():
        store.save(bundle, home, _names(graph))
    return bundle


def prepared(
    graph: KnowledgeGraph, home: Path, request: TrainingRequest
) -> tuple[AnyConfig, Split, dict[str, Any]]:
    """Look up the configuration, split the facts, and list all that a model will depend on.

    Raises:
        As :func:`train_model`.
    """
    config = config_named(request.config)
    teaching = _teaching(graph, home, config)
    split = _split(graph, teaching.facts, request)
    return config, split, _inputs(graph, teaching, request, config, split)


def leads() -> bool:
    """Tell whether this process speaks and stores for all that ``torchrun`` started."""
    return int(os.environ.get("RANK", "0")) == 0


@dataclass(frozen=True, slots=True, eq=False)
class _Learned:
    """What training gives, before it is calibrated and judged."""

    model_id: str
    inputs: Mapping[str, Any]
    weights: Weights
    new: NewDrugs | None


def _judged(
    learned: _Learned,
    split: Split,
    classes: Mapping[str, str],
    request: TrainingRequest,
    progress: Progress,
) -> Bundle:
    interaction = learned.inputs["config"]["interaction"]
    scorer = served_scorer(interaction, learned.weights, split.train, learned.new)
    progress("calibrating")
    calibration = calibrate.fit(scorer, split)
    progress("judging on held-out facts")
    found = judge(scorer, calibration, split, EvaluationRequest(seed=request.seed))
    metrics = {**found.figures, "groups": grouped(found, classes)}
    standings = Standings.fit(scorer, split.train)
    parts = (split.train, split.valid, calibration, metrics, standings, learned.new)
    return Bundle(learned.model_id, learned.inputs, learned.weights, *parts)


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
        "sources": list(teaching.sources),
        "taught": teaching.kind,
        "config": config.as_dict(),
        "rdkit": rdkit_version() if getattr(config, "new_drugs", 0) else None,
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


def _placing(
    graph: KnowledgeGraph,
    home: Path,
    split: Split,
    weights: Weights,
    seed: int,
    progress: Progress,
) -> NewDrugs | None:
    """Learn from the training facts how to tell of drugs that have none, if drugs are described."""
    aliases = aliases_of(graph.tables)
    described = descriptions_of(graph, home, split.train.drugs, aliases, progress)
    of_effects = weights[f"{PREFIX}of_effects"]
    return fit_new_drugs(split.train, of_effects, described, seed, progress)


def _licensed(inputs: dict[str, Any], new: NewDrugs | None) -> dict[str, Any]:
    """Add the licences of what is known of single drugs, where a model holds it."""
    if new is None:
        return inputs
    licences = {*inputs["licence"].split("; "), *new.descriptions.licences} - {""}
    return {**inputs, "licence": "; ".join(sorted(licences))}


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
    judge = watched(split, config.interaction, ("known-pairs",), WATCHED, request.seed)
    watch = Watch(progress, lambda weights: float(judge(weights)[0]), checkpoints, request.resume)
    mechanism = mechanism_for(graph, split.train, config)
    weights = learn_pairs(split.train, config, request.seed, watch, mechanism)
    if leads():
        checkpoints.clear()
    return weights


def mechanism_for(graph: KnowledgeGraph, train: Facts, config: AnyConfig) -> Mechanism | None:
    """Collect the mechanism of the training drugs, where a configuration learns it."""
    asked = isinstance(config, PairConfig) and config.mechanism
    return mechanism_of(graph, train.drugs) if asked else None


def _names(graph: KnowledgeGraph) -> dict[str, str]:
    nodes = graph.tables.nodes
    return dict(zip(nodes["id"], nodes["name"], strict=True))
