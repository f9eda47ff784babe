"""The nouns refuse what cannot be: an edge that nobody states, a prediction with a severity."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import (
    Edge,
    Evidence,
    GradedPrediction,
    GroundlessEdge,
    Qualifier,
    Severity,
    edge_id,
    pair_id,
    worst,
)
from ontologies.vocabulary import AgentType, KnowledgeLevel, Predicate
from tests.tiny import CYP3A4, SIMVASTATIN, cleared_by, said

SEVERITIES = st.sampled_from([None, *Severity])
CURIES = st.from_regex(r"[A-Z]{2,8}:[0-9]{1,6}", fullmatch=True)


def predicted(severity: Severity | None) -> Evidence:
    level, agent = KnowledgeLevel.PREDICTION, AgentType.COMPUTATIONAL_MODEL
    return Evidence("infores:coprescribe", level, agent, severity)


def test_an_edge_that_nobody_states_cannot_be_made() -> None:
    with pytest.raises(GroundlessEdge, match="RXCUI:36567 biolink:is_substrate_of HGNC:2637"):
        Edge(SIMVASTATIN, Predicate.SUBSTRATE_OF, CYP3A4)


def test_a_prediction_has_no_severity() -> None:
    assert predicted(None).severity is None
    with pytest.raises(GradedPrediction, match="gives 'major'"):
        predicted(Severity.MAJOR)


def test_a_value_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        said().source = "other"  # type: ignore[misc]


def test_severities_rank_from_minor_to_contraindicated() -> None:
    assert [severity.rank for severity in Severity] == [1, 2, 3, 4]


def test_not_stated_is_never_the_worst() -> None:
    assert worst([None, Severity.MINOR, None]) is Severity.MINOR
    assert worst([None, None]) is None
    assert worst([]) is None


@given(st.lists(SEVERITIES))
def test_the_worst_is_one_of_those_stated_and_none_is_worse(
    severities: list[Severity | None],
) -> None:
    found = worst(severities)
    ranks = [severity.rank for severity in severities if severity]
    assert (found.rank if found else None) == max(ranks, default=None)


def test_an_edge_is_named_by_what_is_stated_and_not_by_whom() -> None:
    edge = cleared_by(SIMVASTATIN, CYP3A4, "sensitive")
    assert replace(edge, evidence=(said(), said(Severity.MAJOR))).id == edge.id
    assert cleared_by(SIMVASTATIN, CYP3A4, "moderate").id != edge.id


def test_the_order_of_qualifiers_does_not_name_another_edge() -> None:
    edge = cleared_by(SIMVASTATIN, CYP3A4, "sensitive")
    assert replace(edge, qualifiers=edge.qualifiers[::-1]).id == edge.id
    assert edge.id == edge_id(
        "RXCUI:36567", "biolink:is_substrate_of", "HGNC:2637", "activates=no|strength=sensitive"
    )


def test_a_qualifier_that_an_edge_does_not_carry_is_none() -> None:
    edge = cleared_by(SIMVASTATIN, CYP3A4, "sensitive")
    assert edge.qualifier("strength") == "sensitive"
    assert edge.qualifier("role") is None
    assert Qualifier("a", "b") < Qualifier("b", "a")


@given(CURIES, CURIES)
def test_a_pair_is_the_same_whichever_drug_comes_first(first: str, second: str) -> None:
    assert pair_id(first, second) == pair_id(second, first)
    assert pair_id(first, second).count(":") == 1
