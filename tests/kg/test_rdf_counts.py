"""No quad is written twice, and VoID counts those that are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg.nquads_tables import UnknownEdge
from kg.rdf import COMMON_PREFIXES, graph_iri, open_store, write_store
from kg.tables import CO_REPORT_COLUMNS, Tables
from ontologies.curie import Curie, default_prefixes
from tests.kg.rdf_graph import (
    CLARITHROMYCIN,
    CYP3A4,
    EDGE_IDS,
    LONG_QT,
    PAIR,
    RELEASES,
    RHABDOMYOLYSIS,
    SIMVASTATIN,
    tiny_tables,
)

FIRST, SECOND = (NamedNode(graph_iri(r.source, r.version)) for r in RELEASES)
TRIPLES = NamedNode(f"{COMMON_PREFIXES['void']}triples")


def node(curie: str) -> NamedNode:
    return NamedNode(default_prefixes().expand(Curie.parse(curie)))


SUBJECT, OBJECT = node("biolink:subject"), node("biolink:object")


def counted(folder: Path) -> dict[str, int]:
    """What VoID says, by graph; an error where a count is not that of the graph itself."""
    store = open_store(folder)
    stated = {}
    for graph in map(NamedNode, (graph_iri(r.source, r.version) for r in RELEASES)):
        n_triples = len(list(store.quads_for_pattern(None, None, None, graph)))
        (said,) = store.quads_for_pattern(graph, TRIPLES, None, None)
        assert isinstance(said.object, Literal)
        assert int(said.object.value) == n_triples
        stated[graph.value] = n_triples
    return stated


def test_what_is_said_again_word_for_word_is_neither_written_nor_counted_again(
    tmp_path: Path,
) -> None:
    tables = tiny_tables()
    write_store(tables, RELEASES, tmp_path / "once", default_prefixes())
    again = tables.evidence.query("severity == 'major'").assign(publications="PMID:1|PMID:1")
    nodes = tables.nodes.assign(synonym="twice|twice")
    evidence = pd.concat([tables.evidence, again, tables.evidence], ignore_index=True)
    repeated = replace(tables, nodes=nodes, evidence=evidence)
    n_quads = write_store(repeated, RELEASES, tmp_path / "again", default_prefixes())
    once, twice = counted(tmp_path / "once"), counted(tmp_path / "again")
    assert n_quads == len(open_store(tmp_path / "again"))
    assert all(twice[graph] > once[graph] for graph in once)


def test_one_fact_with_two_sets_of_qualifiers_is_one_triple_and_two_associations(
    tmp_path: Path,
) -> None:
    tables = tiny_tables()
    fact = {"subject": CLARITHROMYCIN, "predicate": "biolink:affects", "object": CYP3A4}
    edge = {"id": "other", **fact, "qualifiers": "strength=weak"}
    row = tables.evidence.iloc[[0]].assign(edge_id="other")
    more = replace(
        tables,
        edges=pd.concat([tables.edges, pd.DataFrame([edge])], ignore_index=True),
        evidence=pd.concat([row, tables.evidence], ignore_index=True),
    )
    write_store(more, RELEASES, tmp_path / "store", default_prefixes())
    counted(tmp_path / "store")
    store = open_store(tmp_path / "store")
    about = store.quads_for_pattern(None, SUBJECT, node(CLARITHROMYCIN), FIRST)
    objects = [
        str(quad.subject)
        for quad in about
        if Quad(quad.subject, OBJECT, node(CYP3A4), FIRST) in store
    ]
    assert len(objects) == 2


def test_co_reports_are_triples_of_their_pair_in_the_graph_of_their_release(
    tmp_path: Path,
) -> None:
    row = dict.fromkeys(CO_REPORT_COLUMNS, "")
    row |= {"source": RELEASES[1].source, "version": RELEASES[1].version, "effect": LONG_QT}
    pairs = [(SIMVASTATIN, CLARITHROMYCIN), (CLARITHROMYCIN, SIMVASTATIN)]
    rows = [row | {"drug_a": a, "drug_b": b} for a, b in pairs]
    reports = pd.DataFrame(rows).astype("category")
    tables = replace(tiny_tables(), co_reports=reports)
    write_store(tables, RELEASES, tmp_path / "store", default_prefixes())
    quad = Quad(node(PAIR), node("biolink:has_adverse_event"), node(LONG_QT), SECOND)
    assert quad in open_store(tmp_path / "store")
    counted(tmp_path / "store")


def test_the_counts_hold_when_a_fact_and_a_co_report_are_the_same_triple(tmp_path: Path) -> None:
    tables = tiny_tables()
    row = dict.fromkeys(CO_REPORT_COLUMNS, "")
    row |= {"source": RELEASES[0].source, "version": RELEASES[0].version}
    row |= {"drug_a": SIMVASTATIN, "drug_b": CLARITHROMYCIN, "effect": RHABDOMYOLYSIS}
    verbs = tables.edges["predicate"].replace("biolink:contributes_to", "biolink:has_adverse_event")
    edges = tables.edges.assign(predicate=verbs)
    both = replace(tables, edges=edges, co_reports=pd.DataFrame([row]).astype("category"))
    n_quads = write_store(both, RELEASES, tmp_path / "store", default_prefixes())
    assert n_quads == len(open_store(tmp_path / "store"))
    counted(tmp_path / "store")


def test_evidence_about_an_edge_that_is_not_there_is_named(tmp_path: Path) -> None:
    tables = tiny_tables()
    fewer = replace(tables, edges=tables.edges.iloc[1:])
    with pytest.raises(UnknownEdge, match=EDGE_IDS["simvastatin_in_pair"]):
        write_store(fewer, RELEASES, tmp_path / "store", default_prefixes())
    assert list(tmp_path.iterdir()) == []


def test_a_graph_without_rows_has_a_store_that_counts_nothing(tmp_path: Path) -> None:
    tables = tiny_tables()
    empty = Tables(tables.nodes.iloc[:0], tables.edges.iloc[:0], tables.evidence.iloc[:0])
    write_store(empty, RELEASES, tmp_path / "store", default_prefixes())
    assert set(counted(tmp_path / "store").values()) == {0}
