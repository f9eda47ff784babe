"""Additive effects: one liability of several drugs, judged over the whole list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.graph import KnowledgeGraph
from kg.model import Edge
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.patient import Patient, Regimen
from kg.screening.rules import AdditiveRule, Contribution, points
from ontologies.vocabulary import Predicate

UNSTATED_GRADE = "moderate"
"""How a liability whose grade nobody states is counted: not stated is never the lowest."""


@dataclass(frozen=True, slots=True)
class AdditiveEffects:
    """One finding per liability that several drugs share, as bad as the worst rule that holds."""

    graph: KnowledgeGraph
    rules: tuple[AdditiveRule, ...]

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield the burdens of a regimen."""
        del patient
        shared: dict[str, list[tuple[Contribution, Edge]]] = {}
        for drug in sorted(regimen.drugs):
            for edge in self.graph.edges_from(drug, Predicate.PREDISPOSES_TO):
                grade = edge.qualifier("grade") or UNSTATED_GRADE
                part = Contribution(drug, edge.qualifier("group") or "", grade)
                shared.setdefault(edge.qualifier("liability") or "", []).append((part, edge))
        for liability, parts in sorted(shared.items()):
            rule = self._worst_rule(liability, [part for part, _ in parts])
            if rule:
                yield self._finding(rule, parts)

    def _worst_rule(
        self, liability: str, contributions: Sequence[Contribution]
    ) -> AdditiveRule | None:
        holding = (r for r in self.rules if r.liability == liability and r.holds(contributions))
        return max(holding, key=lambda rule: rule.severity.rank, default=None)

    def _finding(self, rule: AdditiveRule, parts: Sequence[tuple[Contribution, Edge]]) -> Finding:
        effect = self.graph.name(rule.effect)
        path = tuple(
            Step(self.graph.name(part.drug), f"predisposes to ({part.grade})", effect)
            for part, _ in parts
        )
        concluded = entailed(
            self.graph,
            rule.severity,
            derived_from=tuple(edge.id for _, edge in parts),
            statement=rule.name,
            reference=rule.reference,
        )
        return Finding(
            kind=FindingKind.ADDITIVE_EFFECT,
            severity=rule.severity,
            precipitants=tuple(dict.fromkeys(part.drug for part, _ in parts)),
            affected=(),
            evidence=(concluded, *dict.fromkeys(e for _, edge in parts for e in edge.evidence)),
            effect=rule.effect,
            mechanism=Mechanism(f"additive: {rule.name}", "additive_pharmacodynamic", path),
            recommendation=rule.recommendation,
            points=points([part for part, _ in parts]),
        )
