"""How much of a drug may be taken in a day, beside another drug or by this patient. Pure.

Where the daily dose is known, it settles what a limit of a label or a guideline is for; where it is
not, the limit joins the advice, and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from kg.graph import KnowledgeGraph
from kg.model import Evidence, Severity, worst
from kg.screening.documented import headline
from kg.screening.doses.cases import Case, DoseCases, DoseLimit, Taken
from kg.screening.doses.wording import above, advice_beside, advised, amount, kept, within
from kg.screening.effects import LESS, MORE, NO_FAMILIES, UNNAMED, EffectFamilies
from kg.screening.entailment import OWN_SOURCE, entailed
from kg.screening.factors import Situation, Term
from kg.screening.finding import Finding, FindingKind, Mechanism, Modifier, Step, sorted_text
from kg.screening.recent import Recent
from ontologies.curie import Curie

_KEPT = 8_192
_MECHANISM = "daily dose"
_OF_PATIENT = "drug and daily dose"
"""How what makes a dose too high by itself is called, as is what else is a fact of the patient."""
_SAME_THESAURUS = {"ansm": "worldvista"}
"""The English edition of a thesaurus says what the French one says."""


@dataclass(frozen=True)
class DoseLimits:
    """Weighs findings by the doses of a list, and tells the doses that nothing else is told of.

    A dose that nobody stated is no dose that keeps a limit.
    """

    cases: DoseCases
    families: EffectFamilies = NO_FAMILIES
    _told: Recent[tuple[int, Curie, Taken, tuple[int, ...]], tuple[Finding, Finding]] = field(
        init=False, repr=False, compare=False, default_factory=partial(Recent, _KEPT)
    )

    @property
    def graph(self) -> KnowledgeGraph:
        """The graph that is asked."""
        return self.cases.background.targets.graph

    def applied(self, findings: Sequence[Finding], situation: Situation) -> Sequence[Finding]:
        """Give the findings back, weighed by doses, and those of doses after them.

        Errors of `Genotypes.of_patient` come through.
        """
        cases = list(self.cases.of(situation))
        if not cases:
            return findings
        asked = {_key(case) for case in cases}
        places: dict[str, list[int]] = {}
        for place, finding in enumerate(findings):
            if finding.among in asked:
                places.setdefault(finding.among, []).append(place)
        told = list(findings)
        for case in cases:
            self._settle(case, told, places.get(_key(case), ()))
        return told

    def _settle(self, case: Case, findings: list[Finding], places: Sequence[int]) -> None:
        """Weigh the findings of a case in place, or add one where a limit is passed untold."""
        homes = [n for n in places if self._is_home(findings[n], case)]
        homes.sort(key=lambda n: -_rank(findings[n].severity))
        exceeded = case.exceeded
        if exceeded and not homes:
            findings.append(self._finding(case, exceeded))
        for place in homes[:1] if exceeded or case.taken.mg is None else homes:
            findings[place] = self._weighed(findings[place], case)

    def _weighed(self, finding: Finding, case: Case) -> Finding:
        key = (id(finding), case.drug, case.taken, tuple(map(id, case.limits)))
        known = self._told.get(key)
        if known is None:
            known = self._told.put(key, (finding, self._judged(finding, case)))
        return known[1]

    def _judged(self, finding: Finding, case: Case) -> Finding:
        if case.exceeded:
            return self._raised(finding, case, case.exceeded)
        if case.taken.mg is None:
            told = advice_beside(finding.recommendation, case.lowest)
            return finding if told is None else replace(finding, recommendation=told)
        return self._kept(finding, case)

    def _raised(self, finding: Finding, case: Case, exceeded: Sequence[DoseLimit]) -> Finding:
        first, name = exceeded[0], self._name(case.drug)
        said = above(name, case.taken, first)
        level = worst((finding.severity, first.above))
        return replace(
            finding,
            severity=level,
            modifiers=(self._modifier(said, "raises", first), *finding.modifiers),
            evidence=(*finding.evidence, *(self._evidence(said, each) for each in exceeded[:1])),
            recommendation=advised(said, first, finding.recommendation),
            instruction=None,
        )

    def _kept(self, finding: Finding, case: Case) -> Finding:
        """A finding whose dose keeps the limit, as mild as the source of the limit allows."""
        limit = case.lowest
        said = within(self._name(case.drug), case.taken, limit)
        stands = (headline(e) for e in finding.evidence if self._stands(e, finding, limit))
        floor = worst((limit.within, *stands))
        is_milder = limit.within is not None and _rank(floor) < _rank(finding.severity)
        advice = advice_beside(finding.recommendation, limit) or finding.recommendation
        if is_milder:
            is_all = floor is limit.within
            advice = (kept if is_all else advised)(said, limit, _fitting(finding, floor))
        return replace(
            finding,
            severity=floor if is_milder else finding.severity,
            modifiers=(
                self._modifier(said, "lowers" if is_milder else None, limit),
                *finding.modifiers,
            ),
            recommendation=advice,
            instruction=None if is_milder else finding.instruction,
        )

    def _stands(self, evidence: Evidence, finding: Finding, limit: DoseLimit) -> bool:
        """Tell whether what is said is of something else than the limit that is kept.

        That is what another source explains, unless the limit rests on it, and what a rule of ours
        says of another fact of the patient.
        """
        if evidence.source == OWN_SOURCE:
            subjects = [_subject(term, self._name) for term in limit.terms]
            said = evidence.statement or ""
            is_pair = finding.kind is FindingKind.DRUG_DRUG
            return not (is_pair or any(subject in said for subject in subjects))
        cited = {name.partition("-")[0] for name in limit.reference.split("|")}
        cited |= {_SAME_THESAURUS[name] for name in cited & _SAME_THESAURUS.keys()}
        is_explained = bool(evidence.text or evidence.recommendation)
        return is_explained and evidence.source.partition(":")[2] not in cited

    def _finding(self, case: Case, exceeded: Sequence[DoseLimit]) -> Finding:
        first, name = exceeded[0], self._name(case.drug)
        said = above(name, case.taken, first)
        acts = first.effect in LESS or case.other is None
        pair = () if case.other is None else (case.other,)
        sides = ((case.drug,), pair) if acts and pair else (pair, (case.drug,))
        conditions = {Curie.parse(t.value) for t in first.terms if t.what == "condition"}
        return Finding(
            kind=FindingKind.DRUG_DRUG if pair else FindingKind.DRUG_CONDITION,
            severity=first.above,
            precipitants=sides[0],
            affected=sides[1],
            evidence=tuple(self._evidence(said, each) for each in exceeded),
            effect=first.effect,
            mechanism=Mechanism(_MECHANISM if pair else _OF_PATIENT, None, self._path(case, first)),
            conditions=tuple(sorted(conditions)),
            recommendation=advised(said, first, None),
            modifiers=(self._modifier(said, "raises", first),),
        )

    def _path(self, case: Case, limit: DoseLimit) -> tuple[Step, ...]:
        names = [self._name(drug) for drug in (case.drug, case.other) if drug]
        effect = self.graph.name(limit.effect)
        told = Step(" + ".join(names), "contributes to", effect)
        dose = Step(self._name(case.drug), "is taken at", amount(case.taken, limit))
        return (told,) if case.other else (dose, told)

    def _is_home(self, finding: Finding, case: Case) -> bool:
        """Tell whether a finding of the drugs of a case is the problem that its limits are for."""
        if case.is_of_gene:
            return finding.kind is FindingKind.DRUG_GENE
        if finding.kind is FindingKind.DUPLICATION:
            return case.is_of_double and not case.exceeded
        is_pair = case.other is not None
        kind = FindingKind.DRUG_DRUG if is_pair else FindingKind.DRUG_CONDITION
        meant = case.limits[0].effect
        return finding.kind is kind and self._is_alike(finding.effect, meant, is_pair=is_pair)

    def _is_alike(self, told: Curie | None, meant: Curie, *, is_pair: bool) -> bool:
        if told is None or told in {meant, UNNAMED}:
            return True
        if meant in LESS or told in LESS:
            return meant in LESS and told in LESS
        if is_pair and (told in MORE or meant in MORE):
            return True
        return self.families.of(told) == self.families.of(meant)

    def _name(self, drug: Curie) -> str:
        return self.graph.name(drug)

    def _modifier(self, said: str, effect: str | None, limit: DoseLimit) -> Modifier:
        told = entailed(self.graph, None, statement=said, reference=limit.reference)
        return Modifier(said, present=True, effect_on_severity=effect, evidence=(told,))

    def _evidence(self, said: str, limit: DoseLimit) -> Evidence:
        graph = self.graph
        told = f"{said} {limit.recommendation}"
        return entailed(graph, limit.above, statement=told, reference=limit.reference)


SUBJECTS = {
    "age": "age ",
    "child_pugh": "Child-Pugh",
    "egfr": "eGFR",
    "sex": "sex ",
    "weight": "body weight",
}
"""How the words of a rule begin that asks for a fact; see `kg.screening.wording`."""


def _subject(term: Term, name: Callable[[Curie], str]) -> str:
    return name(Curie.parse(term.value)) if term.what == "condition" else SUBJECTS[term.kind]


def _fitting(finding: Finding, floor: Severity | None) -> str | None:
    """Advice without the words that a source says under a condition of a graver level alone."""
    text = finding.recommendation
    for each in finding.evidence:
        if text and each.condition and each.recommendation and _rank(each.severity) > _rank(floor):
            text = text.replace(f" « {each.recommendation} »", "")
    return text


def _key(case: Case) -> str:
    return sorted_text((case.drug,) if case.other is None else (case.drug, case.other))


def _rank(severity: Severity | None) -> int:
    return severity.rank if severity else 0
