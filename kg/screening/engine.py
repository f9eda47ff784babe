"""The engine compares findings with a change with those without it; that is the product."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import combinations

from kg.graph import KnowledgeGraph
from kg.screening.comparing import ChangedFinding, compare
from kg.screening.context import Context
from kg.screening.detector import Detector
from kg.screening.effects import NO_FAMILIES, EffectFamilies
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.merging import Told, merge
from kg.screening.own_harms import own_harms
from kg.screening.patient import Entry, Patient, Regimen
from ontologies.curie import Curie

__all__ = [
    "ChangedFinding",
    "Known",
    "PairCoverage",
    "PairStatus",
    "Question",
    "Screening",
    "screen",
]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the current list, what is added and stopped, and the patient."""

    taking: Regimen
    adding: tuple[Entry, ...] = ()
    stopping: tuple[Curie, ...] = ()
    patient: Patient = field(default_factory=Patient)

    @property
    def after(self) -> Regimen:
        """The list once the change is made."""
        return self.taking.changed(self.adding, self.stopping)


class PairStatus(StrEnum):
    """What the loaded sources let us say of a pair; a prediction says nothing here."""

    FINDING = "finding"
    NONE_FOUND = "none_found"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class PairCoverage:
    """What is known of one pair."""

    drugs: tuple[Curie, Curie]
    status: PairStatus


@dataclass(frozen=True, slots=True)
class Screening:
    """The answer: findings in the order of their weight, and what the answer is silent about."""

    findings: tuple[ChangedFinding, ...]
    pairs: tuple[PairCoverage, ...]
    not_covered: tuple[Curie, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What was found of lists and of drugs together, for questions that share them.

    Questions that are asked with it must have the same panel, families and context. ``pairs`` is
    of no patient, and may be shared by all questions of one graph.
    """

    lists: dict[tuple[Regimen, Patient], tuple[Finding, ...]] = field(default_factory=dict)
    pairs: Told = field(default_factory=dict)


def screen(
    question: Question,
    graph: KnowledgeGraph,
    panel: Sequence[Detector],
    families: EffectFamilies = NO_FAMILIES,
    known: Known | None = None,
    context: Context | None = None,
) -> Screening:
    """Answer a question with a panel of detectors; effects of one family are one problem.

    Of many questions about one list, each is answered faster when they share what is ``known``.
    With a ``context``, what is known of patient and list sets the severity of each finding.
    """
    known = known or Known()
    regimen, patient = question.after, question.patient
    merging = partial(merge, families=families, told=known.pairs, harms=own_harms(graph, families))
    before = _findings(question.taking, patient, panel, merging, known, context)
    after = _findings(regimen, patient, panel, merging, known, context)
    changed = sorted(compare(before, after, families), key=_weight)
    not_covered = tuple(drug for drug in regimen.drugs if not graph.covers(drug))
    return Screening(tuple(changed), _coverage(regimen, after, set(not_covered)), not_covered)


def _findings(
    regimen: Regimen,
    patient: Patient,
    panel: Sequence[Detector],
    merging: Callable[[Iterable[Finding]], tuple[Finding, ...]],
    known: Known,
    context: Context | None,
) -> tuple[Finding, ...]:
    found = known.lists.get((regimen, patient))
    if found is None:
        every = (finding for detector in panel for finding in detector.detect(regimen, patient))
        merged = merging(every)
        found = context.apply(merged, regimen, patient) if context else merged
        known.lists[regimen, patient] = found
    return found


_CHANGE_ORDER = {
    Change.CREATED: 0,
    Change.WORSENED: 0,
    Change.UNCHANGED: 1,
    Change.IMPROVED: 2,
    Change.RESOLVED: 3,
}


def _weight(changed: ChangedFinding) -> tuple[int, int, float, str]:
    finding = changed.finding
    predicted = finding.kind is FindingKind.PREDICTED_EFFECT
    severity = finding.severity.rank if finding.severity else 0
    place = 10 if predicted else -severity
    return (_CHANGE_ORDER[changed.change], place, -(finding.probability or 0.0), finding.id)


def _coverage(
    regimen: Regimen, findings: Iterable[Finding], not_covered: set[Curie]
) -> tuple[PairCoverage, ...]:
    drugs = sorted(regimen.drugs)
    # Pairs by the places of their drugs: a long list has thousands.
    place = {drug: number for number, drug in enumerate(drugs)}
    found: set[tuple[int, int]] = set()
    for finding in findings:
        if finding.kind is not FindingKind.PREDICTED_EFFECT:
            places = sorted(place[drug] for drug in finding.drugs if drug in place)
            found.update(combinations(places, 2))
    unknown = {place[drug] for drug in not_covered}
    return tuple(
        PairCoverage((drugs[one], drugs[other]), _status((one, other), found, unknown))
        for one, other in combinations(range(len(drugs)), 2)
    )


def _status(pair: tuple[int, int], found: set[tuple[int, int]], unknown: set[int]) -> PairStatus:
    if pair in found:
        return PairStatus.FINDING
    return PairStatus.NONE_FOUND if unknown.isdisjoint(pair) else PairStatus.NOT_COVERED
