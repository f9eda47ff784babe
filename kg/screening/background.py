"""What is known before any patient comes: targets of drugs, wider conditions, tests. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from kg.graph import KnowledgeGraph
from kg.screening.factors import EGFR, Situation
from kg.screening.laboratory import LabTests
from kg.screening.patient import Patient, Regimen
from kg.screening.recent import Recent
from kg.screening.targets import Targets
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

TERMS_KEPT = 8_192
"""Of how many conditions and effects it stays known what is wider."""
PREGNANCY = Curie("coprescribe", "condition-pregnancy")
"""The condition that says the same as ``pregnant``."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """What is wider than a condition or an effect, by the links of the graph; asked once each."""

    graph: KnowledgeGraph
    _known: Recent[Curie, frozenset[Curie]] = field(
        default_factory=partial(Recent, TERMS_KEPT), repr=False, compare=False
    )

    def of(self, term: Curie) -> frozenset[Curie]:
        """Give a term with everything that is wider."""
        found = self._known.get(term)
        if found is None:
            found = self._known.put(term, frozenset(self._climbed(term)))
        return found

    def of_all(self, terms: Iterable[Curie]) -> frozenset[Curie]:
        """Give several terms with everything that is wider than one of them."""
        return frozenset().union(*(self.of(term) for term in terms))

    def _climbed(self, term: Curie) -> set[Curie]:
        met, waiting = {term}, [term]
        while waiting:
            edges = self.graph.edges_from(waiting.pop(), Predicate.SUBCLASS_OF)
            fresh = {edge.object for edge in edges} - met
            met |= fresh
            waiting += sorted(fresh)
        return met


@dataclass(frozen=True, slots=True)
class Background:
    """Joins a patient with a regimen to a situation that rules can ask."""

    targets: Targets
    hierarchy: Hierarchy
    tests: LabTests

    @classmethod
    def of(cls, graph: KnowledgeGraph, tests: LabTests) -> Background:
        """Make the background of one graph."""
        return cls(Targets(graph), Hierarchy(graph), tests)

    def situation(self, patient: Patient, regimen: Regimen) -> Situation:
        """Give one patient with one regimen; conditions and pregnancy stand for each other."""
        conditions = self.hierarchy.of_all(patient.conditions)
        pregnant = patient.pregnant
        if pregnant is None and PREGNANCY in conditions:
            pregnant = True
        elif pregnant:
            conditions |= {PREGNANCY}
        return Situation(
            patient=patient,
            regimen=regimen,
            targets=self.targets,
            conditions=conditions,
            values=self._values(patient),
            pregnant=pregnant,
        )

    def _values(self, patient: Patient) -> Mapping[str, float]:
        values = dict(self.tests.values(patient.labs))
        if patient.egfr_ml_min is not None:
            values[EGFR] = patient.egfr_ml_min
        return values
