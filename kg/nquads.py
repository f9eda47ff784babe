"""The tables written as N-Quads: a named graph for each source release, for names, and for counts.

Every release states its facts twice in its own graph: as a plain triple, and as an association node
that says who knows it, how, and how bad it is. ``docs/queries.md`` shows the layout at work.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import compress
from typing import TYPE_CHECKING

from kg.model import pair_id
from ontologies.curie import Curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from kg.model import SourceRelease
    from kg.tables import Tables
    from ontologies.curie import PrefixMap

BASE = "https://w3id.org/coprescribe/"
GRAPH_BASE = f"{BASE}graph/"
NAMES_GRAPH = f"{GRAPH_BASE}names"
"""The graph of labels, types, synonyms and cross-references, which belong to no single release."""
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

_BIOLINK = "https://w3id.org/biolink/vocab/"
_TYPE = f"<{COMMON_PREFIXES['rdf']}type>"
_LABEL = f"<{COMMON_PREFIXES['rdfs']}label>"
_PARTICIPANT = "biolink:has_participant"
_CO_REPORTED = "biolink:has_adverse_event"
_BIOLINK_SLOTS = ("knowledge_level", "agent_type", "publications")
_OWN_WORDS = ("severity", "severity_as_stated", "statement", "primary", "text", "condition")
_STATED = {
    "source": f"<{_BIOLINK}primary_knowledge_source>",
    "derived_from": f"<{COMMON_PREFIXES['prov']}wasDerivedFrom>",
    **{column: f"<{_BIOLINK}{column}>" for column in _BIOLINK_SLOTS},
    **{column: f"<{BASE}{column}>" for column in (*_OWN_WORDS, "recommendation", "reference")},
}
"""The property of each column of evidence."""
_WORDS = (
    *("severity", "severity_as_stated", "statement", "text", "condition", "recommendation"),
    *("publications", "reference", "derived_from"),
)
"""Columns of evidence that say more than who said it, and how they know."""
_ROWS_PER_LOAD = 50_000
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_CURIE = re.compile(r"([^:\s]+):\S+")
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_NOT_IN_SEGMENT = re.compile(r"[^A-Za-z0-9._~-]")


def graph_iri(source: str, version: str) -> str:
    """Give the IRI of the named graph of one source release.

    >>> graph_iri("infores:ddinter", "2.0")
    'https://w3id.org/coprescribe/graph/ddinter/2.0'
    """
    name = source.removeprefix("infores:")
    return f"{GRAPH_BASE}{_segment(name)}/{_segment(version) or 'unversioned'}"


def edge_iri(edge_id: str) -> str:
    """Give the IRI of the association node of an edge."""
    return f"{BASE}edge/{_segment(edge_id)}"


def literal(text: str) -> str:
    r"""Write a text as an N-Quads literal.

    >>> print(literal('so-called "safe"'))
    "so-called \"safe\""
    """
    return f'"{text.translate(_ESCAPES)}"'


class Iris:
    """CURIEs written as N-Quads IRIs, each expanded once."""

    def __init__(self, prefixes: PrefixMap) -> None:
        self._prefixes, self._spaces = prefixes, prefixes.uri_prefixes
        self._known: dict[str, str] = {}

    def of(self, text: str) -> str:
        """Write a CURIE as an IRI; raises UnknownPrefix and MalformedCurie."""
        if text not in self._known:
            curie = Curie.parse(text)
            space = self._spaces.get(curie.prefix)
            uri = space + curie.identifier if space else self._prefixes.expand(curie)
            self._known[text] = f"<{_NOT_IN_IRI.sub(_percent, uri)}>"
        return self._known[text]

    def or_text(self, value: str) -> str:
        """Write an IRI where the value is a CURIE of a known prefix, else a literal."""
        curie = _CURIE.fullmatch(value)
        known = curie is not None and curie[1] in self._spaces
        return self.of(value) if known else literal(value)


def node_lines(nodes: pd.DataFrame, iris: Iris) -> Iterator[str]:
    """Type, label, synonyms and cross-references of every node, in the graph of names."""
    end = f" <{NAMES_GRAPH}> .\n"
    xref, alias = f"<{_BIOLINK}xref>", f"<{COMMON_PREFIXES['skos']}altLabel>"
    columns = [nodes[name].tolist() for name in ("id", "category", "name", "synonym", "xref")]
    for curie, category, name, synonyms, xrefs in zip(*columns, strict=True):
        node = iris.of(curie)
        yield f"{node} {_TYPE} {iris.of(category)}{end}"
        if name:
            yield f"{node} {_LABEL} {literal(name)}{end}"
        for synonym in _cells(synonyms):
            yield f"{node} {alias} {literal(synonym)}{end}"
        for other in _cells(xrefs):
            yield f"{node} {xref} {iris.or_text(other)}{end}"


def evidence_blocks(tables: Tables, iris: Iris) -> Iterator[Iterable[str]]:
    """Every statement in the graph of its release, in blocks small enough to hold as text.

    ``stated_in`` leads from an association to each node that holds one statement by itself: the
    association again, or nodes of their own where one release says several things of one edge.
    """
    said_in, evidence = ["edge_id", "source", "version"], tables.evidence
    turn = evidence.groupby(said_in, sort=False).cumcount() + 1
    marked = evidence.assign(turn=turn.where(evidence.duplicated(said_in, keep=False), 0))
    edges = tables.edges.set_index("id")
    for start in range(0, len(marked), _ROWS_PER_LOAD):
        rows = marked.iloc[start : start + _ROWS_PER_LOAD]
        facts = edges.loc[rows["edge_id"]]
        block = rows.assign(**{str(n): facts[n].to_numpy() for n in facts})
        yield _block_lines(block.assign(plain=_is_plain(block)), iris)


def co_report_blocks(reports: pd.DataFrame, iris: Iris) -> Iterator[Iterable[str]]:
    """Every co-report as a plain triple of its pair and its effect, in the graph of its release."""
    for start in range(0, len(reports), _ROWS_PER_LOAD):
        rows = reports.iloc[start : start + _ROWS_PER_LOAD]
        yield _co_report_lines(rows, iris)


def _co_report_lines(rows: pd.DataFrame, iris: Iris) -> Iterator[str]:
    columns = [rows[name].astype(str).tolist() for name in ("drug_a", "drug_b", "effect")]
    pairs: dict[tuple[str, str], str] = {}
    predicate = iris.of(_CO_REPORTED)
    for first, second, effect, end in zip(*columns, _ends(rows.astype(str)), strict=True):
        pair = pairs.get((first, second))
        if pair is None:
            pair = pairs[first, second] = iris.of(pair_id(first, second))
        yield f"{pair} {predicate} {iris.of(effect)}{end}"


def _is_plain(rows: pd.DataFrame) -> pd.Series[bool]:
    """Tell which rows say nothing that the triple and its graph do not say already.

    They are who takes part in a pair, and statements without severity, words, paper or qualifier.
    """
    silent = rows["qualifiers"] == ""
    for column in _WORDS:
        silent &= rows[column] == ""
    return silent | (rows["predicate"] == _PARTICIPANT)


def _block_lines(rows: pd.DataFrame, iris: Iris) -> Iterator[str]:
    yield from _fact_lines(rows, iris)
    stated = rows[~rows["plain"]]
    edges = [edge_iri(edge) for edge in stated["edge_id"]]
    columns = [stated[name].tolist() for name in ("source", "turn")]
    nodes = [_statement_iri(*row) for row in zip(edges, *columns, strict=True)]
    for edge, node, end in zip(edges, nodes, _ends(stated), strict=True):
        yield f"<{edge}> <{BASE}stated_in> <{node}>{end}"
    yield from _statement_lines(edges, stated, iris)
    several = stated["turn"] > 0
    yield from _statement_lines(list(compress(nodes, several)), stated[several], iris)


def _statement_iri(edge: str, source: str, turn: int) -> str:
    """Where one statement stands alone: the association, unless its release says several things."""
    return f"{edge}#{_segment(source.removeprefix('infores:'))}-{turn}" if turn else edge


def _fact_lines(rows: pd.DataFrame, iris: Iris) -> Iterator[str]:
    columns = [
        rows[name].tolist()
        for name in ("edge_id", "predicate", "subject", "object", "qualifiers", "plain")
    ]
    for edge, verb, *ends_of_edge, qualifiers, plain, end in zip(
        *columns, _ends(rows), strict=True
    ):
        predicate, (subject, target) = iris.of(verb), map(iris.of, ends_of_edge)
        yield f"{subject} {predicate} {target}{end}"
        if verb == _PARTICIPANT:
            yield f"{subject} {_TYPE} <{BASE}DrugPair>{end}"
        if plain:
            continue
        node = f"<{edge_iri(edge)}>"
        parts = {"subject": subject, "predicate": predicate, "object": target}
        yield f"{node} {_TYPE} <{_BIOLINK}Association>{end}"
        yield from (f"{node} <{_BIOLINK}{part}> {term}{end}" for part, term in parts.items())
        for key, _, value in (part.partition("=") for part in _cells(qualifiers)):
            yield f"{node} <{BASE}{_segment(key)}> {iris.or_text(value)}{end}"


def _statement_lines(nodes: list[str], rows: pd.DataFrame, iris: Iris) -> Iterator[str]:
    ends = _ends(rows)
    for column, predicate in _STATED.items():
        cells = rows[column].tolist()
        objects = {cell: _terms(column, cell, iris) for cell in set(cells)}
        triples = zip(nodes, cells, ends, strict=True)
        for node, term, end in ((n, term, e) for n, cell, e in triples for term in objects[cell]):
            yield f"<{node}> {predicate} {term}{end}"


def _terms(column: str, cell: str, iris: Iris) -> list[str]:
    match column:
        case "source":
            return [iris.of(cell)]
        case "primary":
            return [f'"{str(bool(cell)).lower()}"^^<{COMMON_PREFIXES["xsd"]}boolean>']
        case "publications":
            return [iris.or_text(paper) for paper in _cells(cell)]
        case "derived_from":
            return [f"<{edge_iri(edge)}>" for edge in _cells(cell)]
    return [literal(cell)] if cell else []


def void_lines(
    tables: Tables, releases: tuple[SourceRelease, ...], n_triples: Counter[str], iris: Iris
) -> Iterator[str]:
    """Licence, version, triples and statements of each release; ``n_triples`` is by graph IRI."""
    terms, void, end = COMMON_PREFIXES["dcterms"], COMMON_PREFIXES["void"], f" <{VOID_GRAPH}> .\n"
    integer = f"^^<{COMMON_PREFIXES['xsd']}integer>"
    n_rows = Counter(releases_cited(tables.evidence))
    yield f"<{BASE}dataset> {_TYPE} <{void}Dataset>{end}"
    for release in releases:
        graph = graph_iri(release.source, release.version)
        rows = n_rows[release.source, release.version]
        yield (
            f"<{BASE}dataset> <{void}subset> <{graph}>{end}"
            f"<{graph}> {_TYPE} <{void}Dataset>{end}"
            f"<{graph}> {_LABEL} {literal(f'{release.source} {release.version}'.strip())}{end}"
            f"<{graph}> <{terms}source> {iris.of(release.source)}{end}"
            f"<{graph}> <{terms}rights> {literal(release.licence)}{end}"
            f"<{graph}> <{COMMON_PREFIXES['owl']}versionInfo> {literal(release.version)}{end}"
            f'<{graph}> <{void}triples> "{n_triples[graph]}"{integer}{end}'
            f'<{graph}> <{BASE}statements> "{rows}"{integer}{end}'
        )


def releases_cited(evidence: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Source and version of each row of evidence."""
    return zip(evidence["source"].tolist(), evidence["version"].tolist(), strict=True)


def _ends(rows: pd.DataFrame) -> list[str]:
    graphs = {release: graph_iri(*release) for release in set(releases_cited(rows))}
    return [f" <{graphs[release]}> .\n" for release in releases_cited(rows)]


def _cells(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def _segment(text: str) -> str:
    return _NOT_IN_SEGMENT.sub(_percent, text)


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
