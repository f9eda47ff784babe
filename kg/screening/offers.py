"""What may be given instead of a drug: how one offer stands beside the others. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.model import Severity
from kg.screening.given_for import Choice
from kg.screening.kinship import Kinship, Relative
from ontologies.curie import Curie

__all__ = ["NOT_GRADED", "SLIGHT", "Alternative", "in_use", "is_obscure", "place_of"]

NOT_GRADED = Severity.MODERATE.rank
"""Rank of what nobody graded, which is not to be taken for harmless."""
SLIGHT = Severity.MINOR.rank
"""Rank of what the default view folds."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A drug that may be given instead of another, and what it would bring or make worse.

    ``worst_severity`` is ``None`` where nothing remains or nothing that remains is graded;
    ``gravity`` ranks what remains as alternatives are compared, 0 where nothing does; ``weighty``
    are those of the findings that the default view does not fold. Of a drug that is little known
    beside the other, and not the first choice, silence counts like a moderate finding. ``replaces``
    are all drugs that it does away with, more than one where it stands in for a whole product;
    ``is_advised`` tells that what is said of the other names it as one to use, and it ``leads``
    where it also brings no problem that the other has not.
    """

    relative: Relative
    instead_of: Curie
    findings: int
    weighty: int
    worst_severity: Severity | None
    gravity: int
    replaces: tuple[Curie, ...] = ()
    is_advised: bool = False
    leads: bool = False

    @property
    def drug(self) -> Curie:
        """The drug that is offered."""
        return self.relative.drug


def in_use(offers: Sequence[Alternative]) -> Sequence[Alternative]:
    """Leave out what is seldom given, little known or graver than moderate beside what is neither.

    What is said of the drug may name one that is seldom given: that one stays.
    """
    common = [
        offered
        for offered in offers
        if offered.gravity <= NOT_GRADED
        and (offered.is_advised or not _is_uncommon(offered.relative))
    ]
    return common or offers


def _is_uncommon(relative: Relative) -> bool:
    """Tell whether the table of purposes calls a drug rare, or is silent of one little known."""
    if relative.is_named:
        return relative.choice is Choice.RARE
    return is_obscure(relative)


def is_obscure(relative: Relative) -> bool:
    """Tell whether silence on a drug says nothing: little is known, and nobody chooses it first."""
    return relative.little_known and relative.choice is not Choice.FIRST


def place_of(offered: Alternative) -> tuple[float, ...]:
    """Sort by gravity, what is advised and mild before all else.

    Relatives by indication alone and those that are seldom thought of stand behind the others up
    to moderate.
    """
    relative, gravity = offered.relative, max(offered.gravity, SLIGHT)
    unsure = gravity > SLIGHT and (is_obscure(relative) or offered.worst_severity is None)
    outside, rare = relative.kinship is Kinship.INDICATION, relative.choice is Choice.RARE
    if outside or rare:
        gravity = max(gravity, NOT_GRADED)
    first = (not offered.leads, gravity, not offered.is_advised, rare, unsure, relative.choice.rank)
    return (*first, outside, offered.weighty, -relative.nearness, offered.findings)
