"""Why two drugs are linked: their paths through genes, effects, conditions and classes, ranked.

A path has one middle, so that all paths of a kind are the intersection of two sorted lists of
neighbours. Nothing is enumerated but what both drugs lead to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np

from kg.graph import KnowledgeGraph
from kg.metapaths.index import DAMPING, DrugIndex, Weights, index_ways, meeting
from kg.metapaths.links import Link, Reason, classes_above, kind_of, link_of, links_beyond, links_up
from kg.metapaths.null import Null, Unusual
from kg.metapaths.reading import Places
from kg.metapaths.table import GRADED, LEAST_WEIGHT, METAPATHS, STRENGTH, Metapath
from kg.metapaths.ways import Grade, Way
from kg.rules.exposure import load_exposure_rules, load_exposure_tables
from kg.screening.exposure_change import ExposureChange
from kg.screening.mechanism import ExposureChanges
from kg.serving.ends import curie_reader
from ontologies.curie import Curie

GRAPHS_KEPT = 2
"""Of how many graphs the index of paths is kept."""
CLASSES_KEPT = 8_192
"""Of how many classes it is kept what stands above them."""
MEASURED_ADDS = 1.0
"""What a measured change of exposure adds to the weight of the path that explains it."""
MOST_WEIGHED = 40
"""Of the paths of one kind so many, the heaviest, are compared with those of other kinds."""
UNCONFIRMED = 0.7
"""What is left of the weight of two judged roles from which the rules conclude nothing."""
_FACTORS: Weights = np.array(
    [STRENGTH[Grade(g)] if g in set(Grade) else 0.0 for g in range(max(Grade) + 1)],
    dtype=np.float32,
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many paths of a kind two drugs have, and how unusual so many are.

    ``forward`` tells that the drug that was named first is the left end. ``dwpc`` is the
    degree-weighted path count.
    """

    metapath: Metapath
    forward: bool
    paths: int
    dwpc: float
    unusual: Unusual


