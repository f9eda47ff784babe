"""The SPARQL 1.1 Protocol tests of the W3C: their manifest read into requests and expectations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store

from kg.nquads import GRAPH_BASE

BASE = f"{GRAPH_BASE}w3c/"
"""Where the data of the suite are said to lie, so that they are graphs that our store can have."""

Term = NamedNode | BlankNode | Literal
_THEIRS = "http://kasei.us/2009/09/sparql/data/"
_TESTS = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_HTTP = "http://www.w3.org/2011/http#"
_CONTENT = "http://www.w3.org/2011/content#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, and what is expected of its answer."""

    method: str
    parameters: str
    headers: dict[str, str]
    body: bytes
    statuses: frozenset[str]
    boolean: str
    format: str


def ours(text: str) -> str:
    """A text in which the data of the suite lie where our graphs do."""
    encoded = text.replace(quote(_THEIRS, safe=""), quote(BASE, safe=""))
    return encoded.replace(_THEIRS, BASE)


def protocol_tests(manifest: Path) -> dict[str, list[Exchange]]:
    """The requests of every test by its name, in order."""
    store = Store()
    store.load(path=str(manifest), format=RdfFormat.TURTLE, base_iri=BASE)
    kind = NamedNode(f"{_TESTS}ProtocolTest")
    return {
        quad.subject.value.rpartition("#")[2]: list(_exchanges(store, quad.subject))
        for quad in store.quads_for_pattern(None, NamedNode(f"{_RDF}type"), kind)
    }


def _exchanges(store: Store, test: Term) -> Iterator[Exchange]:
    (action,) = _objects(store, test, f"{_TESTS}action")
    (requests,) = _objects(store, action, f"{_HTTP}requests")
    for request in _listed(store, requests):
        (answer,) = _objects(store, request, f"{_HTTP}resp")
        statuses = _objects(store, answer, f"{_TESTS}expectedStatus")
        headers = {
            _text(store, header, f"{_HTTP}fieldName"): _text(store, header, f"{_HTTP}fieldValue")
            for found in _objects(store, request, f"{_HTTP}headers")
            for header in _listed(store, found)
        }
        yield Exchange(
            method=_text(store, request, f"{_HTTP}methodName"),
            parameters=ours(_text(store, request, f"{_HTTP}absolutePath")).partition("?")[2],
            headers=headers,
            body=b"".join(_body(store, request)),
            statuses=frozenset(status.value[-3:] for status in statuses),
            boolean=_text(store, answer, f"{_TESTS}expectedBoolean"),
            format=_text(store, answer, f"{_TESTS}expectedFormat"),
        )


def _body(store: Store, request: Term) -> Iterator[bytes]:
    for body in _objects(store, request, f"{_HTTP}body"):
        encoding = _text(store, body, f"{_CONTENT}characterEncoding")
        yield ours(_text(store, body, f"{_CONTENT}chars")).encode(encoding)


def _listed(store: Store, found: Term) -> Iterator[Term]:
    for first in _objects(store, found, f"{_RDF}first"):
        yield first
        for rest in _objects(store, found, f"{_RDF}rest"):
            yield from _listed(store, rest)


def _objects(store: Store, subject: Term, name: str) -> list[Term]:
    return [quad.object for quad in store.quads_for_pattern(subject, NamedNode(name), None)]


def _text(store: Store, subject: Term, name: str) -> str:
    return "".join(term.value for term in _objects(store, subject, name))
