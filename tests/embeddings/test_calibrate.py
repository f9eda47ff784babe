"""Probabilities rise with scores, hold at natural prevalence, and set honest thresholds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embeddings import calibrate
from embeddings.calibrate import NEVER, Cells, base_rates, shown_from
from embeddings.negatives import with_negatives
from embeddings.reliability import Errors, reliability
from embeddings.scorer import BilinearScorer
from embeddings.splits import Split, split_facts
from embeddings.triples import Facts


def informed(facts: Facts, noise: float, seed: int = 0) -> BilinearScorer:
    """A scorer that knows the classes behind the facts, up to noise on every drug."""
    rng = np.random.default_rng(seed)
    member = np.array([int(d.removeprefix("RXCUI:")) // 100 - 1 for d in facts.drugs])
    as_head = np.eye(3)[member]
    pairs = {0: (0, 2), 1: (0, 1), 2: (1, 2)}
    core = np.zeros((len(facts.effects), 3, 3))
    for effect, (one, other) in pairs.items():
        core[effect, one, other] = core[effect, other, one] = 8.0
    left = np.repeat(as_head, 3, axis=1) + noise * rng.normal(size=(len(member), 9))
    right = np.tile(as_head, (1, 3))
    return BilinearScorer(
        left.astype(np.float32),
        core.reshape(-1, 9).astype(np.float32),
        right.astype(np.float32),
        np.full(len(facts.effects), -4.0, dtype=np.float32),
        np.zeros((len(facts.effects), len(facts.drugs)), dtype=np.float32),
    )


@pytest.fixture
def split(facts: Facts) -> Split:
    return split_facts(facts, "random", 0)


def test_the_base_rate_is_facts_over_possible_pairs(facts: Facts) -> None:
    assert base_rates(facts) == pytest.approx([144 / (36 * 35 / 2)] * 3)


def test_a_higher_score_never_has_a_lower_probability(facts: Facts, split: Split) -> None:
    calibration = calibrate.fit(informed(facts, 0.3), split)
    grid = np.linspace(-20, 20, 500)
    for effect in range(3):
        assert (np.diff(calibration.probability(grid, np.array(effect))) >= 0).all()
        assert (np.diff(calibration.even_probability(grid, np.array(effect))) >= 0).all()


def test_a_useless_score_is_given_the_base_rate(facts: Facts, split: Split) -> None:
    blind = informed(facts, 0.0)
    blind = replace(blind, core=np.zeros_like(blind.core))
    calibration = calibrate.fit(blind, split)
    assert calibration.probability(np.full(3, -4.0), np.arange(3)) == pytest.approx(
        calibration.base_rate, rel=0.15
    )
    assert calibration.probability_threshold == NEVER


def test_probabilities_agree_with_frequencies_on_test_facts(facts: Facts, split: Split) -> None:
    scorer = informed(facts, 0.3)
    even = with_negatives(split.test, split.known, split.train, "uniform", 0)
    errors = reliability(calibrate.fit(scorer, split), scorer, split, even)
    assert errors["natural"]["brier"] < 0.05
    assert errors["natural"]["ece15"] < 0.05
    assert errors["one_to_one"]["brier"] < 0.08


def test_the_errors_of_a_known_case() -> None:
    labels = np.array([True, True, False, False])
    errors = Errors.of(np.array([0.9, 0.9, 0.1, 0.1]), labels, np.ones(4))
    assert errors.as_dict() == {"brier": 0.01, "ece15": 0.1}
    assert errors.plus(errors).as_dict() == errors.as_dict()
    assert Errors.none().as_dict() == {"brier": 0.0, "ece15": 0.0}


def test_the_threshold_is_the_least_at_which_half_of_what_is_shown_is_true(facts: Facts) -> None:
    shape = np.ones(3)
    calibration = calibrate.Calibration(0 * shape, shape, 0.001 * shape, NEVER, 10.0)
    scores = np.array([4.0, 3.0, 2.0, 1.0, 0.0])
    hits = np.array([True, False, True, False, False])
    unseen = np.setdiff1d(np.arange(36 * 36), facts.pair_codes)[:5]
    cells = Cells(0, unseen, scores, hits, 1.0)
    threshold = shown_from(calibration, [cells], facts)
    assert threshold == pytest.approx(calibration.probability(scores, np.array(0))[3])


def test_pairs_with_training_facts_have_no_say_in_the_threshold(facts: Facts) -> None:
    shape = np.ones(3)
    calibration = calibrate.Calibration(0 * shape, shape, 0.001 * shape, NEVER, 10.0)
    cells = Cells(0, facts.pair_codes[:5], np.full(5, 4.0), np.ones(5, dtype=bool), 1.0)
    assert shown_from(calibration, [cells], facts) == NEVER
