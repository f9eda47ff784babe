"""Context: what of the patient and the list raises or lowers a finding, by rules. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from kg.model import Evidence, Severity
from kg.screening.background import Background
from kg.screening.documented import ADVICE
from kg.screening.effects import NO_FAMILIES, EffectFamilies
from kg.screening.entailment import OWN_SOURCE, entailed
from kg.screening.factors import OF_ENTRIES, OF_LIST, Situation, Term, conditions_in, width
from kg.screening.finding import Finding, FindingKind, Modifier
from kg.screening.modifiers import DIRECTIONS, LOWERS, NOTES, RAISES, ModifierRule
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.stated_conditions import StatedConditions
from ontologies.curie import Curie

MOST_SHOWN = 5
"""Modifiers of ours that one finding shows at most."""
_LEVELS: tuple[Severity, ...] = tuple(Severity)
_SHOWN = {RAISES: "raises", LOWERS: "lowers", NOTES: None}
_ACTED_ON = frozenset({"egfr", "lab", "taking"})
"""What is worth saying of a modifier that is known not to hold."""
_Judged = tuple[ModifierRule, bool | None]


@dataclass(frozen=True, slots=True)
class Context:
    """Sets the severity of findings by what is known of the patient and the rest of the list.

    All that raises raises one level together and never makes a contraindication, which only a
    source states; all that lowers lowers one level together, and what a source contraindicates
    stays major. A severity that nobody stated stays unstated.
    """

    background: Background
    rules: tuple[ModifierRule, ...]
    stated: StatedConditions
    families: EffectFamilies = NO_FAMILIES
    asked: frozenset[Curie] = field(init=False, repr=False)
    """Conditions that some rule asks for."""
    _by_effect: Mapping[Curie, tuple[ModifierRule, ...]] = field(init=False, repr=False)
    _by_kind: Mapping[str, tuple[ModifierRule, ...]] = field(init=False, repr=False)
    _by_target: Mapping[str, tuple[ModifierRule, ...]] = field(init=False, repr=False)
    _by_meaning: dict[Curie, frozenset[Curie]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Index the rules by what they are about first."""
        effects: dict[Curie, list[ModifierRule]] = defaultdict(list)
        kinds: dict[str, list[ModifierRule]] = defaultdict(list)
        targets: dict[str, list[ModifierRule]] = defaultdict(list)
        for rule in self.rules:
            if rule.pair:
                targets[rule.pair[0]].append(rule)
            elif rule.kind:
                kinds[rule.kind].append(rule)
            for effect in () if rule.pair else rule.effects:
                effects[effect].append(rule)
        stated = conditions_in(rule.terms for rule in self.stated.rules)
        asked = conditions_in(rule.terms for rule in self.rules)
        object.__setattr__(self, "asked", asked | stated)
        object.__setattr__(self, "_by_effect", {k: tuple(v) for k, v in effects.items()})
        object.__setattr__(self, "_by_kind", {k: tuple(v) for k, v in kinds.items()})
        object.__setattr__(self, "_by_target", {k: tuple(v) for k, v in targets.items()})

    def apply(
        self, findings: Iterable[Finding], regimen: Regimen, patient: Patient
    ) -> tuple[Finding, ...]:
        """Give the findings back with their modifiers and the severity that follows."""
        situation = self.background.situation(patient, regimen)
        return tuple(self._applied(finding, situation) for finding in findings)

    def _applied(self, finding: Finding, situation: Situation) -> Finding:
        if finding.kind is FindingKind.PREDICTED_EFFECT:
            return finding
        said = self.stated.applied(finding, situation)
        drugs = set(finding.drugs)
        lines = tuple(entry for entry in situation.regimen.entries if entry.drug in drugs)
        judged = [(rule, _holds(rule, finding, lines, situation)) for rule in self._about(finding)]
        severity = _moved(said, judged)
        shown = _shown(j for j in judged if _matters(j, said.severity))
        ours = tuple(self._modifier(j, said.severity) for j in shown[:MOST_SHOWN])
        if severity is said.severity and not ours and said is finding:
            return finding
        return replace(
            said,
            severity=severity,
            modifiers=(*said.modifiers, *ours),
            recommendation=_advised(said.recommendation, finding.severity, severity),
        )

    def _about(self, finding: Finding) -> Iterator[ModifierRule]:
        """Yield the rules about a finding; where two ask for one thing, that of the pair."""
        found: dict[str, ModifierRule] = {}
        wider = self._meant(finding.effect)
        for rule in self._by_kind.get(finding.kind.value, ()):
            found[rule.id] = rule
        for effect in wider:
            found |= {rule.id: rule for rule in self._by_effect.get(effect, ())}
        if finding.kind is not FindingKind.DRUG_CONDITION:
            found |= {rule.id: rule for rule in self._of_pairs(finding, wider)}
        fitting = [rule for _, rule in sorted(found.items()) if _fits(rule, finding)]
        narrow = {(rule.terms, rule.direction): rule for rule in fitting if rule.pair}
        for rule in fitting:
            if narrow.get((rule.terms, rule.direction), rule) is rule:
                yield rule

    def _meant(self, effect: Curie | None) -> frozenset[Curie]:
        """An effect with what is wider, and with what is one problem with it."""
        if effect is None:
            return frozenset()
        known = self._by_meaning.get(effect)
        if known is None:
            family, members = self.families.of(effect), self.families.members.items()
            kin = frozenset(other for other, name in members if name == family)
            known = self._by_meaning[effect] = kin | self.background.hierarchy.of(effect)
        return known

    def _of_pairs(self, finding: Finding, wider: frozenset[Curie]) -> Iterator[ModifierRule]:
        targets = self.background.targets
        for drug in finding.drugs:
            others = [other for other in finding.drugs if other != drug]
            for target in targets.of(drug):
                for rule in self._by_target.get(target, ()):
                    fits = not rule.effects or not rule.effects.isdisjoint(wider)
                    if fits and any(targets.holds(other, rule.pair[1]) for other in others):
                        yield rule

    def _modifier(self, judged: _Judged, severity: Severity | None) -> Modifier:
        rule, present = judged
        said = entailed(
            self.background.targets.graph,
            None,
            statement=rule.sentence,
            reference=rule.reference,
        )
        effect = _SHOWN[rule.direction] if severity else None
        return Modifier(rule.sentence, present, effect, (said,))


