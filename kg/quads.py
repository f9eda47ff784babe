"""All that a graph says, as lines of N-Quads: for the store, and for whoever takes it elsewhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from kg.nquads import MARKS, VOCABULARY_GRAPH, Iris, own_void_lines, void_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.model import SourceRelease
    from kg.nquads_columns import Lines
    from kg.tables import Tables
    from ontologies.curie import PrefixMap

_OWN_LICENCE = "Apache-2.0"


class UnlistedRelease(LookupError):
    """Evidence cites a source release that the list of releases lacks, so its terms are unknown."""

    def __init__(self, source: str, version: str) -> None:
        super().__init__(f"evidence cites {source!r} at {version!r}, which no release lists")
        self.source, self.version = source, version


@dataclass(frozen=True, slots=True)
class Described:
    """A graph as lines of N-Quads: ``lines`` first, then what ``void`` says of their counts.

    ``void`` takes the number of triples of each graph by its IRI, and ends with the marks of a
    whole graph. Of ``lines``, a fact and a co-report that are the same triple are two.
    """

    lines: Iterator[Lines]
    void: Callable[[Counter[str]], str]


def describe(tables: Tables, releases: tuple[SourceRelease, ...], prefixes: PrefixMap) -> Described:
    """Give names, statements, closures and vocabulary of a graph, and the counts of each.

    Raises:
        UnlistedRelease: Evidence comes from a release that is not among the releases.
        UnknownEdge: Read from the lines, evidence is about an edge that is not among the edges.
        UnknownPrefix: Read from the lines, a node, predicate, category or source has a prefix that
            the map lacks.
    """
    # Imported here so that a query worker, which only reads, starts without pandas.
    from kg.closures import closure_lines
    from kg.nquads_tables import releases_cited, table_lines
    from ontologies.own_terms import vocabulary_version

    n_statements = Counter(releases_cited(tables.evidence))
    listed = {(release.source, release.version) for release in releases}
    for source, version in sorted(set(n_statements) - listed):
        raise UnlistedRelease(source, version)
    iris, ours = Iris(prefixes), (_OWN_LICENCE, vocabulary_version())

    def void(n_triples: Counter[str]) -> str:
        stated = void_lines(releases, n_triples, n_statements, iris)
        own = own_void_lines(releases, n_triples, ours)
        return "".join((*stated, *own, *MARKS))

    found = chain(table_lines(tables, iris), closure_lines(tables, iris), [_vocabulary_lines()])
    return Described(found, void)


def _vocabulary_lines() -> Lines:
    import numpy as np
    import pyarrow as pa

    from kg.nquads_columns import Coded, Lines
    from ontologies.own_terms import vocabulary_triples

    graph = f"<{VOCABULARY_GRAPH}>"
    texts = [f"{triple} {graph} .\n" for triple in vocabulary_triples()]
    places = np.zeros(len(texts), np.int64)
    return Lines(pa.array(texts, pa.string()), Coded(places, pa.array([graph])))
