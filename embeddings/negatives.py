"""What held-out facts are told from: negatives, one to each positive and of the same effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.triples import Facts, IntArray, TripleArray, encoded

ATTEMPTS = 500
"""Draws per positive before it goes without a negative."""

Mask = npt.NDArray[np.bool_]


class UnknownProtocol(ValueError):
    """No protocol draws negatives under this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no protocol is called {name!r}; known: {', '.join(PROTOCOLS)}")
        self.name = name


@dataclass(frozen=True, slots=True, eq=False)
class Negatives:
    """Positives and their negatives, 1:1 per effect, as rows of ``Facts.array``."""

    facts: TripleArray
    labels: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """What negatives are drawn from: all drugs, or all pairs of which something is known."""

    n_drugs: int
    pairs: IntArray


Draw = Callable[[TripleArray, Pool, np.random.Generator], TripleArray]


def with_negatives(
    positives: Facts, known: Facts, train: Facts, protocol: str, seed: int
) -> Negatives:
    """Draw a negative for each positive; none is a known fact, in either order of its drugs.

    A negative has as many drugs without a training fact as its positive, and under ``known-pairs``
    its pair has training facts just when the positive's pair has: otherwise being held out would
    itself tell the two apart. A positive for which none is found in ``ATTEMPTS`` draws is left out,
    so that it stays 1:1.

    Raises:
        UnknownProtocol: The protocol is none of ``PROTOCOLS``.
    """
    try:
        draw = PROTOCOLS[protocol]
    except KeyError:
        raise UnknownProtocol(protocol) from None
    rng = np.random.default_rng(seed)
    pool = Pool(len(known.drugs), np.unique(known.pair_codes))
    familiar = _Familiarity.of(train, by_pair=protocol == "known-pairs")
    wanted = familiar.kinds(positives.array)
    drawn = positives.array.copy()
    open_rows = np.arange(len(drawn))
    for _ in range(ATTEMPTS):
        if not len(open_rows):
            break
        proposal = draw(positives.array[open_rows], pool, rng)
        drawn[open_rows] = proposal
        refused = _stated(proposal, known) | (familiar.kinds(proposal) != wanted[open_rows])
        open_rows = open_rows[refused]
    kept = np.setdiff1d(np.arange(len(drawn)), open_rows)
    facts = np.concatenate((positives.array[kept], drawn[kept]))
    return Negatives(facts, np.repeat([True, False], len(kept)))


def uniform(positives: TripleArray, pool: Pool, rng: np.random.Generator) -> TripleArray:
    """Any two drugs."""
    one, other = rng.integers(pool.n_drugs, size=(2, len(positives)))
    return _ordered(one, positives[:, 1], other)


def corrupt(positives: TripleArray, pool: Pool, rng: np.random.Generator) -> TripleArray:
    """The positive with one of its drugs replaced."""
    kept = np.where(rng.random(len(positives)) < 0.5, positives[:, 0], positives[:, 2])
    return _ordered(kept, positives[:, 1], rng.integers(pool.n_drugs, size=len(positives)))


def known_pairs(positives: TripleArray, pool: Pool, rng: np.random.Generator) -> TripleArray:
    """A pair that is known for other effects."""
    one, other = np.divmod(rng.choice(pool.pairs, size=len(positives)), pool.n_drugs)
    return _ordered(one, positives[:, 1], other)


PROTOCOLS: Mapping[str, Draw] = {
    "uniform": uniform,
    "corrupt": corrupt,
    "known-pairs": known_pairs,
}


@dataclass(frozen=True, slots=True, eq=False)
class _Familiarity:
    seen_drugs: Mask
    seen_pairs: IntArray
    by_pair: bool

    @classmethod
    def of(cls, train: Facts, *, by_pair: bool) -> _Familiarity:
        seen = np.zeros(len(train.drugs), dtype=np.bool_)
        seen[train.array[:, 0]] = True
        seen[train.array[:, 2]] = True
        return cls(seen, np.unique(train.pair_codes), by_pair)

    def kinds(self, rows: TripleArray) -> IntArray:
        kinds = self.seen_drugs[rows[:, 0]].astype(np.int64) + self.seen_drugs[rows[:, 2]]
        if self.by_pair:
            pairs = rows[:, 0].astype(np.int64) * len(self.seen_drugs) + rows[:, 2]
            kinds += 3 * np.isin(pairs, self.seen_pairs)
        return kinds


def _ordered(one: IntArray, effect: npt.NDArray[np.integer], other: IntArray) -> TripleArray:
    rows = np.column_stack((np.minimum(one, other), effect, np.maximum(one, other)))
    return rows.astype(np.int32)


def _stated(rows: TripleArray, known: Facts) -> Mask:
    codes, n_drugs = known.codes, len(known.drugs)
    asked = encoded(rows, n_drugs)
    place = np.minimum(np.searchsorted(codes, asked), len(codes) - 1)
    stated: Mask = (rows[:, 0] == rows[:, 2]) | (codes[place] == asked)
    return stated
