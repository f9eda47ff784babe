"""How the graph reads as N-Quads: its graphs and properties, and how one term is written.

Every release states its facts twice in its own graph: as a plain triple, and as an association node
that says who knows it, how, and how bad it is. ``docs/queries.md`` shows the layout at work;
``kg.nquads_tables`` writes the tables so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ontologies.curie import Curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.model import SourceRelease
    from ontologies.curie import PrefixMap

BASE = "https://w3id.org/coprescribe/"
GRAPH_BASE = f"{BASE}graph/"
NAMES_GRAPH = f"{GRAPH_BASE}names"
"""The graph of labels, types, synonyms and cross-references, which belong to no single release."""
CLOSURE_GRAPH = f"{GRAPH_BASE}closure"
"""The graph of what follows from the hierarchies: wider terms that no release states."""
VOCABULARY_GRAPH = f"{GRAPH_BASE}vocabulary"
"""The graph of our own terms: ``ontologies/interactions.ttl``."""
VOID_GRAPH = f"{GRAPH_BASE}void"
"""The graph that counts the others, in the words of VoID."""
COMMON_PREFIXES = {
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes of the web's own vocabularies; those of our data are in the prefix map."""
BIOLINK = "https://w3id.org/biolink/vocab/"
TYPE = f"<{COMMON_PREFIXES['rdf']}type>"
LABEL = f"<{COMMON_PREFIXES['rdfs']}label>"
LAYOUT = "1"
"""Version of how facts are laid out as RDF; another one says that queries mean something else."""
MARKS = (
    f"<{BASE}dataset> {TYPE} <{COMMON_PREFIXES['void']}Dataset> <{VOID_GRAPH}> .\n",
    f'<{BASE}dataset> <{BASE}layout> "{LAYOUT}" <{VOID_GRAPH}> .\n',
)
"""The last lines of a whole graph."""
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
"""How a literal writes what it may not hold as it is; the backslash comes first."""

_ESCAPES = str.maketrans(ESCAPES)
_CURIE = re.compile(r"([^:\s]+):\S+")
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_NOT_AS_IT_IS = re.compile(r'[\s\x00-\x20<>"{}|^`\\]')
_NOT_IN_SEGMENT = re.compile(r"[^A-Za-z0-9._~-]")


def graph_iri(source: str, version: str) -> str:
    """Give the IRI of the named graph of one source release.

    >>> graph_iri("infores:ddinter", "2.0")
    'https://w3id.org/coprescribe/graph/ddinter/2.0'
    """
    name = source.removeprefix("infores:")
    return f"{GRAPH_BASE}{segment(name)}/{segment(version) or 'unversioned'}"


def edge_iri(edge_id: str) -> str:
    """Give the IRI of the association node of an edge."""
    return f"{BASE}edge/{segment(edge_id)}"


def literal(text: str) -> str:
    r"""Write a text as an N-Quads literal.

    >>> print(literal('so-called "safe"'))
    "so-called \"safe\""
    """
    return f'"{text.translate(_ESCAPES)}"'


def segment(text: str) -> str:
    """Write a text as one part of the path of an IRI.

    >>> segment("v 2/b")
    'v%202%2Fb'
    """
    return _NOT_IN_SEGMENT.sub(_percent, text)


class Iris:
    """CURIEs written as N-Quads IRIs."""

    def __init__(self, prefixes: PrefixMap) -> None:
        self._prefixes, self._spaces = prefixes, prefixes.uri_prefixes

    def of(self, text: str) -> str:
        """Write a CURIE as an IRI; raises UnknownPrefix and MalformedCurie."""
        prefix, _, identifier = text.partition(":")
        space = self._spaces.get(prefix)
        if space and identifier and _NOT_AS_IT_IS.search(text) is None:
            return f"<{space}{identifier}>"
        curie = Curie.parse(text)
        uri = space + curie.identifier if space else self._prefixes.expand(curie)
        return f"<{_NOT_IN_IRI.sub(_percent, uri)}>"

    def or_text(self, value: str) -> str:
        """Write an IRI where the value is a CURIE of a known prefix, else a literal."""
        curie = _CURIE.fullmatch(value)
        known = curie is not None and curie[1] in self._spaces
        return self.of(value) if known else literal(value)


def void_lines(
    releases: Iterable[SourceRelease],
    n_triples: Mapping[str, int],
    n_statements: Mapping[tuple[str, str], int],
    iris: Iris,
) -> Iterator[str]:
    """Licence, version, triples and statements of each release.

    ``n_triples`` is by graph IRI, ``n_statements`` by source and version.
    """
    terms, void, end = COMMON_PREFIXES["dcterms"], COMMON_PREFIXES["void"], f" <{VOID_GRAPH}> .\n"
    integer = f"^^<{COMMON_PREFIXES['xsd']}integer>"
    yield f"<{BASE}dataset> {TYPE} <{void}Dataset>{end}"
    for release in releases:
        graph = graph_iri(release.source, release.version)
        rows = n_statements[release.source, release.version]
        yield (
            f"<{BASE}dataset> <{void}subset> <{graph}>{end}"
            f"<{graph}> {TYPE} <{void}Dataset>{end}"
            f"<{graph}> {LABEL} {literal(f'{release.source} {release.version}'.strip())}{end}"
            f"<{graph}> <{terms}source> {iris.of(release.source)}{end}"
            f"<{graph}> <{terms}rights> {literal(release.licence)}{end}"
            f"<{graph}> <{COMMON_PREFIXES['owl']}versionInfo> {literal(release.version)}{end}"
            f'<{graph}> <{void}triples> "{n_triples[graph]}"{integer}{end}'
            f'<{graph}> <{BASE}statements> "{rows}"{integer}{end}'
        )


def own_void_lines(
    releases: Iterable[SourceRelease], n_triples: Mapping[str, int], own: tuple[str, str]
) -> Iterator[str]:
    """Triples, terms and origins of the graphs that belong to no single release.

    ``own`` is the licence and the version of our own vocabulary; the graphs of names and of
    hierarchies come from the releases, on the terms of all of them.
    """
    listed = tuple(releases)
    licences = sorted({release.licence for release in listed})
    origins = sorted({graph_iri(release.source, release.version) for release in listed})
    terms, prov = COMMON_PREFIXES["dcterms"], COMMON_PREFIXES["prov"]
    drawn = [f"<{terms}rights> {literal(text)}" for text in licences]
    drawn += [f"<{prov}wasDerivedFrom> <{origin}>" for origin in origins]
    licence, version = map(literal, own)
    ours = [f"<{terms}rights> {licence}", f"<{COMMON_PREFIXES['owl']}versionInfo> {version}"]
    for graph, said in ((NAMES_GRAPH, drawn), (CLOSURE_GRAPH, drawn), (VOCABULARY_GRAPH, ours)):
        yield from _own_void(graph, said, n_triples.get(graph, 0))


def _own_void(graph: str, said: Iterable[str], n_triples: int) -> Iterator[str]:
    void, end = COMMON_PREFIXES["void"], f" <{VOID_GRAPH}> .\n"
    name, integer = graph.removeprefix(GRAPH_BASE), f"^^<{COMMON_PREFIXES['xsd']}integer>"
    yield (
        f"<{BASE}dataset> <{void}subset> <{graph}>{end}"
        f"<{graph}> {TYPE} <{void}Dataset>{end}"
        f"<{graph}> {LABEL} {literal(name)}{end}"
        f'<{graph}> <{void}triples> "{n_triples}"{integer}{end}'
    )
    yield from (f"<{graph}> {more}{end}" for more in said)


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
