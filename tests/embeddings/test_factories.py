"""The same tables as a PyKEEN triples factory and as the HeteroData of PyTorch Geometric."""

from __future__ import annotations

import builtins
from typing import Any

import pytest

from embeddings.training.hetero import MissingPyG, hetero_data
from embeddings.training.pykeen_factory import factory_of_facts, factory_of_graph
from embeddings.triples import Facts
from tests.kg.published import HEART, SIMVASTATIN, STATIN, tables_with_classes
from tests.kg.rdf_graph import CYP3A4, LONG_QT

PYG = "PyTorch Geometric (the extra pyg) is not installed"


def test_a_factory_of_facts_keeps_their_indices() -> None:
    facts = Facts.of([("B:2", "E:1", "A:1"), ("A:1", "E:2", "C:3"), ("A:1", "E:1", "B:2")])
    factory = factory_of_facts(facts)
    assert factory.mapped_triples.tolist() == facts.array.tolist()
    assert factory.entity_to_id == {"A:1": 0, "B:2": 1, "C:3": 2}
    assert factory.relation_to_id == {"E:1": 0, "E:2": 1}
    assert not factory.create_inverse_triples


def test_a_factory_of_a_graph_has_each_edge_once() -> None:
    tables = tables_with_classes()
    triples = set(map(tuple, factory_of_graph(tables).triples.tolist()))
    stated = tables.edges[["subject", "predicate", "object"]]
    assert triples == set(stated.itertuples(index=False, name=None))
    more = factory_of_graph(tables, co_reports=True)
    assert more.num_triples == len(triples) + 1
    assert f"biolink:has_adverse_event/{LONG_QT}" in more.relation_to_id


def test_hetero_data_has_the_nodes_and_edges_of_the_graph_by_their_kinds() -> None:
    pytest.importorskip("torch_geometric", reason=PYG)
    tables = tables_with_classes()
    data = hetero_data(tables, co_reports=True)
    assert data.validate()
    assert data["DrugClass"].curie == [HEART, "ATC:C10", STATIN]
    edges = data["Drug", "subclass_of", "DrugClass"].edge_index
    drugs, classes = data["Drug"].curie, data["DrugClass"].curie
    found = {(drugs[a], classes[b]) for a, b in edges.T.tolist()}
    assert (SIMVASTATIN, STATIN) in found
    assert data["Gene"].curie == [CYP3A4]
    reported = data["Drug", "co_reported_PhenotypicFeature", "Drug"]
    effects = data[reported.effect_category].curie
    assert [effects[place] for place in reported.edge_type.tolist()] == [LONG_QT]
    stated = tables.edges[["subject", "predicate", "object"]].drop_duplicates()
    assert data.num_edges == len(stated) + 1


def test_without_pytorch_geometric_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = builtins.__import__

    def without(name: str, *rest: Any, **options: Any) -> Any:
        if name.startswith("torch_geometric"):
            raise ImportError(name)
        return whole(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingPyG, match=r"coprescribe\[pyg\]"):
        hetero_data(tables_with_classes())
