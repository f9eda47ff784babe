"""What is known of changes of exposure: classes of AUC ratios, measured pairs, margins. Pure.

The rows stand in ``kg/curated``; :mod:`kg.rules.exposure` reads and checks them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.rules import ExposureRule
from ontologies.curie import Curie

DIRECTIONS: tuple[str, ...] = ("raised", "lowered")
"""Where the exposure to a drug may go."""
MARGINS: tuple[str, ...] = ("narrow", "wide")
"""Therapeutic margins that change how much a change of exposure weighs."""


@dataclass(frozen=True, slots=True)
class ExposureClass:
    """A class of AUC ratios, from the change that is the least of it; the bounds are FDA's."""

    direction: str
    least_ratio: float
    change: str
    severity: Severity
    reference: str

    def holds(self, ratio: float) -> bool:
        """Tell whether a ratio changes the exposure at least so much."""
        raised = self.direction == "raised"
        return ratio >= self.least_ratio if raised else ratio <= self.least_ratio


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was seen in people: the AUC of a drug with another, divided by the AUC without it."""

    precipitant: Curie
    affected: Curie
    ratio: float
    circumstances: str
    reference: str

    @property
    def direction(self) -> str:
        """``raised`` or ``lowered``."""
        return "raised" if self.ratio >= 1 else "lowered"


@dataclass(frozen=True, slots=True)
class Margin:
    """How far apart the exposures lie at which a drug works and at which it harms.

    ``guide`` is what is measured to set the dose, in words ("the trough level of tacrolimus"),
    empty where nothing is.
    """

    drug: Curie
    width: str
    reference: str
    guide: str = ""


@dataclass(frozen=True, slots=True)
class MarginRule:
    """What a margin makes of a severity; ``None`` makes the change of exposure no finding."""

    width: str
    severity: Severity
    becomes: Severity | None
    reference: str


@dataclass(frozen=True, slots=True)
class ExposureTables:
    """Everything that is known beside the roles of drugs; all of it may be left out.

    ``intended`` pairs, precipitant first, are given together for the change of exposure itself.
    ``rejected`` roles (name of the drug in small letters, symbol, role) change no dose in patients,
    whoever lists them.
    """

    classes: tuple[ExposureClass, ...] = ()
    measured: tuple[Measurement, ...] = ()
    margins: tuple[Margin, ...] = ()
    margin_rules: tuple[MarginRule, ...] = ()
    intended: frozenset[tuple[Curie, Curie]] = frozenset()
    rejected: frozenset[tuple[str, str, str]] = frozenset()

    def drugs(self) -> frozenset[Curie]:
        """Every drug that the tables name."""
        pairs = ((m.precipitant, m.affected) for m in self.measured)
        named = (drug for pair in (*pairs, *self.intended) for drug in pair)
        return frozenset((*named, *(margin.drug for margin in self.margins)))


NOTHING_MEASURED = ExposureTables()
"""Nothing is known beside the roles of drugs."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Under which identifier rule tables know a drug of a graph.

    Sources differ in the identifiers that they map, so that one drug is preferred under one CURIE
    in a small graph and under another in a large one; a table names it by any of them.
    """

    graph: KnowledgeGraph
    identifiers: frozenset[Curie]
    _known: dict[Curie, Curie] = field(default_factory=dict, repr=False, compare=False)

    def name(self, drug: Curie) -> Curie:
        """The identifier that the tables use; the drug itself where they do not know it."""
        found = self._known.get(drug)
        if found is None:
            found = self._known[drug] = self._look_up(drug)
        return found

    def _look_up(self, drug: Curie) -> Curie:
        if drug in self.identifiers or not self.graph.has(drug):
            return drug
        same = sorted(self.identifiers.intersection(self.graph.node(drug).equivalents))
        return same[0] if same else drug


def class_of(ratio: float, classes: Iterable[ExposureClass]) -> ExposureClass | None:
    """The class with the greatest change that a ratio reaches; ``None`` for no relevant change."""
    held = (each for each in classes if each.holds(ratio))
    return max(held, key=lambda each: abs(each.least_ratio - 1), default=None)


def joint_ratio(parallel: Iterable[float], in_series: Iterable[float] = ()) -> float | None:
    """AUC ratio of a drug several of whose routes of elimination are inhibited at once.

    Of parallel routes each ratio R says which fraction of the clearance is lost, 1 - 1/R; the
    fractions add up (Rowland and Matin, J Pharmacokinet Biopharm 1973;1:553-67). Ratios of steps
    that follow one another, as uptake by a transporter and metabolism do, are multiplied, which
    never gives more. ``None``: nothing of the clearance would be left.

    >>> joint_ratio([1.5, 2.0])
    6.0
    >>> joint_ratio([2.0], [1.5])
    3.0
    >>> joint_ratio([2.0, 2.0]) is None
    True
    """
    left = 1 - sum(1 - 1 / ratio for ratio in parallel)
    if left < 1e-9:
        return None
    joint = 1 / left
    for ratio in in_series:
        joint *= ratio
    return round(joint, 9)


def indexed(
    rules: Iterable[ExposureRule],
) -> Mapping[tuple[str, str, str, str, bool], ExposureRule]:
    """Rules by site, role, the two strengths and whether the enzyme activates the substrate."""
    return {(r.site, r.role, r.precipitant, r.substrate, r.activates): r for r in rules}
