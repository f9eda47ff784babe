"""A judgement holds what was asked, hides nothing that was seen, and sets strata apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embeddings.judging import calibrate
from embeddings.judging.judge import (
    STRATA,
    EvaluationRequest,
    NothingToJudge,
    evaluate_bundle,
    judge,
    judge_bundle,
)
from embeddings.judging.metrics import METRICS, UnusableScores
from embeddings.leakage import LeakedFact
from embeddings.scorer import BilinearScorer
from embeddings.splits import Split, split_facts
from embeddings.store import Bundle
from embeddings.triples import Facts
from tests.embeddings.conftest import BLEEDING, LONG_QT, drug

BASELINES = [
    *("degree_product", "effect_degree", "pair_count"),
    *("ease", "count_blend", "count_stack"),
]


def weights_of(facts: Facts) -> dict[str, np.ndarray]:
    """Weights under which the members of a class have an effect with those of others."""
    member = np.array([int(d.removeprefix("RXCUI:")) // 100 - 1 for d in facts.drugs])
    return {
        "entity": np.eye(3, dtype=np.float32)[member],
        "relation": np.full((len(facts.effects), 3), -6.0, dtype=np.float32),
        "bias": np.zeros(len(facts.effects), dtype=np.float32),
    }


@pytest.fixture
def split(facts: Facts) -> Split:
    return split_facts(facts, "random", 0)


@pytest.fixture
def trained(split: Split, bundle: Bundle) -> Bundle:
    weights = weights_of(split.known)
    calibration = calibrate.fit(BilinearScorer.of("distmult", weights), split)
    return replace(
        bundle, weights=weights, train=split.train, valid=split.valid, calibration=calibration
    )


def test_figures_hold_what_the_contract_names(trained: Bundle, split: Split) -> None:
    figures = evaluate_bundle(trained, split.test, (split.known,), EvaluationRequest())
    assert (figures["n_facts"], figures["n_effects"], figures["seen"]) == (45, 3, 0)
    assert figures["seconds"] < 2.0
    assert list(figures["protocols"]) == ["uniform", "corrupt", "known-pairs"]
    for judged in figures["protocols"].values():
        assert list(judged["baselines"]) == BASELINES
        assert set(judged["model"]) == set(METRICS)
        assert set(judged["model"]["auroc"]) == {"mean", "median", "ci", "n"}
        assert 0.0 <= judged["effects_won_over_effect_degree"] <= 1.0
    assert set(figures["calibration"]) == {"one_to_one", "natural"}
    assert figures["ranks"]["n_ranks"] == 90


def test_the_same_seed_gives_the_same_figures(trained: Bundle, split: Split) -> None:
    one, other, third = (
        evaluate_bundle(trained, split.test, (split.known,), EvaluationRequest(seed=seed))
        for seed in (1, 1, 2)
    )
    del one["seconds"], other["seconds"], third["seconds"]
    assert one == other != third


def test_facts_of_training_are_refused_or_counted(trained: Bundle, split: Split) -> None:
    test = split.test.joined(split.train.keep(np.arange(len(split.train)) < 7))
    with pytest.raises(LeakedFact, match="7 facts stand in both test and training"):
        evaluate_bundle(trained, test, (), EvaluationRequest())
    allowed = EvaluationRequest(("uniform",), allow_seen=True)
    assert evaluate_bundle(trained, test, (), allowed)["seen"] == 7


def test_what_the_model_cannot_name_is_counted(trained: Bundle, split: Split) -> None:
    test = Facts.of([*split.test.triples(), ("RXCUI:9", BLEEDING, drug(101))])
    figures = evaluate_bundle(trained, test, (), EvaluationRequest(("uniform",)))
    assert (figures["n_facts"], figures["not_in_model"]) == (45, 1)


@pytest.mark.parametrize("test", [Facts.of([]), Facts.of([("a", "x", "b")])])
def test_a_test_without_a_fact_of_the_model_is_refused(trained: Bundle, test: Facts) -> None:
    with pytest.raises(NothingToJudge, match=f"of {len(test)} test facts none"):
        evaluate_bundle(trained, test, (), EvaluationRequest())


def test_twins_are_counted_and_left_out_when_asked(trained: Bundle, split: Split) -> None:
    # Two drugs of one class share their company: what training states of one tells of the other.
    twins = {drug(101): frozenset({drug(102)}), drug(102): frozenset({drug(101)})}
    request = EvaluationRequest(("uniform",), twins=twins)
    counted = evaluate_bundle(trained, split.test, (split.known,), request)
    dropped = evaluate_bundle(
        trained, split.test, (split.known,), replace(request, drop_twins=True)
    )
    assert counted["twins"] == dropped["twins"] > 0
    assert counted["n_facts"] - dropped["n_facts"] == dropped["twins"]
    assert (counted["twins_dropped"], dropped["twins_dropped"]) == (False, True)


def test_one_new_drug_and_two_are_reported_apart(facts: Facts) -> None:
    split = split_facts(facts, "cold", 0)
    scorer = BilinearScorer.of("distmult", weights_of(facts))
    calibration = calibrate.fit(scorer, split)
    found = judge(scorer, calibration, split, EvaluationRequest(("uniform",)))
    strata = found.figures["protocols"]["uniform"]["strata"]
    assert set(strata) <= set(STRATA[2:])
    assert sum(part["n_facts"] for part in strata.values()) <= len(split.test)
    assert all(list(part["baselines"]) == BASELINES for part in strata.values())
    assert found.figures["novelty"]["one_new_drug"] > 0


def test_each_effect_has_a_row_for_each_scorer_and_protocol(trained: Bundle, split: Split) -> None:
    found = judge_bundle(trained, split.test, (split.known,), EvaluationRequest())
    rows = found.per_effect
    assert len(rows) == 3 * (1 + len(BASELINES)) * 3
    assert set(rows["effect"]) == set(split.known.effects) >= {BLEEDING, LONG_QT}
    model = rows[(rows["scorer"] == "model") & (rows["protocol"] == "uniform")]
    mean = found.figures["protocols"]["uniform"]["model"]["auroc"]["mean"]
    assert model["auroc"].mean() == pytest.approx(mean, abs=1e-6)
    assert model["n_facts"].sum() == 45


def test_a_model_that_gives_no_numbers_is_refused(trained: Bundle, split: Split) -> None:
    weights = {**trained.weights, "bias": np.full(3, np.nan, dtype=np.float32)}
    with pytest.raises(UnusableScores, match="not numbers"):
        evaluate_bundle(replace(trained, weights=weights), split.test, (), EvaluationRequest())
