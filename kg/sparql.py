"""Run SPARQL that a stranger wrote: reading forms only, in a worker process that can be killed.

The worker checks and runs a query within limits of time, rows and memory; whatever becomes of it,
the next query finds a fresh one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Store
from pyoxigraph import parse_query_results as read_results
from pyoxigraph import serialize as write_triples

# rdflib raises pyparsing's error and re-exports it nowhere on purpose; it is to be had here.
from rdflib.plugins.sparql.evaluate import ParseException  # type: ignore[attr-defined]
from rdflib.plugins.sparql.parser import parseQuery

from kg.query_errors import (
    MAX_QUERY_BYTES,
    EndpointBusy,
    ForbiddenQuery,
    MalformedQuery,
    QueryRefused,
    QueryTimeout,
    QueryTooHungry,
    QueryTooLong,
    UnknownFunction,
    UnknownGraph,
    UnsuitableFormat,
)
from kg.query_gaps import missing_term
from kg.query_results import can_be_element, can_be_xml, cell, cut
from kg.query_text import malformed_as_said, plain_form, refuse_words, without_escapes
from kg.query_tree import graphs_named, is_of_a_store
from kg.query_worker import Limits, QueryRequest, QueryResult, WorkerPool, serve
from kg.rdf import BASE, COMMON_PREFIXES, GRAPH_FORMATS, has_graph
from ontologies.curie import default_prefixes

__all__ = [
    "GRAPH_FORMATS",
    "MAX_QUERY_BYTES",
    "TABLE_FORMATS",
    "TABLE_FORMS",
    "CheckedQuery",
    "EndpointBusy",
    "ForbiddenQuery",
    "MalformedQuery",
    "QueryRefused",
    "QueryResult",
    "QueryTimeout",
    "QueryTooHungry",
    "QueryTooLong",
    "SparqlEndpoint",
    "UnknownFunction",
    "UnknownGraph",
    "UnsuitableFormat",
    "check_query",
    "query_prefixes",
]

TABLE_FORMATS = {
    "json": QueryResultsFormat.JSON,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
}
"""How SELECT and ASK can answer; CONSTRUCT and DESCRIBE do so in ``GRAPH_FORMATS``."""

TABLE_FORMS = frozenset({"SELECT", "ASK"})
"""The forms of query that answer in tables; the others answer in triples."""

_FORMS = {"SelectQuery": "SELECT", "AskQuery": "ASK", "ConstructQuery": "CONSTRUCT"}
_NO_GRAPH_OF_OURS = "a graph by anything but the IRI of one of this store"
_FUNCTION = re.compile(r"The custom (?:aggregate )?function (<.*>) is not supported")


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """A query that only reads: its text as it will run, its form, the graphs that it names."""

    text: str
    form: str
    graphs: tuple[str, ...] = ()


def query_prefixes() -> dict[str, str]:
    """URI space of every prefix that a query may use without declaring it."""
    return {**COMMON_PREFIXES, **default_prefixes().uri_prefixes}


def check_query(text: str) -> CheckedQuery:
    """Make sure by its words, then by its syntax tree, that a query only reads, and only here.

    Raises:
        QueryTooLong: It has more than ``MAX_QUERY_BYTES`` bytes.
        ForbiddenQuery: It has an update, SERVICE, or FROM with a graph that is not of this store.
        MalformedQuery: It is not a SPARQL 1.1 query.
    """
    plain = _written_out(text)
    try:
        prologue, query = parseQuery(plain)
    except ParseException as error:
        reason = str(error).partition("  (at char")[0]
        raise MalformedQuery(error.lineno, error.column, reason) from None
    except RecursionError:
        raise MalformedQuery(1, 1, "the query is nested too deeply") from None
    graphs = graphs_named(plain, prologue, query, query_prefixes().keys())
    return CheckedQuery(plain, _FORMS.get(query.name, "DESCRIBE"), graphs)


def _quickly_checked(text: str) -> CheckedQuery:
    """Check a query as ``check_query`` does, but take a plain one without looking at its tree.

    rdflib takes milliseconds for the tree. Whether a plain one is SPARQL, the store will say.
    """
    plain = _written_out(text)
    form = plain_form(plain)
    return CheckedQuery(plain, form) if form else check_query(text)


def _written_out(text: str) -> str:
    n_bytes = len(text.encode(errors="replace"))
    if n_bytes > MAX_QUERY_BYTES:
        raise QueryTooLong(n_bytes)
    plain = without_escapes(text.replace("\r\n", "\n").replace("\r", "\n"))
    refuse_words(plain)
    return plain


def _malformed(text: str, said: str) -> QueryRefused:
    """Say why the store does not read a query: what it lacks, or rdflib's reason, or its own."""
    try:
        check_query(text)
    except MalformedQuery as refusal:
        return missing_term(text) or refusal
    except QueryRefused as refusal:
        return refusal
    return malformed_as_said(said)


def _graphs(store: Store, iris: Sequence[str]) -> list[Any]:
    """Read IRIs of graphs; one that is no IRI, or of a graph elsewhere, is forbidden.

    One that the store has not would be an empty graph, and silence pass for an answer.
    """
    if not all(map(is_of_a_store, iris)):
        raise ForbiddenQuery(_NO_GRAPH_OF_OURS)
    try:
        graphs = [NamedNode(iri) for iri in iris]
    except ValueError:
        raise ForbiddenQuery(_NO_GRAPH_OF_OURS) from None
    for graph in graphs:
        if not has_graph(store, graph):
            raise UnknownGraph(graph.value)
    return graphs


