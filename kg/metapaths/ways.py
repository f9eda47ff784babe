"""In which ways a drug stands to a gene, an effect, a condition or a class. Pure.

An edge of the graph is read once, by its predicate and its qualifiers, into the ways that paths
are made of, each with a grade: how strong the role is, or how it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum, StrEnum

from ontologies.vocabulary import Predicate


class Way(StrEnum):
    """One step of a path: what is said of a drug and what stands between two drugs."""

    INHIBITS = "inhibits"
    INDUCES = "induces"
    DEPENDS_ON = "is handled by"
    BLOCKS = "blocks"
    ACTIVATES = "activates"
    ACTS_ON = "acts on"
    ACTS_BY = "acts by way of"
    BOUND_TO = "is bound to"
    PREDISPOSES_TO = "predisposes to"
    TREATS = "is given for"
    GUIDED_BY = "is dosed by"
    BELONGS_TO = "belongs to"


class Grade(IntEnum):
    """How strong a role is, as somebody judged it, or that it is merely known.

    ``LISTED`` is recorded, be it of cells or of people; ``INTENDED`` is what a drug is given for,
    so that it happens in patients; ``JUDGED`` matters in patients, how much is not stated. A
    stated strength counts before all of them.
    """

    LISTED = 1
    INTENDED = 2
    JUDGED = 3
    LOW = 4
    MODERATE = 5
    HIGH = 6


READ = frozenset(
    {
        *(Predicate.AFFECTS, Predicate.SUBSTRATE_OF, Predicate.DIRECTLY_INTERACTS_WITH),
        *(Predicate.PREDISPOSES_TO, Predicate.TREATS, Predicate.AFFECTS_RESPONSE_TO),
    }
)
"""Predicates that state a way."""
_STRENGTHS: Mapping[str, Grade] = {
    "strong": Grade.HIGH,
    "sensitive": Grade.HIGH,
    "high": Grade.HIGH,
    "moderate": Grade.MODERATE,
    "weak": Grade.LOW,
    "minor": Grade.LOW,
    "low": Grade.LOW,
}
_SCORES: Mapping[str, Grade] = {"3": Grade.MODERATE, "2": Grade.LOW}
"""Of a burden scale's scores; the least says only that somebody listed the drug."""
_BLOCKING = frozenset(
    {
        *("inhibitor", "antagonist", "blocker", "inverse agonist", "negative modulator"),
        *("negative allosteric modulator", "inhibitory allosteric modulator", "suppressor"),
        *("inactivator", "inhibitor competitive", "conversion inhibitor", "partial antagonist"),
        "allosteric antagonist",
    }
)
_ACTIVATING = frozenset(
    {
        *("agonist", "partial agonist", "positive modulator", "positive allosteric modulator"),
        *("potentiator", "activator", "opener", "stimulator", "releasing agent"),
    }
)
_INHIBITING = _BLOCKING - {"antagonist", "inverse agonist", "partial antagonist"}
_HANDLING = frozenset({"enzyme", "transporter"})
_NOT_ADVISED = "none"

Read = Iterator[tuple[Way, Grade]]


def ways_of(predicate: Predicate, qualifiers: Mapping[str, str]) -> Read:
    """Yield the ways that an edge states, with their grades; nothing for an edge of another kind.

    >>> list(ways_of(Predicate.SUBSTRATE_OF, {"strength": "sensitive"}))
    [(<Way.DEPENDS_ON: 'is handled by'>, <Grade.HIGH: 6>)]
    """
    if qualifiers.get("category") == "carrier":
        yield Way.BOUND_TO, Grade.LISTED
        return
    match predicate:
        case Predicate.AFFECTS:
            yield from _of_role(qualifiers)
        case Predicate.SUBSTRATE_OF:
            yield Way.DEPENDS_ON, _judged(qualifiers)
        case Predicate.DIRECTLY_INTERACTS_WITH:
            yield Way.ACTS_ON, Grade.LISTED
        case Predicate.PREDISPOSES_TO:
            yield Way.PREDISPOSES_TO, _burden(qualifiers)
        case Predicate.TREATS:
            yield Way.TREATS, Grade.JUDGED if "purpose" in qualifiers else Grade.LISTED
        case Predicate.AFFECTS_RESPONSE_TO if qualifiers.get("recommendation") != _NOT_ADVISED:
            yield Way.GUIDED_BY, Grade.JUDGED
        case _:
            return


def role_of(qualifiers: Mapping[str, str]) -> str:
    """The role that an edge states, in words; empty where it states none."""
    return (qualifiers.get("role") or qualifiers.get("action") or "").replace("_", " ")


def _of_role(qualifiers: Mapping[str, str]) -> Read:
    role = role_of(qualifiers)
    if role == "inducer":
        yield Way.INDUCES, _judged(qualifiers)
    of_target = is_of_target(qualifiers)
    if role in _INHIBITING:
        yield Way.INHIBITS, Grade.INTENDED if of_target else _judged(qualifiers)
    if of_target:
        if role in _BLOCKING:
            yield Way.BLOCKS, Grade.JUDGED
        if role in _ACTIVATING:
            yield Way.ACTIVATES, Grade.JUDGED
    if qualifiers.get("category") not in _HANDLING and not is_judged(qualifiers):
        yield Way.ACTS_ON, Grade.JUDGED


def is_judged(qualifiers: Mapping[str, str]) -> bool:
    """Tell whether somebody judged that a role matters; a record states a category or an action."""
    return not ("category" in qualifiers or "action" in qualifiers)


def is_of_target(qualifiers: Mapping[str, str]) -> bool:
    """Tell whether an edge says what a drug is given for: its target, or its action."""
    return qualifiers.get("category") == "target" or "action" in qualifiers


def _judged(qualifiers: Mapping[str, str]) -> Grade:
    stated = _STRENGTHS.get(qualifiers.get("strength", ""))
    return stated or (Grade.JUDGED if is_judged(qualifiers) else Grade.LISTED)


def _burden(qualifiers: Mapping[str, str]) -> Grade:
    """Grade of a liability; one that is not stated counts as moderate, as in screening."""
    if "scale" in qualifiers:
        return _SCORES.get(qualifiers.get("score", ""), Grade.LISTED)
    return _STRENGTHS.get(qualifiers.get("grade", ""), Grade.MODERATE)
