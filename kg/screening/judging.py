"""Which rules of context hold for a finding of one patient with one list. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kg.screening.factors import Situation
from kg.screening.finding import Finding, FindingKind
from kg.screening.modifiers import FORBIDS, RAISES, ModifierRule
from kg.screening.patient import Entry

Present = tuple[bool | None, ...]
"""Of each of some rules whether it holds; ``None`` where nobody told."""
_Rules = tuple[ModifierRule, ...]
_WORST_FIRST = (False, None, True)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What some rules answer for any finding, and the places of those that ask for its lines."""

    rules: _Rules
    settled: Present
    open: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges rules in one situation; what does not depend on the finding is asked once."""

    situation: Situation
    _of_rules: dict[int, _Answers] = field(default_factory=dict, repr=False, compare=False)
    _settled: dict[str, bool | None] = field(default_factory=dict, repr=False, compare=False)
    _open: set[str] = field(default_factory=set, repr=False, compare=False)

    def present(self, rules: _Rules, finding: Finding) -> Present:
        """Tell of each rule about a finding whether it holds."""
        known = self._of_rules.get(id(rules))
        if known is None:
            known = self._of_rules[id(rules)] = self._answers(rules)
        if not known.open:
            return known.settled
        lines = self.situation.lines(finding.drugs)
        present = list(known.settled)
        for place in known.open:
            present[place] = _holds(rules[place], finding, lines, self.situation)
        return tuple(present)

    def _answers(self, rules: _Rules) -> _Answers:
        settled = tuple(map(self._answer, rules))
        open_ = tuple(n for n, rule in enumerate(rules) if rule.id in self._open)
        return _Answers(rules, settled, open_)

    def _answer(self, rule: ModifierRule) -> bool | None:
        """Answer a rule without a finding, and note whether one might answer otherwise."""
        if rule.id not in self._settled:
            self._settled[rule.id] = self.situation.holds(rule.terms)
            if rule.is_of_list and self.situation.depends_on_lines(rule.terms):
                self._open.add(rule.id)
        return self._settled[rule.id]


def _holds(
    rule: ModifierRule, finding: Finding, lines: Sequence[Entry], situation: Situation
) -> bool | None:
    """Judge a rule where a drug may stand in several lines, of which the worst counts.

    What raises or forbids holds for a drug if it does for one of its lines, anything else if it
    does for each; of one drug taken twice all lines but one count.
    """
    if rule.direction in {FORBIDS, RAISES}:
        return situation.holds(rule.terms, lines, of_any=True)
    if finding.kind is FindingKind.DUPLICATION and len({line.drug for line in lines}) == 1:
        answers = [situation.holds(rule.terms, (line,)) for line in lines]
        return sorted(answers, key=_WORST_FIRST.index)[:2][-1]
    return situation.holds(rule.terms, lines)
