"""Rules as rows: what a change of exposure means, how the liabilities of a list add up. Pure.

The rows stand in tables that a pharmacist can read; :mod:`kg.rules` reads and checks them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.model import Severity
from ontologies.curie import Curie

POINTS = {"low": 1, "moderate": 2, "high": 3}
"""Burden of one contributor by its grade."""
UNSTATED_GRADE = "moderate"
"""How a liability whose grade nobody states is counted: not stated is never the lowest."""
ACTING: tuple[str, ...] = ("strong", "moderate", "weak")
"""How strongly a precipitant may inhibit or induce."""
DEPENDING: tuple[str, ...] = ("sensitive", "moderate", "minor")
"""How much a substrate may depend on what handles it."""
STRENGTHS: Mapping[str, tuple[str, ...]] = {
    "inhibitor": ACTING,
    "inducer": ACTING,
    "substrate": DEPENDING,
}
"""The strengths that each role may have; an empty one is "not stated"."""
SITES: tuple[str, ...] = ("enzyme", "transporter")
"""What may handle a drug."""

_TRANSPORTERS = ("ABC", "SLC")


@dataclass(frozen=True, slots=True)
class ExposureRule:
    """What a precipitant of one strength does to a substrate of one dependence.

    ``change`` is the expected ratio of the substrate's AUC, as a class such as ``2-5``; the classes
    and their bounds are FDA's for enzymes, and used for transporters by our decision. With
    ``activates`` the enzyme turns a prodrug into what works, and the change is in words. An empty
    strength is one that no source states: the change is then empty and the severity ``None``. A
    ``silent`` rule says that nothing is to be found on purpose.
    """

    role: str
    precipitant: str
    substrate: str
    activates: bool
    change: str
    severity: Severity | None
    reference: str
    site: str = "enzyme"
    silent: bool = False


def site_of(gene: str) -> str:
    """Tell by the symbol of a gene whether its product is an enzyme or a transporter."""
    return "transporter" if gene.startswith(_TRANSPORTERS) else "enzyme"


@dataclass(frozen=True, slots=True)
class Contribution:
    """One drug's part in an additive effect."""

    drug: Curie
    group: str
    grade: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term of a rule: at least ``count`` of something, or the presence of a group."""

    measure: str
    argument: str
    count: int

    def holds(self, contributions: Sequence[Contribution]) -> bool:
        """Tell whether the contributions of a regimen meet this term."""
        return _MEASURES[self.measure](contributions, self.argument) >= self.count


@dataclass(frozen=True, slots=True)
class AdditiveRule:
    """When one liability of several drugs becomes a finding, how bad it is, and what to do."""

    liability: str
    name: str
    effect: Curie
    requires: tuple[Requirement, ...]
    severity: Severity
    recommendation: str
    reference: str

    def holds(self, contributions: Sequence[Contribution]) -> bool:
        """Tell whether at least two drugs contribute and every term is met."""
        return len({c.drug for c in contributions}) >= 2 and all(
            r.holds(contributions) for r in self.requires
        )


def points(contributions: Sequence[Contribution]) -> int:
    """Total burden: each drug counts once, with its worst grade."""
    best: Counter[Curie] = Counter()
    for contribution in contributions:
        best[contribution.drug] = max(best[contribution.drug], POINTS[contribution.grade])
    return best.total()


def _drugs(contributions: Sequence[Contribution], grade: str) -> int:
    return len({c.drug for c in contributions if POINTS[c.grade] >= POINTS[grade or "low"]})


def _groups(contributions: Sequence[Contribution], _: str) -> int:
    return len({c.group for c in contributions})


def _in_group(contributions: Sequence[Contribution], group: str) -> int:
    return len({c.drug for c in contributions if c.group == group})


def _points(contributions: Sequence[Contribution], _: str) -> int:
    return points(contributions)


_MEASURES = {"drugs": _drugs, "groups": _groups, "points": _points, "group": _in_group}
MEASURES = frozenset(_MEASURES)
"""What a requirement may count: drugs of at least a grade, groups, points, drugs of a group."""
