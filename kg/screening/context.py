"""Context: what of the patient and the list raises or lowers a finding, by rules. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from kg.model import Evidence, Severity
from kg.screening.background import Background
from kg.screening.documented import ADVICE
from kg.screening.entailment import OWN_SOURCE, entailed
from kg.screening.factors import OF_ENTRIES, Situation, Term, conditions_in
from kg.screening.finding import Finding, FindingKind, Modifier
from kg.screening.modifier_index import ModifierIndex
from kg.screening.modifiers import LOWERS, NOTES, RAISES, ModifierRule
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.stated_conditions import StatedConditions
from ontologies.curie import Curie

MOST_SHOWN = 5
"""Modifiers of ours that one finding shows at most."""
_LEVELS: tuple[Severity, ...] = tuple(Severity)
_SHOWN = {RAISES: "raises", LOWERS: "lowers", NOTES: None}
_ACTED_ON = frozenset({"egfr", "lab", "taking"})
"""What is worth saying of a modifier that is known not to hold."""
_WORST_FIRST = (False, None, True)
_MOST_KEPT = 16_384
_Judged = tuple[ModifierRule, bool | None]
_Present = tuple[bool | None, ...]
_Kept = tuple[tuple[ModifierRule, ...], tuple[Modifier, ...]]


@dataclass(frozen=True, slots=True)
class Context:
    """Sets the severity of findings by what is known of the patient and the rest of the list.

    All that raises raises one level together and never makes a contraindication, which only a
    source states; all that lowers lowers one level together, and what a source contraindicates
    stays major. A severity that nobody stated stays unstated.
    """

    index: ModifierIndex
    stated: StatedConditions
    asked: frozenset[Curie] = field(init=False, repr=False)
    """Conditions that some rule asks for."""
    _kept: dict[tuple[int, _Present, Severity | None], _Kept] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

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
        """Give the findings back with their modifiers and the severity that follows."""
        situation = self.background.situation(patient, regimen)
        answers: dict[str, bool | None] = {}
        return tuple(self._applied(finding, situation, answers) for finding in findings)

    def _applied(
        self, finding: Finding, situation: Situation, answers: dict[str, bool | None]
    ) -> Finding:
        if finding.kind is FindingKind.PREDICTED_EFFECT:
            return finding
        said = self.stated.applied(finding, situation)
        rules = self.index.about(finding)
        present = self._judged(rules, finding, situation, answers)
        severity = _moved(said, rules, present)
        ours = self._shown(rules, present, said.severity)
        if severity is said.severity and not ours and said is finding:
            return finding
        return replace(
            said,
            severity=severity,
            modifiers=(*said.modifiers, *ours),
            recommendation=_advised(said.recommendation, finding.severity, severity),
        )

    def _judged(
        self,
        rules: Sequence[ModifierRule],
        finding: Finding,
        situation: Situation,
        answers: dict[str, bool | None],
    ) -> _Present:
        """Tell of each rule whether it holds; ``answers`` keeps what the patient alone decides."""
        present: list[bool | None] = []
        lines: tuple[Entry, ...] | None = None
        for rule in rules:
            if rule.is_of_list:
                lines = situation.lines(finding.drugs) if lines is None else lines
                present.append(_holds(rule, finding, lines, situation))
                continue
            if rule.id not in answers:
                answers[rule.id] = situation.holds(rule.terms)
            present.append(answers[rule.id])
        return tuple(present)

    def _shown(
        self, rules: tuple[ModifierRule, ...], present: _Present, severity: Severity | None
    ) -> tuple[Modifier, ...]:
        """Make the modifiers of a finding; they are the same wherever the same is known."""
        key = (id(rules), present, severity)
        kept = self._kept.get(key)
        if kept is None or kept[0] is not rules:
            judged = zip(rules, present, strict=True)
            chosen = _chosen([j for j in judged if _matters(j, severity)])
            shown = tuple(self._modifier(j, severity) for j in chosen)
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[key] = (rules, shown)
        return kept[1]

    def _modifier(self, judged: _Judged, severity: Severity | None) -> Modifier:
        rule, present = judged
        graph = self.background.targets.graph
        said = entailed(graph, None, statement=rule.sentence, reference=rule.reference)
        effect = _SHOWN[rule.direction] if severity else None
        return Modifier(rule.sentence, present, effect, (said,))


def _holds(
    rule: ModifierRule, finding: Finding, lines: tuple[Entry, ...], situation: Situation
) -> bool | None:
    """Judge a rule where a drug may stand in several lines, of which the worst counts.

    What raises holds for a drug if it does for one of its lines, anything else if it does for each;
    of one drug taken twice all lines but one count.
    """
    if rule.direction == RAISES:
        return situation.holds(rule.terms, lines, of_any=True)
    if finding.kind is FindingKind.DUPLICATION and len({line.drug for line in lines}) == 1:
        answers = [situation.holds(rule.terms, (line,)) for line in lines]
        return sorted(answers, key=_WORST_FIRST.index)[:2][-1]
    return situation.holds(rule.terms, lines)


def _moved(finding: Finding, rules: Iterable[ModifierRule], present: _Present) -> Severity | None:
    severity = finding.severity
    if severity is None:
        return None
    if True not in present:
        return severity
    holding = {r.direction for r, holds in zip(rules, present, strict=True) if holds}
    step = (RAISES in holding) - (LOWERS in holding)
    if step > 0:
        return severity if severity.rank >= Severity.MAJOR.rank else _LEVELS[severity.rank]
    if step < 0 and severity is not Severity.MINOR:
        lower = _LEVELS[severity.rank - 2]
        forbidden = any(_forbids(evidence) for evidence in finding.evidence)
        return max(lower, Severity.MAJOR, key=lambda s: s.rank) if forbidden else lower
    return severity


def _forbids(evidence: Evidence) -> bool:
    stated = evidence.severity is Severity.CONTRAINDICATED and not evidence.condition
    return stated and evidence.source != OWN_SOURCE


def _matters(judged: _Judged, severity: Severity | None) -> bool:
    """Tell whether a reader wants to see a modifier: it holds, or it could or might have."""
    rule, present = judged
    if present:
        return True
    if rule.direction == NOTES or rule.kind or severity is None:
        return False
    highest = rule.direction == RAISES and severity.rank >= Severity.MAJOR.rank
    if highest or (rule.direction == LOWERS and severity is Severity.MINOR):
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


def _advised(text: str | None, old: Severity | None, new: Severity | None) -> str | None:
    """Let our own words of advice follow the severity; a source's stay as they are."""
    if text is None or old is new or old is None or new is None:
        return text
    return ADVICE[new] + text.removeprefix(ADVICE[old]) if text.startswith(ADVICE[old]) else text