def _holds(
    rule: ModifierRule, finding: Finding, lines: tuple[Entry, ...], situation: Situation
) -> bool | None:
    """Judge a rule; of one drug that stands in two lines each line is judged alone."""
    if finding.kind is FindingKind.DUPLICATION and len({line.drug for line in lines}) == 1:
        answers = [situation.holds(rule.terms, (line,)) for line in lines]
        return True if True in answers else None if None in answers else False
    return situation.holds(rule.terms, lines)


def _fits(rule: ModifierRule, finding: Finding) -> bool:
    """Tell whether a rule can move a finding at all.

    What makes a finding about a patient is nothing to add to it, so that only the list and the
    route raise it; and what makes two of many drugs harmless leaves the others.
    """
    if finding.kind is FindingKind.DRUG_CONDITION and rule.direction != LOWERS:
        return any(term.what.partition(":")[0] in OF_LIST for term in rule.terms)
    return not (rule.direction == LOWERS and rule.pair and len(finding.drugs) > 2)


def _moved(finding: Finding, judged: Iterable[_Judged]) -> Severity | None:
    severity = finding.severity
    if severity is None:
        return None
    holding = {rule.direction for rule, present in judged if present}
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
    kinds = {term.what.partition(":")[0] for term in rule.terms}
    if present is None:
        return bool(rule.pair) or kinds.isdisjoint(OF_ENTRIES)
    return not kinds.isdisjoint(_ACTED_ON)


def _shown(judged: Iterable[_Judged]) -> list[_Judged]:
    """Sort what is shown; of several bounds of one value that hold alike the narrowest is kept."""
    kept: dict[tuple[object, ...], _Judged] = {}
    for rule, present in sorted(judged, key=_place):
        facts = (
            (t.what, t.compare[:1], "" if t.value[:1].isdigit() else t.value) for t in rule.terms
        )
        kept.setdefault((present, *facts), (rule, present))
    return list(kept.values())


def _bound(term: Term) -> tuple[str, str, str]:
    return (term.what, term.compare[:1], "" if term.value[:1].isdigit() else term.value)


def _place(judged: _Judged) -> tuple[int, int, float, str]:
    rule, present = judged
    known = {True: 0, None: 1, False: 2}[present]
    return (known, DIRECTIONS.index(rule.direction), width(rule.terms), rule.id)


def _advised(text: str | None, old: Severity | None, new: Severity | None) -> str | None:
    """Let our own words of advice follow the severity; a source's stay as they are."""
    if text is None or old is new or old is None or new is None:
        return text
    return ADVICE[new] + text.removeprefix(ADVICE[old]) if text.startswith(ADVICE[old]) else text
