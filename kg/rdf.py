"""The graph as RDF: its N-Quads loaded into an Oxigraph store on disk, and read back."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import TYPE_CHECKING, cast

import pyoxigraph
import rdflib

from kg.nquads import (
    BASE,
    COMMON_PREFIXES,
    GRAPH_BASE,
    NAMES_GRAPH,
    VOID_GRAPH,
    Iris,
    co_report_blocks,
    edge_iri,
    evidence_blocks,
    graph_iri,
    node_lines,
    releases_cited,
    void_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kg.model import SourceRelease
    from kg.tables import Tables
    from ontologies.curie import PrefixMap

__all__ = [
    "BASE",
    "COMMON_PREFIXES",
    "GRAPH_BASE",
    "NAMES_GRAPH",
    "VOID_GRAPH",
    "DamagedStore",
    "MissingStore",
    "UnlistedRelease",
    "edge_iri",
    "graph_iri",
    "open_dataset",
    "open_store",
    "write_store",
]

_COUNT = "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"


class MissingStore(LookupError):
    """There is no RDF store in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"there is no RDF store in {folder}; building the graph writes one")
        self.folder = folder


class DamagedStore(ValueError):
    """The RDF store of a folder cannot be opened or read."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"the RDF store in {folder} is damaged: {reason}; build it again")
        self.folder, self.reason = folder, reason


class UnlistedRelease(LookupError):
    """Evidence cites a source release that the list of releases lacks, so its terms are unknown."""

    def __init__(self, source: str, version: str) -> None:
        super().__init__(f"evidence cites {source!r} at {version!r}, which no release lists")
        self.source, self.version = source, version


def write_store(
    tables: Tables, releases: tuple[SourceRelease, ...], folder: Path, prefixes: PrefixMap
) -> int:
    """Write the tables as an Oxigraph store into a folder; an older store there is replaced.

    Returns the number of quads. The store stands whole or not at all.

    Raises:
        UnlistedRelease: Evidence comes from a release that is not among the releases.
        UnknownPrefix: A node, predicate, category or source has a prefix that the map lacks.
    """
    # Imported here so that a query worker, which only reads, starts without pandas and networkx.
    from kg.artifact import atomic_folder

    listed = {(release.source, release.version) for release in releases}
    for source, version in sorted(set(releases_cited(tables.evidence)) - listed):
        raise UnlistedRelease(source, version)
    with atomic_folder(folder) as temporary:
        return _fill(temporary, tables, releases, Iris(prefixes))


def open_store(folder: Path) -> pyoxigraph.Store:
    """Open the store of a folder for reading only.

    Raises:
        MissingStore: The folder is not there.
        DamagedStore: What is in it cannot be opened.
    """
    if not folder.is_dir():
        raise MissingStore(folder)
    try:
        return pyoxigraph.Store.read_only(str(folder))
    except (OSError, RuntimeError) as error:
        raise DamagedStore(folder, str(error)) from error


def open_dataset(folder: Path) -> rdflib.Dataset:
    """Copy the store of a folder into an rdflib dataset; its default graph is the union of all.

    The copy lives in memory: meant for small graphs. Raises as ``open_store`` does.
    """
    store = open_store(folder)
    try:
        quads = store.dump(format=pyoxigraph.RdfFormat.N_QUADS) or b""
    except (OSError, RuntimeError) as error:
        raise DamagedStore(folder, str(error)) from error
    with warnings.catch_warnings():
        # rdflib 7.6 warns of its own use of a property that it deprecates.
        warnings.filterwarnings("ignore", r"Dataset\.", DeprecationWarning)
        return rdflib.Dataset(default_union=True).parse(data=quads, format="nquads")


def _fill(folder: Path, tables: Tables, releases: tuple[SourceRelease, ...], iris: Iris) -> int:
    store = pyoxigraph.Store(str(folder))
    _load(store, node_lines(tables.nodes, iris))
    for lines in evidence_blocks(tables, iris):
        _load(store, lines)
    for lines in co_report_blocks(tables.co_reports, iris):
        _load(store, lines)
    found = cast("pyoxigraph.QuerySolutions", store.query(_COUNT))
    n_triples = Counter({row["graph"].value: int(row["n"].value) for row in found})
    _load(store, void_lines(tables, releases, n_triples, iris))
    store.flush()
    return len(store)


def _load(store: pyoxigraph.Store, lines: Iterable[str]) -> None:
    store.bulk_load(input="".join(lines).encode(), format=pyoxigraph.RdfFormat.N_QUADS)
