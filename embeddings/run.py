"""From a graph to a judged model: split, leakage, train, baselines, evaluate, calibrate, store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from embeddings import calibrate, store
from embeddings.baselines import counting
from embeddings.evaluate import Scores, evaluate, share_won
from embeddings.leakage import refuse_leaks, seen_pair_share
from embeddings.negatives import Negatives, with_negatives
from embeddings.reliability import reliability
from embeddings.scorer import BilinearScorer
from embeddings.splits import Split, split_facts
from embeddings.store import Bundle, MissingModel
from embeddings.training.configs import Config, config_named
from embeddings.triples import Facts, aliases_of
from kg.graph import KnowledgeGraph

Progress = Callable[[str], None]
JUDGED_BY = ("uniform", "corrupt", "known-pairs")


class NoFacts(ValueError):
    """A graph states no effect of any pair of drugs, so there is nothing to learn."""

    def __init__(self, graph_id: str) -> None:
        super().__init__(f"graph {graph_id!r} states no effect of a pair of drugs; nothing to learn")
        self.graph_id = graph_id


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train: a named configuration, a seed, a split as ``--split`` writes it, facts to leave out.

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
    """Train, judge, calibrate and store a model; a model of the same inputs is returned as it stands.

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
    scorer = BilinearScorer.of(config.interaction, weights)
    progress("calibrating")
    calibration = calibrate.fit(scorer, split)
    progress("judging on held-out facts")
    metrics = judged(scorer, calibration, split, request.seed)
    bundle = Bundle(model_id, inputs, weights, split.train, calibration, metrics)
    store.save(bundle, home, _names(graph))
    return bundle


def judged(
    scorer: BilinearScorer, calibration: calibrate.Calibration, split: Split, seed: int
) -> dict[str, Any]:
    """Metrics of a model and of every way of counting, on the test facts, under every protocol."""
    protocols = {}
    for protocol in JUDGED_BY:
        test = with_negatives(split.test, split.known, split.train, protocol, seed)
        validation = with_negatives(split.valid, split.known, split.train, protocol, seed + 1)
        protocols[protocol] = beside_counting(scorer, split.train, validation, test, seed)
    even = with_negatives(split.test, split.known, split.train, "uniform", seed)
    return {
        "n_effects": int((split.test.per_effect > 0).sum()),
        "n_facts": len(split.test),
        "parts": {part: len(getattr(split, part)) for part in ("train", "valid", "test")},
        "pairs_seen_in_training": round(seen_pair_share(split), 6),
        "protocols": protocols,
        "calibration": reliability(calibration, scorer, split, even),
    }


def beside_counting(
    scorer: BilinearScorer, train: Facts, validation: Negatives, test: Negatives, seed: int
) -> dict[str, Any]:
    """One protocol: the model's metrics, those of each way of counting, and how many effects it wins."""
    model = evaluate(scorer, test, seed)
    baselines: dict[str, Scores] = {
        name: evaluate(baseline, test, seed)
        for name, baseline in counting(train, validation).items()
    }
    return {
        "model": model.summary(seed),
        "baselines": {name: scores.summary(seed) for name, scores in baselines.items()},
        "effects_won_over_effect_degree": share_won(model, baselines["effect_degree"]),
    }


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
        "licence": " AND ".join(sorted({r.licence for r in graph.releases if r.licence})),
        "config": config.as_dict(),
        "seed": request.seed,
        "split": request.split,
        "facts": {p: getattr(split, p).digest for p in ("train", "valid", "test", "known")},
    }


def _learned(train: Facts, config: Config, seed: int, progress: Progress) -> Any:
    # torch is an extra: only who trains pays for it.
    from embeddings.training.loop import learn

    return learn(train, config, seed, progress)


def _names(graph: KnowledgeGraph) -> dict[str, str]:
    nodes = graph.tables.nodes
    return dict(zip(nodes["id"], nodes["name"], strict=True))
