"""Of which drugs anything is stated from which an interaction can be concluded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from kg.serving.columns import Texts, code_of, integers
from kg.serving.index import GraphIndex
from kg.serving.rows import parse_qualifiers
from ontologies.vocabulary import Predicate

_ROLES = (Predicate.AFFECTS, Predicate.SUBSTRATE_OF)
_Marks = npt.NDArray[np.bool_]


def covered_ends(index: GraphIndex) -> _Marks:
    """Mark the ends of which a source says how they interact: a pair, a liability, a graded role.

    A role without a strength (a target, a finding in cells) and a co-report do not count: no
    detector can conclude anything from them.
    """
    edges = index.edges
    subjects, objects = integers(edges["subject"]), integers(edges["object"])
    pairs, covered = (np.zeros(len(index.ends), dtype=np.bool_) for _ in range(2))
    pairs[subjects[_says(edges, Predicate.CONTRIBUTES_TO)]] = True
    takes_part = _says(edges, Predicate.HAS_PARTICIPANT) & pairs[subjects]
    covered[objects[takes_part]] = True
    covered[subjects[_says(edges, Predicate.PREDISPOSES_TO)]] = True
    for role in _ROLES:
        covered[subjects[_graded(edges, np.flatnonzero(_says(edges, role)))]] = True
    return covered


def _says(edges: pa.RecordBatch, predicate: Predicate) -> _Marks:
    """Mark the edges with a predicate."""
    column = edges["predicate"]
    code = code_of(column, predicate.value)
    marks: _Marks = integers(column.indices) == (-1 if code is None else code)
    return marks


def _graded(edges: pa.RecordBatch, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Those of some edges that have a strength."""
    column = edges["qualifiers"]
    codes, texts = integers(column.indices)[rows], Texts(column.dictionary)
    graded = [code for code in np.unique(codes).tolist() if _has_strength(texts[code])]
    return rows[np.isin(codes, graded)]


def _has_strength(cell: str) -> bool:
    found = (q.value for q in parse_qualifiers(cell) if q.key == "strength")
    return bool(next(found, ""))
