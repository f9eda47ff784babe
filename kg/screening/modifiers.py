"""Rules of context: of which findings they speak, what they ask for, which way they push. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.screening.factors import OF_LIST, Term
from ontologies.curie import Curie

RAISES, LOWERS, NOTES, FORBIDS = "raise", "lower", "note", "forbid"
LOCAL, SPARES = "local", "spare"
"""A drug that acts where it is put, and of which nothing at all is found in the blood."""
MILDER: frozenset[str] = frozenset({LOWERS, LOCAL, SPARES})
MET, UNMET = "met", "unmet"
DIRECTIONS: tuple[str, ...] = (FORBIDS, RAISES, SPARES, LOCAL, LOWERS, NOTES)
"""What a rule about findings does to their severity, that which is shown first in front."""
ANSWERS: tuple[str, ...] = (UNMET, RAISES, MET)
"""What a rule says of a condition that a source states, that which is heard first in front."""


@dataclass(frozen=True, slots=True)
class ModifierRule:
    """A fact that raises or lowers the findings of a kind, of a pair, or with one of some effects.

    ``pair`` holds two targets or nothing; ``kind`` is empty where effects or a pair are meant. A
    pair with effects is meant only where the finding has one of them. ``wide`` rules speak of every
    effect that is one problem with theirs.
    """

    id: str
    terms: tuple[Term, ...]
    direction: str
    sentence: str
    reference: str
    kind: str = ""
    pair: tuple[str, ...] = ()
    effects: frozenset[Curie] = frozenset()
    wide: bool = False

    is_of_list: bool = field(init=False, repr=False, compare=False)
    """Whether the list or its lines decide, and not the patient alone."""

    def __post_init__(self) -> None:
        """Note what is asked again and again."""
        of_list = any(term.kind in OF_LIST for term in self.terms)
        object.__setattr__(self, "is_of_list", of_list)


@dataclass(frozen=True, slots=True)
class StatedConditionRule:
    """What the patient data say of a condition that a source states in words.

    ``pattern`` is a regular expression, searched in any case.
    """

    id: str
    pattern: str
    terms: tuple[Term, ...]
    answer: str
    sentence: str
    reference: str
