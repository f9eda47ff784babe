"""The graph as RDF: its N-Quads loaded into an Oxigraph store on disk, and read back."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from typing import IO, TYPE_CHECKING, cast

import pyoxigraph
import rdflib

from kg.byte_streams import SortedHead, read_through_pipe
from kg.nquads import (
    BASE,
    CLOSURE_GRAPH,
    COMMON_PREFIXES,
    GRAPH_BASE,
    LAYOUT,
    MARKS,
    NAMES_GRAPH,
    VOCABULARY_GRAPH,
    VOID_GRAPH,
    edge_iri,
    graph_iri,
)
from kg.quads import Described, UnlistedRelease, describe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kg.model import SourceRelease
    from kg.nquads_columns import Lines
    from kg.tables import Tables
    from ontologies.curie import PrefixMap

__all__ = [
    "BASE",
    "CLOSURE_GRAPH",
    "COMMON_PREFIXES",
    "GRAPH_BASE",
    "GRAPH_FORMATS",
    "NAMES_GRAPH",
    "STORE_MARKS",
    "VOCABULARY_GRAPH",
    "VOID_GRAPH",
    "DamagedStore",
    "MissingStore",
    "UnlistedRelease",
    "edge_iri",
    "graph_iri",
    "has_graph",
    "open_dataset",
    "open_store",
    "store_of_nquads",
    "write_store",
    "write_turtle",
    "written_as",
]

_VOID = pyoxigraph.NamedNode(VOID_GRAPH)
STORE_MARKS = tuple(pyoxigraph.parse("".join(MARKS).encode(), format=pyoxigraph.RdfFormat.N_QUADS))
"""What every store ends with; one that lacks the first mark was cut short or is none of ours."""
_MARK = STORE_MARKS[0]
_DATASET, _LAYOUT = (pyoxigraph.NamedNode(f"{BASE}{name}") for name in ("dataset", "layout"))
_SUBSET = pyoxigraph.NamedNode(f"{COMMON_PREFIXES['void']}subset")
_COUNT = "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
GRAPH_FORMATS = {
    "ttl": pyoxigraph.RdfFormat.TURTLE,
    "nt": pyoxigraph.RdfFormat.N_TRIPLES,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "rdf": pyoxigraph.RdfFormat.RDF_XML,
}
"""How triples can be given to a stranger; RDF/XML cannot write them all."""


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
    from kg.atomic_folder import atomic_folder

    described = describe(tables, releases, prefixes)
    with atomic_folder(folder) as temporary:
        return _fill(temporary, described)


def store_of_nquads(path: Path, folder: Path) -> int:
    """Make a store of the N-Quads that an export wrote, the way back from there.

    Returns the number of quads. The store stands whole or not at all.

    Raises:
        DamagedStore: The file is no N-Quads, was cut short, or is of another layout or program.
        OSError: It cannot be read, or the store cannot be written.
    """
    from kg.atomic_folder import atomic_folder

    with atomic_folder(folder) as temporary:
        store = pyoxigraph.Store(str(temporary))
        try:
            store.bulk_load(path=str(path), format=pyoxigraph.RdfFormat.N_QUADS)
        except SyntaxError as error:
            raise DamagedStore(path, f"it is no N-Quads ({error})") from error
        if reason := _unlike_ours(store):
            raise DamagedStore(path, reason)
        store.flush()
        return len(store)


def write_turtle(triples: Iterator[bytes], path: Path, prefixes: PrefixMap) -> int:
    """Write chunks of N-Triples as one Turtle file; gives the number of triples.

    Raises:
        OSError: The file cannot be written.
    """
    n_triples = 0

    def counted() -> Iterator[pyoxigraph.Triple]:
        nonlocal n_triples
        for chunk in triples:
            for quad in pyoxigraph.parse(chunk, format=pyoxigraph.RdfFormat.N_TRIPLES):
                n_triples += 1
                yield quad.triple

    spaces = {**COMMON_PREFIXES, **prefixes.uri_prefixes}
    turtle = pyoxigraph.RdfFormat.TURTLE
    with path.open("wb") as stream, SortedHead(stream) as headed:
        pyoxigraph.serialize(counted(), cast("IO[bytes]", headed), format=turtle, prefixes=spaces)
    return n_triples


def written_as(n_triples: bytes, format: str, spaces: dict[str, str]) -> bytes:  # noqa: A002
    """Write N-Triples in one of ``GRAPH_FORMATS``, short where it may use the prefixes."""
    triples = (quad.triple for quad in pyoxigraph.parse(n_triples, pyoxigraph.RdfFormat.N_TRIPLES))
    target, known = io.BytesIO(), GRAPH_FORMATS[format]
    with SortedHead(target) as headed:
        pyoxigraph.serialize(triples, cast("IO[bytes]", headed), format=known, prefixes=spaces)
        headed.close()
        return target.getvalue()


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


def has_graph(store: pyoxigraph.Store, graph: pyoxigraph.NamedNode) -> bool:
    """Tell whether a graph is one of a store, also where its release states nothing."""
    return store.contains_named_graph(graph) or (
        pyoxigraph.Quad(_DATASET, _SUBSET, graph, _VOID) in store
    )


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


def _fill(folder: Path, described: Described) -> int:
    """Load the lines, then what is said of their counts; the store is closed at the end."""
    store, n_triples = pyoxigraph.Store(str(folder)), Counter[str]()
    _load(store, _counted(described.lines, n_triples))
    n_quads = len(store)
    if n_triples.total() != n_quads:
        # A fact and a co-report, or a node named as an association is, can be one triple.
        n_triples = _count(store)
    about = sorted(set(described.void(n_triples).split("\n")) - {""})
    _load(store, (f"{line}\n".encode() for line in about))
    store.flush()
    return n_quads + len(about)


def _counted(found: Iterator[Lines], n_triples: Counter[str]) -> Iterator[memoryview]:
    """The text of lines; as it is read, the lines of each graph are counted."""
    for some in found:
        for graph, n_lines in some.counts():
            n_triples[graph] += n_lines
        yield some.data()


def _load(store: pyoxigraph.Store, chunks: Iterator[bytes | memoryview]) -> None:
    def read(path: str) -> None:
        store.bulk_load(path=path, format=pyoxigraph.RdfFormat.N_QUADS)

    # One call: each call sorts and writes its own files, which are merged again later.
    read_through_pipe(chunks, read)


def _count(store: pyoxigraph.Store) -> Counter[str]:
    found = cast("pyoxigraph.QuerySolutions", store.query(_COUNT))
    return Counter({row["graph"].value: int(row["n"].value) for row in found})
