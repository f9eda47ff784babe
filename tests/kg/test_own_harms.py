"""Harms of a drug by itself are what its liabilities say, in families, where the table is whole."""

from __future__ import annotations

from kg.screening.effects import EffectFamilies
from kg.screening.own_harms import nothing_known, own_harms
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests.tiny import BLEEDING, CITALOPRAM, LEVOTHYROXINE, TORSADE, edge, graph_of

HYPOTENSION = Curie("HP", "0002615")
GRAPH = graph_of(
    edge(CITALOPRAM, Predicate.PREDISPOSES_TO, TORSADE, "liability=qt_prolongation|grade=high"),
    edge(CITALOPRAM, Predicate.PREDISPOSES_TO, BLEEDING, "liability=bleeding|grade=low"),
    edge(CITALOPRAM, Predicate.PREDISPOSES_TO, HYPOTENSION, "liability=hypotension|grade=low"),
)


def test_a_drug_has_the_families_of_its_liabilities() -> None:
    harms = own_harms(GRAPH, EffectFamilies({TORSADE: "qt"}))
    assert harms(CITALOPRAM) == {"qt", str(BLEEDING)}
    assert harms(LEVOTHYROXINE) == nothing_known(CITALOPRAM) == frozenset()


def test_a_liability_that_leaves_out_who_is_given_for_it_tells_nothing() -> None:
    assert HYPOTENSION in {e.object for e in GRAPH.edges_from(CITALOPRAM, Predicate.PREDISPOSES_TO)}
    assert str(HYPOTENSION) not in own_harms(GRAPH, EffectFamilies())(CITALOPRAM)
