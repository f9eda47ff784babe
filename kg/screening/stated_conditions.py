"""Conditions that sources state in words: whether a patient meets them, what follows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from kg.graph import KnowledgeGraph
from kg.model import Evidence, Severity, worst
from kg.screening.documented import ADVICE, headline
from kg.screening.entailment import entailed
from kg.screening.factors import Situation
from kg.screening.finding import Finding, Modifier
from kg.screening.modifiers import ANSWERS, MET, RAISES, UNMET, StatedConditionRule

_QUOTE = " «"
_LEVELS: tuple[Severity, ...] = tuple(Severity)


@dataclass(frozen=True, slots=True)
class StatedConditions:
    """Reads the patient data against the conditions under which sources state a severity.

    A statement whose condition is met counts fully. One whose condition the patient contradicts is
    left out of the headline; where nothing else is stated the finding stays, as minor. Either is
    told in our words, and the statement itself stays in the evidence.
    """

    graph: KnowledgeGraph
    rules: tuple[StatedConditionRule, ...]
    _patterns: Mapping[str, re.Pattern[str]] = field(init=False, repr=False, compare=False)
    _by_text: dict[str, tuple[StatedConditionRule, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Make the patterns ready."""
        patterns = {rule.pattern: re.compile(rule.pattern, re.IGNORECASE) for rule in self.rules}
        object.__setattr__(self, "_patterns", patterns)

    def speaks_of(self, finding: Finding) -> bool:
        """Tell whether patient data may decide a condition that a source states."""
        return any(e.condition and self._about(e.condition) for e in finding.evidence)

    def applied(self, finding: Finding, situation: Situation) -> Finding:
        """Give a finding with the severity of the statements that hold for the patient."""
        conditional = [e for e in finding.evidence if e.condition and self._about(e.condition)]
        answers = {e: self._answer(e, finding, situation) for e in conditional}
        decided = {e: rule for e, rule in answers.items() if rule}
        if not decided:
            return finding
        modifiers = tuple(self._answered(modifier, decided) for modifier in finding.modifiers)
        return replace(
            finding,
            severity=_headline(finding, decided),
            modifiers=modifiers,
            recommendation=_requoted(finding, decided),
        )

    def _about(self, text: str) -> tuple[StatedConditionRule, ...]:
        known = self._by_text.get(text)
        if known is None:
            searched = (rule for rule in self.rules if self._patterns[rule.pattern].search(text))
            known = self._by_text[text] = tuple(searched)
        return known

    def _answer(
        self, evidence: Evidence, finding: Finding, situation: Situation
    ) -> StatedConditionRule | None:
        """The rule that holds; of several, a contradiction is heard before all else."""
        lines = situation.lines(finding.drugs)
        rules = self._about(evidence.condition or "")
        held = (rule for rule in rules if situation.holds(rule.terms, lines))
        return min(held, key=lambda rule: ANSWERS.index(rule.answer), default=None)

    def _answered(
        self, modifier: Modifier, decided: Mapping[Evidence, StatedConditionRule]
    ) -> Modifier:
        rule = next((decided[e] for e in modifier.evidence if e in decided), None)
        if rule is None:
            return modifier
        ours = entailed(self.graph, None, statement=rule.sentence, reference=rule.reference)
        present = rule.answer != UNMET
        evidence = (ours, *modifier.evidence)
        return replace(modifier, factor=rule.sentence, present=present, evidence=evidence)


def _headline(finding: Finding, decided: Mapping[Evidence, StatedConditionRule]) -> Severity | None:
    before = worst(headline(evidence) for evidence in finding.evidence)
    counted = worst(_counted(evidence, decided.get(evidence)) for evidence in finding.evidence)
    if finding.severity is before:
        return counted or (Severity.MINOR if before else None)
    met = (e.severity for e, rule in decided.items() if rule.answer != UNMET)
    return worst((finding.severity, *met))


def _counted(evidence: Evidence, rule: StatedConditionRule | None) -> Severity | None:
    if rule is None:
        return headline(evidence)
    if rule.answer == UNMET:
        return None
    if rule.answer == RAISES and evidence.severity:
        return max(evidence.severity, _raised(evidence.severity), key=lambda s: s.rank)
    return evidence.severity if rule.answer == MET else headline(evidence)


def _raised(severity: Severity) -> Severity:
    """One level up, never to a contraindication."""
    return _LEVELS[min(severity.rank, Severity.MAJOR.rank - 1)]


def _requoted(finding: Finding, decided: Mapping[Evidence, StatedConditionRule]) -> str | None:
    """Take the quotation of a statement that does not hold out of the advice, for one that may."""
    text = finding.recommendation
    denied = {e.recommendation for e, rule in decided.items() if rule.answer == UNMET}
    others = (e.recommendation for e in finding.evidence if e.recommendation not in denied)
    instead = next((f"« {other} »" for other in others if other), "")
    for said in denied:
        if text and said:
            text = text.replace(f"« {said} »", instead).strip() or None
    return _quoting(text, [e for e, rule in decided.items() if rule.answer != UNMET])


def _quoting(text: str | None, met: Iterable[Evidence]) -> str | None:
    """Quote the gravest statement whose condition is met, where our words for a level stand."""
    own = (text or "").split(_QUOTE)[0]
    told = [e for e in met if e.recommendation and e.severity]
    gravest = max(told, key=lambda e: e.severity.rank if e.severity else 0, default=None)
    if gravest is None or own not in ADVICE.values():
        return text
    return f"{own}{_QUOTE} {gravest.recommendation} »"
