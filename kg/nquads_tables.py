"""The tables written as N-Quads: a named graph for each source release, and one for names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kg.model import pair_id
from kg.nquads import (
    BASE,
    BIOLINK,
    COMMON_PREFIXES,
    LABEL,
    NAMES_GRAPH,
    TYPE,
    Iris,
    edge_iri,
    graph_iri,
    segment,
)
from kg.nquads_columns import (
    Coded,
    Flags,
    Lines,
    Places,
    Write,
    array_of,
    blocks,
    distinct_lines,
    each,
    first_rows,
    flags,
    held,
    lines,
    literals,
    numbered,
    parts,
)
from kg.tables import Tables

_PARTICIPANT = "biolink:has_participant"
_CO_REPORTED = "biolink:has_adverse_event"
_WORDS = (
    *("severity", "severity_as_stated", "statement", "text", "condition", "recommendation"),
    *("publications", "reference", "derived_from"),
)
"""Columns of evidence that say more than who said it, and how they know."""
_BIOLINK_SLOTS = ("knowledge_level", "agent_type")
_OWN_WORDS = (*_WORDS[:6], "reference")
_ROWS_PER_BLOCK = 50_000


class UnknownEdge(LookupError):
    """Evidence is about an edge that the table of edges lacks."""

    def __init__(self, edge_id: str) -> None:
        super().__init__(f"evidence is about the edge {edge_id!r}, which no row of edges has")
        self.edge_id = edge_id


@dataclass(frozen=True, slots=True)
class _Property:
    """What a column says of its node; ``several`` things where a cell is a joined list."""

    column: str
    iri: str
    write: Write
    several: bool = False

    def terms(self, rows: pd.DataFrame) -> tuple[Places, Coded]:
        """Rows that say something, and the term that each says."""
        cells = array_of(rows[self.column])
        places, found = parts(cells) if self.several else held(cells)
        return places, Coded.of(found, self.write)


class _Edges:
    """The edges as columns of terms, a row of ``index`` for each."""

    def __init__(self, edges: pd.DataFrame, iris: Iris) -> None:
        self.index = pd.Index(edges["id"])
        self.ids, self.qualifiers = array_of(edges["id"]), array_of(edges["qualifiers"])
        names = ("subject", "predicate", "object")
        self.facts = {name: Coded.of(edges[name], each(iris.of)) for name in names}
        self.of_pair = (edges["predicate"] == _PARTICIPANT).to_numpy(bool)
        self.silent = (edges["qualifiers"] == "").to_numpy(bool)

    def term(self, name: str, edge: Places) -> pa.StringArray:
        """Subject, predicate or object of some edges."""
        return self.facts[name].rows(edge).column()


@dataclass(frozen=True, slots=True)
class _Marked:
    """Rows of evidence with what only all rows together tell.

    ``edge`` is the row of the edge; ``turn`` counts the statements of one release on one edge from
    1, and is 0 where there is one only; ``plain`` rows say nothing that the triple and its graph
    do not say already. ``new_fact`` and ``new_pair`` mark one row for each triple of a graph.
    """

    rows: pd.DataFrame
    graph: Coded
    edge: Places
    turn: Places
    plain: Flags
    new_fact: Flags
    new_pair: Flags

    def take(self, rows: Places | Flags) -> _Marked:
        """Some of the rows."""
        return _Marked(
            self.rows.iloc[rows],
            self.graph.rows(rows),
            *(self.edge[rows], self.turn[rows]),
            *(self.plain[rows], self.new_fact[rows], self.new_pair[rows]),
        )


def table_lines(tables: Tables, iris: Iris) -> Iterator[Lines]:
    """Everything that the tables say, block by block, as lines of which none repeats another.

    Raises:
        UnknownPrefix, MalformedCurie: An identifier cannot be written as an IRI.
        UnknownEdge: Evidence is about an edge that is not there.
    """
    yield from _node_lines(tables.nodes, iris)
    yield from _evidence_lines(tables, iris)
    yield from _co_report_lines(tables.co_reports, iris)


def releases_cited(evidence: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Source and version of each release that evidence cites, and how many rows cite it."""
    release, cited = _releases(evidence)
    return dict(zip(cited, np.bincount(release, minlength=len(cited)).tolist(), strict=True))


