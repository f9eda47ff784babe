"""What the judged facts share with the training facts: refused where it is the fact itself."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from embeddings.codes import ordered
from embeddings.splits import Split
from embeddings.triples import Facts


class LeakedFact(ValueError):
    """A fact stands on two sides of a split, in the same or the other order of its drugs."""

    def __init__(self, example: tuple[str, str, str], sides: tuple[str, str], count: int) -> None:
        super().__init__(
            f"{count} facts stand in both {sides[0]} and {sides[1]}, for example "
            f"{' | '.join(example)}"
        )
        self.example, self.count = example, count


def refuse_leaks(split: Split) -> None:
    """Make sure that no fact stands on two sides of a split.

    Raises:
        LeakedFact: One does; quotes it.
    """
    sides = {"train": split.train, "valid": split.valid, "test": split.test}
    for (left, first), (right, second) in combinations(sides.items(), 2):
        both = shared_facts(first, second)
        if len(both):
            raise LeakedFact(both.triples()[0], (left, right), len(both))


def shared_facts(first: Facts, second: Facts) -> Facts:
    """Facts of ``first`` that ``second`` states too, whichever drug either of them writes first."""
    named = _ordered(second).over(first.vocabulary)
    ordered = _ordered(first)
    return ordered.keep(named.states(ordered.codes))


def seen_pair_share(split: Split) -> float:
    """Part of the test facts whose pair has another effect in training; 0.0 without any."""
    if not len(split.test):
        return 0.0
    return float(np.isin(split.test.pair_codes, split.train.pair_codes).mean())


def _ordered(facts: Facts) -> Facts:
    first, effect, second = facts.array.T
    if not (first > second).any():
        return facts
    return Facts(*facts.vocabulary, ordered(first, effect, second)).joined()
