"""The edges of a graph as ways of its drugs: who stands how to what, by whose row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from kg.metapaths.ways import READ, Grade, Way, ways_of
from kg.serving.columns import Texts, code_of, integers
from kg.serving.index import GraphIndex
from kg.serving.rows import parse_qualifiers
from ontologies.vocabulary import Category, Predicate

Places = npt.NDArray[np.int32]
Grades = npt.NDArray[np.int8]
_DERIVED = frozenset({Way.BELONGS_TO, Way.ACTS_BY})
"""Ways that are no edges of their own."""
_LINKING = (Predicate.RELATED_TO, Predicate.CONTRIBUTES_TO)
"""Predicates by which a source links a gene and an effect or a disease."""
_OF_RULES = ("ANSM.CLASS:", "WORLDVISTA.CLASS:")
"""Classes that sources of interactions made for their rules; they repeat what they state."""
_REFUTED_BY = {
    Way.INHIBITS: Way.INDUCES,
    Way.INDUCES: Way.INHIBITS,
    Way.DEPENDS_ON: Way.BLOCKS,
}
"""Of ways that are merely listed, which other way of the same drug and gene speaks against them."""
_EMPTY: Places = np.zeros(0, dtype=np.int32)
_TURNED = Predicate.AFFECTS_RESPONSE_TO
"""Of the predicates that are read, the one that leads to the drug."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Edges of one way: drug, neighbour, grade, row; the row is -1 for a class."""

    drugs: Places
    nodes: Places
    grades: Grades
    rows: Places


def read_ways(index: GraphIndex) -> Mapping[Way, Said]:
    """Read every edge into its ways; what something better known speaks against is left out."""
    said = dict(_read(index))
    said[Way.BELONGS_TO] = _classes(index)
    said = _reconciled(said, len(index.ends))
    handles = _handling(said[Way.DEPENDS_ON], said[Way.BLOCKS], len(index.ends))
    for way in (Way.BLOCKS, Way.ACTIVATES, Way.ACTS_ON):
        said[way] = _kept(said[way], ~handles[said[way].nodes])
    said[Way.ACTS_BY] = _beyond(index, _joined([said[Way.BLOCKS], said[Way.ACTIVATES]]))
    return said


def _read(index: GraphIndex) -> Iterator[tuple[Way, Said]]:
    edges = index.edges
    qualifiers = edges["qualifiers"]
    cells = integers(qualifiers.indices)
    texts = Texts(qualifiers.dictionary)
    found: dict[Way, list[Said]] = {way: [] for way in Way if way not in _DERIVED}
    for predicate in sorted(READ):
        rows = _rows_with(index, predicate)
        grades = _grades(predicate, cells[rows], texts)
        ends = ("object", "subject") if predicate is _TURNED else ("subject", "object")
        drugs, nodes = (integers(edges[end])[rows].astype(np.int32) for end in ends)
        for way, of_way in grades.items():
            said = Said(drugs, nodes, of_way, rows.astype(np.int32))
            found[way].append(_kept(said, of_way > 0))
    for way, parts in found.items():
        yield way, _joined(parts)


def _rows_with(index: GraphIndex, predicate: Predicate) -> npt.NDArray[np.int64]:
    """Rows of the edges with a predicate."""
    column = index.edges["predicate"]
    code = code_of(column, predicate.value)
    if code is None:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(integers(column.indices) == code)


def _grades(
    predicate: Predicate, cells: npt.NDArray[np.integer], texts: Texts
) -> Mapping[Way, Grades]:
    """The grade of each row in each way that any of them states; 0 for none."""
    met, place = np.unique(cells, return_inverse=True)
    found: dict[Way, Grades] = {}
    for number, cell in enumerate(met.tolist()):
        stated = {q.key: q.value for q in parse_qualifiers(texts[cell])}
        for way, grade in ways_of(predicate, stated):
            found.setdefault(way, np.zeros(len(met), dtype=np.int8))[number] = grade
    return {way: grades[place] for way, grades in found.items()}


def _kept(said: Said, marks: npt.NDArray[np.bool_]) -> Said:
    return Said(*(getattr(said, each.name)[marks] for each in fields(Said)))


def _reconciled(said: Mapping[Way, Said], n_ends: int) -> dict[Way, Said]:
    """Leave out records that something better known of the same drug and gene speaks against.

    Who judged that a drug inhibits an enzyme is not contradicted by a list that says it induces it,
    nor the other way round, and lists that say both say neither; what a drug blocks as its target
    does not clear it, be it listed so.
    """
    codes = {way: _codes(each, n_ends) for way, each in said.items()}
    found = dict(said)
    for way, against in _REFUTED_BY.items():
        better = codes[way][said[way].grades > Grade.LISTED]
        doubted = np.isin(codes[way], codes[against]) & ~np.isin(codes[way], better)
        found[way] = _kept(said[way], ~doubted)
    return found


