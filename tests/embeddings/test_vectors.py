"""Vectors say who is like whom in a model; what it counted and what it learned are told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embeddings.counting.features import CountFeatures
from embeddings.counting.stack import PREFIX
from embeddings.store import Bundle
from embeddings.triples import Facts
from embeddings.vectors import COUNTED, LEARNED, UnknownKind, UnknownName, vectors_of
from tests.embeddings.conftest import BLEEDING, LONG_QT, drug


@pytest.fixture
def counted(bundle: Bundle, facts: Facts) -> Bundle:
    """Counting alone: three classes of drugs, whose members have the same company."""
    counts = CountFeatures.fit(facts)
    weights = {
        f"{PREFIX}of_drugs": counts.of_drugs,
        f"{PREFIX}of_effects": counts.of_effects,
    }
    return replace(bundle, weights=weights, train=facts)


def test_drugs_of_one_class_are_nearest_to_each_other(counted: Bundle) -> None:
    near = vectors_of(counted, {}).nearest(drug(101), 11)
    assert {one.curie for one in near} == {drug(100 + i) for i in range(2, 13)}
    assert near[0].cosine > 0.5


def test_counted_vectors_give_the_largest_of_the_weights_back(counted: Bundle) -> None:
    vectors = vectors_of(counted, {})
    weights = counted.weights[f"{PREFIX}of_drugs"]
    assert vectors.kind == COUNTED
    assert vectors.kept is not None
    assert 0.5 < vectors.kept[0] < 1.0
    # What is lost is the zero that every drug has for itself.
    apart = ~np.eye(len(weights), dtype=np.bool_)
    given_back = vectors.of_drugs @ vectors.of_drugs.T
    assert np.allclose(given_back[apart], weights[apart], atol=0.01)


def test_drugs_and_effects_have_as_many_dimensions(counted: Bundle) -> None:
    vectors = vectors_of(counted, {})
    assert vectors.of_effects.shape == (3, vectors.of_drugs.shape[1])
    assert not np.isnan(vectors.frame.drop(columns=["category", "name"]).to_numpy()).any()


def test_a_learned_model_gives_its_own_vectors(bundle: Bundle) -> None:
    vectors = vectors_of(bundle, {})
    assert vectors.kind == LEARNED
    assert vectors.kept is None
    assert np.array_equal(vectors.of_drugs, bundle.weights["entity"])
    assert np.array_equal(vectors.of_effects, bundle.weights["relation"])


def test_the_members_of_an_ensemble_stand_side_by_side(bundle: Bundle) -> None:
    table = np.ones((4, 3), dtype=np.float32)
    core = np.ones((2, 3), dtype=np.float32)
    weights = {f"{i}/{name}": v for i in (0, 1) for name, v in (("left", table), ("core", core))}
    vectors = vectors_of(replace(bundle, weights=weights), {})
    assert (vectors.of_drugs.shape, vectors.of_effects.shape) == ((4, 6), (2, 6))


def test_the_frame_has_a_row_for_each_drug_and_effect(bundle: Bundle) -> None:
    frame = vectors_of(bundle, {drug(1): "Alpha"}).frame
    assert list(frame["category"]) == ["drug"] * 4 + ["effect"] * 2
    assert frame.loc[drug(1), "name"] == "Alpha"
    assert list(frame[[0, 1]].loc[BLEEDING]) == [9.0, 0.0]


def test_neighbours_are_asked_for_by_name_and_of_effects_too(bundle: Bundle) -> None:
    vectors = vectors_of(bundle, {drug(1): "Alpha", drug(2): "Beta", LONG_QT: "Long QT"})
    assert vectors.nearest("ALPHA", 1)[0].name == "Beta"
    assert [near.curie for near in vectors.nearest("long qt")] == [BLEEDING]
    with pytest.raises(UnknownName, match="'Gamma'"):
        vectors.nearest("Gamma")


def test_a_kind_that_a_model_lacks_is_refused_with_what_it_has(
    bundle: Bundle, counted: Bundle
) -> None:
    with pytest.raises(UnknownKind, match=LEARNED):
        vectors_of(bundle, {}, COUNTED)
    with pytest.raises(UnknownKind, match=COUNTED):
        vectors_of(counted, {}, LEARNED)
