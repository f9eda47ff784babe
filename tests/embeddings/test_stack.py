"""A model stacked on counting is served with numpy alone, the same in every shape."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings import stack
from embeddings.evaluate import evaluate
from embeddings.items import DrugItems
from embeddings.negatives import with_negatives
from embeddings.run import TrainingRequest, train_model
from embeddings.scorer import BilinearScorer
from embeddings.served import served_scorer
from embeddings.splits import Split, split_facts
from embeddings.stack import StackScorer
from embeddings.stack_fit import fit_stack
from embeddings.store import load
from embeddings.training.configs import (
    CountConfig,
    PairConfig,
    UnknownConfig,
    UnknownSetting,
    config_named,
)
from embeddings.triples import Facts
from kg.graph import KnowledgeGraph
from tests.embeddings.conftest import class_rules


@pytest.fixture
def split(facts: Facts) -> Split:
    return split_facts(facts, "random", 0)


@pytest.fixture
def model(facts: Facts) -> BilinearScorer:
    return BilinearScorer.of("distmult", weights_of(facts))


def weights_of(facts: Facts) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "entity": (len(facts.drugs), 4),
        "relation": (len(facts.effects), 4),
        "bias": (len(facts.effects),),
    }
    return {name: rng.normal(size=s).astype(np.float32) for name, s in shapes.items()}


def every_cell(facts: Facts) -> np.ndarray:
    low, high = np.triu_indices(len(facts.drugs), k=1)
    effects = np.arange(len(facts.effects)).repeat(len(low))
    pairs = np.tile(np.column_stack((low, high)), (len(facts.effects), 1))
    return np.column_stack((pairs[:, 0], effects, pairs[:, 1])).astype(np.int32)


@pytest.mark.parametrize("learned", [True, False])
def test_facts_pairs_and_effects_are_scored_alike(
    split: Split, model: BilinearScorer, monkeypatch: pytest.MonkeyPatch, learned: bool
) -> None:
    scorer = fit_stack(split, model if learned else None, 0)
    cells = every_cell(split.train)
    single = scorer.scores(cells)
    pairs = np.unique(cells[:, [0, 2]], axis=0)
    by_pair = scorer.effect_scores(pairs)
    by_effect = np.stack([scorer.drug_scores(e) for e in range(len(split.train.effects))])
    assert by_pair.T.ravel() == pytest.approx(single, abs=1e-6)
    assert by_effect[:, pairs[:, 0], pairs[:, 1]] == pytest.approx(by_pair.T, abs=4e-3)
    assert (by_effect == by_effect.transpose(0, 2, 1)).all()
    monkeypatch.setattr(stack, "_MANY", 1)
    assert scorer.scores(cells) == pytest.approx(single, abs=4e-3)
    assert scorer.effect_scores(pairs) == pytest.approx(by_pair, abs=4e-3)


def test_counting_stacked_tells_facts_of_class_rules(split: Split) -> None:
    scorer = fit_stack(split, None, 0)
    for protocol in ("uniform", "corrupt", "known-pairs"):
        sample = with_negatives(split.test, split.known, split.train, protocol, 0)
        assert evaluate(scorer, sample, 0).auroc.mean() > 0.95


def test_a_stack_does_not_lose_what_its_model_knows(split: Split) -> None:
    class Oracle(BilinearScorer):
        def scores(self, facts: np.ndarray) -> np.ndarray:
            codes = facts[:, 1].astype(np.int64) * len(split.known.drugs) ** 2
            codes += facts[:, 0].astype(np.int64) * len(split.known.drugs) + facts[:, 2]
            return np.where(split.known.states(codes), 3.0, -3.0)

        def effect_scores(self, pairs: np.ndarray) -> np.ndarray:
            n = len(split.known.effects)
            rows = np.column_stack(
                (pairs[:, 0].repeat(n), np.tile(np.arange(n), len(pairs)), pairs[:, 1].repeat(n))
            )
            return self.scores(rows).reshape(-1, n)

    blank = np.zeros((1, 1), dtype=np.float32)
    scorer = fit_stack(split, Oracle(blank, blank, blank, blank, blank), 0)
    sample = with_negatives(split.test, split.known, split.train, "known-pairs", 0)
    assert evaluate(scorer, sample, 0).auroc.mean() == pytest.approx(1.0)


def test_the_order_of_drugs_and_the_company_of_other_pairs_do_not_matter(
    split: Split, model: BilinearScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = fit_stack(split, model, 0)
    pairs = np.array([[0, 1], [5, 2], [1, 0], [3, 3], [2, 5]])
    scores = scorer.effect_scores(pairs)
    assert (scores[[0, 1]] == scores[[2, 4]]).all()
    assert np.isfinite(scores).all()
    monkeypatch.setattr(stack, "PAIRS_KEPT", 2)
    again = StackScorer.of(scorer.weights, split.train, model)
    singly = np.concatenate([again.effect_scores(pairs[i : i + 1]) for i in (4, 3, 2, 1, 0)])
    assert singly[::-1] == pytest.approx(scores, abs=1e-5)


def test_no_pairs_have_no_scores(split: Split) -> None:
    scorer = fit_stack(split, None, 0)
    nothing = np.zeros((0, 2), dtype=np.int64)
    assert scorer.effect_scores(nothing).shape == (0, len(split.train.effects))
    assert len(scorer.scores(np.zeros((0, 3), dtype=np.int32))) == 0
    assert len(DrugItems.fit(split.train).scores(np.zeros((0, 3), dtype=np.int32))) == 0


def test_a_drug_without_training_facts_is_scored(facts: Facts) -> None:
    split = split_facts(facts, "cold", 0)
    scorer = fit_stack(split, None, 0)
    assert np.isfinite(scorer.scores(split.test.array)).all()


def test_what_is_stored_of_a_stack_makes_the_same_scorer(
    split: Split, model: BilinearScorer
) -> None:
    fitted = fit_stack(split, model, 0)
    weights = {**weights_of(split.known), **fitted.weights}
    served = served_scorer("distmult", weights, split.train)
    assert served.scores(split.test.array) == pytest.approx(fitted.scores(split.test.array))
    alone = served_scorer("distmult", weights_of(split.known), split.train)
    assert isinstance(alone, BilinearScorer)


def test_counting_is_trained_stored_and_served_without_a_learned_model(
    graph: KnowledgeGraph, home: Path
) -> None:
    def quiet(message: str) -> None:
        assert "epoch" not in message

    bundle = train_model(graph, home, TrainingRequest(config="counts"), quiet)
    assert bundle.metrics["protocols"]["uniform"]["model"]["auroc"]["mean"] > 0.9
    again = load(home, bundle.id)
    pairs = bundle.train.array[:9, [0, 2]]
    assert np.array_equal(again.scorer.effect_scores(pairs), bundle.scorer.effect_scores(pairs))
    assert set(again.train.triples()) <= set(class_rules())


def test_numbers_of_a_configuration_can_be_changed_by_name() -> None:
    changed = config_named("best,epochs=8,learning_rate=0.1")
    assert isinstance(changed, PairConfig)
    assert (changed.epochs, changed.learning_rate, changed.stacked) == (8, 0.1, 1)
    assert config_named("counts") == CountConfig("counts")
    with pytest.raises(UnknownConfig, match="'bes'"):
        config_named("bes,epochs=8")


@pytest.mark.parametrize(
    "change",
    ["epoch=8", "epochs", "epochs=many", "name=x", "hidden=0.5", "epochs=0", "dropout=-1",
     "learning_rate=inf", "learning_rate=nan", ""],
)  # fmt: skip
def test_a_change_that_a_configuration_cannot_take_is_quoted_with_what_it_can(change: str) -> None:
    with pytest.raises(UnknownSetting, match=f"^'{change}' changes nothing .*'best'.* epochs,"):
        config_named(f"best,{change}")


def test_the_company_of_no_more_drugs_than_agreed_is_remembered(split: Split) -> None:
    scorer = fit_stack(split, None, 0)
    pairs = np.array([[a, a + 1] for a in range(30)])
    scores = scorer.effect_scores(pairs)
    counts = replace(scorer.counts, drugs_kept=4)
    few = replace(scorer, counts=counts)
    assert few.effect_scores(pairs) == pytest.approx(scores)
    assert list(vars(counts)["_kept"]) == [27, 28, 29, 30]
    assert len(vars(scorer.counts)["_kept"]) == 31
