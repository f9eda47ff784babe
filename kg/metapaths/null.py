"""How unusual so many paths are: the same graph with its edges dealt out anew, degrees kept.

The neighbours of each way are exchanged between drugs, two edges at a time, so that every drug
keeps the number of its neighbours and every neighbour the number of its drugs (XSwap: Hanhijärvi,
Garriga and Puolamäki, SDM 2009; for paths Himmelstein and Baranzini, 2015, and Himmelstein et al,
GigaScience 2023;12:giad047). A count is then laid beside those of pairs of drugs that have as many
neighbours. The draw is seeded: the same graph gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kg.metapaths.index import DrugIndex, WayIndex, Weights
from kg.metapaths.reading import Places
from kg.metapaths.table import Metapath
from kg.metapaths.ways import Way

PERMUTATIONS = 4
SIDE = 32
"""Drugs on either side of a cell; their pairs in all permutations are the sample."""
ROUNDS, ROUNDS_BETWEEN = 12, 5
"""In each round every edge is offered one exchange: before the first permutation, between two."""
EXACT_DEGREES = 8
"""Up to so many neighbours a degree stands for itself, above that for those near to it."""
STEP = 1.25
"""Factor between the degrees above that stand together."""
SEED = 6
_Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Unusual:
    """How a count stands among pairs of drugs with as many neighbours in permuted graphs.

    ``share`` of the ``pairs`` have at least as much, the pair itself counted among them, so that it
    is never 0; ``share_with_any`` have a path of the kind at all; ``expected`` is the mean of the
    sum of weights and ``seen`` that of the pair.
    """

    share: float
    share_with_any: float
    expected: float
    seen: float
    pairs: int

    @property
    def times(self) -> float | None:
        """How many times the mean of permuted graphs was seen; ``None`` where that is 0."""
        return self.seen / self.expected if self.expected > 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class _Cell:
    """Sums of path weights in one cell: those above 0, ascending, among how many."""

    sums: Weights
    pairs: int


@dataclass(frozen=True, slots=True, eq=False)
class Null:
    """Permuted graphs and what they hold; each cell is made when it is first asked for."""

    index: DrugIndex
    _permuted: dict[Way, tuple[Places, ...]] = field(default_factory=dict, repr=False)
    _cells: dict[tuple[str, int, int], _Cell] = field(default_factory=dict, repr=False)

    def unusual(self, metapath: Metapath, degrees: tuple[int, int], reach: float) -> Unusual:
        """Lay a sum of path weights, without the degrees of its drugs, beside permuted graphs."""
        key = (metapath.name, _bin(degrees[0]), _bin(degrees[1]))
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = self._sampled(metapath, key[1], key[2])
        # A sum of the same paths may differ in the last digits by the order in which it was made.
        at_least = len(cell.sums) - int(np.searchsorted(cell.sums, reach * (1 - 1e-5)))
        return Unusual(
            share=(1 + at_least) / (1 + cell.pairs),
            share_with_any=len(cell.sums) / cell.pairs,
            expected=float(cell.sums.sum()) / cell.pairs,
            seen=reach,
            pairs=cell.pairs,
        )

    def permuted(self, way: Way) -> tuple[Places, ...]:
        """The neighbours of all drugs in permuted graphs, laid out as in the index."""
        found = self._permuted.get(way)
        if found is None:
            rng = np.random.default_rng([SEED, list(Way).index(way)])
            found = self._permuted[way] = _permutations(self.index.ways[way], rng)
        return found

    @property
    def nbytes(self) -> int:
        """How many bytes the permuted graphs and the cells take."""
        graphs = sum(nodes.nbytes for each in self._permuted.values() for nodes in each)
        return graphs + sum(cell.sums.nbytes for cell in self._cells.values())

    def _sampled(self, metapath: Metapath, one: int, other: int) -> _Cell:
        left, right = (self.index.ways[w] for w in (metapath.left, metapath.right))
        rng = np.random.default_rng([SEED, one, other])
        sides = _drugs_with(left, one, rng), _drugs_with(right, other, rng)
        apart = sides[0][:, None] != sides[1][None, :]
        graphs = zip(self.permuted(metapath.left), self.permuted(metapath.right), strict=True)
        sums = [
            _sums(left, ours, sides[0], right, theirs, sides[1])[apart] for ours, theirs in graphs
        ]
        every = np.concatenate(sums)
        return _Cell(np.sort(every[every > 0]), max(1, len(every)))


def _bin(degree: int) -> int:
    """The degree for which a degree stands.

    >>> [_bin(degree) for degree in (1, 8, 11, 12, 100)]
    [1, 8, 10, 12, 93]
    """
    if degree <= EXACT_DEGREES:
        return degree
    steps = round(float(np.log(degree / EXACT_DEGREES) / np.log(STEP)))
    return int(EXACT_DEGREES * STEP**steps)


def _drugs_with(way: WayIndex, degree: int, rng: np.random.Generator) -> Places:
    """Drugs that have as many neighbours, or nearly; which of equal ones is drawn."""
    drugs = rng.permutation(np.flatnonzero(way.degree))
    distance = np.abs(np.log(way.degree[drugs] / degree))
    nearest: Places = drugs[np.argsort(distance, kind="stable")[:SIDE]].astype(np.int32)
    return nearest


def _sums(
    left: WayIndex, ours: Places, one: Places, right: WayIndex, theirs: Places, other: Places
) -> Weights:
    """Sums of path weights of every drug of one side with every drug of the other."""
    found: Weights = _weighted(left, ours, one) @ _weighted(right, theirs, other).T
    return found


def _weighted(way: WayIndex, nodes: Places, drugs: Places) -> Weights:
    """Drugs by nodes: the damped degree of each neighbour."""
    made = np.zeros((len(drugs), len(way.damped)), dtype=np.float32)
    for row, drug in enumerate(drugs.tolist()):
        around = nodes[way.start[drug] : way.start[drug + 1]]
        made[row, around] = way.damped[around]
    return made


def _permutations(way: WayIndex, rng: np.random.Generator) -> tuple[Places, ...]:
    width = len(way.damped)
    owners = np.repeat(np.arange(len(way.degree), dtype=np.int64), way.degree) * width
    nodes = way.nodes.astype(np.int64)
    made = []
    for number in range(PERMUTATIONS):
        for _ in range(ROUNDS_BETWEEN if number else ROUNDS):
            nodes = _exchanged(owners, nodes, rng)
        made.append(nodes.astype(np.int32))
    return tuple(made)


def _exchanged(owners: _Codes, nodes: _Codes, rng: np.random.Generator) -> _Codes:
    """Offer every edge an exchange with another; refused where an edge would stand twice."""
    half = len(nodes) // 2
    order = rng.permutation(len(nodes))
    one, other = order[:half], order[half : 2 * half]
    made = np.concatenate((owners[one] + nodes[other], owners[other] + nodes[one]))
    known = np.sort(owners + nodes)
    place = np.minimum(np.searchsorted(known, made), len(known) - 1)
    _, inverse, counts = np.unique(made, return_inverse=True, return_counts=True)
    new = (known[place] != made) & (counts[inverse] == 1)
    taken = new[:half] & new[half:]
    swapped = nodes.copy()
    swapped[one[taken]], swapped[other[taken]] = nodes[other[taken]], nodes[one[taken]]
    return swapped
