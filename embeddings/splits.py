"""Which facts a model learns from, which it is tuned on, and which it is judged by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.triples import Facts, curie_of, read_facts

HELD_OUT_SHARE = 0.1
"""Part of the facts, pairs or drugs that goes to validation; the test gets as many."""
LEAST_FACTS = 20
"""An effect with fewer facts than this keeps them all for training in a random split."""
FILE_VALIDATION_SHARE = 0.03
"""Part of the facts beside a test file that goes to validation."""
COLD_VALIDATION_SHARE = 0.05
"""Part of the drugs that goes to validation in a cold split."""

Mask = npt.NDArray[np.bool_]


class UnknownSplit(ValueError):
    """No split is written this way."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"no split is called {text!r}; "
            "expected random, pair, cold, file:FACTS.tsv or cold:DRUGS.txt"
        )
        self.text = text


class UnknownDrugs(LookupError):
    """A list of drugs to hold out names drugs without any fact."""

    def __init__(self, path: Path, unknown: frozenset[str]) -> None:
        first = ", ".join(repr(curie) for curie in sorted(unknown)[:3])
        super().__init__(f"{path.name} names {len(unknown)} drugs without a fact, such as {first}")
        self.unknown = unknown


class EmptySplit(ValueError):
    """A split leaves one of its parts without a fact."""

    def __init__(self, text: str, part: str, n_facts: int) -> None:
        super().__init__(f"split {text!r} of {n_facts} facts leaves the {part} part empty")
        self.part = part


@dataclass(frozen=True, slots=True)
class Split:
    """Three disjoint parts of one set of facts, over one vocabulary.

    ``known`` is everything that is stated, whether or not a part holds it: a negative is never one
    of these.
    """

    name: str
    train: Facts
    valid: Facts
    test: Facts
    known: Facts

    @property
    def shown(self) -> Facts:
        """What may be known while a model is fitted: everything but the facts it is judged by."""
        return self.train.joined(self.valid)


def split_facts(
    facts: Facts, how: str, seed: int, aliases: Mapping[str, str] | None = None
) -> Split:
    """Divide facts as ``--split`` says; ``aliases`` renames what a named file calls otherwise.

    The facts of ``file:FACTS.tsv`` are the test, those that are not stated here among them;
    validation is drawn from the rest. ``cold:DRUGS.txt`` names the drugs of the test, one a line.

    Raises:
        UnknownSplit: The text names no split.
        UnknownDrugs: A listed drug has no fact.
        MalformedTriples: A line of a file of facts is not drug, effect, drug.
        EmptySplit: A part would be empty.
    """
    name, _, argument = how.partition(":")
    rng = np.random.default_rng(seed)
    match name, bool(argument):
        case "random", False:
            valid, test = random_parts(facts, rng)
        case "pair", False:
            valid, test = pair_parts(facts, rng)
        case "cold", False:
            valid, test = cold_parts(facts, rng)
        case "cold", True:
            listed = _listed(Path(argument), aliases or {}, facts)
            valid, test = cold_parts(facts, rng, listed)
        case "file", True:
            held_out = read_facts(Path(argument), aliases).over(facts.vocabulary)
            facts = facts.joined(held_out)
            valid, test = file_parts(facts, rng, held_out)
        case _:
            raise UnknownSplit(how)
    return _checked(
        Split(how, facts.keep(~(valid | test)), facts.keep(valid), facts.keep(test), known=facts)
    )


def random_parts(facts: Facts, rng: np.random.Generator) -> tuple[Mask, Mask]:
    """Hold out facts at random, the same share of every effect that has ``LEAST_FACTS``."""
    rank, size = _shuffled_ranks(facts.array[:, 1], rng)
    share = np.where(size >= LEAST_FACTS, np.ceil(size * HELD_OUT_SHARE), 0)
    return rank < share, (rank >= share) & (rank < 2 * share)


def pair_parts(facts: Facts, rng: np.random.Generator) -> tuple[Mask, Mask]:
    """Hold out whole pairs: nothing is known in training of a pair that is judged."""
    _, pair = np.unique(facts.pair_codes, return_inverse=True)
    draw = rng.random(int(pair.max(initial=-1)) + 1)[pair]
    return draw < HELD_OUT_SHARE, (draw >= HELD_OUT_SHARE) & (draw < 2 * HELD_OUT_SHARE)


def cold_parts(
    facts: Facts, rng: np.random.Generator, test_drugs: frozenset[str] | None = None
) -> tuple[Mask, Mask]:
    """Hold out drugs: a judged fact has at least one drug without any training fact.

    Without named test drugs, a share of them is drawn. A fact with a test drug is a test fact,
    whatever its other drug is; so the test holds both S1 (one new drug) and S2 (both new), which
    are reported apart.
    """
    names = np.asarray(facts.drugs, dtype=object)
    shuffled = rng.permutation(len(names))
    if test_drugs is None:
        n_test = math.ceil(len(names) * HELD_OUT_SHARE)
    else:
        named = np.isin(names, sorted(test_drugs))
        n_test = int(named.sum())
        shuffled = np.concatenate((np.flatnonzero(named), shuffled[~named[shuffled]]))
    n_valid = math.ceil(len(names) * COLD_VALIDATION_SHARE)
    part = np.zeros(len(names), dtype=np.int64)
    part[shuffled[:n_test]], part[shuffled[n_test : n_test + n_valid]] = 2, 1
    latest = np.maximum(part[facts.array[:, 0]], part[facts.array[:, 2]])
    return latest == 1, latest == 2


def file_parts(facts: Facts, rng: np.random.Generator, held_out: Facts) -> tuple[Mask, Mask]:
    """Hold out the facts of a file as the test; validation is drawn from the rest."""
    test = held_out.over(facts.vocabulary).states(facts.codes)
    rank, size = _shuffled_ranks(np.where(test, -1, facts.array[:, 1]), rng)
    share = np.where(size >= LEAST_FACTS, np.ceil(size * FILE_VALIDATION_SHARE), 0)
    return ~test & (rank < share), test


def _shuffled_ranks(
    group: npt.NDArray[np.integer], rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rank of each row in a random order of its group, and the size of the group."""
    order = np.lexsort((rng.random(len(group)), group))
    _, inverse, size = np.unique(group, return_inverse=True, return_counts=True)
    start = np.cumsum(size) - size
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - start[inverse[order]]
    return rank, size[inverse]


def _listed(path: Path, aliases: Mapping[str, str], facts: Facts) -> frozenset[str]:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    curies = (curie_of(line.strip()) for line in lines if line.strip())
    listed = frozenset(aliases.get(curie, curie) for curie in curies)
    if not listed <= set(facts.drugs):
        raise UnknownDrugs(path, listed.difference(facts.drugs))
    return listed


def _checked(split: Split) -> Split:
    for part in ("train", "valid", "test"):
        if not len(getattr(split, part)):
            raise EmptySplit(split.name, part, len(split.known))
    return split
