"""The store of a graph is held against the SHACL shapes, and a breach is told with its node."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, Store

from kg.nquads import BASE, VOID_GRAPH, graph_iri
from kg.rdf import MissingStore, write_store
from kg.tables import Tables
from kg.validate import shape_problems
from ontologies.curie import default_prefixes
from tests.kg.published import tables_with_classes
from tests.kg.rdf_graph import EDGE_IDS, PAIR, RELEASES


def stored(tables: Tables, folder: Path) -> Path:
    write_store(tables, RELEASES, folder, default_prefixes())
    return folder


def test_a_store_as_it_is_built_conforms(tmp_path: Path) -> None:
    assert shape_problems(stored(tables_with_classes(), tmp_path / "store")) == []


def test_a_pair_of_one_drug_and_a_grade_of_no_scheme_are_named(tmp_path: Path) -> None:
    tables = tables_with_classes()
    drug_is_missing = tables.edges["id"] == EDGE_IDS["simvastatin_in_pair"]
    tables.edges.loc[drug_is_missing, "predicate"] = "biolink:related_to"
    tables.evidence.loc[tables.evidence["severity"] == "major", "severity"] = "dreadful"
    found = shape_problems(stored(tables, tmp_path / "store"))
    told = {(problem.subject, problem.detail) for problem in found}
    assert all(problem.fatal and problem.check == "shapes" for problem in found)
    pair = f"{BASE}pair/{PAIR.removeprefix('pair:')}"
    assert (pair, "A drug pair has exactly two different participants.") in told
    edge = f"{BASE}edge/{EDGE_IDS['pair_effect']}"
    assert (edge, "A severity is one of the four grades of the scheme.") in told


def test_a_graph_without_terms_is_named(tmp_path: Path) -> None:
    folder = stored(tables_with_classes(), tmp_path / "store")
    store = Store(str(folder))
    graph = NamedNode(graph_iri(RELEASES[0].source, RELEASES[0].version))
    rights = NamedNode("http://purl.org/dc/terms/rights")
    (quad,) = store.quads_for_pattern(graph, rights, None, NamedNode(VOID_GRAPH))
    assert isinstance(quad, Quad)
    store.remove(quad)
    store.flush()
    del store
    (problem,) = shape_problems(folder)
    assert problem.subject == graph.value
    assert problem.detail == "A graph says on whose terms it may be used."


def test_a_graph_without_a_store_has_nothing_to_hold(tmp_path: Path) -> None:
    with pytest.raises(MissingStore):
        shape_problems(tmp_path / "store")
