"""A pair is told where it stands among all pairs, from a table that is small and nearly exact."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.predict import Predictor
from embeddings.scorer import BilinearScorer
from embeddings.standings import LEVELS, Standings, ranks_up_to
from embeddings.store import Bundle, load, save
from embeddings.triples import Facts
from tests.embeddings.conftest import drug


@pytest.fixture
def scorer(facts: Facts) -> BilinearScorer:
    rng = np.random.default_rng(0)
    n, m = len(facts.drugs), len(facts.effects)
    entity = rng.normal(size=(n, 8)).astype(np.float32)
    core = rng.normal(size=(m, 8)).astype(np.float32)
    return BilinearScorer(entity, core, entity, np.zeros(m), np.zeros((m, n)))  # type: ignore[arg-type]


def true_rank(scores: np.ndarray, first: int, second: int) -> int:
    every = scores[np.triu_indices(len(scores), k=1)]
    return int((every > scores[first, second]).sum()) + 1


def test_a_rank_is_the_true_one_to_within_the_stated_error(
    facts: Facts, scorer: BilinearScorer
) -> None:
    standings = Standings.fit(scorer, facts)
    assert standings.n_pairs == 36 * 35 / 2
    for effect in range(3):
        scores = scorer.drug_scores(effect)
        for first, second in ((0, 1), (3, 30), (10, 20), (34, 35)):
            true = true_rank(scores, first, second)
            told = standings.rank(effect, float(scores[first, second]))
            assert abs(told - true) <= 1 + true * standings.error


def test_the_likeliest_pair_is_the_first_and_the_least_likely_the_last(
    facts: Facts, scorer: BilinearScorer
) -> None:
    standings = Standings.fit(scorer, facts)
    assert standings.rank(0, 1e9) == 1
    assert standings.rank(0, -1e9) == standings.n_pairs


def test_ranks_of_many_pairs_are_few_and_a_twentieth_apart() -> None:
    ranks = ranks_up_to(207_690)
    assert len(ranks) <= LEVELS
    assert (ranks[0], ranks[-1]) == (1, 207_690)
    assert Standings(ranks, np.zeros((0, len(ranks)), np.float32)).error < 0.05
    assert ranks_up_to(0).tolist() == []


def test_drugs_without_a_fact_are_not_ranked_among(facts: Facts, scorer: BilinearScorer) -> None:
    few = facts.keep(facts.array[:, 1] == 0)
    learned = np.unique(few.array[:, [0, 2]])
    assert Standings.fit(scorer, few).n_pairs == len(learned) * (len(learned) - 1) / 2


def test_a_bundle_tells_where_a_pair_stands(bundle: Bundle, tmp_path: Path) -> None:
    [unranked, *_] = Predictor(bundle).top([(drug(1), drug(2))], 1)
    assert unranked.rank is None
    whole = replace(bundle, standings=Standings.fit(bundle.scorer, bundle.train))
    save(whole, tmp_path, {})
    again = load(tmp_path, bundle.id)
    [guess, *_] = Predictor(again).top([(drug(1), drug(2))], 1)
    assert guess.rank == 1
    assert again.standings is not None
    assert again.standings.n_pairs == 6
