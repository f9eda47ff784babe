"""Metrics agree with scikit-learn, ties are fair, negatives are no facts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from embeddings.judging.evaluate import evaluate
from embeddings.judging.metrics import (
    METRICS,
    Scores,
    UnusableScores,
    measured,
    share_won,
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


@given(st.lists(scored(), min_size=1, max_size=4))
def test_auroc_and_average_precision_are_those_of_scikit_learn(
    cases: list[tuple[FloatArray, np.ndarray]],
) -> None:
    found = together(cases)
    for number, (scores, labels) in enumerate(cases):
        assert found.auroc[number] == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
        assert found.auprc[number] == pytest.approx(
            average_precision_score(labels, scores), abs=1e-12
        )


@given(st.lists(scored(), min_size=1, max_size=4))
def test_the_first_fifty_are_measured_as_the_definition_reads(
    cases: list[tuple[FloatArray, np.ndarray]],
) -> None:
    untied = [(np.random.default_rng(0).permutation(len(s)) * 1.0, y) for s, y in cases]
    found = together(untied)
    for number, (scores, labels) in enumerate(untied):
        best = labels[np.argsort(-scores)][:50]
        precision = [best[: i + 1].mean() for i in range(len(best))]
        expected = sum(p for p, hit in zip(precision, best, strict=True) if hit)
        assert found.ap50[number] == pytest.approx(expected / min(50, labels.sum()))
        if labels.sum() < 50:
            assert np.isnan(found.p50[number])


def together(cases: list[tuple[FloatArray, np.ndarray]]) -> Scores:
    """Measure several effects at once, their rows in no order."""
    scores = np.concatenate([scores for scores, _ in cases])
    labels = np.concatenate([labels for _, labels in cases])
    effects = np.repeat(np.arange(len(cases)), [len(scores) for scores, _ in cases])
    mixed = np.random.default_rng(1).permutation(len(scores))
    return measured(scores[mixed], labels[mixed], effects[mixed], seed=0)


def test_average_precision_of_the_first_fifty_is_divided_by_what_could_be_found() -> None:
    labels = np.array([True, False, True, False, False, True])
    found = measured(-np.arange(6.0), labels, np.zeros(6, dtype=int), 0)
    assert found.ap50.tolist() == pytest.approx([(1 + 2 / 3 + 3 / 6) / 3])
    assert found.positives.tolist() == [3]


def test_precision_of_the_first_fifty_is_not_defined_where_fewer_facts_exist() -> None:
    labels = np.array([True, False])
    assert np.isnan(measured(np.zeros(2), labels, np.zeros(2, dtype=int), 0).p50).all()


def test_an_effect_without_a_negative_has_no_auroc() -> None:
    found = measured(np.arange(4.0), np.array([True] * 3 + [False]), np.array([0, 0, 1, 1]), 0)
    assert np.isnan(found.auroc).tolist() == [True, False]


def test_a_score_that_is_no_number_is_refused_and_counted() -> None:
    scores = np.array([0.0, np.nan, 1.0])
    with pytest.raises(UnusableScores, match="1 of 3 scores"):
        measured(scores, np.array([True, False, True]), np.zeros(3, dtype=int), 0)


def test_nothing_to_measure_gives_no_effect_and_no_mean() -> None:
    nothing = measured(np.zeros(0), np.zeros(0, bool), np.zeros(0, int), 0)
    assert len(nothing.effects) == 0
    assert nothing.summary(0)["auroc"] == {"mean": None, "median": None, "ci": None, "n": 0}


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
    one, same, other = (
        evaluate(Constant(), even_sample(), seed=s).ap50.tolist() for s in (1, 1, 2)
    )
    assert one == same != other


def test_a_summary_says_how_many_effects_it_stands_on() -> None:
    table = np.column_stack(([1.0, 0.5, np.nan], [np.nan] * 3))
    summary, undefined = summarised(table, seed=0)
    assert (summary.mean, summary.median, summary.n) == (0.75, 0.75, 2)
    assert summary.ci is not None
    assert summary.ci[0] <= 0.75 <= summary.ci[1]
    assert undefined.mean is None


def test_the_bootstrap_interval_is_that_of_plain_resampling() -> None:
    rng = np.random.default_rng(3)
    values = rng.random(200)
    low, high = summarised(values[:, None], seed=0)[0].ci or (0.0, 0.0)
    means = [rng.choice(values, 200).mean() for _ in range(4000)]
    assert (low, high) == pytest.approx(np.quantile(means, (0.025, 0.975)), abs=0.006)


def test_a_model_wins_an_effect_only_by_a_higher_auroc() -> None:
    constant = evaluate(Constant(), even_sample(50, 4), seed=0)
    assert share_won(constant.auroc, constant.auroc) == 0.0
    assert set(constant.summary(0)) == set(METRICS)


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


@pytest.mark.parametrize("protocol", ["uniform", "corrupt"])
def test_where_pairs_are_held_out_a_negative_is_no_training_pair_and_stated_as_often_as_any(
    protocol: str,
) -> None:
    facts = crowded()
    split = split_facts(facts, "pair", 0)
    sample = with_negatives(split.test, split.known, split.train, protocol, 0)
    drawn = Facts(facts.drugs, facts.effects, sample.facts[~sample.labels])
    assert not np.isin(drawn.pair_codes, split.train.pair_codes).any()
    n_pairs = len(facts.drugs) * (len(facts.drugs) - 1) / 2
    stated = len(np.unique(facts.pair_codes)) * 0.7
    expected = stated / (stated + n_pairs - len(np.unique(facts.pair_codes)))
    assert np.isin(drawn.pair_codes, facts.pair_codes).mean() == pytest.approx(expected, abs=0.1)


def crowded() -> Facts:
    """Half of the pairs of 80 drugs have each of ten effects by chance."""
    rng = np.random.default_rng(0)
    first, second = np.triu_indices(80, k=1)
    stated = rng.random(len(first)) < 0.5
    return Facts.of(
        (f"d{a}", f"e{e}", f"d{b}")
        for a, b in zip(first[stated].tolist(), second[stated].tolist(), strict=True)
        for e in np.flatnonzero(rng.random(10) < 0.3).tolist()
    )


def test_an_effect_known_for_every_pair_goes_without_judgement() -> None:
    facts = Facts.of([("a", "x", "b"), ("a", "x", "c"), ("b", "x", "c"), ("a", "y", "b")])
    sample = with_negatives(facts, facts, facts, "uniform", 0)
    assert facts.effects[int(sample.facts[:, 1].min())] == "y"


def test_an_unknown_protocol_is_quoted(facts: Facts) -> None:
    with pytest.raises(UnknownProtocol, match="'easy'"):
        with_negatives(facts, facts, facts, "easy", 0)
