"""The index gives what a search through the tables gives, in the same order."""

from __future__ import annotations

from dataclasses import fields, replace
from zlib import crc32

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.graph import KnowledgeGraph
from kg.serving.columns import numbers
from kg.serving.ends import EdgesByEnd, finder
from kg.serving.index import GraphIndex, index_of
from kg.tables import EDGE_COLUMNS, EVIDENCE_COLUMNS, NODE_COLUMNS, Tables
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests.tiny import BLEEDING, CLARITHROMYCIN, RELEASES, SIMVASTATIN, WARFARIN, edge, tables_of

ENDS = st.sampled_from(["T:a", "T:b", "T:c"])
EDGES = st.lists(st.tuples(ENDS, st.sampled_from(["says", "denies"]), ENDS), max_size=30)
# Two texts of one length with one CRC-32; the same text before both does not part them.
COLLIDING = ("T:plumless", "T:buckeroo")


def frame(rows: list[tuple[object, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def tables_from(
    nodes: list[str], edges: list[tuple[str, str, str]], said: list[str] | None = None
) -> Tables:
    """Tables of bare nodes and edges; an edge is called by its number."""
    ids = [str(number) for number in range(len(edges))] if said is None else said
    evidence = frame([(i, *[""] * (len(EVIDENCE_COLUMNS) - 1)) for i in ids], EVIDENCE_COLUMNS)
    return Tables(
        frame([(node, "", f"name of {node}", "", "", "") for node in nodes], NODE_COLUMNS),
        frame([(str(i), *row, "") for i, row in enumerate(edges)], EDGE_COLUMNS),
        evidence.assign(primary=True),
    )


@given(EDGES)
def test_rows_of_an_end_are_those_that_a_search_finds(edges: list[tuple[str, str, str]]) -> None:
    index = index_of(tables_from(["T:a", "T:b", "T:d"], edges))
    find = finder(index.ends)
    codes = index.edges["predicate"].dictionary.to_pylist()
    for direction, place in (("outgoing", 0), ("incoming", 2)):
        by_end = EdgesByEnd(index.ends, index.edges, direction)
        for curie in {"T:a", "T:b", "T:d", *(row[place] for row in edges)}:
            end = find(curie)
            assert end is not None
            assert by_end.rows(end) == [i for i, row in enumerate(edges) if row[place] == curie]
            for code, predicate in enumerate(codes):
                wanted = (curie, predicate)
                found = [i for i, row in enumerate(edges) if (row[place], row[1]) == wanted]
                assert by_end.rows_with(end, code) == found


@given(st.lists(st.integers(0, 5).map(str), max_size=30))
def test_each_edge_has_its_evidence_in_the_order_of_the_table(said: list[str]) -> None:
    edges = [("T:a", "says", "T:b")] * 4
    tables = tables_from(["T:a", "T:b"], edges, said)
    numbered = tables.evidence.assign(text=[str(row) for row in range(len(said))])
    index = index_of(replace(tables, evidence=numbered))
    first, last = (numbers(index.edges[f"evidence_{part}"]) for part in ("first", "last"))
    texts = index.evidence["text"].to_pylist()
    for row in range(len(edges)):
        expected = [str(i) for i, name in enumerate(said) if name == str(row)]
        assert texts[first[row] : last[row]] == expected


def test_names_with_one_hash_are_told_apart() -> None:
    assert len({crc32(curie.encode()) for curie in COLLIDING}) == 1
    graph = KnowledgeGraph("g", tables_from([*COLLIDING, "T:a"], []), ())
    for curie in COLLIDING:
        assert graph.name(Curie.parse(curie)) == f"name of {curie}"
    alone = KnowledgeGraph("g", tables_from([COLLIDING[0]], []), ())
    assert not alone.has(Curie.parse(COLLIDING[1]))


def test_an_end_that_is_no_node_has_its_edges_all_the_same(tables: Tables) -> None:
    without = tables.nodes[tables.nodes["id"] != str(WARFARIN)]
    graph = KnowledgeGraph("g", replace(tables, nodes=without), RELEASES)
    assert not graph.has(WARFARIN)
    assert graph.name(WARFARIN) == str(WARFARIN)
    (stated,) = graph.pair_edges(WARFARIN, CLARITHROMYCIN)
    assert stated.object == BLEEDING
    assert graph.covers(WARFARIN)


def test_the_order_of_the_evidence_table_is_free(tables: Tables) -> None:
    turned = replace(tables, evidence=tables.evidence[::-1])
    graph, expected = (KnowledgeGraph("g", t, RELEASES) for t in (turned, tables))
    assert graph.edges_from(SIMVASTATIN) == expected.edges_from(SIMVASTATIN)
    assert graph.edges_from(SIMVASTATIN)


def test_a_predicate_that_no_edge_has_gives_none() -> None:
    rare = edge(WARFARIN, Predicate.SUBCLASS_OF, BLEEDING)
    graph = KnowledgeGraph("g", tables_of([rare]), RELEASES)
    assert graph.edges_from(WARFARIN, Predicate.AFFECTS) == ()
    assert graph.edges_to(BLEEDING, Predicate.SUBCLASS_OF) == (rare,)


@pytest.mark.parametrize("edges", [[], [("T:a", "says", "T:b")]])
def test_tables_of_few_rows_or_none_have_an_index(edges: list[tuple[str, str, str]]) -> None:
    graph = KnowledgeGraph("g", tables_from([], edges), ())
    assert list(graph.nodes()) == []
    assert not graph.covers(Curie.parse("T:a"))


def test_the_same_rows_give_the_same_index_in_whatever_form(tables: Tables) -> None:
    kinds = {"source": "category", "licence": "category", "text": "str"}
    other = replace(tables, evidence=tables.evidence.astype(kinds))
    one, two = index_of(tables), index_of(other)
    for part in fields(GraphIndex):
        assert getattr(one, part.name).equals(getattr(two, part.name))
