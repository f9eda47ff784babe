"""Allergies: the substance itself, its class, and what is known to react across classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kg.model import Severity
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.patient import Allergy, Patient, Regimen
from kg.screening.targets import Targets
from ontologies.curie import Curie

HYPERSENSITIVITY = Curie("HP", "0012393")
"""Allergy, as the Human Phenotype Ontology names it."""
SAME, CROSS_REACTIVE = "same", "cross_reactive"
RELATIONS: tuple[str, ...] = (SAME, CROSS_REACTIVE)
"""How a drug can be related to what a patient is allergic to."""
ANY_GROUP, ITSELF = "any drug", "itself"
"""Group and target of the rule about giving again the very drug that an allergy names."""


@dataclass(frozen=True, slots=True)
class AllergyRule:
    """What an allergy of one group means for one target."""

    group: str
    target: str
    relation: str
    severity: Severity
    recommendation: str
    reference: str


@dataclass(frozen=True, slots=True)
class Allergies:
    """One finding per drug and recorded allergy, as bad as the worst rule that holds.

    The drug that an allergy names is met by the rule of the group ``any drug``; a drug that comes
    under several rules of one allergy by the worst of them.
    """

    targets: Targets
    rules: tuple[AllergyRule, ...]
    _by_group: Mapping[str, tuple[AllergyRule, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the rules by group."""
        found: dict[str, tuple[AllergyRule, ...]] = {}
        for rule in self.rules:
            found[rule.group] = (*found.get(rule.group, ()), rule)
        object.__setattr__(self, "_by_group", found)

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield the drugs of a regimen that an allergy speaks against."""
        for drug in sorted(regimen.drugs):
            met = [(rule, told) for told in patient.allergies for rule in self._met(drug, told)]
            if met:
                yield self._finding(drug, sorted(met, key=_weight))

    def _met(self, drug: Curie, allergy: Allergy) -> Iterator[AllergyRule]:
        if drug in allergy.drugs:
            yield from self._by_group.get(ANY_GROUP, ())
        for group in allergy.groups:
            for rule in self._by_group.get(group, ()):
                if self.targets.holds(drug, rule.target):
                    yield rule

    def _finding(self, drug: Curie, met: list[tuple[AllergyRule, Allergy]]) -> Finding:
        graph = self.targets.graph
        name = graph.name(drug)
        rule, allergy = met[0]
        verb = "reacts across classes with" if rule.relation == CROSS_REACTIVE else "belongs to"
        named = f"allergy to {_substance(rule, name)}"
        evidence = dict.fromkeys(
            entailed(
                graph,
                each.severity,
                derived_from=self.targets.links(drug, each.target),
                statement=f"{name}, recorded allergy {told.written!r}: {each.recommendation}",
                reference=each.reference,
            )
            for each, told in met
        )
        path = (Step("patient", "has recorded", allergy.written), Step(name, verb, named))
        return Finding(
            kind=FindingKind.DRUG_CONDITION,
            severity=rule.severity,
            precipitants=(),
            affected=(drug,),
            evidence=tuple(evidence),
            effect=HYPERSENSITIVITY,
            mechanism=Mechanism(named, "allergy", path),
            recommendation=rule.recommendation,
        )


def _substance(rule: AllergyRule, drug: str) -> str:
    return drug if rule.group == ANY_GROUP else rule.group


def _weight(met: tuple[AllergyRule, Allergy]) -> tuple[int, bool, bool, str, str]:
    """Sort the gravest first; what the text names before what it implies."""
    rule, allergy = met
    crosses = rule.relation == CROSS_REACTIVE
    return (-rule.severity.rank, crosses, rule.group == ANY_GROUP, rule.group, allergy.written)