def _node_lines(nodes: pd.DataFrame, iris: Iris) -> Iterator[Lines]:
    """Type, label, synonyms and cross-references of every node, in the graph of names."""
    properties = (
        _Property("category", TYPE, each(iris.of)),
        _Property("name", LABEL, literals),
        _Property("synonym", f"<{COMMON_PREFIXES['skos']}altLabel>", literals, several=True),
        _Property("xref", f"<{BIOLINK}xref>", each(iris.or_text), several=True),
    )
    for start in range(0, len(nodes), _ROWS_PER_BLOCK):
        rows = nodes.iloc[start : start + _ROWS_PER_BLOCK]
        node = Coded.of(rows["id"], each(iris.of))
        graph = Coded(np.zeros(len(rows), np.int64), pa.array([f"<{NAMES_GRAPH}>"]))
        for said in properties:
            places, terms = said.terms(rows)
            yield distinct_lines(node.rows(places), said.iri, terms, graph.rows(places))


def _evidence_lines(tables: Tables, iris: Iris) -> Iterator[Lines]:
    """Every statement in the graph of its release, edge after edge.

    ``stated_in`` leads from an association to each node that holds one statement by itself: the
    association again, or nodes of their own where one release says several things of one edge.
    """
    edges = _Edges(tables.edges, iris)
    marked = _mark(tables.evidence, edges)
    order = np.argsort(marked.edge, kind="stable")
    for block in blocks(marked.edge[order], _ROWS_PER_BLOCK):
        found = marked.take(order[block])
        yield from _fact_lines(found, edges)
        yield from _association_lines(found.take(~found.plain), edges, iris)


def _mark(evidence: pd.DataFrame, edges: _Edges) -> _Marked:
    edge = np.asarray(edges.index.get_indexer(evidence["edge_id"]), np.int64)
    if edge.min(initial=0) < 0:
        raise UnknownEdge(str(evidence["edge_id"].iloc[int(np.argmin(edge))]))
    release, graph = _graphs(evidence)
    said_in = pd.Series(numbered(edge, release))
    turn = (said_in.groupby(said_in).cumcount() + 1).where(said_in.duplicated(keep=False), 0)
    of_pair, fact = edges.of_pair[edge], [column.places[edge] for column in edges.facts.values()]
    pairs = np.flatnonzero(of_pair)
    pairs = pairs[first_rows(numbered(fact[0], graph.places)[pairs])]
    return _Marked(
        evidence,
        graph,
        edge,
        np.asarray(turn, np.int64),
        plain=of_pair | (edges.silent[edge] & _is_wordless(evidence)),
        new_fact=flags(first_rows(numbered(*fact, graph.places)), len(edge)),
        new_pair=flags(pairs, len(edge)),
    )


def _is_wordless(evidence: pd.DataFrame) -> Flags:
    """Tell which rows have no severity, no words and no paper."""
    silent = np.ones(len(evidence), bool)
    for column in _WORDS:
        silent &= (evidence[column] == "").to_numpy(bool)
    return silent


def _fact_lines(found: _Marked, edges: _Edges) -> Iterator[Lines]:
    edge, graph = found.edge[found.new_fact], found.graph.rows(found.new_fact)
    yield lines(*(edges.term(name, edge) for name in edges.facts), graph=graph)
    edge, graph = found.edge[found.new_pair], found.graph.rows(found.new_pair)
    yield lines(edges.term("subject", edge), TYPE, f"<{BASE}DrugPair>", graph=graph)


def _association_lines(stated: _Marked, edges: _Edges, iris: Iris) -> Iterator[Lines]:
    node = Coded.of(edges.ids.take(pa.array(stated.edge)), each(lambda edge: f"<{edge_iri(edge)}>"))
    heads = first_rows(numbered(node.places, stated.graph.places))
    yield from _head_lines(node.rows(heads), stated.take(heads), edges, iris)
    own = _statement_nodes(node, stated)
    yield distinct_lines(node, f"<{BASE}stated_in>", own, stated.graph)
    rows = stated.rows.assign(primary=stated.rows["primary"].astype(bool))
    for said in _properties_of_evidence(iris):
        places, terms = said.terms(rows)
        graph = stated.graph.rows(places)
        yield distinct_lines(node.rows(places), said.iri, terms, graph)
        apart = stated.turn[places] > 0
        yield distinct_lines(
            own.rows(places[apart]), said.iri, terms.rows(apart), graph.rows(apart)
        )


