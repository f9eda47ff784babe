"""From a graph to a judged model: split, leakage, train, baselines, evaluate, calibrate, store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from embeddings import calibrate, store
from embeddings.blend import with_degrees
from embeddings.judge import EvaluationRequest, judged
from embeddings.leakage import refuse_leaks
from embeddings.scorer import BilinearScorer
from embeddings.splits import Split, split_facts
from embeddings.store import Bundle, MissingModel
from embeddings.training.configs import Config, config_named
from embeddings.triples import Facts, aliases_of
from kg.graph import KnowledgeGraph, edges_frame
from ontologies.vocabulary import Predicate

Progress = Callable[[str], None]


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

    ``force`` trains again even where the same inputs have already given a model.
    """

    config: str = "fast"
    seed: int = 0
    split: str = "random"
    exclude: tuple[Facts, ...] = ()
    force: bool = False


def train_model(
    graph: KnowledgeGraph, home: Path, request: TrainingRequest, progress: Progress
) -> Bundle:
    """Train, calibrate, judge and store a model; one of the same inputs is returned as it is.

    Raises:
        NoFacts: The graph has nothing to learn from.
        UnknownConfig: The configuration has no such name.
        UnknownSplit: The split is written in no known way.
        EmptySplit: The split leaves a part without facts.
        LeakedFact: A fact stands on two sides of the split.
    """
    config = config_named(request.config)
    split = _split(graph, request)
    inputs = _inputs(graph, request, config, split)
    model_id = store.model_id_of(inputs)
    if not request.force:
        try:
            return store.load(home, model_id)
        except (MissingModel, store.DamagedBundle):
            progress(f"training model {model_id}")
    weights = _learned(split.train, config, request.seed, progress)
    weights = with_degrees(config.interaction, weights, split, request.seed + 2)
    scorer = BilinearScorer.of(config.interaction, weights)
    progress("calibrating")
    calibration = calibrate.fit(scorer, split)
    progress("judging on held-out facts")
    metrics = judged(scorer, calibration, split, EvaluationRequest(seed=request.seed))
    bundle = Bundle(model_id, inputs, weights, split.train, split.valid, calibration, metrics)
    store.save(bundle, home, _names(graph))
    return bundle


def _split(graph: KnowledgeGraph, request: TrainingRequest) -> Split:
    stated = Facts.from_tables(graph.tables)
    if not len(stated):
        raise NoFacts(graph.id)
    usable = stated.excluding(*request.exclude)
    split = split_facts(usable, request.split, request.seed, aliases_of(graph.tables))
    refuse_leaks(split)
    return replace(split, known=stated)


def _inputs(
    graph: KnowledgeGraph, request: TrainingRequest, config: Config, split: Split
) -> dict[str, Any]:
    return {
        "graph": graph.id,
        "licence": "; ".join(_licences(graph)),
        "config": config.as_dict(),
        "seed": request.seed,
        "split": request.split,
        "facts": {p: getattr(split, p).digest for p in ("train", "valid", "test", "known")},
    }


def _licences(graph: KnowledgeGraph) -> list[str]:
    taught = edges_frame(graph, Predicate.CONTRIBUTES_TO)["id"]
    evidence = graph.tables.evidence
    return sorted(set(evidence.loc[evidence["edge_id"].isin(taught), "licence"]) - {""})


def _learned(train: Facts, config: Config, seed: int, progress: Progress) -> Any:
    # torch is an extra: only who trains pays for it.
    from embeddings.training.loop import learn

    return learn(train, config, seed, progress)


def _names(graph: KnowledgeGraph) -> dict[str, str]:
    nodes = graph.tables.nodes
    return dict(zip(nodes["id"], nodes["name"], strict=True))