@dataclass(slots=True)
class _Hit:
    """One path before it is told: places of its middle and of its two steps."""

    metapath: Metapath
    forward: bool
    node: int
    left: int
    right: int
    weight: float
    dwpc: float
    judged: bool
    expected: ExposureChange | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Metapaths:
    """The paths between any two drugs of a graph; made once, asked often, by many threads."""

    graph: KnowledgeGraph
    index: DrugIndex
    changes: ExposureChanges
    null: Null
    curie: Callable[[int], Curie] = field(init=False, repr=False)
    _above: Callable[[Curie], frozenset[Curie]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make ready to read the names of nodes."""
        object.__setattr__(self, "curie", curie_reader(self.graph.index.ends))
        above = lru_cache(CLASSES_KEPT)(partial(classes_above, self.graph))
        object.__setattr__(self, "_above", above)

    def reasons(self, first: Curie, second: Curie, count: int = 10) -> tuple[Reason, ...]:
        """The paths that explain most, the weightiest first; none for a drug without edges.

        A change of exposure by a strong inhibitor of a sensitive substrate comes first. Of classes
        one above another only the narrowest counts, and what is merely shared is left out where
        the same gene explains more.
        """
        return tuple(
            self._reason(hit, (first, second)) for hit in self._ranked(first, second, count)
        )

    def weight(self, first: Curie, second: Curie) -> float:
        """One number for how much the paths of two drugs explain; 0 for none.

        The weights of the reasons, each next one counting half.
        """
        hits = self._ranked(first, second, 10)
        return float(sum(hit.weight / 2**place for place, hit in enumerate(hits)))

    def tallies(self, first: Curie, second: Curie) -> tuple[Tally, ...]:
        """Count the paths of each kind of which there are any, and say how unusual so many are."""
        found = []
        for metapath, forward, ends in self._directions(first, second):
            shared = self._meeting(metapath, *ends)
            if shared is None:
                continue
            nodes, _, _ = shared
            left, right = (self.index.ways[w] for w in (metapath.left, metapath.right))
            reach = float((left.damped[nodes] * right.damped[nodes]).sum())
            degrees = int(left.degree[ends[0]]), int(right.degree[ends[1]])
            dwpc = reach * (degrees[0] * degrees[1]) ** -DAMPING
            unusual = self.null.unusual(metapath, degrees, reach)
            found.append(Tally(metapath, forward, len(nodes), dwpc, unusual))
        return tuple(found)

    def covers(self, drug: Curie) -> bool:
        """Tell whether any way of the drug is stated."""
        return self.index.drug_at(self.graph.place(drug)) is not None

    def _directions(
        self, first: Curie, second: Curie
    ) -> Iterator[tuple[Metapath, bool, tuple[int, int]]]:
        one, other = (self.index.drug_at(self.graph.place(drug)) for drug in (first, second))
        if one is None or other is None:
            return
        for metapath in METAPATHS:
            yield metapath, True, (one, other)
            if metapath.is_directed:
                yield metapath, False, (other, one)

    def _ranked(self, first: Curie, second: Curie, count: int) -> list[_Hit]:
        hits = [
            hit
            for metapath, forward, ends in self._directions(first, second)
            for hit in self._hits(metapath, ends, forward=forward)
        ]
        self._weigh(hits, (first, second))
        hits.sort(key=lambda hit: (-hit.weight, hit.node))
        return self._told(hits, count)

    def _hits(self, metapath: Metapath, ends: tuple[int, int], *, forward: bool) -> Iterator[_Hit]:
        shared = self._meeting(metapath, *ends)
        if shared is None:
            return
        nodes, of_left, of_right = shared
        left, right = (self.index.ways[w] for w in (metapath.left, metapath.right))
        grades = left.grades[of_left], right.grades[of_right]
        parts = left.damped[nodes] * right.damped[nodes]
        weights = metapath.base + metapath.rare * np.sqrt(parts)
        for way, of_way in zip((metapath.left, metapath.right), grades, strict=True):
            if way in GRADED:
                weights = weights * _FACTORS[of_way]
        if metapath.of_targets:
            weights = weights * left.backing(of_left) * right.backing(of_right)
        judged = np.minimum(*grades) >= Grade.JUDGED
        ends_part = float(left.degree[ends[0]] * right.degree[ends[1]]) ** -DAMPING
        columns = [nodes, of_left, of_right, weights, parts * ends_part, judged]
        if len(nodes) > MOST_WEIGHED:
            heaviest = np.argsort(-weights, kind="stable")[:MOST_WEIGHED]
            columns = [column[heaviest] for column in columns]
        for row in zip(*(column.tolist() for column in columns), strict=True):
            yield _Hit(metapath, forward, *row)

    def _meeting(
        self, metapath: Metapath, one: int, other: int
    ) -> tuple[Places, Places, Places] | None:
        left, right = (self.index.ways[w] for w in (metapath.left, metapath.right))
        return meeting(left, one, right, other)

    def _weigh(self, hits: list[_Hit], drugs: tuple[Curie, Curie]) -> None:
        """Let the rules of exposure speak of the roles that somebody judged."""
        for forward in (True, False):
            judged = [
                hit
                for hit in hits
                if hit.forward is forward and hit.judged and hit.metapath.changes_exposure
            ]
            if judged:
                self._weigh_judged(judged, drugs if forward else drugs[::-1])

    def _weigh_judged(self, hits: list[_Hit], drugs: tuple[Curie, Curie]) -> None:
        told = {
            (each.role, self.graph.place(each.acting.edge.object)): each
            for each in self.changes.changes(*drugs)
            if each.acting is not None
        }
        for hit in hits:
            role = "inhibitor" if hit.metapath.left is Way.INHIBITS else "inducer"
            change = told.get((role, int(self.index.nodes[hit.node])))
            hit.expected = change
            if change is None:
                hit.weight *= UNCONFIRMED
                continue
            severity = change.weight.severity
            hit.weight += severity.rank if severity else 0
            hit.weight += MEASURED_ADDS if change.weight.measured else 0.0

    def _told(self, hits: list[_Hit], count: int) -> list[_Hit]:
        """Leave out what says nothing beside the rest: merely shared things, and wider classes."""
        kept: list[_Hit] = []
        told: set[int] = set()
        of_kind: Counter[str] = Counter()
        wider = self._wider(hits)
        named: set[tuple[str, str]] = set()
        for hit in hits:
            if hit.weight < LEAST_WEIGHT or len(kept) == count:
                break
            kind = hit.metapath.name
            is_beside = hit.metapath.secondary and hit.node in told
            if is_beside or hit.node in wider or of_kind[kind] == hit.metapath.most:
                continue
            name = (kind + str(hit.forward), self._name(hit.node))
            if name not in named:
                kept.append(hit)
                of_kind[kind] += 1
            told.add(hit.node)
            named.add(name)
        return kept

    def _name(self, node: int) -> str:
        """The name of a node, so that two codes for one thing are told once.

        Sources write one class as ``Anti-Arrhythmia Agents`` and as ``anti-arrhythmia drug``.
        """
        name = self.graph.name(self.curie(int(self.index.nodes[node]))).casefold()
        bare = name.replace("-", "").removesuffix("s")
        return bare.removesuffix(" agent").removesuffix(" drug")

    def _wider(self, hits: list[_Hit]) -> set[int]:
        """Those of the shared classes that stand above another of them."""
        classes = [
            hit.node
            for hit in hits
            if hit.metapath.left is Way.BELONGS_TO and hit.weight >= LEAST_WEIGHT
        ]
        ends = self.index.nodes[classes].tolist()
        node_of = dict(zip(ends, classes, strict=True))
        above = (up for end in ends for up in self._above(self.curie(end)))
        return {node_of[end] for up in above if (end := self.graph.place(up)) in node_of}

    def _reason(self, hit: _Hit, drugs: tuple[Curie, Curie]) -> Reason:
        ends = drugs if hit.forward else drugs[::-1]
        through = self.curie(int(self.index.nodes[hit.node]))
        places = (hit.left, hit.right)
        ways = (hit.metapath.left, hit.metapath.right)
        left, right = (
            self._links(drug, way, place, through)
            for drug, way, place in zip(ends, ways, places, strict=True)
        )
        return Reason(
            metapath=hit.metapath,
            drugs=(ends[0], ends[1]),
            through=through,
            kind=kind_of(hit.metapath, self.graph.name(through)),
            left=left,
            right=right,
            weight=hit.weight,
            dwpc=hit.dwpc,
            expected=hit.expected,
        )

    def _links(self, drug: Curie, way: Way, place: int, through: Curie) -> tuple[Link, ...]:
        if way is Way.BELONGS_TO:
            return links_up(self.graph, drug, through)
        edges = map(self.graph.edge_at, self.index.ways[way].rows_at(place))
        if way is Way.ACTS_BY:
            return links_beyond(self.graph, drug, edges)
        return (link_of(way, edges),)


@lru_cache(GRAPHS_KEPT)
def metapaths_of(graph: KnowledgeGraph) -> Metapaths:
    """The paths of a graph; the index is made at the first call, in half a second on `full`."""
    index = index_ways(graph)
    changes = ExposureChanges(graph, load_exposure_rules(), load_exposure_tables())
    return Metapaths(graph, index, changes, Null(index))
