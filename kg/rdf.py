"""The graph as RDF: its N-Quads loaded into an Oxigraph store on disk, and read back."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from typing import IO, TYPE_CHECKING, Any, cast

import pyoxigraph
import rdflib

from kg.nquads import (
    BASE,
    COMMON_PREFIXES,
    GRAPH_BASE,
    NAMES_GRAPH,
    VOID_GRAPH,
    Iris,
    edge_iri,
    graph_iri,
    void_lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kg.model import SourceRelease
    from kg.nquads_columns import Lines
    from kg.tables import Tables
    from ontologies.curie import PrefixMap

__all__ = [
    "BASE",
    "COMMON_PREFIXES",
    "GRAPH_BASE",
    "NAMES_GRAPH",
    "STORE_MARKS",
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

LAYOUT = "1"
"""Version of how facts are laid out as RDF; another one says that queries mean something else."""
_DATASET, _LAYOUT = pyoxigraph.NamedNode(f"{BASE}dataset"), pyoxigraph.NamedNode(f"{BASE}layout")
_VOID = pyoxigraph.NamedNode(VOID_GRAPH)
_MARK = pyoxigraph.Quad(
    _DATASET,
    pyoxigraph.NamedNode(f"{COMMON_PREFIXES['rdf']}type"),
    pyoxigraph.NamedNode(f"{COMMON_PREFIXES['void']}Dataset"),
    _VOID,
)
STORE_MARKS = (_MARK, pyoxigraph.Quad(_DATASET, _LAYOUT, pyoxigraph.Literal(LAYOUT), _VOID))
"""What every store ends with; one that lacks the first mark was cut short or is none of ours."""

_COUNT = "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
_BYTES_PER_READ = 2**20


class MissingStore(LookupError):
    """There is no RDF store in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"there is no RDF store in {folder}; building the graph writes one")
        self.folder = folder


class DamagedStore(ValueError):
    """The RDF store of a folder cannot be opened or read, is cut short, or is foreign."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"the RDF store in {folder} cannot be used: {reason}; build it again with --force"
        )
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
        UnknownEdge: Evidence is about an edge that is not among the edges.
        UnknownPrefix: A node, predicate, category or source has a prefix that the map lacks.
    """
    # Imported here so that a query worker, which only reads, starts without pandas and networkx.
    from kg.artifact import atomic_folder
    from kg.nquads_tables import releases_cited, table_lines

    n_statements = Counter(releases_cited(tables.evidence))
    listed = {(release.source, release.version) for release in releases}
    for source, version in sorted(set(n_statements) - listed):
        raise UnlistedRelease(source, version)
    iris = Iris(prefixes)

    def void(n_triples: Counter[str]) -> str:
        marks = (f"{quad} .\n" for quad in STORE_MARKS)
        return "".join((*void_lines(releases, n_triples, n_statements, iris), *marks))

    with atomic_folder(folder) as temporary:
        return _fill(temporary, table_lines(tables, iris), void)


def open_store(folder: Path) -> pyoxigraph.Store:
    """Open the store of a folder for reading only.

    Raises:
        MissingStore: The folder is not there.
        DamagedStore: What is in it cannot be opened, is cut short, or was laid out by another
            version.
    """
    if not folder.is_dir():
        raise MissingStore(folder)
    try:
        store = pyoxigraph.Store.read_only(str(folder))
        reason = _unlike_ours(store)
    except (OSError, RuntimeError) as error:
        raise DamagedStore(folder, str(error)) from error
    if reason:
        raise DamagedStore(folder, reason)
    return store


def _unlike_ours(store: pyoxigraph.Store) -> str:
    """Say why a store that opens is not to be asked; empty where it is.

    A list of files that was cut short opens as a store without facts, or with some of them.
    """
    if _MARK not in store:
        return "it is not whole, or another program wrote it"
    found = store.quads_for_pattern(_DATASET, _LAYOUT, None, _VOID)
    others = {quad.object for quad in found} - {pyoxigraph.Literal(LAYOUT)}
    named = ", ".join(sorted(map(str, others)))  # empty for the first stores, which carried none
    return f"its layout is {named}, not {LAYOUT!r}" if named else ""


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


def _fill(folder: Path, found: Iterator[Lines], void: Callable[[Counter[str]], str]) -> int:
    """Load what is found, then what ``void`` says of its counts; the store is closed at the end."""
    store, n_triples = pyoxigraph.Store(str(folder)), Counter[str]()
    _load(store, _counted(found, n_triples))
    n_quads = len(store)
    if n_triples.total() != n_quads:
        # A fact and a co-report, or a node named as an association is, can be one triple.
        n_triples = _count(store)
    about = sorted(set(void(n_triples).split("\n")) - {""})
    _load(store, (f"{line}\n".encode() for line in about))
    store.flush()
    return n_quads + len(about)


class _Stream(io.RawIOBase):
    """Chunks of bytes as one file, each asked for when the one before it has been read."""

    def __init__(self, chunks: Iterator[bytes | memoryview]) -> None:
        super().__init__()
        self._chunks, self._rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any, /) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk).cast("B")
        room = memoryview(target).cast("B")
        part, self._rest = self._rest[: len(room)], self._rest[len(room) :]
        room[: len(part)] = part
        return len(part)


def _counted(found: Iterator[Lines], n_triples: Counter[str]) -> Iterator[memoryview]:
    """The text of lines; as it is read, the lines of each graph are counted."""
    for some in found:
        for graph, n_lines in some.counts():
            n_triples[graph] += n_lines
        yield some.data()


def _load(store: pyoxigraph.Store, chunks: Iterator[bytes | memoryview]) -> None:
    # One call: each call sorts and writes its own files, which are merged again later.
    stream = cast("IO[bytes]", io.BufferedReader(_Stream(chunks), _BYTES_PER_READ))
    store.bulk_load(stream, pyoxigraph.RdfFormat.N_QUADS)


def _count(store: pyoxigraph.Store) -> Counter[str]:
    found = cast("pyoxigraph.QuerySolutions", store.query(_COUNT))
    return Counter({row["graph"].value: int(row["n"].value) for row in found})