def _codes(said: Said, n_ends: int) -> npt.NDArray[np.int64]:
    codes: npt.NDArray[np.int64] = said.drugs.astype(np.int64) * n_ends + said.nodes
    return codes


def _handling(depending: Said, blocking: Said, n_ends: int) -> npt.NDArray[np.bool_]:
    """Mark the genes that more drugs depend on than block: they handle drugs, and are not aims."""
    counts = []
    for said in (depending, blocking):
        pairs = np.unique(_codes(said, n_ends))
        counts.append(np.bincount(pairs % n_ends, minlength=n_ends))
    marks: npt.NDArray[np.bool_] = counts[0] > counts[1]
    return marks


def _joined(parts: list[Said]) -> Said:
    if not parts:
        return Said(_EMPTY, _EMPTY, np.zeros(0, dtype=np.int8), _EMPTY)
    columns = (np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Said))
    return Said(*columns)


def _classes(index: GraphIndex) -> Said:
    """Every class of every drug, the wider ones as well."""
    rows = _rows_with(index, Predicate.SUBCLASS_OF)
    lower, upper = (integers(index.edges[end])[rows] for end in ("subject", "object"))
    classes, drugs = (_of_category(index, c) for c in (Category.DRUG_CLASS, Category.DRUG))
    names = Texts(index.ends["id"])
    made = [e for e in np.flatnonzero(classes).tolist() if names[e].startswith(_OF_RULES)]
    classes[made] = False
    order = np.argsort(lower, kind="stable")
    lower, upper = lower[order], upper[order]
    mine = drugs[lower]
    ends = len(index.ends)
    known = reached = np.unique(lower[mine].astype(np.int64) * ends + upper[mine])
    while len(reached):
        wider = _widened(reached // ends, reached % ends, lower, upper, ends)
        reached = np.setdiff1d(wider, known, assume_unique=True)
        known = np.union1d(known, reached)
    found, above = (known // ends).astype(np.int32), (known % ends).astype(np.int32)
    n = len(found)
    every = Said(found, above, np.ones(n, dtype=np.int8), np.full(n, -1, dtype=np.int32))
    return _kept(every, classes[above])


def _widened(
    drugs: npt.NDArray[np.int64],
    classes: npt.NDArray[np.int64],
    lower: npt.NDArray[np.integer],
    upper: npt.NDArray[np.integer],
    ends: int,
) -> npt.NDArray[np.int64]:
    """Drug and class, as one number, one step further up; ``lower`` is in ascending order."""
    begin, stop = (np.searchsorted(lower, classes, side=s) for s in ("left", "right"))
    above = upper[_ranges(begin, stop)]
    return np.unique(np.repeat(drugs, stop - begin) * ends + above)


def _of_category(index: GraphIndex, category: Category) -> npt.NDArray[np.bool_]:
    """Mark the ends that are nodes of a category."""
    marks = np.zeros(len(index.ends), dtype=np.bool_)
    column = index.nodes["category"]
    code = code_of(column, category.value)
    if code is not None:
        marks[integers(index.nodes["end"])[integers(column.indices) == code]] = True
    return marks


def _beyond(index: GraphIndex, targets: Said) -> Said:
    """From each drug to the effects that its targets are linked to, two rows for each gene between.

    Nothing where no source links genes and effects.
    """
    genes, effects, rows = _linked(index)
    order = np.argsort(genes, kind="stable")
    begin, stop = (np.searchsorted(genes[order], targets.nodes, side=s) for s in ("left", "right"))
    first = np.repeat(np.arange(len(targets.nodes)), stop - begin)
    second = order[_ranges(begin, stop)]
    drugs, nodes = (np.tile(part, 2) for part in (targets.drugs[first], effects[second]))
    both = np.concatenate((targets.rows[first], rows[second])).astype(np.int32)
    return Said(drugs, nodes, np.full(len(both), Grade.LISTED, dtype=np.int8), both)


def _linked(index: GraphIndex) -> tuple[Places, Places, npt.NDArray[np.int64]]:
    """Genes with the effects and diseases that they are linked to, and the rows that say so."""
    rows = np.concatenate([_rows_with(index, predicate) for predicate in _LINKING])
    ends = [integers(index.edges[end])[rows].astype(np.int32) for end in ("subject", "object")]
    gene = _of_category(index, Category.GENE)
    effect = _of_category(index, Category.DISEASE) | _of_category(
        index, Category.PHENOTYPIC_FEATURE
    )
    ahead, back = (gene[one] & effect[other] for one, other in (ends, ends[::-1]))
    return (
        np.concatenate((ends[0][ahead], ends[1][back])),
        np.concatenate((ends[1][ahead], ends[0][back])),
        np.concatenate((rows[ahead], rows[back])),
    )


def _ranges(begin: npt.NDArray[np.int64], stop: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Every place from each beginning up to its end, one after the other."""
    counts = stop - begin
    found: npt.NDArray[np.int64] = np.arange(counts.sum()) - np.repeat(
        np.cumsum(counts) - counts - begin, counts
    )
    return found
