"""Pharmacokinetic mechanisms: one drug inhibits or induces what handles another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations

from kg.graph import KnowledgeGraph
from kg.model import Edge, Evidence
from kg.screening.effects import LOST_EFFICACY, LOWERED_EXPOSURE, RAISED_EFFECT, RAISED_EXPOSURE
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.patient import Patient, Regimen
from kg.screening.rules import ExposureRule, site_of
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

_EFFECTS = {
    ("inhibitor", False): RAISED_EXPOSURE,
    ("inhibitor", True): LOST_EFFICACY,
    ("inducer", False): LOWERED_EXPOSURE,
    ("inducer", True): RAISED_EFFECT,
}
"""Effect on the substrate by role, and by whether the enzyme activates it (a prodrug)."""
_KINDS = {"inhibitor": "enzyme_inhibition", "inducer": "enzyme_induction"}
_NOUNS = {"inhibitor": "inhibition", "inducer": "induction"}
_UNSTATED = "how large the change is, is not stated"


@dataclass(frozen=True, slots=True)
class ExposureChanges:
    """One finding per perpetrator, substrate and enzyme, as the rule for their strengths says.

    A strength that is not stated gives a finding without severity, unless a rule is silent of it.
    Pairs in ``intended`` are given together for that very effect (a booster and what it boosts).
    A drug is never its own perpetrator here: whether it inhibits its own metabolism is data per
    drug.
    """

    graph: KnowledgeGraph
    rules: tuple[ExposureRule, ...]
    intended: frozenset[tuple[Curie, Curie]] = frozenset()
    _by_strength: Mapping[tuple[str, str, str, str, bool], ExposureRule] = field(
        init=False, repr=False
    )

    def __post_init__(self) -> None:
        """Index the rules by site, role and the two strengths."""
        table = {(r.site, r.role, r.perpetrator, r.substrate, r.activates): r for r in self.rules}
        object.__setattr__(self, "_by_strength", table)

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield the expected changes of exposure between the drugs of a regimen."""
        del patient
        roles = {drug: self._judged(drug, Predicate.AFFECTS) for drug in regimen.drugs}
        substrates = {drug: self._judged(drug, Predicate.SUBSTRATE_OF) for drug in regimen.drugs}
        pairs = permutations(sorted(regimen.drugs), 2)
        for perpetrator, victim in (pair for pair in pairs if pair not in self.intended):
            for acting in roles[perpetrator]:
                for depending in substrates[victim]:
                    if acting.object == depending.object:
                        yield from self._finding(acting, depending)

    def _judged(self, drug: Curie, predicate: Predicate) -> tuple[Edge, ...]:
        """Roles that somebody judged to matter in patients, and not merely recorded.

        A record of roles (``category=``, ``action=``) lists what was seen in cells beside what was
        seen in people, without a strength: nothing can be concluded from it.
        """
        edges = self.graph.edges_from(drug, predicate)
        return tuple(e for e in edges if not (e.qualifier("category") or e.qualifier("action")))

    def _finding(self, acting: Edge, depending: Edge) -> Iterator[Finding]:
        role = acting.qualifier("role") or ""
        prodrug = depending.qualifier("activates") == "yes"
        strengths = (acting.qualifier("strength") or "", depending.qualifier("strength") or "")
        site = site_of(self.graph.name(acting.object))
        rule = self._by_strength.get((site, role, *strengths, prodrug))
        if rule is None or rule.silent:
            return
        effect = _EFFECTS[role, prodrug]
        yield Finding(
            kind=FindingKind.DRUG_DRUG,
            severity=rule.severity,
            precipitants=(acting.subject,),
            affected=(depending.subject,),
            evidence=(
                self._entailment(rule, acting, depending),
                *acting.evidence,
                *depending.evidence,
            ),
            effect=effect,
            mechanism=self._mechanism(rule, acting, depending, effect),
            recommendation=self._advice(rule, acting, depending, effect),
        )

    def _entailment(self, rule: ExposureRule, acting: Edge, depending: Edge) -> Evidence:
        return entailed(
            self.graph,
            rule.severity,
            derived_from=(acting.id, depending.id),
            stated_as=_change(rule),
            reference=rule.reference or None,
        )

    def _mechanism(
        self, rule: ExposureRule, acting: Edge, depending: Edge, effect: Curie
    ) -> Mechanism:
        protein = acting.qualifier("protein") or self.graph.name(acting.object)
        acts = "inhibits" if rule.role == "inhibitor" else "induces"
        strength = acting.qualifier("strength")
        handles = "activates" if depending.qualifier("activates") == "yes" else "clears"
        dependence = depending.qualifier("strength")
        victim = self.graph.name(depending.subject)
        path = (
            Step(
                self.graph.name(acting.subject),
                f"{acts} ({strength})" if strength else acts,
                protein,
            ),
            Step(protein, f"{handles} ({dependence} substrate)" if dependence else handles, victim),
            Step(victim, "results in", self.graph.name(effect)),
        )
        return Mechanism(f"{protein} {_NOUNS[rule.role]}", _KINDS[rule.role], path)

    def _advice(self, rule: ExposureRule, acting: Edge, depending: Edge, effect: Curie) -> str:
        victim, perpetrator = self.graph.name(depending.subject), self.graph.name(acting.subject)
        unstated = "" if rule.change else f"; {_UNSTATED}"
        if effect == LOST_EFFICACY:
            return f"{perpetrator} leaves less active {victim}{unstated}; consider another drug."
        if effect == RAISED_EFFECT:
            return f"{perpetrator} leaves more active {victim}{unstated}; watch for toxicity."
        raises = effect == RAISED_EXPOSURE
        change = f"Expected AUC ratio of {victim} with {perpetrator}: {rule.change}"
        if unstated:
            verb = "raises" if raises else "lowers"
            change = f"{perpetrator} {verb} the exposure to {victim}{unstated}"
        return (
            f"{change}; watch for {'toxicity' if raises else 'loss of effect'} or adjust the dose."
        )


def _change(rule: ExposureRule) -> str:
    if not rule.change:
        return _UNSTATED
    return rule.change if rule.activates else f"AUC ratio {rule.change}"
