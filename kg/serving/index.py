"""The graph as integers: four tables of columns in which a look-up is a few steps.

``ends``: every CURIE that is a node or the end of an edge, once, nodes first. ``node`` is its row
in ``nodes`` (-1 for none); ``hash`` has the CRC-32 of all CURIEs in ascending order and
``by_hash`` whose they are, so that a name is found by bisection in integers. ``nodes``: ``end`` and
the coded columns of a node. ``edges``: the rows of the edge table in their order, the two ends by
their place in ``ends``. ``outgoing`` lists the rows of edges by subject, then predicate, then row;
``outgoing_predicate`` the predicates in that order; an end's part is from its ``outgoing_first`` up
to its ``outgoing_last``. ``incoming`` does so by object. ``evidence``: the coded columns of the
evidence table, sorted by edge; an edge's part is from ``evidence_first`` up to ``evidence_last``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kg.serving.columns import Integers, Texts, coded, integers
from kg.tables import EVIDENCE_COLUMNS, Tables

NODE_TEXTS = ("category", "name", "synonym", "xref")
EVIDENCE_TEXTS = tuple(c for c in EVIDENCE_COLUMNS if c not in {"edge_id", "primary"})

COLUMNS = {
    "ends": (
        *("id", "node", "hash", "by_hash", "outgoing_first", "outgoing_last"),
        *("incoming_first", "incoming_last"),
    ),
    "nodes": ("end", *NODE_TEXTS),
    "edges": (
        *("subject", "predicate", "object", "qualifiers", "evidence_first", "evidence_last"),
        *("outgoing", "outgoing_predicate", "incoming", "incoming_predicate"),
    ),
    "evidence": (*EVIDENCE_TEXTS, "primary"),
}
"""Columns of each table of an index, in their order."""
_Places = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class GraphIndex:
    """The tables of an index, in memory or mapped from files; see the module for their columns."""

    ends: pa.RecordBatch
    nodes: pa.RecordBatch
    edges: pa.RecordBatch
    evidence: pa.RecordBatch


def index_of(tables: Tables) -> GraphIndex:
    """Make the index of tables; the same rows give the same bytes."""
    curies, (nodes, subjects, objects) = _ends(
        (tables.nodes["id"], tables.edges["subject"], tables.edges["object"])
    )
    predicate = coded(tables.edges["predicate"])
    outgoing = _by_end(subjects, integers(predicate.indices), len(curies))
    incoming = _by_end(objects, integers(predicate.indices), len(curies))
    parts, evidence = _evidence(tables)
    return GraphIndex(
        ends=_batch(
            {
                "id": curies,
                "node": _rows_of_ends(nodes, len(curies)),
                **_hashes(curies),
                **outgoing.parts("outgoing"),
                **incoming.parts("incoming"),
            }
        ),
        nodes=_batch({"end": nodes, **{n: coded(tables.nodes[n]) for n in NODE_TEXTS}}),
        edges=_batch(
            {
                "subject": subjects,
                "predicate": predicate,
                "object": objects,
                "qualifiers": coded(tables.edges["qualifiers"]),
                **parts,
                **outgoing.rows("outgoing"),
                **incoming.rows("incoming"),
            }
        ),
        evidence=evidence,
    )


@dataclass(frozen=True, slots=True)
class _ByEnd:
    """Rows of edges in the order of one of their ends, and where the part of each end begins."""

    order: _Places
    predicates: Integers
    starts: _Places

    def rows(self, name: str) -> Mapping[str, Integers]:
        return {name: self.order, f"{name}_predicate": self.predicates}

    def parts(self, name: str) -> Mapping[str, _Places]:
        return {f"{name}_first": self.starts[:-1], f"{name}_last": self.starts[1:]}


def _by_end(ends: _Places, predicates: Integers, n_ends: int) -> _ByEnd:
    order = np.lexsort((predicates, ends)).astype(np.int32)
    return _ByEnd(order, predicates[order], _starts(ends, n_ends))


def _starts(places: _Places, n_places: int) -> _Places:
    counts = np.bincount(places, minlength=n_places)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32)


def _ends(columns: Iterable[pd.Series[str]]) -> tuple[pa.Array, list[_Places]]:
    """Every CURIE once, and each column as the places of its CURIEs."""
    parts = [coded(column) for column in columns]
    met = pa.concat_arrays([part.dictionary for part in parts]).dictionary_encode()
    places = np.asarray(integers(met.indices), dtype=np.int32)
    cuts = np.cumsum([len(part.dictionary) for part in parts])[:-1]
    pieces = np.split(places, cuts)
    found = zip(pieces, parts, strict=True)
    return met.dictionary, [piece[integers(part.indices)] for piece, part in found]


def _rows_of_ends(nodes: _Places, n_ends: int) -> _Places:
    rows = np.full(n_ends, -1, dtype=np.int32)
    rows[nodes] = np.arange(len(nodes), dtype=np.int32)
    return rows


def _hashes(curies: pa.Array) -> Mapping[str, npt.NDArray[np.uint32] | _Places]:
    texts = Texts(curies)
    found = np.fromiter((crc32(texts.encoded(i)) for i in range(len(texts))), dtype=np.uint32)
    order = np.argsort(found, kind="stable")
    return {"hash": found[order], "by_hash": order.astype(np.int32)}


def _evidence(tables: Tables) -> tuple[Mapping[str, _Places], pa.RecordBatch]:
    """Where the evidence of each edge is, and the evidence; what backs no edge is left out."""
    ids = coded(tables.edges["id"])
    said = coded(tables.evidence["edge_id"])
    found = pc.index_in(said.dictionary, value_set=ids.dictionary)
    edge_of = pc.fill_null(found, -1).to_numpy()[integers(said.indices)]
    order = np.argsort(edge_of, kind="stable")[np.count_nonzero(edge_of < 0) :]
    starts = _starts(edge_of[order], len(ids.dictionary))
    places = integers(ids.indices)
    parts = {"evidence_first": starts[:-1][places], "evidence_last": starts[1:][places]}
    primary = pa.array(tables.evidence["primary"].to_numpy(dtype=np.int8))
    columns = {n: coded(tables.evidence[n]) for n in EVIDENCE_TEXTS} | {"primary": primary}
    if not np.array_equal(order, np.arange(len(edge_of))):
        columns = {name: column.take(pa.array(order)) for name, column in columns.items()}
    return parts, _batch(columns)


def _batch(columns: Mapping[str, object]) -> pa.RecordBatch:
    arrays = [c if isinstance(c, pa.Array) else pa.array(c) for c in columns.values()]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))
