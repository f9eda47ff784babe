"""Counting joins a learned score as far as validation bears it out."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.blend import with_degrees
from embeddings.judging.evaluate import evaluate
from embeddings.negatives import with_negatives
from embeddings.scorer import BilinearScorer
from embeddings.splits import Split, split_facts
from embeddings.triples import Facts


@pytest.fixture
def split(facts: Facts) -> Split:
    return split_facts(facts, "pair", 0)


def learned(split: Split, *, informed: bool) -> dict[str, np.ndarray]:
    """Weights that know which classes meet under an effect, or that know nothing."""
    member = np.array([int(d.removeprefix("RXCUI:")) // 100 - 1 for d in split.known.drugs])
    relation = np.zeros((len(split.known.effects), 3), dtype=np.float32)
    if informed:
        relation[:] = -4.0
    return {
        "entity": np.eye(3, dtype=np.float32)[member],
        "relation": relation,
        "bias": np.zeros(len(relation), dtype=np.float32),
    }


def test_a_model_that_misses_what_counting_sees_is_helped(split: Split) -> None:
    weights = learned(split, informed=True)
    blended = with_degrees("distmult", weights, split, 0)
    sample = with_negatives(split.test, split.known, split.train, "uniform", 5)
    alone, together = (
        evaluate(BilinearScorer.of("distmult", w), sample, 0).auroc.mean()
        for w in (weights, blended)
    )
    assert together >= alone
    assert (blended["offset"] >= 0).all()


def test_a_drug_without_facts_under_an_effect_gets_no_offset(split: Split) -> None:
    offset = with_degrees("distmult", learned(split, informed=True), split, 0)["offset"]
    seen = np.zeros(offset.shape, dtype=bool)
    for a, effect, b in split.train.array.tolist():
        seen[effect, [a, b]] = True
    assert (offset[~seen] == 0).all()


def test_a_score_that_tells_nothing_is_left_as_it_is(split: Split) -> None:
    offset = with_degrees("distmult", learned(split, informed=False), split, 0)["offset"]
    assert not offset.any()
