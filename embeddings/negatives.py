"""What held-out facts are told from: negatives, one to each positive and of the same effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.codes import encoded, ordered, places_among
from embeddings.triples import Facts, IntArray, TripleArray

ATTEMPTS = 500
"""Draws per positive before it goes without a negative."""
LEAST_NEW_PAIRS = 0.01
"""From this part of the facts on, held-out facts without another fact of their pair are a split."""

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

    A negative has as many drugs without a training fact as its positive. Under ``known-pairs``, its
    pair has training facts just when the positive's pair has; under the others too where whole
    pairs are held out: otherwise being held out would itself tell the two apart. There, pairs of
    which nothing is stated are thinned, so that they are as frequent beside held-out pairs as they
    are beside all stated ones. A positive for which no negative is found in ``ATTEMPTS`` draws is
    left out, so that it stays 1:1.

    Raises:
        UnknownProtocol: The protocol is none of ``PROTOCOLS``.
    """
    try:
        draw = PROTOCOLS[protocol]
    except KeyError:
        raise UnknownProtocol(protocol) from None
    rng = np.random.default_rng(seed)
    pool = Pool(len(known.drugs), np.unique(known.pair_codes))
    fits = _Fit.of(positives, known, Novelty.of(train), strict=protocol == "known-pairs")
    codes = known.codes
    drawn = positives.array.copy()
    open_rows = np.arange(len(drawn))
    for _ in range(ATTEMPTS):
        if not len(open_rows):
            break
        proposal = draw(positives.array[open_rows], pool, rng)
        drawn[open_rows] = proposal
        stated = _stated(proposal, codes, len(known.drugs))
        refused = stated | ~fits.accepted(open_rows, proposal, rng)
        open_rows = open_rows[refused]
    kept = np.setdiff1d(np.arange(len(drawn)), open_rows)
    facts = np.concatenate((positives.array[kept], drawn[kept]))
    return Negatives(facts, np.repeat([True, False], len(kept)))


def uniform(positives: TripleArray, pool: Pool, rng: np.random.Generator) -> TripleArray:
    """Any two drugs."""
    one, other = rng.integers(pool.n_drugs, size=(2, len(positives)))
    return ordered(one, positives[:, 1], other)


def corrupt(positives: TripleArray, pool: Pool, rng: np.random.Generator) -> TripleArray:
    """The positive with one of its drugs replaced."""
    kept = np.where(rng.random(len(positives)) < 0.5, positives[:, 0], positives[:, 2])
    return ordered(kept, positives[:, 1], rng.integers(pool.n_drugs, size=len(positives)))


def known_pairs(positives: TripleArray, pool: Pool, rng: np.random.Generator) -> TripleArray:
    """A pair that is known for other effects."""
    one, other = np.divmod(rng.choice(pool.pairs, size=len(positives)), pool.n_drugs)
    return ordered(one, positives[:, 1], other)


PROTOCOLS: Mapping[str, Draw] = {
    "uniform": uniform,
    "corrupt": corrupt,
    "known-pairs": known_pairs,
}


@dataclass(frozen=True, slots=True, eq=False)
class Novelty:
    """How strange facts are to the training facts: by drugs, and by pairs of drugs.

    ``seen_drugs`` is (drugs,), ``seen_pairs`` (drugs, drugs) with the lower index first.
    """

    seen_drugs: Mask
    seen_pairs: Mask

    @classmethod
    def of(cls, train: Facts) -> Novelty:
        """Note the drugs and the pairs that have a training fact."""
        n = len(train.drugs)
        pairs = np.zeros((n, n), dtype=np.bool_)
        pairs[train.array[:, 0], train.array[:, 2]] = True
        return cls(np.logical_or(pairs.any(axis=0), pairs.any(axis=1)), pairs)

    def new_share(self, stated: Mask) -> float:
        """Part of the stated pairs of known drugs that training does not state.

        ``stated`` is (drugs, drugs). Pairs of which nothing is stated are as frequent beside pairs
        that training does not state as beside all stated ones, when this part of them is taken.
        """
        known = self.seen_drugs[:, None] & self.seen_drugs
        among = stated & known
        return float((among & ~self.seen_pairs).sum() / max(1, among.sum()))

    def new_drugs(self, rows: TripleArray) -> IntArray:
        """Count the drugs of each row that have no training fact: 0, 1 or 2."""
        new = ~self.seen_drugs
        return new[rows[:, 0]].astype(np.int64) + new[rows[:, 2]]

    def kinds(self, rows: TripleArray) -> IntArray:
        """Give 0 for a pair with training facts, else 1, 2, 3 for no, one, two new drugs."""
        known = self.seen_pairs[rows[:, 0], rows[:, 2]]
        return np.where(known, 0, 1 + self.new_drugs(rows))


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Which pairs are as new to training as a positive's; ``stated`` is (drugs, drugs)."""

    wanted: IntArray
    novelty: Novelty
    stated: Mask
    new_share: float
    strict: bool
    by_pair: bool

    @classmethod
    def of(cls, positives: Facts, known: Facts, novelty: Novelty, *, strict: bool) -> _Fit:
        wanted = novelty.kinds(positives.array)
        stated = Novelty.of(known).seen_pairs
        by_pair = bool((wanted == 1).mean() >= LEAST_NEW_PAIRS) if len(wanted) else False
        return cls(wanted, novelty, stated, novelty.new_share(stated), strict, by_pair)

    def accepted(self, rows: IntArray, proposal: TripleArray, rng: np.random.Generator) -> Mask:
        wanted, found = self.wanted[rows], self.novelty.kinds(proposal)
        if self.strict:
            return np.asarray(found == wanted)
        if not self.by_pair:
            return np.asarray(np.maximum(found, 1) == np.maximum(wanted, 1))
        silent = ~self.stated[proposal[:, 0], proposal[:, 2]]
        thinned = (wanted == 1) & silent & (rng.random(len(rows)) >= self.new_share)
        return np.where(wanted == 0, found <= 1, (found == wanted) & ~thinned)


def _stated(rows: TripleArray, codes: IntArray, n_drugs: int) -> Mask:
    _, known = places_among(codes, encoded(rows, n_drugs))
    stated: Mask = (rows[:, 0] == rows[:, 2]) | known
    return stated
