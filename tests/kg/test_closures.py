"""What follows from the hierarchies stands in a graph of its own, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pyoxigraph import NamedNode, QuerySolutions, Store

from kg.closures import wider_terms
from kg.nquads import CLOSURE_GRAPH, NAMES_GRAPH, VOCABULARY_GRAPH
from kg.rdf import open_store, write_store
from kg.sparql import query_prefixes
from kg.tables import Tables
from ontologies.curie import default_prefixes
from ontologies.own_terms import vocabulary_version
from tests.kg.published import (
    HEART,
    HIERARCHY,
    LIPID,
    OWN_DRUG,
    STATIN,
    SUBCLASS,
    tables_with_classes,
)
from tests.kg.rdf_graph import RELEASES, SIMVASTATIN


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("graph") / "store"
    write_store(tables_with_classes(), RELEASES, folder, default_prefixes())
    return open_store(folder)


GROUP = "ATC:C10A"
"""A level between those that the tables list."""


def asked(store: Store, query: str) -> list[tuple[str, ...]]:
    found = store.query(query, prefixes=query_prefixes(), use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    return [tuple(term.value for term in row) for row in found]


def pairs(tables: Tables) -> set[tuple[str, str]]:
    return set(wider_terms(tables).itertuples(index=False, name=None))


def with_edge(tables: Tables, subject: str, target: str) -> Tables:
    row = tables.edges.iloc[[0]].assign(subject=subject, predicate=SUBCLASS, object=target)
    return replace(tables, edges=pd.concat([tables.edges, row], ignore_index=True))


def test_a_term_has_every_wider_one_that_is_not_stated() -> None:
    assert pairs(tables_with_classes()) == {
        *((SIMVASTATIN, LIPID), (SIMVASTATIN, HEART), (SIMVASTATIN, GROUP)),
        *((OWN_DRUG, LIPID), (OWN_DRUG, HEART), (OWN_DRUG, GROUP)),
        *((STATIN, HEART), (STATIN, GROUP), (GROUP, LIPID), (GROUP, HEART)),
    }


def test_an_atc_code_is_of_its_groups_though_no_source_lists_them() -> None:
    tables = tables_with_classes()
    flat = replace(tables, edges=tables.edges[tables.edges["predicate"] != SUBCLASS])
    found = pairs(with_edge(flat, SIMVASTATIN, "ATC:C10AA01"))
    groups = (STATIN, GROUP, LIPID, HEART)
    assert {wide for narrow, wide in found if narrow == SIMVASTATIN} == {*groups}
    assert {wide for narrow, wide in found if narrow == "ATC:C10AA01"} == {*groups}
    assert pairs(with_edge(flat, SIMVASTATIN, "ATC:QJ01FA10")) == set()


def test_a_circle_of_terms_ends_and_none_is_wider_than_itself() -> None:
    found = pairs(with_edge(tables_with_classes(), HEART, STATIN))
    assert (LIPID, STATIN) in found
    assert all(narrow != wide for narrow, wide in found)
    assert not found & set(HIERARCHY)


def test_a_graph_without_hierarchies_has_no_closure() -> None:
    tables = tables_with_classes()
    flat = tables.edges[tables.edges["predicate"] != SUBCLASS]
    assert pairs(replace(tables, edges=flat)) == set()


def test_a_query_finds_a_drug_under_a_wide_class_once_and_without_a_path(store: Store) -> None:
    rows = asked(store, f"SELECT ?d {{ ?d biolink:subclass_of {HEART} }}")
    prefixes = default_prefixes().uri_prefixes
    assert sorted(rows) == sorted(
        (prefixes[curie.partition(":")[0]] + curie.partition(":")[2],)
        for curie in (SIMVASTATIN, OWN_DRUG, STATIN, GROUP, LIPID)
    )


def test_the_vocabulary_answers_beside_the_data(store: Store) -> None:
    severity = asked(
        store,
        "SELECT DISTINCT ?rank { ?said coprescribe:severity ?word . "
        "?grade skos:notation ?word ; coprescribe:rank ?rank } ORDER BY DESC(?rank)",
    )
    assert severity == [("4",), ("3",)]
    chemicals = asked(
        store, "SELECT DISTINCT ?x { ?x a/rdfs:subClassOf* biolink:ChemicalEntity } ORDER BY ?x"
    )
    assert len(chemicals) == 7


@pytest.mark.parametrize("graph", [CLOSURE_GRAPH, NAMES_GRAPH, VOCABULARY_GRAPH])
def test_void_counts_the_graphs_of_no_single_release_and_tells_their_terms(
    store: Store, graph: str
) -> None:
    held = len(list(store.quads_for_pattern(None, None, None, NamedNode(graph))))
    about = f"SELECT ?n ?terms {{ <{graph}> void:triples ?n ; dcterms:rights ?terms }}"
    assert {int(row[0]) for row in asked(store, about)} == {held}


def test_the_vocabulary_tells_its_version(store: Store) -> None:
    about = f"SELECT ?version {{ <{VOCABULARY_GRAPH}> owl:versionInfo ?version }}"
    assert asked(store, about) == [(vocabulary_version(),)]


def test_the_same_rows_give_the_same_store_whatever_their_order(tmp_path: Path) -> None:
    tables = tables_with_classes()
    shuffled = replace(tables, edges=tables.edges.iloc[::-1].reset_index(drop=True))
    for name, rows in (("a", tables), ("b", shuffled)):
        write_store(rows, RELEASES, tmp_path / name, default_prefixes())
    assert set(open_store(tmp_path / "a")) == set(open_store(tmp_path / "b"))
