"""What is known of identifiers beyond the vocabulary that they come from, and tells them apart.

`data/identity_cuts.tsv` is kept by hand: pairs that are not one thing (``identity``), pairs of
which the first is no form of the second (``form``), identifiers that stand for several substances
and are joined with none (``several``), and pairs that stay one medicine though a vocabulary lists
the base of the first as well (``medicine``). `data/unlike_drawings.tsv` lists the structures that
are not held against a drug, as they were drawn when they were looked at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from ontologies.fold import fold

_DATA = files("ontologies") / "data"
_NUMBERED = re.compile(r" \([A-Za-z]+ \d+\)$")
"""What a source adds to a name that several of its identifiers share: "zinc (PubChem 24424)"."""
_STEM = 5
"""Letters of a word by which two names are called alike: "cefazolin" and "cefazoline"."""
_COMMON_STEMS = frozenset(
    (
        *("acety", "alpha", "alumi", "amino", "ammon", "antib", "calci", "carbo", "chlor", "compo"),
        *("dieth", "dihyd", "dimet", "ethyl", "extra", "ferri", "ferro", "fluor", "gamma", "human"),
        *("hydro", "iodin", "lithi", "magne", "metab", "methy", "nitro", "pheny", "phosp", "potas"),
        *("propy", "prote", "recom", "sodiu", "sulfa", "sulfo", "tetra", "trich", "trime", "unspe"),
        *("vitam"),
    )
)
"""Beginnings of words that name a group of atoms, a salt former or a kind of substance."""


_CUTS = ("identity", "form", "several", "medicine")


class MalformedCut(ValueError):
    """A row of the table of hand-kept cuts says what no cut is."""

    def __init__(self, row: int, value: str) -> None:
        super().__init__(
            f"identity_cuts.tsv row {row}: {value!r} is no cut: expected one of {', '.join(_CUTS)}"
        )
        self.row = row
        self.value = value


@dataclass(frozen=True, slots=True)
class HandCuts:
    """The hand-kept cuts, by what is cut; the marks of ``identity`` are by identifier."""

    marks: Mapping[str, Mapping[str, str]]
    forms: frozenset[tuple[str, str]]
    several: Mapping[str, str]
    medicines: frozenset[str]


@lru_cache(maxsize=1)
def hand_cuts() -> HandCuts:
    """Read the table of hand-kept cuts.

    The mark of a pair is what a clique may hold once: its two identifiers exclude each other.

    Raises:
        MalformedCut: A row is of a kind that is not known.
    """
    marks: dict[str, dict[str, str]] = defaultdict(dict)
    forms, medicines, several = set(), set(), {}
    for row, (cut, left, _, right, _, reason) in enumerate(_rows("identity_cuts.tsv"), start=2):
        if cut == "form":
            forms.add((left, right))
        elif cut == "medicine":
            medicines.add(left)
        elif cut == "several":
            several[left] = f"stands for several substances: {reason}"
        elif cut == "identity":
            mark = f"kept apart by hand, {left} and {right} ({reason})"
            marks[left][mark], marks[right][mark] = left, right
        else:
            raise MalformedCut(row, cut)
    found = {curie: dict(held) for curie, held in marks.items()}
    return HandCuts(found, frozenset(forms), several, frozenset(medicines))


@lru_cache(maxsize=1)
def _allowed_drawings() -> frozenset[tuple[str, str]]:
    return frozenset((row[0], row[2]) for row in _rows("unlike_drawings.tsv"))


def _rows(table: str) -> list[list[str]]:
    lines = (_DATA / table).read_text(encoding="utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines]


def drawings_of(curie: str, cells: Iterable[str]) -> frozenset[str]:
    """Give the heavy atoms of the drawings that are held against an identifier."""
    kept = (cell for cell in cells if cell and (curie, cell) not in _allowed_drawings())
    return frozenset(part for cell in kept for part in cell.split("|"))


@dataclass(frozen=True, slots=True)
class Known:
    """Synonyms, heavy atoms and hand-kept marks by identifier; ``lone`` are joined with nothing."""

    synonyms: Mapping[str, Collection[str]] = field(default_factory=dict)
    drawings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    marks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lone: Mapping[str, str] = field(default_factory=dict)

    def synonyms_of(self, curies: Iterable[str]) -> set[str]:
        """Give the synonyms of several identifiers, without case, blanks and signs."""
        return run_together(text for curie in curies for text in self.synonyms.get(curie, ()))


def alike(one: Collection[str], other: Collection[str]) -> bool:
    """Say whether two names differ in signs and blanks alone, or have a word that begins alike.

    >>> alike({"GW-813893"}, {"gw813893"}), alike({"amantadine"}, {"bromododecanol"})
    (True, False)
    """
    return bool(run_together(one) & run_together(other) or _stems(one) & _stems(other))


def run_together(names: Iterable[str]) -> set[str]:
    """Give names without case, blanks, signs and the number that a source adds in brackets."""
    return {fold(_NUMBERED.sub("", name)).replace(" ", "") for name in names}


def _stems(names: Iterable[str]) -> set[str]:
    words = (word for name in names for word in fold(_NUMBERED.sub("", name)).split())
    return {word[:_STEM] for word in words if len(word) >= _STEM} - _COMMON_STEMS
