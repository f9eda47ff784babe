"""Ranks are filtered, realistic and those of PyKEEN; a constant gains nothing."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.judging.metrics import UnusableScores
from embeddings.judging.ranking import ranks_of
from embeddings.splits import split_facts
from embeddings.triples import Facts

torch = pytest.importorskip("torch")


class Tables:
    """Symmetric scores of every pair under every effect: (effects, drugs, drugs)."""

    def __init__(self, tables: np.ndarray) -> None:
        self.tables = tables

    def drug_scores(self, effect: int) -> np.ndarray:
        return self.tables[effect]


def random_tables(facts: Facts, levels: int) -> Tables:
    rng = np.random.default_rng(0)
    shape = (len(facts.effects), len(facts.drugs), len(facts.drugs))
    tables = rng.integers(levels, size=shape).astype(np.float32)
    return Tables(np.maximum(tables, tables.transpose(0, 2, 1)))


def ranked_by_pykeen(scorer: Tables, facts: Facts, known: Facts) -> dict[str, float]:
    """Realistic ranks of the facts, asked both ways; both orders of what is known are filtered."""
    from pykeen.evaluation import RankBasedEvaluator

    stated = torch.from_numpy(scorer.tables)
    is_known = torch.eye(len(facts.drugs), dtype=torch.bool).repeat(len(facts.effects), 1, 1)
    for a, effect, b in known.array.tolist():
        is_known[effect, a, b] = is_known[effect, b, a] = True
    evaluator = RankBasedEvaluator(filtered=True)
    batch = torch.from_numpy(facts.array.astype(np.int64))
    for target, (asking, wanted) in {"head": (2, 0), "tail": (0, 2)}.items():
        rows = batch[:, 1], batch[:, asking]
        own = stated[rows].gather(1, batch[:, wanted, None])
        filtered = stated[rows].masked_fill(is_known[rows], float("nan"))
        filtered.scatter_(1, batch[:, wanted, None], own)
        evaluator.process_scores_(batch, target, filtered, true_scores=own)
    results = evaluator.finalize()
    names = {
        "mrr": "inverse_harmonic_mean_rank",
        "hits1": "hits_at_1",
        "hits3": "hits_at_3",
        "hits10": "hits_at_10",
        "mean_rank": "arithmetic_mean_rank",
    }
    return {ours: results.get_metric(f"both.realistic.{name}") for ours, name in names.items()}


@pytest.mark.parametrize("levels", [4, 10_000])
def test_ranks_are_those_of_the_rank_based_evaluator_of_pykeen(facts: Facts, levels: int) -> None:
    scorer = random_tables(facts, levels)
    test = split_facts(facts, "random", 0).test
    ours = ranks_of(scorer, test, facts).pooled()
    assert ours == pytest.approx(ranked_by_pykeen(scorer, test, facts), rel=1e-6)


def test_what_is_known_and_the_asking_drug_itself_are_no_candidates() -> None:
    known = Facts.of([("a", "x", b) for b in "bcd"])
    test = known.keep(np.array([True, False, False]))
    scores = np.zeros((1, 4, 4), dtype=np.float32)
    found = ranks_of(Tables(scores), test, known)
    # Asked with a: b alone is left. Asked with b: a against c and d, all alike.
    assert found.candidates.tolist() == [[1, 3]]
    assert found.ranks.tolist() == [[1.0, 2.0]]


def test_a_constant_stands_in_the_middle_of_its_candidates(facts: Facts) -> None:
    scores = Tables(np.zeros((len(facts.effects), len(facts.drugs), len(facts.drugs))))
    found = ranks_of(scores, split_facts(facts, "random", 0).test, facts)
    assert (found.ranks == (found.candidates + 1) / 2).all()


def test_a_summary_tells_of_all_ranks_and_of_effects(facts: Facts) -> None:
    found = ranks_of(random_tables(facts, 50), split_facts(facts, "random", 0).test, facts)
    summary = found.summary(0)
    assert summary["n_ranks"] == 2 * 45
    assert summary["mrr"] == pytest.approx((1 / found.ranks).mean(), abs=1e-6)
    assert summary["over_effects"]["mrr"]["mean"] == pytest.approx(summary["mrr"], abs=1e-5)


def test_a_score_that_is_no_number_cannot_be_ranked(facts: Facts) -> None:
    tables = random_tables(facts, 50)
    tables.tables[0, 1, 2] = np.nan
    with pytest.raises(UnusableScores, match="not numbers"):
        ranks_of(tables, facts, facts)
