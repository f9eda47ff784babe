"""Context: what of the patient and the list raises or lowers a finding, by rules. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from kg.model import Severity
from kg.screening.background import Background
from kg.screening.documented import ADVICE, WEIGH, forbids
from kg.screening.doses.limits import DoseLimits
from kg.screening.entailment import entailed
from kg.screening.factors import OF_ENTRIES, Term, conditions_in
from kg.screening.finding import Finding, FindingKind, Modifier
from kg.screening.judging import Judge, Present
from kg.screening.modifier_index import ModifierIndex
from kg.screening.modifiers import (
    FORBIDS,
    LOCAL,
    MILDER,
    NOTES,
    RAISES,
    SPARES,
    ModifierRule,
)
from kg.screening.patient import Patient, Regimen
from kg.screening.recent import Recent
from kg.screening.spent_enzymes import SpentEnzymes
from kg.screening.stated_conditions import StatedConditions
from ontologies.curie import Curie

MOST_SHOWN = 5
"""Modifiers of ours that one finding shows at most."""
_LEVELS: tuple[Severity, ...] = tuple(Severity)
_SHOWN: Mapping[str, str | None] = {
    FORBIDS: Severity.CONTRAINDICATED.value,
    RAISES: "raises",
    NOTES: None,
} | dict.fromkeys(MILDER, "lowers")
_ACTED_ON = frozenset({"egfr", "lab", "taking"})
"""What is worth saying of a modifier that is known not to hold."""
_MOST_KEPT = 8_192
_REASONS = 2
"""What raises a finding is told in its advice this often at most; all of it stands below."""
_Judged = tuple[ModifierRule, bool | None]
_Rules = tuple[ModifierRule, ...]
_Kept = tuple[_Rules, tuple[Modifier, ...]]


@dataclass(frozen=True, slots=True)
class Context:
    """Sets the severity of findings by what is known of the patient and the rest of the list.

    All that raises raises one level together and never makes a contraindication, which only a
    source states; a rule that forbids names that source. All that lowers lowers one level together,
    and what a source contraindicates stays major. Beside a drug that acts where it is put nothing
    raises that does not speak of its route; one that never reaches the blood leaves a minor
    finding. A severity that nobody stated stays unstated.
    """

    index: ModifierIndex
    stated: StatedConditions
    spent: SpentEnzymes | None = None
    """What enzymes that the patient lacks make of a pair; ``None`` leaves genes out of account."""
    doses: DoseLimits | None = None
    """What daily doses make of a finding, before all else; ``None`` leaves them out of account."""
    asked: frozenset[Curie] = field(init=False, repr=False)
    """Conditions that some rule asks for."""
    _kept: Recent[tuple[int, Present, Severity | None], _Kept] = field(
        init=False, repr=False, compare=False, default_factory=partial(Recent, _MOST_KEPT)
    )
    _asked_of: Recent[int, tuple[Finding, _Rules, bool]] = field(
        init=False, repr=False, compare=False, default_factory=partial(Recent, _MOST_KEPT)
    )
    _known: Recent[tuple[int, Present], tuple[Finding, Finding]] = field(
        init=False, repr=False, compare=False, default_factory=partial(Recent, _MOST_KEPT)
    )
    """By the identity of a finding and what holds: the finding, and what becomes of it."""

    def __post_init__(self) -> None:
        """Note which conditions matter."""
        stated = conditions_in(rule.terms for rule in self.stated.rules)
        asked = conditions_in(rule.terms for rule in self.index.rules)
        object.__setattr__(self, "asked", asked | stated)

    @property
    def background(self) -> Background:
        """What is known before any patient comes."""
        return self.index.background

    def apply(
        self, findings: Iterable[Finding], regimen: Regimen, patient: Patient
    ) -> tuple[Finding, ...]:
        """Give the findings back with their modifiers and the severity that follows.

        Errors of `Genotypes.of_patient` come through.
        """
        situation = self.background.situation(patient, regimen)
        told = self.doses.applied(tuple(findings), situation) if self.doses else findings
        judge = Judge(situation)
        applied = tuple(self._applied(finding, judge) for finding in told)
        return self.spent.applied(applied, patient) if self.spent else applied

    def _applied(self, finding: Finding, judge: Judge) -> Finding:
        if finding.kind is FindingKind.PREDICTED_EFFECT:
            return finding
        rules, is_conditional = self._about(finding)
        present = judge.present(rules, finding)
        if is_conditional:
            said = self.stated.applied(finding, judge.situation)
            return self._changed(finding, said, rules, present)
        key = (id(finding), present)
        known = self._known.get(key)
        if known is None:
            changed = self._changed(finding, finding, rules, present)
            known = self._known.put(key, (finding, changed))
        return known[1]

    def _about(self, finding: Finding) -> tuple[_Rules, bool]:
        """Rules about a finding, and whether it has conditions that patient data may decide."""
        known = self._asked_of.get(id(finding))
        if known is None:
            said = (finding, self.index.about(finding), self.stated.speaks_of(finding))
            known = self._asked_of.put(id(finding), said)
        return known[1:]

    def _changed(self, finding: Finding, said: Finding, rules: _Rules, present: Present) -> Finding:
        severity = _moved(said, rules, present)
        text = _advised(said.recommendation, finding.severity, said.severity)
        ours = self._shown(rules, present, said.severity)
        if severity is said.severity and not ours and said is finding:
            return finding
        return replace(
            said,
            severity=severity,
            modifiers=(*said.modifiers, *ours),
            recommendation=_of_place(rules, present)
            or _weighed(text, said.severity, severity, _heard(rules, present)),
        )

    def _shown(
        self, rules: _Rules, present: Present, severity: Severity | None
    ) -> tuple[Modifier, ...]:
        """Make the modifiers of a finding; they are the same wherever the same is known."""
        key = (id(rules), present, severity)
        kept = self._kept.get(key)
        if kept is None or kept[0] is not rules:
            judged = _heard(rules, present)
            chosen = _chosen([j for j in judged if _matters(j, severity)])
            shown = tuple(self._modifier(j, severity) for j in chosen)
            kept = self._kept.put(key, (rules, shown))
        return kept[1]

    def _modifier(self, judged: _Judged, severity: Severity | None) -> Modifier:
        rule, present = judged
        graph = self.background.targets.graph
        said = entailed(graph, None, statement=rule.sentence, reference=rule.reference)
        effect = _SHOWN[rule.direction] if severity else None
        return Modifier(rule.sentence, present, effect, (said,))


def _moved(finding: Finding, rules: Sequence[ModifierRule], present: Present) -> Severity | None:
    severity = finding.severity
    if severity is None:
        return None
    if True not in present:
        return severity
    holding = {rule.direction for rule, holds in _heard(rules, present) if holds}
    if FORBIDS in holding:
        return Severity.CONTRAINDICATED
    if SPARES in holding:
        return Severity.MINOR
    step = (RAISES in holding) - (not MILDER.isdisjoint(holding))
    if step > 0:
        return severity if severity.rank >= Severity.MAJOR.rank else _LEVELS[severity.rank]
    if step < 0 and severity is not Severity.MINOR:
        lower = _LEVELS[severity.rank - 2]
        forbidden = any(forbids(evidence) for evidence in finding.evidence)
        return max(lower, Severity.MAJOR, key=lambda s: s.rank) if forbidden else lower
    return severity


def _of_place(rules: Iterable[ModifierRule], present: Present) -> str | None:
    """What is said of a drug in one place alone, for which advice against the drug is not meant."""
    judged = zip(rules, present, strict=True)
    local = (rule for rule, holds in judged if holds and rule.direction in {LOCAL, SPARES})
    return next((rule.sentence for rule in local), None)


def _heard(rules: Sequence[ModifierRule], present: Present) -> list[_Judged]:
    """Leave out what raises in general where a drug acts in one place alone."""
    judged = list(zip(rules, present, strict=True))
    if _of_place(rules, present) is None:
        return judged
    return [
        (rule, holds)
        for rule, holds in judged
        if rule.direction != RAISES or any(term.kind == "route" for term in rule.terms)
    ]


def _matters(judged: _Judged, severity: Severity | None) -> bool:
    """Tell whether a reader wants to see a modifier: it holds, or it could or might have."""
    rule, present = judged
    if present:
        return True
    if rule.direction == NOTES or rule.kind or severity is None:
        return False
    highest = Severity.CONTRAINDICATED if rule.direction == FORBIDS else Severity.MAJOR
    is_up = rule.direction in {FORBIDS, RAISES}
    if (is_up and severity.rank >= highest.rank) or (
        rule.direction in MILDER and severity is Severity.MINOR
    ):
        return False
    kinds = {term.kind for term in rule.terms}
    if present is None:
        return bool(rule.pair) or kinds.isdisjoint(OF_ENTRIES)
    return not kinds.isdisjoint(_ACTED_ON)


def _chosen(judged: Sequence[_Judged]) -> list[_Judged]:
    """Choose what is shown: what holds first, of several bounds of one value the narrowest."""
    kept: dict[tuple[object, ...], _Judged] = {}
    for known in (True, None, False):
        for rule, present in judged:
            if present is known:
                kept.setdefault((present, *map(_bound, rule.terms)), (rule, present))
    return list(kept.values())[:MOST_SHOWN]


def _bound(term: Term) -> tuple[str, str, str]:
    return (term.what, term.compare[:1], "" if term.value[:1].isdigit() else term.value)


def _weighed(
    text: str | None, old: Severity | None, new: Severity | None, judged: Iterable[_Judged]
) -> str | None:
    """Let our own words of advice follow what raises a finding for this patient.

    No source says to avoid a pair that it grades lower, so that our words for the level which it
    reaches here are not said; what forbids it brings them.
    """
    is_raised = old and new and old.rank < new.rank < Severity.CONTRAINDICATED.rank
    if text is None or old is None or not is_raised or not text.startswith(ADVICE[old]):
        return _advised(text, old, new)
    reasons = [rule.sentence for rule, holds in judged if holds and rule.direction == RAISES]
    return " ".join([*reasons[:_REASONS], WEIGH]) + text.removeprefix(ADVICE[old])


def _advised(text: str | None, old: Severity | None, new: Severity | None) -> str | None:
    """Let our own words of advice follow the severity; a source's stay as they are."""
    if text is None or old is new or old is None or new is None:
        return text
    return ADVICE[new] + text.removeprefix(ADVICE[old]) if text.startswith(ADVICE[old]) else text