def _head_lines(node: Coded, heads: _Marked, edges: _Edges, iris: Iris) -> Iterator[Lines]:
    def qualifier(part: str) -> str:
        key, _, value = part.partition("=")
        return f"<{BASE}{segment(key)}> {iris.or_text(value)}"

    names = node.column()
    yield lines(names, TYPE, f"<{BIOLINK}Association>", graph=heads.graph)
    for name in edges.facts:
        yield lines(names, f"<{BIOLINK}{name}>", edges.term(name, heads.edge), graph=heads.graph)
    places, found = parts(edges.qualifiers.take(pa.array(heads.edge)))
    terms = Coded.of(found, each(qualifier))
    yield distinct_lines(node.rows(places), "", terms, heads.graph.rows(places))


def _statement_nodes(node: Coded, stated: _Marked) -> Coded:
    """Where each statement stands alone: a node of its own where there are several, by its turn."""
    source = Coded.of(stated.rows["source"], each(lambda name: name.removeprefix("infores:")))
    kind = numbered(source.places, stated.turn)
    firsts = first_rows(kind)
    kinds = zip(source.rows(firsts).column().to_pylist(), stated.turn[firsts].tolist(), strict=True)
    ends = [f"#{segment(name)}-{turn}>" if turn else ">" for name, turn in kinds]
    end = pa.array(ends, pa.string()).take(pa.array(kind))
    opened = pc.utf8_slice_codeunits(node.column(), 0, -1)
    return Coded.of(pc.binary_join_element_wise(opened, end, ""), lambda texts: texts)


def _properties_of_evidence(iris: Iris) -> Iterator[_Property]:
    prov, curies = COMMON_PREFIXES["prov"], each(iris.or_text)
    boolean = each(lambda said: f'"{said}"^^<{COMMON_PREFIXES["xsd"]}boolean>')
    yield _Property("source", f"<{BIOLINK}primary_knowledge_source>", each(iris.of))
    yield from (_Property(name, f"<{BIOLINK}{name}>", literals) for name in _BIOLINK_SLOTS)
    yield from (_Property(name, f"<{BASE}{name}>", literals) for name in _OWN_WORDS)
    yield _Property("primary", f"<{BASE}primary>", boolean)
    yield _Property("publications", f"<{BIOLINK}publications>", curies, several=True)
    edges = each(lambda edge: f"<{edge_iri(edge)}>")
    yield _Property("derived_from", f"<{prov}wasDerivedFrom>", edges, several=True)


def _co_report_lines(reports: pd.DataFrame, iris: Iris) -> Iterator[Lines]:
    """Every co-report as a plain triple of its pair and its effect, in the graph of its release."""
    _, graph = _graphs(reports)
    effect = Coded.of(reports["effect"], each(iris.of))
    pair = _pairs(reports, iris)
    new = first_rows(numbered(pair.places, effect.places, graph.places))
    for start in range(0, len(new), _ROWS_PER_BLOCK):
        rows = new[start : start + _ROWS_PER_BLOCK]
        ends = pair.rows(rows).column(), iris.of(_CO_REPORTED), effect.rows(rows).column()
        yield lines(*ends, graph=graph.rows(rows))


def _pairs(reports: pd.DataFrame, iris: Iris) -> Coded:
    drugs = [Coded.of(reports[name], lambda texts: texts) for name in ("drug_a", "drug_b")]
    pair = numbered(*(drug.places for drug in drugs))
    firsts = first_rows(pair)
    named = zip(*(drug.rows(firsts).column().to_pylist() for drug in drugs), strict=True)
    texts = [iris.of(pair_id(*both)) for both in named]
    return Coded(pair, pa.array(texts, pa.string())).distinct()


def _graphs(rows: pd.DataFrame) -> tuple[Places, Coded]:
    """The number of the release of each row, and the IRI of its graph."""
    release, cited = _releases(rows)
    texts = pa.array([f"<{graph_iri(*one)}>" for one in cited], pa.string())
    return release, Coded(release, texts).distinct()


def _releases(rows: pd.DataFrame) -> tuple[Places, list[tuple[str, str]]]:
    """The number of the release of each row; source and version by number."""
    columns = [Coded.of(rows[name], lambda texts: texts) for name in ("source", "version")]
    release = numbered(*(column.places for column in columns))
    firsts = first_rows(release)
    texts = (column.rows(firsts).column().to_pylist() for column in columns)
    return release, list(zip(*texts, strict=True))
