"""Scores by numpy: symmetric, and the same in every shape."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.scorer import BilinearScorer, UnknownScorer

WIDTH = {"distmult": 1, "complex": 1, "simple": 2}


def random_weights(interaction: str, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {
        "entity": (9, 8 * WIDTH[interaction]),
        "relation": (4, 8),
        "bias": (4,),
        "offset": (4, 9),
    }
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize("interaction", WIDTH)
def test_a_pair_scores_the_same_in_either_order_and_in_every_shape(interaction: str) -> None:
    scorer = BilinearScorer.of(interaction, random_weights(interaction))
    facts = np.array([[a, e, b] for e in range(4) for a in range(9) for b in range(9)], np.int32)
    scores = scorer.scores(facts)
    assert scores == pytest.approx(scorer.scores(facts[:, [2, 1, 0]]), abs=1e-5)
    assert scores == pytest.approx(
        scorer.effect_scores(facts[:, [0, 2]])[np.arange(len(facts)), facts[:, 1]], abs=1e-5
    )
    dense = np.stack([scorer.drug_scores(effect) for effect in range(4)])
    assert scores == pytest.approx(dense[facts[:, 1], facts[:, 0], facts[:, 2]], abs=1e-5)


def test_no_facts_have_no_scores() -> None:
    scorer = BilinearScorer.of("distmult", random_weights("distmult"))
    assert len(scorer.scores(np.zeros((0, 3), dtype=np.int32))) == 0


def test_an_unknown_scorer_is_named_with_those_that_exist() -> None:
    with pytest.raises(UnknownScorer, match="'transe'; known: complex, distmult, simple"):
        BilinearScorer.of("transe", random_weights("distmult"))
