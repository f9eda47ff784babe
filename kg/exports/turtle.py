"""Turtle: one file for each named graph, since Turtle itself has no word for a graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kg.exports.selection import Selected
from kg.nquads import GRAPH_BASE, VOID_GRAPH
from kg.nquads_columns import Lines
from kg.quads import describe
from kg.rdf import write_turtle
from ontologies.curie import PrefixMap

_LINES_SORTED = 250_000
_END = " .\n"


def write_turtle_files(selected: Selected, folder: Path) -> dict[str, int]:
    """Write ``<source>-<version>.ttl`` for each release, and one file for each graph of our own.

    Those are ``names.ttl``, ``closure.ttl``, ``vocabulary.ttl`` and ``void.ttl``. Gives the number
    of triples of each.
    """
    prefixes = PrefixMap.load()
    described = describe(selected.tables, selected.releases, prefixes)
    n_triples = Counter[str]()
    for some in described.lines:
        for graph, text in _by_graph(some):
            with (folder / _name(graph, "nt")).open("ab") as stream:
                stream.write(text)
        for graph, n_lines in some.counts():
            n_triples[graph] += n_lines
    end = f" <{VOID_GRAPH}> .\n"
    # Not by splitlines: a licence or a version may hold a separator that ends no line here.
    about = {f"{line}\n" for line in described.void(n_triples).split("\n") if line}
    triples = "".join(sorted(line.removesuffix(end) + _END for line in about))
    (folder / _name(VOID_GRAPH, "nt")).write_text(triples, encoding="utf-8")
    return {
        path.with_suffix(".ttl").name: _rewritten(path, prefixes)
        for path in sorted(folder.glob("*.nt"))
    }


def _by_graph(some: Lines) -> Iterator[tuple[str, bytes]]:
    """The lines of each graph as N-Triples."""
    for place in np.unique(some.graph.places).tolist():
        iri = some.graph.texts[place].as_py()
        rows = some.text.filter(pa.array(some.graph.places == place))
        bare = pc.utf8_slice_codeunits(rows, 0, -len(f" {iri}{_END}"))
        yield iri[1:-1], "".join(f"{line}{_END}" for line in bare.to_pylist()).encode()


def _name(graph: str, suffix: str) -> str:
    """A graph's file: the part of its IRI that tells it apart, on one level of a folder."""
    return f"{graph.removeprefix(GRAPH_BASE).replace('/', '-').replace('%', '_')}.{suffix}"


def _rewritten(path: Path, prefixes: PrefixMap) -> int:
    """Replace a file of N-Triples by one of Turtle; lines of one subject are brought together."""
    with path.open("rb") as lines:
        n_triples = write_turtle(_sorted(lines), path.with_suffix(".ttl"), prefixes)
    path.unlink()
    return n_triples


def _sorted(lines: Iterator[bytes]) -> Iterator[bytes]:
    while block := list(islice(lines, _LINES_SORTED)):
        yield b"".join(sorted(set(block)))
