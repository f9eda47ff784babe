"""PyKEEN learns, numpy repeats its scores, and the whole chain from graph to bundle stands."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings.judging.judge import EvaluationRequest, evaluate_bundle
from embeddings.leakage import LeakedFact
from embeddings.learned_facts import co_reported_effects, usual_config
from embeddings.run import NoFacts, TrainingRequest, train_model
from embeddings.scorer import BilinearScorer
from embeddings.store import load
from embeddings.training.configs import Config, PairConfig, UnknownConfig, config_named
from embeddings.triples import Facts
from kg.graph import KnowledgeGraph
from kg.tables import CO_REPORT_COLUMNS
from tests.embeddings.conftest import BLEEDING, LONG_QT, SEDATION, class_rules, tables_of

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

from embeddings.training.loop import EffectMajorLoop, learn, weights_of  # noqa: E402
from embeddings.training.model import INTERACTIONS, factory_of, model_of  # noqa: E402

pytestmark = pytest.mark.slow


def quiet(message: str) -> None:
    """Take a progress message and say nothing."""


def small(interaction: str = "simple") -> Config:
    fast = config_named("fast")
    assert isinstance(fast, Config)
    return replace(fast, interaction=interaction, dimension=8, epochs=3)


@pytest.mark.parametrize("name", INTERACTIONS)
def test_numpy_repeats_the_scores_of_pykeen(name: str, facts: Facts) -> None:
    config = small(name)
    model = model_of(config, factory_of(facts), seed=3)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    model.eval()
    triples = torch.from_numpy(facts.array.astype(np.int64))
    with torch.inference_mode():
        both = model.score_hrt(triples) + model.score_hrt(triples[:, [2, 1, 0]])
    scorer = BilinearScorer.of(config.interaction, weights_of(model))
    assert scorer.scores(facts.array) == pytest.approx(both.numpy()[:, 0] / 2, abs=1e-5, rel=1e-5)


@pytest.mark.parametrize("name", INTERACTIONS)
def test_the_loss_of_a_batch_is_that_of_its_cells_scored_one_by_one(
    name: str, facts: Facts
) -> None:
    triples = factory_of(facts)
    model = model_of(replace(small(name), dropout=0.0), triples, seed=3)
    loop = EffectMajorLoop(model=model, triples_factory=triples, bystanders=1.0, optimizer="Adam")
    loss = loop._process_batch((torch.tensor([1]),), 0, 1)
    n = len(facts.drugs)
    cells = torch.cartesian_prod(torch.arange(n), torch.tensor([1]), torch.arange(n))
    cells = cells[cells[:, 0] != cells[:, 2]]
    stated = {(a, b) for a, e, b in facts.array.tolist() if e == 1}
    labels = torch.tensor(
        [float((a, b) in stated or (b, a) in stated) for a, _, b in cells.tolist()]
    )
    expected = model.loss.process_lcwa_scores(model.score_hrt(cells)[:, 0], labels) / n
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_same_seed_gives_the_same_weights(facts: Facts) -> None:
    one, again, other = (learn(facts, small(), seed, quiet) for seed in (1, 1, 2))
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["entity"], other["entity"])


def test_a_graph_becomes_a_judged_bundle_and_a_second_run_returns_it(
    graph: KnowledgeGraph, home: Path
) -> None:
    messages: list[str] = []
    bundle = train_model(graph, home, TrainingRequest(), messages.append)
    assert any("epoch" in message for message in messages)
    figures = bundle.metrics["protocols"]
    for protocol in ("uniform", "corrupt", "known-pairs"):
        model, counts = figures[protocol]["model"], figures[protocol]["baselines"]
        assert model["auroc"]["mean"] > 0.9
        assert counts.keys() >= {
            "degree_product",
            "effect_degree",
            "pair_count",
            "ease",
            "count_blend",
        }
    assert (
        figures["uniform"]["model"]["auroc"]["mean"]
        >= (figures["uniform"]["baselines"]["degree_product"]["auroc"]["mean"])
    )
    assert bundle.config["licence"] == "licence of the source"
    started = time.monotonic()
    again = train_model(graph, home, TrainingRequest(), messages.append)
    assert time.monotonic() - started < 5.0
    assert again.id == bundle.id
    assert again.metrics == bundle.metrics


def test_other_inputs_have_another_name(graph: KnowledgeGraph, home: Path) -> None:
    excluded = Facts.of(Facts.from_tables(graph.tables).triples()[:5])
    requests = (
        TrainingRequest(config="fast"),
        TrainingRequest(config="fast", seed=1),
        TrainingRequest(config="fast", split="pair"),
        TrainingRequest(config="fast", exclude=(excluded,)),
    )
    bundles = [train_model(graph, home, request, quiet) for request in requests]
    assert len({bundle.id for bundle in bundles}) == len(requests)
    assert not set(bundles[3].train.triples()) & set(excluded.triples())


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> PairConfig:
    """A short configuration of pairs under a name of its own."""
    pairs = config_named("best")
    assert isinstance(pairs, PairConfig)
    sizes = {"dimension": 8, "memory": 16, "context": 4, "sums": 4, "epochs": 20}
    config = replace(pairs, name="brief", learning_rate=0.05, cells=1_000, threads=1, **sizes)
    config = replace(config, least_facts=1)
    monkeypatch.setattr("embeddings.training.configs.CONFIGS", {"brief": config})
    return config


def test_a_model_of_pairs_is_stored_served_and_judged_like_any_other(
    graph: KnowledgeGraph, home: Path, brief: PairConfig
) -> None:
    messages: list[str] = []
    request = TrainingRequest(config=brief.name, checkpoint_seconds=0.0)
    bundle = train_model(graph, home, request, messages.append)
    assert bundle.metrics["protocols"]["uniform"]["model"]["auroc"]["mean"] > 0.9
    assert any("validation" in message for message in messages)
    assert not list((home / "checkpoints").glob("*"))
    again = load(home, bundle.id)
    pairs = bundle.train.array[:9, [0, 2]]
    assert np.array_equal(again.scorer.effect_scores(pairs), bundle.scorer.effect_scores(pairs))
    assert train_model(graph, home, request, messages.append).metrics == bundle.metrics


def test_co_reports_are_learned_where_a_graph_has_them(
    graph: KnowledgeGraph, home: Path, brief: PairConfig
) -> None:
    names = dict(zip((BLEEDING, SEDATION, LONG_QT), ("UMLS:A", "UMLS:A", "UMLS:B"), strict=True))
    reported = [(a, names[effect], b) for a, effect, b in class_rules()]
    columns = dict.fromkeys(CO_REPORT_COLUMNS, "x") | {"licence": "of the reports"}
    rows = [columns | {"drug_a": a, "drug_b": b, "effect": e} for a, e, b in reported]
    tables = replace(graph.tables, co_reports=pd.DataFrame(rows))
    with_reports = KnowledgeGraph("reported", tables, ())
    bundle = train_model(with_reports, home, TrainingRequest(config=brief.name), quiet)
    assert bundle.train.effects == ("UMLS:A", "UMLS:B")
    assert bundle.config["licence"] == "of the reports"
    assert co_reported_effects(with_reports, home, 200).facts.effects == ("UMLS:A",)
    assert [usual_config(one, home) for one in (graph, with_reports)] == ["fast", "counts"]


def test_a_training_that_stopped_goes_on_where_it_was_asked_to(
    graph: KnowledgeGraph, home: Path, brief: PairConfig
) -> None:
    whole = train_model(graph, home / "whole", TrainingRequest(config=brief.name), quiet)

    def stop(message: str) -> None:
        if message.startswith("epoch 10"):
            raise KeyboardInterrupt

    request = TrainingRequest(config=brief.name, checkpoint_seconds=0.0, resume=True)
    with pytest.raises(KeyboardInterrupt):
        train_model(graph, home, request, stop)
    messages: list[str] = []
    resumed = train_model(graph, home, request, messages.append)
    assert any(message.startswith("resumed after epoch 9") for message in messages)
    assert all(np.array_equal(resumed.weights[name], whole.weights[name]) for name in whole.weights)


def test_a_stored_model_is_judged_on_other_facts_but_not_on_those_it_saw(
    graph: KnowledgeGraph, home: Path
) -> None:
    facts = Facts.from_tables(graph.tables)
    held_out = Facts.of(facts.triples()[::7])
    request = TrainingRequest(exclude=(held_out,))
    bundle = train_model(graph, home, request, quiet)
    figures = evaluate_bundle(bundle, held_out, (facts,), EvaluationRequest(("uniform",)))
    assert (figures["seen"], figures["n_facts"]) == (0, len(held_out))
    assert figures["protocols"]["uniform"]["model"]["auroc"]["mean"] > 0.9
    with pytest.raises(LeakedFact):
        evaluate_bundle(bundle, facts, (), EvaluationRequest(("uniform",)))
    allowed = EvaluationRequest(("uniform",), allow_seen=True)
    assert evaluate_bundle(bundle, facts, (), allowed)["seen"] > 0


def test_a_graph_without_facts_is_refused(home: Path) -> None:
    empty = KnowledgeGraph("empty", tables_of([("RXCUI:1", "HP:0001892", "RXCUI:2")]), ())
    bare = replace(empty.tables, edges=empty.tables.edges.iloc[:0])
    with pytest.raises(NoFacts, match="'bare'"):
        train_model(KnowledgeGraph("bare", bare, ()), home, TrainingRequest(), quiet)


def test_an_unknown_configuration_is_named_with_those_that_exist() -> None:
    with pytest.raises(
        UnknownConfig, match="'slow'; known: best, complex, counts, distmult, fast, "
    ):
        config_named("slow")
