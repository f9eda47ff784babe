"""The graph answers what is said of a node, of a pair, and by whom."""

from __future__ import annotations

import networkx as nx
import pytest

from kg.graph import KnowledgeGraph, UnknownNode, edges_frame
from kg.model import Qualifier, Severity, SourceRelease
from kg.serving.rows import parse_qualifiers
from kg.tables import Tables
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate
from tests.tiny import (
    AMIODARONE,
    BLEEDING,
    CLARITHROMYCIN,
    CYP3A4,
    DRUGS,
    EDGES,
    LEVOTHYROXINE,
    RELEASES,
    RHABDOMYOLYSIS,
    SIMVASTATIN,
    STATINS,
    WARFARIN,
    edge,
    graph_of,
)

PAIR = Curie.parse("pair:RXCUI.21212--RXCUI.36567")


def test_a_node_is_given_with_its_name_and_kind(graph: KnowledgeGraph) -> None:
    node = graph.node(SIMVASTATIN)
    assert (node.name, node.category) == ("simvastatin", Category.DRUG)
    assert graph.has(SIMVASTATIN)


def test_a_node_that_the_graph_lacks_is_quoted(graph: KnowledgeGraph) -> None:
    stranger = Curie("RXCUI", "1")
    assert not graph.has(stranger)
    assert graph.name(stranger) == "RXCUI:1"
    assert graph.edges_from(stranger) == ()
    with pytest.raises(UnknownNode, match="no node 'RXCUI:1'"):
        graph.node(stranger)


def test_nodes_come_by_category(graph: KnowledgeGraph) -> None:
    assert {node.curie for node in graph.nodes(Category.DRUG)} == set(DRUGS)
    assert [node.curie for node in graph.nodes(Category.DRUG_CLASS)] == [STATINS]
    assert len(list(graph.nodes())) == len(graph.tables.nodes)


def test_edges_come_with_their_qualifiers_and_evidence(graph: KnowledgeGraph) -> None:
    (affects,) = graph.edges_from(CLARITHROMYCIN, Predicate.AFFECTS)
    assert affects == next(e for e in EDGES if e.predicate is Predicate.AFFECTS)
    assert affects.qualifier("strength") == "strong"
    assert affects.evidence[0].source == "infores:coprescribe"


def test_an_edge_is_found_from_either_end(graph: KnowledgeGraph) -> None:
    (cleared,) = graph.edges_to(CYP3A4, Predicate.SUBSTRATE_OF)
    assert cleared.subject == SIMVASTATIN
    assert cleared in graph.edges_from(SIMVASTATIN)
    assert len(graph.edges_to(CYP3A4)) == 2


def test_an_edge_keeps_the_name_that_its_table_row_has(graph: KnowledgeGraph) -> None:
    made = [edge.id for node in graph.nodes() for edge in graph.edges_from(node.curie)]
    assert sorted(made) == sorted(graph.tables.edges["id"])


def test_the_subjects_of_a_predicate_come_once_in_the_order_of_the_nodes(
    graph: KnowledgeGraph,
) -> None:
    pairs = [n.curie for n in graph.nodes(Category.DRUG_PAIR)]
    assert graph.subjects(Predicate.HAS_PARTICIPANT) == tuple(pairs)
    assert graph.subjects(Predicate.AFFECTS_RESPONSE_TO) == ()


def test_what_is_stated_of_a_pair_is_found_in_either_order(graph: KnowledgeGraph) -> None:
    (stated,) = graph.pair_edges(SIMVASTATIN, CLARITHROMYCIN)
    assert graph.pair_edges(CLARITHROMYCIN, SIMVASTATIN) == (stated,)
    assert stated.object == RHABDOMYOLYSIS
    assert stated.evidence[0].severity is Severity.CONTRAINDICATED
    assert graph.pair_edges(SIMVASTATIN, WARFARIN) == ()


def test_a_drug_is_covered_when_any_fact_is_about_it(graph: KnowledgeGraph) -> None:
    assert graph.covers(WARFARIN), "through a pair"
    assert graph.covers(AMIODARONE), "through a liability"
    assert not graph.covers(LEVOTHYROXINE)


def test_a_class_alone_does_not_cover_a_drug() -> None:
    graph = graph_of(edge(LEVOTHYROXINE, Predicate.SUBCLASS_OF, STATINS))
    assert not graph.covers(LEVOTHYROXINE)


def test_edges_of_one_predicate_come_as_a_table(graph: KnowledgeGraph) -> None:
    frame = edges_frame(graph, Predicate.PREDISPOSES_TO)
    assert len(frame) == 3
    assert set(frame["object"]) == {"HP:0001664"}


def test_releases_come_in_one_order(tables: Tables) -> None:
    graph = KnowledgeGraph("tiny", tables, RELEASES[::-1])
    assert graph.releases == tuple(sorted(RELEASES))


def test_of_several_releases_of_a_source_the_latest_is_given(tables: Tables) -> None:
    older, newer = (SourceRelease("infores:ansm", v, "terms") for v in ("2019-01", "2020-10"))
    graph = KnowledgeGraph("tiny", tables, [newer, older])
    assert graph.release("infores:ansm") == newer
    assert graph.release("infores:other") is None


def test_a_qualifier_may_hold_an_equals_sign() -> None:
    assert parse_qualifiers("a=b=c|d=e") == (Qualifier("a", "b=c"), Qualifier("d", "e"))
    assert parse_qualifiers("") == ()


def test_the_network_has_every_node_and_edge(graph: KnowledgeGraph) -> None:
    view = graph.to_networkx()
    assert view.number_of_nodes() == len(graph.tables.nodes)
    assert view.number_of_edges() == len(graph.tables.edges)
    assert view.nodes["RXCUI:36567"] == {"name": "simvastatin", "category": "biolink:Drug"}
    assert view.graph["graph_id"] == "tiny"


def test_the_network_shows_the_way_from_a_drug_through_an_enzyme(graph: KnowledgeGraph) -> None:
    view = graph.to_networkx()
    path = nx.shortest_path(view.to_undirected(), str(CLARITHROMYCIN), str(SIMVASTATIN))
    assert path[1] in {str(CYP3A4), str(PAIR)}
    (data,) = view.get_edge_data(str(CLARITHROMYCIN), str(CYP3A4)).values()
    assert data == {
        "predicate": "biolink:affects",
        "qualifiers": "role=inhibitor|strength=strong",
    }


def test_the_network_leaves_out_co_reported_effects_unless_asked() -> None:
    graph = graph_of(*EDGES, edge(WARFARIN, Predicate.CO_REPORTED, BLEEDING))
    assert not graph.to_networkx().has_edge(str(WARFARIN), str(BLEEDING))
    assert graph.to_networkx(co_reported=True).has_edge(str(WARFARIN), str(BLEEDING))
