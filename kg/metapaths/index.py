"""The ways of all drugs as compact arrays, in which neighbours are sorted and degrees are counted.

Everything that a path of two drugs needs is a slice: the neighbours of a drug in one way, in
ascending order, with grades and with the rows of the edges that state them. 5 MB for `full`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from kg.graph import KnowledgeGraph
from kg.metapaths.reading import Grades, Places, Said, read_ways
from kg.metapaths.ways import Way

DAMPING = 0.4
"""Exponent by which a degree lowers the weight of a path (Himmelstein and Baranzini, 2015)."""
Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class WayIndex:
    """One way of all drugs.

    The neighbours of the drug in place ``i`` are ``nodes[start[i] : start[i + 1]]``, ascending;
    beside each stand its grade and, from ``first`` on, the rows of the edges that state it (none
    for a class). ``damped`` is the degree of each node to the power of -0.4; 0 where it has
    none. ``degree`` counts the neighbours of each drug.
    """

    start: Places
    nodes: Places
    grades: Grades
    first: Places
    rows: Places
    damped: Weights
    degree: Places

    def around(self, drug: int) -> Places:
        """The neighbours of a drug."""
        return self.nodes[self.start[drug] : self.start[drug + 1]]

    def rows_at(self, place: int) -> list[int]:
        """Rows of the edges behind one neighbour, by its place in ``nodes``."""
        found: list[int] = self.rows[self.first[place] : self.first[place + 1]].tolist()
        return found

    def backing(self, places: Places) -> Weights:
        """How well neighbours are backed, by the edges that state them: 1, 1.25 or 1.5."""
        edges = self.first[places + 1] - self.first[places]
        backing: Weights = (0.75 + 0.25 * np.minimum(edges, 3)).astype(np.float32)
        return backing

    @property
    def nbytes(self) -> int:
        """How many bytes the arrays take."""
        return sum(getattr(self, each.name).nbytes for each in fields(self))


@dataclass(frozen=True, slots=True, eq=False)
class DrugIndex:
    """The ways of all drugs: ``drugs`` and ``nodes`` are places among the ends of the graph."""

    drugs: Places
    nodes: Places
    ways: Mapping[Way, WayIndex]

    def drug_at(self, end: int | None) -> int | None:
        """The place of a drug in this index; ``None`` for one of which no way is stated."""
        if end is None:
            return None
        place = int(np.searchsorted(self.drugs, end))
        return place if place < len(self.drugs) and self.drugs[place] == end else None

    @property
    def nbytes(self) -> int:
        """How many bytes the arrays take."""
        ways = sum(way.nbytes for way in self.ways.values())
        return int(self.drugs.nbytes + self.nodes.nbytes + ways)


def index_ways(graph: KnowledgeGraph) -> DrugIndex:
    """Read every edge into its ways and lay them out by drug; a third of a second on `full`."""
    said = read_ways(graph.index)
    drugs = np.unique(np.concatenate([each.drugs for each in said.values()]))
    nodes = np.unique(np.concatenate([each.nodes for each in said.values()]))
    ways = {way: _laid_out(said[way], drugs, nodes) for way in Way}
    return DrugIndex(drugs.astype(np.int32), nodes.astype(np.int32), ways)


def _laid_out(said: Said, drugs: npt.NDArray[np.integer], nodes: Places) -> WayIndex:
    """Sort the edges of a way by drug and neighbour; of one neighbour the best grade counts."""
    codes = np.searchsorted(drugs, said.drugs) * len(nodes) + np.searchsorted(nodes, said.nodes)
    order = np.argsort(codes, kind="stable")
    pairs, first = np.unique(codes[order], return_index=True)
    grades = said.grades[order]
    best = np.maximum.reduceat(grades, first) if len(first) else grades
    owner, neighbour = (pairs // max(1, len(nodes)), pairs % max(1, len(nodes)))
    degree = np.bincount(owner, minlength=len(drugs)).astype(np.int32)
    popular = np.bincount(neighbour, minlength=len(nodes)).astype(np.float32)
    damped = np.zeros(len(nodes), dtype=np.float32)
    np.power(popular, -DAMPING, out=damped, where=popular > 0)
    return WayIndex(
        start=np.concatenate(([0], np.cumsum(degree))).astype(np.int32),
        nodes=neighbour.astype(np.int32),
        grades=best,
        first=np.append(first, len(order)).astype(np.int32),
        rows=said.rows[order],
        damped=damped,
        degree=degree,
    )


def meeting(
    left: WayIndex, one: int, right: WayIndex, other: int
) -> tuple[Places, Places, Places] | None:
    """Where the neighbours of two drugs meet, and the places of both steps; ``None`` if nowhere."""
    if left.degree[one] <= right.degree[other]:
        return _intersection(left, one, right, other)
    met = _intersection(right, other, left, one)
    return None if met is None else (met[0], met[2], met[1])


def _intersection(
    few: WayIndex, one: int, many: WayIndex, other: int
) -> tuple[Places, Places, Places] | None:
    ours, theirs = few.around(one), many.around(other)
    if not len(ours) or not len(theirs):
        return None
    places = np.minimum(np.searchsorted(theirs, ours), len(theirs) - 1)
    met = np.flatnonzero(theirs[places] == ours)
    if not len(met):
        return None
    return ours[met], few.start[one] + met, many.start[other] + places[met]
