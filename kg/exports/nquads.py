"""N-Quads: what the store of the graph holds, as one text; a named graph for each release."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from kg.exports.selection import Selected
from kg.nquads import MARKS
from kg.quads import describe
from ontologies.curie import PrefixMap

FILE = "graph.nq"


def write_nquads(selected: Selected, folder: Path) -> dict[str, int]:
    """Write ``graph.nq``, block by block; gives its number of lines.

    Loaded into a store, by ``kg.rdf.store_of_nquads`` or otherwise, it gives the quads that the
    build of the same rows writes. Its last lines are the marks of a whole graph.
    """
    described = describe(selected.tables, selected.releases, PrefixMap.load())
    n_triples = Counter[str]()
    with (folder / FILE).open("wb") as stream:
        for some in described.lines:
            for graph, n_lines in some.counts():
                n_triples[graph] += n_lines
            stream.write(some.data())
        # Not by splitlines: a licence or a version may hold a separator that ends no line here.
        said = {f"{line}\n" for line in described.void(n_triples).split("\n") if line} - set(MARKS)
        about = (*sorted(said), *MARKS)
        stream.writelines(line.encode() for line in about)
    return {FILE: n_triples.total() + len(about)}
