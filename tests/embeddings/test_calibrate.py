"""Probabilities rise with scores, hold at natural prevalence, and set honest thresholds."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from embeddings.judging import calibrate
from embeddings.judging.calibrate import Calibration
from embeddings.judging.cells import Population, band_name, bands_of
from embeddings.judging.figures import write_plots
from embeddings.judging.outcomes import KINDS, LEAST_HITS, NEVER, Guesses
from embeddings.judging.reliability import Curve, reliability
from embeddings.negatives import Novelty, with_negatives
from embeddings.scorer import BilinearScorer, WeightArray
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


def test_a_held_out_fact_stands_for_all_facts_of_its_effect(facts: Facts) -> None:
    pairs = {(a, b) for a, _, b in facts.triples()}
    facts = Facts.of((a, effect, b) for a, b in pairs for effect in facts.effects)
    split = split_facts(facts, "random", 0)
    cells = list(Population.of(split, split.test, split.known).cells(informed(facts, 0.0)))
    for found, total in zip(cells, facts.per_effect.tolist(), strict=True):
        n_held_out = int((split.test.array[:, 1] == found.effect).sum())
        assert found.positive.sum() == n_held_out
        assert found.weight * n_held_out == pytest.approx(total)
        assert (found.asked == 1.0).all()
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
    assert (calibration.thresholds == NEVER).all()


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


def guesses(facts: list[float], others: list[float], kind: int = 1) -> Guesses:
    """Bins of falling probability, .9, .8, and so on; all cells are of pairs of one kind."""
    n = len(facts)
    held, missed = np.zeros((len(KINDS), n)), np.zeros((len(KINDS), n))
    held[kind], missed[kind] = facts, others
    return Guesses(0.9 - 0.1 * np.arange(n), np.full(n, 0.01), held, missed)


def test_the_threshold_is_the_least_at_which_half_of_what_is_told_is_true() -> None:
    found = guesses([10, 40, 10, 0], [20, 20, 10, 90]).thresholds()
    assert found == pytest.approx([NEVER, 0.7, NEVER, NEVER])


def test_each_kind_of_pair_has_a_threshold_of_its_own() -> None:
    known, new = guesses([50, 0], [0, 10], kind=0), guesses([0, 50], [50, 0], kind=1)
    both = replace(known, facts=known.facts + new.facts, others=known.others + new.others)
    assert both.thresholds() == pytest.approx([0.8, 0.8, NEVER, NEVER])
    assert new.thresholds() == pytest.approx([NEVER, 0.8, NEVER, NEVER])


def test_too_few_facts_set_no_threshold() -> None:
    assert (guesses([LEAST_HITS - 1], [0]).thresholds() == NEVER).all()
    assert guesses([LEAST_HITS], [0]).thresholds()[1] == pytest.approx(0.9)


def test_common_effects_have_no_say_in_the_threshold() -> None:
    common = replace(guesses([50], [0]), base_rate=np.array([0.5]))
    assert (common.thresholds() == NEVER).all()


def test_it_is_counted_how_many_guesses_came_true() -> None:
    outcomes = guesses([30, 20], [70, 80]).outcomes()
    assert outcomes.share(1, 0.85) == (0.8, 0.25)
    assert outcomes.share(1, 0.99) == (0.9, 0.3)
    assert outcomes.share(1, 0.001) is None
    assert outcomes.share(0, 0.85) is None


def test_pairs_are_calibrated_together_and_told_apart(facts: Facts, split: Split) -> None:
    calibration = calibrate.fit(informed(facts, 0.3), split)
    counted = calibration.outcomes.facts[:, 0]
    kinds = Novelty.of(split.train).kinds(split.valid.array)
    assert counted.tolist() == np.bincount(kinds, minlength=4).tolist()
    again = Calibration.read(calibration.as_dict(facts.effects), facts.effects)
    assert again.as_dict(facts.effects) == calibration.as_dict(facts.effects)


@pytest.fixture
def by_pair(facts: Facts) -> Split:
    """A split that holds out whole pairs."""
    return split_facts(facts, "pair", 0)


def test_held_out_pairs_are_told_from_pairs_that_training_does_not_state(by_pair: Split) -> None:
    population = Population.of(by_pair, by_pair.test, by_pair.known)
    n = len(by_pair.train.drugs)
    asked = dict(zip(population.pairs.tolist(), population.asked.tolist(), strict=True))
    parts = [np.unique(part.pair_codes) for part in (by_pair.train, by_pair.valid, by_pair.test)]
    shown, *others = parts
    assert len(asked) == n * (n - 1) / 2
    assert {asked[pair] for pair in shown.tolist()} == {0.0}
    assert {asked[pair] for pair in np.concatenate(others).tolist()} == {1.0}
    stated = np.unique(by_pair.known.pair_codes)
    silent = {share for pair, share in asked.items() if pair not in set(stated.tolist())}
    assert silent == {1.0 - len(shown) / len(stated)}


def test_an_effect_is_as_frequent_among_new_pairs_as_among_all(by_pair: Split) -> None:
    population = Population.of(by_pair, by_pair.test, by_pair.known)
    for cells in population.cells(informed(by_pair.known, 0.0)):
        facts = cells.weight * cells.positive.sum()
        share = facts / population.asked.sum()
        assert share == pytest.approx(population.base_rates[cells.effect])


def test_what_a_model_says_of_pairs_that_it_knows_is_nothing_to_new_ones(by_pair: Split) -> None:
    class Sure(BilinearScorer):
        def drug_scores(self, effect: int) -> WeightArray:
            scores = super().drug_scores(effect).copy()
            first, second = by_pair.train.array[:, [0, 2]].T
            scores[first, second] = scores[second, first] = scores.max()
            return scores

    scorer = informed(by_pair.known, 0.3)
    sure = Sure(*(getattr(scorer, field.name) for field in fields(scorer)))
    one, other = (calibrate.fit(each, by_pair) for each in (scorer, sure))
    assert other.intercept == pytest.approx(one.intercept, abs=0.02)
    assert other.slope == pytest.approx(one.slope, abs=0.02)
    # What became of guesses is counted for pairs of every kind, each as one.
    cells = [each.outcomes.cells[:, 0] for each in (one, other)]
    known = Novelty.of(by_pair.train).seen_pairs.sum() * 3 - len(by_pair.train)
    assert 0 < cells[0][0] < cells[1][0] <= known
    assert cells[0][1] > 0
