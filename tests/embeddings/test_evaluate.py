"""Metrics agree with scikit-learn, ties are fair, negatives are no facts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from embeddings.evaluate import (
    auroc,
    average_precision,
    average_precision_at,
    evaluate,
    precision_at,
    share_won,
    shuffled_ranking,
    summarised,
)
from embeddings.negatives import PROTOCOLS, Negatives, UnknownProtocol, with_negatives
from embeddings.scorer import FloatArray
from embeddings.splits import split_facts
from embeddings.triples import Facts, TripleArray


class Constant:
    def scores(self, facts: TripleArray) -> FloatArray:
        return np.zeros(len(facts))


class Random:
    def scores(self, facts: TripleArray) -> FloatArray:
        return np.random.default_rng(5).random(len(facts))


@st.composite
def scored(draw: st.DrawFn) -> tuple[FloatArray, np.ndarray]:
    labels = draw(
        st.lists(st.booleans(), min_size=2, max_size=60).filter(lambda v: 0 < sum(v) < len(v))
    )
    scores = draw(st.lists(st.integers(0, 9), min_size=len(labels), max_size=len(labels)))
    return np.array(scores, dtype=float), np.array(labels)


@given(scored())
def test_auroc_and_average_precision_are_those_of_scikit_learn(
    case: tuple[FloatArray, np.ndarray],
) -> None:
    scores, labels = case
    assert auroc(scores, labels) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    assert average_precision(scores, labels) == pytest.approx(
        average_precision_score(labels, scores), abs=1e-12
    )


def test_average_precision_at_k_is_divided_by_what_could_be_found() -> None:
    ranking = np.array([True, False, True, False, False, True])
    assert average_precision_at(ranking, 4) == pytest.approx((1 + 2 / 3) / 3)
    assert average_precision_at(ranking, 2) == pytest.approx(1 / 2)
    assert precision_at(ranking, 3) == pytest.approx(2 / 3)


def test_precision_at_k_is_not_defined_where_fewer_positives_exist() -> None:
    assert np.isnan(precision_at(np.array([True, False]), 50))


def even_sample(per_effect: int = 400, effects: int = 20) -> Negatives:
    effect = np.repeat(np.arange(effects), 2 * per_effect)
    rows = np.column_stack((effect * 0, effect, effect * 0 + 1)).astype(np.int32)
    return Negatives(rows, np.tile(np.repeat([True, False], per_effect), effects))


def test_a_constant_score_gets_exactly_half_and_no_help_from_the_order_of_input() -> None:
    scores = evaluate(Constant(), even_sample(), seed=0)
    assert (scores.auroc == 0.5).all()
    assert (scores.auprc == 0.5).all()
    assert scores.ap50.mean() == pytest.approx(0.27, abs=0.03)
    assert scores.p50.mean() == pytest.approx(0.5, abs=0.04)


def test_a_random_score_gets_about_half() -> None:
    scores = evaluate(Random(), even_sample(), seed=0)
    assert scores.auroc.mean() == pytest.approx(0.5, abs=0.02)
    assert scores.auprc.mean() == pytest.approx(0.5, abs=0.02)


def test_ties_are_broken_the_same_way_for_the_same_seed() -> None:
    labels = np.arange(100) < 50
    rankings = [
        shuffled_ranking(np.zeros(100), labels, np.random.default_rng(seed)).tolist()
        for seed in (1, 1, 2)
    ]
    assert rankings[0] == rankings[1] != rankings[2]


def test_a_summary_says_how_many_effects_it_stands_on() -> None:
    summary = summarised(np.array([1.0, 0.5, np.nan]), seed=0)
    assert (summary.mean, summary.median, summary.n) == (0.75, 0.75, 2)
    assert summary.ci is not None
    assert summary.ci[0] <= 0.75 <= summary.ci[1]
    assert summarised(np.array([np.nan]), seed=0).mean is None


def test_a_model_wins_an_effect_only_by_a_higher_auroc() -> None:
    constant = evaluate(Constant(), even_sample(50, 4), seed=0)
    assert share_won(constant, constant) == 0.0


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("how", ["random", "pair", "cold"])
def test_negatives_are_as_many_as_positives_per_effect_and_never_facts(
    facts: Facts, protocol: str, how: str
) -> None:
    split = split_facts(facts, how, 0)
    sample = with_negatives(split.test, split.known, split.train, protocol, 0)
    negatives, positives = sample.facts[~sample.labels], sample.facts[sample.labels]
    assert len(positives) > 0
    assert (negatives[:, 0] < negatives[:, 2]).all()
    drawn = Facts(facts.drugs, facts.effects, negatives)
    assert not np.isin(drawn.codes, facts.codes).any()
    assert np.bincount(negatives[:, 1]).tolist() == np.bincount(positives[:, 1]).tolist()
    if protocol == "known-pairs":
        assert np.isin(drawn.pair_codes, facts.pair_codes).all()


def test_known_pairs_negatives_are_as_strange_to_training_as_their_positives(facts: Facts) -> None:
    split = split_facts(facts, "pair", 0)
    sample = with_negatives(split.test, split.known, split.train, "known-pairs", 0)
    drawn = Facts(facts.drugs, facts.effects, sample.facts)
    assert not np.isin(drawn.pair_codes, split.train.pair_codes).any()


def test_an_effect_known_for_every_pair_goes_without_judgement() -> None:
    facts = Facts.of([("a", "x", "b"), ("a", "x", "c"), ("b", "x", "c"), ("a", "y", "b")])
    sample = with_negatives(facts, facts, facts, "uniform", 0)
    assert facts.effects[int(sample.facts[:, 1].min())] == "y"


def test_an_unknown_protocol_is_quoted(facts: Facts) -> None:
    with pytest.raises(UnknownProtocol, match="'easy'"):
        with_negatives(facts, facts, facts, "easy", 0)
