"""The engine compares findings with a change with those without it; that is the product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from kg.graph import KnowledgeGraph
from kg.screening.detector import Detector
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.merging import merge
from kg.screening.patient import Entry, Patient, Regimen
from ontologies.curie import Curie


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


@dataclass(frozen=True, slots=True)
class ChangedFinding:
    """A finding, and what the change of regimen does to it."""

    finding: Finding
    change: Change


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


def screen(question: Question, graph: KnowledgeGraph, panel: Sequence[Detector]) -> Screening:
    """Answer a question with a panel of detectors."""
    before = _findings(question.taking, question.patient, panel)
    after = _findings(question.after, question.patient, panel)
    changed = sorted(_compare(before, after), key=_weight)
    not_covered = tuple(drug for drug in question.after.drugs if not graph.covers(drug))
    return Screening(
        tuple(changed), _coverage(question.after, after, set(not_covered)), not_covered
    )


def _findings(regimen: Regimen, patient: Patient, panel: Sequence[Detector]) -> tuple[Finding, ...]:
    return merge(finding for detector in panel for finding in detector.detect(regimen, patient))


def _compare(before: Iterable[Finding], after: Iterable[Finding]) -> list[ChangedFinding]:
    earlier = {finding.problem: finding for finding in before}
    later = {finding.problem: finding for finding in after}
    gone = [ChangedFinding(f, Change.RESOLVED) for key, f in earlier.items() if key not in later]
    return gone + [ChangedFinding(f, _change(earlier.get(key), f)) for key, f in later.items()]


def _change(earlier: Finding | None, later: Finding) -> Change:
    if earlier is None:
        return Change.CREATED
    was, now = _burden(earlier), _burden(later)
    if now == was:
        return Change.UNCHANGED
    return Change.WORSENED if now > was else Change.IMPROVED


def _burden(finding: Finding) -> tuple[int, int]:
    return (finding.severity.rank if finding.severity else 0, finding.points)


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
    told = (f for f in findings if f.kind is not FindingKind.PREDICTED_EFFECT)
    found = {pair for f in told for pair in combinations(sorted(f.drugs), 2)}
    return tuple(
        PairCoverage(pair, _status(pair, found, not_covered))
        for pair in combinations(sorted(regimen.drugs), 2)
    )


def _status(
    pair: tuple[Curie, Curie], found: set[tuple[Curie, Curie]], not_covered: set[Curie]
) -> PairStatus:
    if pair in found:
        return PairStatus.FINDING
    return PairStatus.NOT_COVERED if not_covered.intersection(pair) else PairStatus.NONE_FOUND
