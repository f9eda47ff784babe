"""What makes drugs relatives of one another and what does not, as tables say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.screening.given_for import Member, Purpose
from ontologies.curie import Curie

__all__ = ["SYSTEMIC", "KinRules"]

SYSTEMIC = "systemic"
"""Where a drug acts whose ATC group tells nothing else: in the whole body."""


@dataclass(frozen=True, slots=True)
class KinRules:
    """What makes no relatives.

    ``routes`` tells where the drugs of ATC groups act, by prefix, of which the longest counts.
    ``mixed`` are groups whose members serve unlike purposes; ``withdrawn`` are drugs out of use;
    ``apart`` are groups whose members stand in for nobody else, being kept for when others fail;
    ``local`` are the routes of a medicine list by which a drug acts where it is applied;
    ``conditioned`` the targets of rules about conditions of the patient. ``purposes`` and
    ``members`` say what drugs are given for.
    """

    routes: Mapping[str, str]
    mixed: frozenset[str] = frozenset()
    withdrawn: frozenset[Curie] = frozenset()
    local: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    conditioned: frozenset[str] = frozenset()
    purposes: tuple[Purpose, ...] = ()
    members: tuple[Member, ...] = ()

    def is_apart(self, codes: Iterable[str], beside: Iterable[str]) -> bool:
        """Tell whether ATC codes are of a group apart that none of some others belongs to."""
        theirs = tuple(g for g in self.apart if any(code.startswith(g) for code in codes))
        return bool(theirs) and not any(code.startswith(theirs) for code in beside)

    def route(self, code: str) -> str:
        """Give where drugs of an ATC code act."""
        parts = (code[:n] for n in range(len(code), 0, -1))
        return next((self.routes[part] for part in parts if part in self.routes), SYSTEMIC)
