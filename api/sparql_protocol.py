"""What a request of the SPARQL 1.1 Protocol asks: its query, its graphs, the format of the answer.

Parameters stand in the address or in a form; the protocol's own are read, ``format`` is ours, and
others are passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from api.errors import InvalidRequest
from kg.query_errors import ForbiddenQuery

QUERY_TYPE = "application/sparql-query"
FORM_TYPE = "application/x-www-form-urlencoded"
UPDATE_TYPE = "application/sparql-update"
TABLES = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
}
"""Formats of SELECT and ASK by media type."""
TRIPLES = {
    "text/turtle": "ttl",
    "application/n-triples": "nt",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdf",
}
"""Formats of CONSTRUCT and DESCRIBE, and of descriptions, by media type."""
FORMATS = tuple(dict.fromkeys((*TABLES.values(), *TRIPLES.values())))

_MOST_FIELDS = 200
_QUERY, _FORMAT, _DEFAULT, _NAMED = "query", "format", "default-graph-uri", "named-graph-uri"
_UPDATES = frozenset({"update", "using-graph-uri", "using-named-graph-uri"})
_GRAPHS = {"type": "array", "items": {"type": "string", "format": "iri"}}
FIELDS: dict[str, dict[str, Any]] = {
    _QUERY: {"type": "string", "description": "SELECT, ASK, CONSTRUCT or DESCRIBE."},
    _DEFAULT: {
        **_GRAPHS,
        "description": "Graphs of this store that together are the default graph; repeats.",
    },
    _NAMED: {**_GRAPHS, "description": "Graphs of this store that GRAPH sees; repeats."},
    _FORMAT: {
        "type": "string",
        "enum": [*FORMATS, ""],
        "description": "Format of the answer, over Accept; empty as if it were not there.",
    },
}
"""Parameters and their JSON schemas."""

Pairs: TypeAlias = Sequence[tuple[str, str]]
"""Names and values, in the order in which they were sent."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was read; without a query it asks for the service description."""

    query: str | None
    format: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def parameters(*left_out: str) -> list[dict[str, Any]]:
    """The parameters of an address as OpenAPI writes them."""
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": schema["description"],
            "schema": {key: value for key, value in schema.items() if key != "description"},
        }
        for name, schema in FIELDS.items()
        if name not in left_out
    ]


def pairs_of(content: bytes, place: str) -> Pairs:
    """Read names and values that are written as in a form.

    Raises:
        InvalidRequest: They are too many, or not UTF-8; ``place`` says where.
    """
    try:
        found = parse_qsl(
            content.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
            errors="strict",
        )
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{place} is not UTF-8") from error
    except ValueError as error:
        raise InvalidRequest(f"{place} has more than {_MOST_FIELDS} fields") from error
    return found


def asked_of(pairs: Pairs) -> Asked:
    """Read the parameters of a request.

    Raises:
        ForbiddenQuery: One of them is of an update.
        InvalidRequest: One that stands once stands again, graphs are given and no query, or the
            format is none of ``FORMATS``.
    """
    counts = Counter(name for name, _ in pairs)
    if not _UPDATES.isdisjoint(counts):
        raise ForbiddenQuery("an update")
    for name in (_QUERY, _FORMAT):
        if counts[name] > 1:
            raise InvalidRequest(f"{name!r} is given {counts[name]} times; it is given once")
    fields = dict(pairs)
    if _QUERY not in fields and (counts[_DEFAULT] or counts[_NAMED]):
        raise InvalidRequest("graphs are given, and no 'query'")
    asked = fields.get(_FORMAT) or None
    if asked is not None and asked not in FORMATS:
        raise InvalidRequest(f"format: {asked[:40]!r} is not one of: {', '.join(FORMATS)}")
    return Asked(fields.get(_QUERY), asked, _values(pairs, _DEFAULT), _values(pairs, _NAMED))


def asked_in_body(address: Pairs, media_type: str, content: bytes) -> Asked:
    """Read a request whose body is a query or a form; the address may add graphs and a format.

    Raises:
        ForbiddenQuery, InvalidRequest: As ``asked_of`` does; or there is no query, or a second one.
    """
    is_form = media_type == FORM_TYPE
    body = pairs_of(content, "the form") if is_form else [(_QUERY, _text(content))]
    if dict(body).keys().isdisjoint({_QUERY, *_UPDATES}):
        raise InvalidRequest("the form has no field 'query'")
    return asked_of([*address, *body])


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the body: byte {error.start} is not UTF-8") from error


def _values(pairs: Iterable[tuple[str, str]], name: str) -> tuple[str, ...]:
    # Forms of other services send the field empty where nobody chose a graph.
    return tuple(dict.fromkeys(value for key, value in pairs if key == name and value))