def _run(store: Store, query: CheckedQuery, request: QueryRequest, max_rows: int) -> QueryResult:
    prefixes = query_prefixes()
    default_graphs = _graphs(store, request.default_graphs)
    named_graphs = _graphs(store, request.named_graphs)
    if not request.graphs:
        _graphs(store, query.graphs)
    results = store.query(
        query.text,
        base_iri=BASE,
        prefixes=prefixes,
        use_default_graph_as_union=not (query.graphs or request.graphs),
        default_graph=default_graphs if request.graphs else None,
        named_graphs=named_graphs if request.graphs else None,
    )
    if isinstance(results, QueryBoolean):
        table = TABLE_FORMATS[request.format]
        body = results.serialize(format=table)
        return QueryResult(body or b"", table.media_type, truncated=False)
    if isinstance(results, QuerySolutions):
        table = TABLE_FORMATS[request.format]
        header = "\t".join(str(variable) for variable in results.variables)
        lines, is_cut = cut(("\t".join(map(cell, row)) for row in results), max_rows)
        kept = read_results("\n".join([header, *lines, ""]).encode(), format=QueryResultsFormat.TSV)
        return QueryResult(kept.serialize(format=table) or b"", table.media_type, is_cut)
    triples, is_cut = cut(results, max_rows)
    body = _written(query, triples, request.graph_format)
    return QueryResult(body, GRAPH_FORMATS[request.graph_format].media_type, is_cut)


def _written(query: CheckedQuery, triples: list[Any], name: str) -> bytes:
    known = GRAPH_FORMATS[name]
    body = write_triples(triples, format=known, prefixes=query_prefixes()) or b""
    is_whole = all(can_be_element(triple.predicate.value) for triple in triples)
    if known == RdfFormat.RDF_XML and not (is_whole and can_be_xml(body)):
        raise UnsuitableFormat(query.form, name, GRAPH_FORMATS.keys() - {name})
    return body


def _answer(store: Store, request: QueryRequest, limits: Limits) -> tuple[dict[str, Any], bytes]:
    try:
        query = _quickly_checked(request.text)
        gives_table = query.form in TABLE_FORMS
        known = TABLE_FORMATS if gives_table else GRAPH_FORMATS
        asked = request.format if gives_table else request.graph_format
        if asked not in known:
            raise UnsuitableFormat(query.form, asked, known)
        result = _run(store, query, request, limits.max_rows)
    except QueryRefused as refusal:
        return _told(refusal)
    except SyntaxError as error:
        return _told(_malformed(request.text, str(error)))
    except MemoryError:
        return {"error": "QueryTooHungry", "facts": {"memory_mb": limits.memory_mb}}, b""
    except (OSError, RuntimeError) as error:
        function = _FUNCTION.search(str(error))
        if function:
            return {"error": "UnknownFunction", "facts": {"function": function[1]}}, b""
        return {"error": "DamagedStore", "facts": {"reason": str(error)}}, b""
    return {"media_type": result.media_type, "truncated": result.truncated}, result.body


def _told(refusal: QueryRefused) -> tuple[dict[str, Any], bytes]:
    return {"error": type(refusal).__name__, "facts": vars(refusal)}, b""


class SparqlEndpoint:
    """Answers queries over the store of a folder; safe to share between threads."""

    def __init__(
        self,
        store: Path,
        *,
        timeout_seconds: float = 2.0,
        max_rows: int = 10_000,
        memory_mb: int = 1024,
        workers: int = 1,
    ) -> None:
        """Start the workers; ``memory_mb`` is what a query may take on top of an idle worker.

        Raises:
            MissingStore: The folder is not there.
            DamagedStore: What is in it cannot be opened.
        """
        limits = Limits(timeout_seconds, max_rows, memory_mb)
        self._pool = WorkerPool(partial(serve, _answer), store, limits, workers)

    def query(
        self,
        text: str,
        format: str = "json",  # noqa: A002
        graph_format: str | None = None,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> QueryResult:
        """Check and run one query; the default graph is the union of all named graphs.

        The query is read in the worker alone, which can be killed; ``graph_format`` is the format
        should it turn out to answer in triples, ``format`` unless said. Graphs given here are all
        that the query sees, whatever its FROM says (SPARQL 1.1 Protocol, 2.1.4).

        Raises:
            QueryRefused: It is forbidden, malformed, too long, its format does not suit it, or a
                graph is not of this store, or not in it.
            QueryTimeout: It took longer than the limit.
            QueryTooHungry: It needed more memory than the limit.
            EndpointBusy: No worker came free within the time limit, or the endpoint is closed.
            MissingStore: The store is not there any more.
            DamagedStore: The store cannot be read.
        """
        if len(text) > MAX_QUERY_BYTES:
            raise QueryTooLong(len(text.encode(errors="replace")))
        graph_format = format if graph_format is None else graph_format
        graphs = tuple(default_graphs), tuple(named_graphs)
        return self._pool.answer(QueryRequest(text, format, graph_format, *graphs))

    def close(self) -> None:
        """End the workers; a query under way still gets its answer."""
        self._pool.close()

    def __enter__(self) -> Self:
        """Give the endpoint itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the endpoint."""
        self.close()
