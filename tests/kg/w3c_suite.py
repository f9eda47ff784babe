"""The SPARQL 1.1 tests of the W3C: their manifests read, their data and expected results loaded."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from kg.nquads import GRAPH_BASE

Term = NamedNode | BlankNode | Literal | Triple
Table = tuple[tuple[str, ...], list[tuple[Term | None, ...]]]
Answer = bool | frozenset[Triple] | Table
"""What a query gives: yes or no, a graph, or the names of columns and the rows."""

BASE = f"{GRAPH_BASE}w3c/"
"""Where the suite is said to lie, so that its files are graphs that a store of ours can have."""

_MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_QUERY = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
_UPDATE = "http://www.w3.org/2009/sparql/tests/test-update#"
_RESULT = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_SYNTAXES = {".ttl": RdfFormat.TURTLE, ".rdf": RdfFormat.RDF_XML, ".nt": RdfFormat.N_TRIPLES}
_TABLES = {
    ".srx": QueryResultsFormat.XML,
    ".srj": QueryResultsFormat.JSON,
    ".tsv": QueryResultsFormat.TSV,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One test: its folder and name, its kind, and the IRIs of its files."""

    name: str
    kind: str
    request: str
    data: tuple[str, ...] = ()
    graphs: tuple[str, ...] = ()
    result: str = ""


class Suite:
    """The unpacked suite, in which an IRI below ``BASE`` is a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.cases = tuple(
            case
            for manifest in sorted(folder.glob("*/manifest.ttl"))
            for case in self._cases_of(manifest)
        )

    def path(self, iri: str) -> Path:
        return self._folder / iri.removeprefix(BASE)

    def text(self, case: Case) -> str:
        return self.path(case.request).read_text(encoding="utf-8")

    def triples(self, iri: str) -> list[Triple]:
        """The triples of a file; no blank node is one of another file."""
        path = self.path(iri)
        syntax = _SYNTAXES[path.suffix]
        read = parse(path=str(path), format=syntax, base_iri=iri, rename_blank_nodes=True)
        return [quad.triple for quad in read]

    def expected(self, case: Case) -> Answer:
        path = self.path(case.result)
        if path.suffix == ".csv":
            return table_of_csv(path.read_text(encoding="utf-8"))
        if path.suffix not in _TABLES:
            graph = self.triples(case.result)
            return _listed_table(graph) or frozenset(graph)
        return answer_of(parse_query_results(path=str(path), format=_TABLES[path.suffix]))

    def _cases_of(self, manifest: Path) -> Iterator[Case]:
        folder, store = manifest.parent.name, Store()
        base = f"{BASE}{folder}/"
        store.load(path=str(manifest), format=RdfFormat.TURTLE, base_iri=base)

        for quad in store.quads_for_pattern(None, _TYPE, None):
            for action in _objects(store, quad.subject, f"{_MANIFEST}action"):
                named = _files(store, action, f"{_QUERY}query") + _files(
                    store, action, f"{_UPDATE}request"
                )
                yield Case(
                    name=f"{folder}/{quad.subject.value.rpartition('#')[2]}",
                    kind=quad.object.value.rpartition("#")[2],
                    request=(named or (action.value,))[0],
                    data=_files(store, action, f"{_QUERY}data"),
                    graphs=_files(store, action, f"{_QUERY}graphData"),
                    result="".join(_files(store, quad.subject, f"{_MANIFEST}result")),
                )


def _objects(store: Store, subject: Term, name: str) -> list[Term]:
    return [quad.object for quad in store.quads_for_pattern(subject, NamedNode(name), None)]


def _files(store: Store, subject: Term, name: str) -> tuple[str, ...]:
    found = (term for term in _objects(store, subject, name) if isinstance(term, NamedNode))
    return tuple(term.value for term in found)


def answer_of(results: QueryBoolean | QuerySolutions | QueryTriples) -> Answer:
    """What pyoxigraph gives, read to its end."""
    if isinstance(results, QueryBoolean):
        return bool(results)
    if isinstance(results, QuerySolutions):
        names = tuple(variable.value for variable in results.variables)
        return names, [tuple(row[name] for name in names) for row in results]
    return frozenset(results)


def table_of_csv(text: str) -> Table:
    """A table in CSV, in which every value but a blank node is a text."""
    header, *rows = csv.reader(text.splitlines())
    return tuple(header), [tuple(map(_csv_term, row)) for row in rows]


def _csv_term(text: str) -> Term:
    return BlankNode(text[2:]) if text.startswith("_:") else Literal(text)


def _listed_table(graph: list[Triple]) -> Table | None:
    """A table that is written as a graph, in the words of the suite."""
    store = Store()
    for triple in graph:
        store.add(Quad(*triple))
    if not any(triple.object == NamedNode(f"{_RESULT}ResultSet") for triple in graph):
        return None
    found = store.query(
        f"PREFIX rs: <{_RESULT}> SELECT ?row ?name ?value "
        "{ ?row rs:binding [ rs:variable ?name ; rs:value ?value ] }"
    )
    names = tuple(t.object.value for t in graph if t.predicate.value == f"{_RESULT}resultVariable")
    rows: dict[Term, dict[str, Term]] = {}
    for row in found:
        rows.setdefault(row["row"], {})[row["name"].value] = row["value"]
    return names, [tuple(row.get(name) for name in names) for row in rows.values()]
