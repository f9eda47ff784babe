"""Counting sees training facts alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from embeddings.counting.baselines import DegreeProduct, EffectDegree, PairCount
from embeddings.counting.items import NOTHING_KNOWN, DrugItems, PairItems
from embeddings.counting.ways import Counting
from embeddings.judging.evaluate import evaluate
from embeddings.logistic import fit_logistic, sigmoid
from embeddings.negatives import with_negatives
from embeddings.splits import split_facts
from embeddings.triples import Facts

TRAIN = Facts.of([("a", "x", "b"), ("a", "x", "c"), ("a", "y", "b"), ("c", "y", "d")])


def asked(*triples: tuple[str, str, str]) -> np.ndarray:
    return np.concatenate([Facts.of([t]).over(TRAIN.vocabulary).array for t in triples])


def test_degrees_are_counted_over_all_effects_or_over_the_one_asked() -> None:
    facts = asked(("b", "x", "c"), ("a", "y", "d"))
    assert DegreeProduct.fit(TRAIN).scores(facts).tolist() == [9.0, 8.0]
    of_effect = EffectDegree.fit(TRAIN).scores(facts)
    assert of_effect == pytest.approx([1.0, 1.0], abs=0.05)


def test_a_new_drug_does_not_hide_how_frequent_the_other_one_is() -> None:
    train = Facts((*TRAIN.drugs, "new"), TRAIN.effects, TRAIN.array)
    often, seldom = (Facts.of([(d, "x", "new")]).over(train.vocabulary).array for d in "ab")
    for baseline in (DegreeProduct.fit(train), EffectDegree.fit(train)):
        assert baseline.scores(often) > baseline.scores(seldom)


def test_a_pair_is_counted_by_its_known_effects() -> None:
    facts = asked(("b", "x", "a"), ("c", "x", "d"), ("b", "x", "d"))
    assert PairCount.fit(TRAIN).scores(facts).tolist() == [2.0, 1.0, 0.0]


def test_the_item_model_learns_that_two_effects_come_together() -> None:
    pairs = [(f"d{i}", f"e{i}") for i in range(3000)]
    train = Facts.of((a, e, b) for i, (a, b) in enumerate(pairs) for e in ("xz" if i % 2 else "y"))
    ask = Facts.of([("d1", "x", "e1"), ("d2", "x", "e2")]).over(train.vocabulary)
    together, apart = PairItems.fit(train).scores(ask.array)
    assert together > 0.5 > apart


def test_the_item_model_puts_a_pair_of_which_nothing_is_known_last() -> None:
    assert PairItems.fit(TRAIN).scores(asked(("b", "x", "d"))).tolist() == [NOTHING_KNOWN]


def test_drugs_that_keep_the_same_company_vouch_for_each_other_in_a_new_pair() -> None:
    train = Facts.of(
        (a, "x", f"{kind}{i}")
        for kind in "pq"
        for a in (f"{kind}-one", f"{kind}-two")
        for i in range(900)
    )
    train = train.joined().keep(
        ~np.isin(train.codes, Facts.of([("p-two", "x", "p7")]).over(train.vocabulary).codes)
    )
    items = DrugItems.fit(train)
    rows = [Facts.of([(a, "x", "p7")]).over(train.vocabulary).array for a in ("p-two", "q-two")]
    alike, strange = (float(items.scores(row)[0]) for row in rows)
    assert alike > 0.2 > strange
    assert (items.drug_scores(0) == items.drug_scores(0).T).all()


def test_the_blend_is_no_worse_than_the_best_count_on_class_rules(facts: Facts) -> None:
    split = split_facts(facts, "random", 0)
    validation, test = (
        with_negatives(part, split.known, split.train, "uniform", 0)
        for part in (split.valid, split.test)
    )
    auroc = {
        name: evaluate(scorer, test, 0).auroc.mean()
        for name, scorer in Counting.fit(split.train).blended(validation).items()
    }
    assert list(auroc) == [
        *("degree_product", "effect_degree", "pair_count"),
        *("ease", "count_blend", "count_stack"),
    ]
    assert auroc["count_blend"] >= auroc["effect_degree"] - 0.05


def test_logistic_regression_finds_the_odds_and_a_prior_pulls_it_back() -> None:
    features, labels = np.ones((10, 1)), np.array([1.0] * 8 + [0.0] * 2)
    free = fit_logistic(features, labels, np.ones(10), ridge=1e-9)
    assert sigmoid(free)[0] == pytest.approx(0.8)
    held = fit_logistic(features, labels, np.ones(10), 1e6, centre=np.array([0.0]))
    assert sigmoid(held)[0] == pytest.approx(0.5, abs=1e-3)


def test_logistic_regression_agrees_with_scikit_learn_where_steps_overshoot() -> None:
    rng = np.random.default_rng(0)
    score = np.concatenate([rng.normal(-12, 4, 20_000), rng.normal(15, 4, 40)])
    labels = np.concatenate([np.zeros(20_000), np.ones(40)])
    features = np.column_stack((np.ones_like(score), score))
    ours = fit_logistic(features, labels, np.ones(len(score)), 1.0, np.zeros(2))
    theirs = LogisticRegression(C=1.0, fit_intercept=False, tol=1e-10, max_iter=10_000)
    theirs.fit(features, labels)
    assert ours == pytest.approx(theirs.coef_[0], rel=1e-3)
