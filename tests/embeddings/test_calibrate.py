"""Probabilities rise with scores, hold at natural prevalence, and set honest thresholds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from embeddings import calibrate
from embeddings.calibrate import NEVER, shown_from
from embeddings.cells import Cells, Population, band_name, bands_of
from embeddings.figures import write_plots
from embeddings.negatives import with_negatives
from embeddings.reliability import Curve, reliability
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


def test_the_base_rate_is_facts_over_possible_pairs(facts: Facts, split: Split) -> None:
    everything = Population.of(split, split.test, split.known)
    assert everything.base_rates == pytest.approx([144 / (36 * 35 / 2)] * 3)


def test_a_held_out_fact_stands_for_all_facts_of_its_effect(facts: Facts, split: Split) -> None:
    cells = list(Population.of(split, split.test, split.known).cells(informed(facts, 0.0)))
    for found, total in zip(cells, facts.per_effect.tolist(), strict=True):
        n_held_out = int((split.test.array[:, 1] == found.effect).sum())
        assert found.positive.sum() == n_held_out
        assert found.weight * n_held_out == total
        assert len(found.pair) == 36 * 35 / 2 - total + n_held_out


def test_new_drugs_are_told_from_pairs_with_new_drugs(facts: Facts) -> None:
    split = split_facts(facts, "cold", 0)
    population = Population.of(split, split.test, split.known)
    assert np.isin(split.test.pair_codes, population.pairs).all()
    assert not np.isin(split.train.pair_codes, population.pairs).any()
    assert not np.isin(split.valid.pair_codes, population.pairs).any()


def test_what_a_model_is_judged_by_is_hidden_from_its_calibration(
    facts: Facts, split: Split
) -> None:
    scorer = informed(facts, 0.3)
    other = replace(split, test=split.test.keep(split.test.codes % 2 == 0), known=split.shown)
    one, two = calibrate.fit(scorer, split), calibrate.fit(scorer, other)
    assert (one.intercept == two.intercept).all()
    assert (one.base_rate == two.base_rate).all()


def test_bands_begin_at_their_edges() -> None:
    assert bands_of(np.array([0, 499, 500, 9_999, 10_000])).tolist() == [0, 0, 1, 4, 5]
    assert len({band_name(band) for band in range(6)}) == 6


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
    scores = scorer.scores(even.facts)
    found = reliability(calibrate.fit(scorer, split), scorer, split, even, scores)
    errors = found.as_dict()
    assert errors["natural"]["brier"] < 0.05
    # A tenth of the facts are judged by: calibration took them for unstated.
    assert errors["natural"]["ece15"] < 0.07
    assert errors["one_to_one"]["brier"] < 0.08
    (of_band,) = found.natural.of_bands().values()
    assert of_band == errors["natural"]


def test_a_picture_is_drawn_of_all_effects_and_of_each_band(
    facts: Facts, split: Split, tmp_path: Path
) -> None:
    scorer = informed(facts, 0.3)
    even = with_negatives(split.test, split.known, split.train, "uniform", 0)
    scores = scorer.scores(even.facts)
    found = reliability(calibrate.fit(scorer, split), scorer, split, even, scores)
    written = write_plots(found, tmp_path / "plots")
    assert [path.name for path in written] == ["reliability-all.svg", "reliability-band-0.svg"]
    for path in written:
        root = ElementTree.fromstring(path.read_text())  # noqa: S314
        assert root.tag.endswith("svg")
        assert "under 500" in path.read_text() or "all side effects" in path.read_text()


def test_the_errors_of_a_known_case() -> None:
    labels = np.array([True, True, False, False])
    probability, one_band = np.array([0.9, 0.9, 0.1, 0.1]), np.zeros(4, dtype=np.int64)
    errors = Curve.of(probability, labels, np.ones(4), one_band)
    assert errors.as_dict() == {"brier": 0.01, "ece15": 0.1}
    assert errors.plus(errors).as_dict() == errors.as_dict()
    assert Curve.none().as_dict() == {"brier": 0.0, "ece15": 0.0}


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
