"""The engine compares findings with a change with those without it; that is the product."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import combinations

from kg.graph import KnowledgeGraph
from kg.screening.comparing import ChangedFinding, compare
from kg.screening.context import Context
from kg.screening.detector import ChangeDetector, Detector
from kg.screening.effects import NO_FAMILIES, EffectFamilies
from kg.screening.finding import Change, Finding, FindingKind, joined, sorted_text
from kg.screening.gathering import gathered
from kg.screening.joining import rank
from kg.screening.merging import Told, merge, no_pairs
from kg.screening.own_harms import own_harms
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.products import Lines, is_accepted, lines_of, told_by_product
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
    pairs: Told = field(default_factory=no_pairs)


def screen(
    question: Question,
    graph: KnowledgeGraph,
    panel: Sequence[Detector],
    families: EffectFamilies = NO_FAMILIES,
    known: Known | None = None,
    context: Context | None = None,
    lingering: ChangeDetector | None = None,
) -> Screening:
    """Answer a question with a panel of detectors; effects of one family are one problem.

    Of many questions about one list, each is answered faster when they share what is ``known``.
    With a ``context``, what is known of patient and list sets the severity of each finding. What
    the ingredients of one product do to one another is not told, and what several of them do
    with the same drug is told once (`kg.screening.products`). With ``lingering``, what a stopped
    drug still does is told as created.
    """
    known = known or Known()
    regimen, patient = question.after, question.patient
    merging = partial(merge, families=families, told=known.pairs, harms=own_harms(graph, families))
    finding = partial(_findings, panel=panel, merging=merging, families=families, context=context)
    before = finding(question.taking, patient, known)
    after = finding(regimen, patient, known)
    lines = {**lines_of(question.taking), **lines_of(regimen)}
    left = _left_behind(question, lingering, partial(finding, patient=patient, known=known))
    compared = told_by_product([*left, *_compared(before, after, families)], lines, families)
    changed = sorted(compared, key=_weight)
    not_covered = tuple(drug for drug in regimen.drugs if not graph.covers(drug))
    return Screening(tuple(changed), _coverage(regimen, after, set(not_covered)), not_covered)


def _left_behind(
    question: Question,
    lingering: ChangeDetector | None,
    told: Callable[[Regimen], Iterable[Finding]],
) -> Iterator[ChangedFinding]:
    """Yield what the stopped drugs leave behind; nothing where none is stopped."""
    if lingering and question.stopping:
        found = lingering.detect_change(question.taking, question.after, told)
        yield from (ChangedFinding(finding, Change.CREATED) for finding in found)


def _findings(
    regimen: Regimen,
    patient: Patient,
    known: Known,
    panel: Sequence[Detector],
    merging: Callable[[Iterable[Finding]], tuple[Finding, ...]],
    families: EffectFamilies,
    context: Context | None,
) -> tuple[Finding, ...]:
    found = known.lists.get((regimen, patient))
    if found is None:
        lines = lines_of(regimen)
        every = (finding for detector in panel for finding in detector.detect(regimen, patient))
        merged = merging(_unlicensed(every, lines))
        weighed = context.apply(merged, regimen, patient) if context else merged
        found = gathered(weighed, families)
        known.lists[regimen, patient] = found
    return found


def _unlicensed(findings: Iterable[Finding], lines: Lines) -> Iterable[Finding]:
    """Leave out what a product brings together; most lists have none, and nothing to look at."""
    if len(set(lines.values())) == len(lines):
        return findings
    return (finding for finding in findings if not is_accepted(finding, lines))


def _compared(
    before: Sequence[Finding], after: Sequence[Finding], families: EffectFamilies
) -> list[ChangedFinding]:
    """Compare two lists of findings; a pair that is the very same in both changed nothing."""
    pairs = {id(finding) for finding in before if finding.kind is FindingKind.DRUG_DRUG}
    same = pairs.intersection(map(id, after))
    changed = compare(
        [finding for finding in before if id(finding) not in same],
        [finding for finding in after if id(finding) not in same],
        families,
    )
    kept = (finding for finding in after if id(finding) in same)
    return [*changed, *(ChangedFinding(finding, Change.UNCHANGED) for finding in kept)]


_PAIR = 2
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
    place = 10 if predicted else -rank(finding)
    return (_CHANGE_ORDER[changed.change], place, -(finding.probability or 0.0), finding.id)


def _coverage(
    regimen: Regimen, findings: Iterable[Finding], not_covered: set[Curie]
) -> tuple[PairCoverage, ...]:
    told = {f.among: f.drugs for f in findings if f.kind is not FindingKind.PREDICTED_EFFECT}
    burdens = (drugs for drugs in told.values() if len(drugs) > _PAIR)
    # Pairs by their text: a long list has thousands, and comparing CURIEs takes longer.
    found = told.keys() | {sorted_text(p) for drugs in burdens for p in combinations(drugs, 2)}
    unknown = set(map(str, not_covered))
    lines = lines_of(regimen)
    drugs = [(str(drug), drug, lines[drug]) for drug in sorted(regimen.drugs)]
    return tuple(
        PairCoverage((first, second), _status((one, other), found, unknown))
        for (one, first, its), (other, second, others) in combinations(drugs, 2)
        if its != others
    )


def _status(pair: tuple[str, str], found: Set[str], unknown: Set[str]) -> PairStatus:
    if joined(pair) in found:
        return PairStatus.FINDING
    return PairStatus.NONE_FOUND if unknown.isdisjoint(pair) else PairStatus.NOT_COVERED
