"""PyKEEN learns, numpy repeats its scores, and the whole chain from graph to bundle stands."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.judge import EvaluationRequest, evaluate_bundle
from embeddings.leakage import LeakedFact
from embeddings.run import NoFacts, TrainingRequest, train_model
from embeddings.scorer import BilinearScorer
from embeddings.training.configs import CONFIGS, Config, UnknownConfig, config_named
from embeddings.triples import Facts
from kg.graph import KnowledgeGraph
from tests.embeddings.conftest import tables_of

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

from embeddings.training.loop import EffectMajorLoop, learn, weights_of  # noqa: E402
from embeddings.training.model import factory_of, model_of  # noqa: E402

pytestmark = pytest.mark.slow


def quiet(message: str) -> None:
    """Take a progress message and say nothing."""


def small(name: str) -> Config:
    return replace(config_named(name), dimension=8, epochs=3)


@pytest.mark.parametrize("name", CONFIGS)
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


@pytest.mark.parametrize("name", CONFIGS)
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
    one, again, other = (learn(facts, small("fast"), seed, quiet) for seed in (1, 1, 2))
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
        assert set(counts) == {
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
        TrainingRequest(config="distmult"),
        TrainingRequest(config="distmult", seed=1),
        TrainingRequest(config="distmult", split="pair"),
        TrainingRequest(config="distmult", exclude=(excluded,)),
    )
    bundles = [train_model(graph, home, request, quiet) for request in requests]
    assert len({bundle.id for bundle in bundles}) == len(requests)
    assert not set(bundles[3].train.triples()) & set(excluded.triples())


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
    with pytest.raises(UnknownConfig, match="'slow'; known: complex, distmult, fast"):
        config_named("slow")
