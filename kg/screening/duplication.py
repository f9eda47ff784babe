"""Duplication: one ingredient that reaches the list under two names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.patient import Patient, Regimen


@dataclass(frozen=True, slots=True)
class Duplications:
    """One finding per ingredient that stands under several names, such as brand and generic."""

    graph: KnowledgeGraph

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield the ingredients that are taken twice."""
        del patient
        for drug, names in regimen.repeated:
            name = self.graph.name(drug)
            said = entailed(
                self.graph,
                Severity.MAJOR,
                statement=f"{' and '.join(names)} hold the same ingredient, {name}",
            )
            yield Finding(
                kind=FindingKind.DUPLICATION,
                severity=Severity.MAJOR,
                precipitants=(drug, drug),
                affected=(),
                evidence=(said,),
                mechanism=Mechanism(
                    "same ingredient twice",
                    "duplication",
                    tuple(Step(written, "has active ingredient", name) for written in names),
                ),
                recommendation=f"Check whether {name} is meant to be taken twice; stop one if not.",
            )
