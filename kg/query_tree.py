"""The syntax tree of a query: what in it would leave the store, or was never declared. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any
from urllib.parse import urljoin

from kg.nquads import BASE, GRAPH_BASE
from kg.query_errors import ForbiddenQuery
from kg.query_text import malformed_at, place_of_prefix


def graphs_named(
    text: str, prologue: Iterable[Any], query: Any, prefixes: Collection[str]
) -> tuple[str, ...]:
    """Make sure that no part of a query reaches beyond the store; give the IRIs behind its FROM.

    ``prologue`` and ``query`` are as rdflib parses them; ``prefixes`` need no declaration. What a
    query names relatively is below ``BASE``, unless it declares another base.

    Raises:
        ForbiddenQuery: It has SERVICE, or FROM with a graph that is not of a store of ours.
        MalformedQuery: It uses a prefix that is not declared.
    """
    declared, base = set(prefixes), BASE
    for line in prologue:
        if line.name == "PrefixDecl":
            declared.add(line.prefix or "")
        else:
            base = urljoin(base, line.iri)
    graphs = list[str]()
    for part in _parts(query):
        if part.name == "ServiceGraphPattern":
            raise ForbiddenQuery("SERVICE")
        if part.name == "pname" and (part.prefix or "") not in declared:
            place = place_of_prefix(text, part.prefix or "")
            raise malformed_at(text, place, f"the prefix {part.prefix or ''!r} is not declared")
        if part.name == "DatasetClause":
            graphs.append(_graph(part.default or part.named, base))
    return tuple(graphs)


def is_of_a_store(graph: str) -> bool:
    """Tell whether an IRI is one that a graph of a store of ours can have."""
    return graph.startswith(GRAPH_BASE)


def _graph(graph: Any, base: str) -> str:
    # A prefixed name is a part of the tree and no text.
    iri = urljoin(base, graph) if isinstance(graph, str) else ""
    if not is_of_a_store(iri):
        raise ForbiddenQuery("FROM with anything but the IRI of a graph of this store")
    return iri


def _parts(query: Any) -> Iterator[Any]:
    """Walk all named parts of a tree: dictionaries with a name, of parts, lists and texts.

    A list of the parser also passes for a mapping, one without keys: it is no part.
    """
    waiting: list[Any] = [query]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend(part.values())
            yield part
        elif isinstance(part, Iterable) and not isinstance(part, str):
            waiting.extend(part)
