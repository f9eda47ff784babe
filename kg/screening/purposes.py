"""How far two drugs serve one purpose: what both are given for, and what both belong to. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import fsum, log, sqrt

from kg.graph import KnowledgeGraph
from kg.model import Edge
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

__all__ = ["Purposes"]

Profile = Mapping[Curie, float]
"""What is said of a drug, each with its weight."""

_EVERY = 2000
"""An indication or a group of so many drugs says nothing of any of them."""
_TELLING = 200
"""Drugs with an indication in common are looked for where it has at most so many."""
_SURE = "infores:drugcentral"
_GROUPS = frozenset({"CHEBI", "DRUGBANK.CATEGORY", "MESH", "NDFRT"})
"""Lists of groups that tell what drugs do; ATC stands for itself, and lists of pairs for pairs."""
_OF_EXPOSURE = re.compile(r"cytochrome|glycoprotein|transporter|allergen|prodrug", re.IGNORECASE)
"""Names of groups that tell what becomes of drugs, not what they are given for."""


@dataclass(frozen=True)
class Purposes:
    """Compares drugs of one graph by their indications and their pharmacological groups.

    Rare indications and groups weigh more than common ones (the logarithm of their share), and an
    indication that several statements name more than one of a single statement.
    """

    graph: KnowledgeGraph
    _treated: dict[Curie, Profile] = field(default_factory=dict, repr=False, compare=False)
    _grouped: dict[Curie, Profile] = field(default_factory=dict, repr=False, compare=False)

    def alike(self, drug: Curie, other: Curie) -> float:
        """How alike two drugs are, from 0 to 1: half by indications, half by groups.

        What nobody states of one of them counts as unlike.
        """
        treated = _cosine(self._indications(drug), self._indications(other))
        return (treated + _cosine(self._groups(drug), self._groups(other))) / 2

    def alike_by_indication(self, drug: Curie, other: Curie) -> float:
        """How alike two drugs are in what they are given for, from 0 to 1."""
        return _cosine(self._indications(drug), self._indications(other))

    def treated(self, drug: Curie) -> frozenset[Curie]:
        """What a drug is given for, whoever states it."""
        return frozenset(self._indications(drug))

    def surely_treated(self, drug: Curie) -> frozenset[Curie]:
        """What a drug is given for by DrugCentral, which people keep and nobody mined."""
        edges = self.graph.edges_from(drug, Predicate.TREATS)
        kept = (edge for edge in edges if any(e.source == _SURE for e in edge.evidence))
        return frozenset(edge.object for edge in kept)

    def is_stated(self, drug: Curie) -> bool:
        """Tell whether an indication or a group of a drug is stated."""
        return bool(self._indications(drug) or self._groups(drug))

    def sharing(self, drug: Curie) -> Iterator[Curie]:
        """Drugs that have an indication of a drug, each once, in the order of its indications."""
        seen = {drug}
        for disease in sorted(self._indications(drug)):
            if self.graph.count_to(disease, Predicate.TREATS) <= _TELLING:
                for edge in self.graph.edges_to(disease, Predicate.TREATS):
                    if edge.subject not in seen:
                        seen.add(edge.subject)
                        yield edge.subject

    def _indications(self, drug: Curie) -> Profile:
        if drug not in self._treated:
            edges = self.graph.edges_from(drug, Predicate.TREATS)
            self._treated[drug] = {
                edge.object: weight * sqrt(len(edge.evidence))
                for edge, weight in self._weighted(edges, Predicate.TREATS)
            }
        return self._treated[drug]

    def _groups(self, drug: Curie) -> Profile:
        if drug not in self._grouped:
            edges = self.graph.edges_from(drug, Predicate.SUBCLASS_OF)
            own = (edge for edge in edges if edge.object.prefix in _GROUPS)
            self._grouped[drug] = {
                edge.object: weight
                for edge, weight in self._weighted(own, Predicate.SUBCLASS_OF)
                if not _OF_EXPOSURE.search(self.graph.name(edge.object))
            }
        return self._grouped[drug]

    def _weighted(
        self, edges: Iterable[Edge], predicate: Predicate
    ) -> Iterator[tuple[Edge, float]]:
        for edge in edges:
            drugs = self.graph.count_to(edge.object, predicate)
            if drugs < _EVERY:
                yield edge, log(_EVERY / drugs)


def _cosine(first: Profile, second: Profile) -> float:
    """Cosine of two profiles; 0 where one is empty."""
    # Exact sums: of what is shared, each process meets the keys in another order.
    shared = fsum(first[key] * second[key] for key in first.keys() & second.keys())
    return shared / (_length(first) * _length(second)) if shared else 0.0


def _length(profile: Profile) -> float:
    return sqrt(fsum(weight * weight for weight in profile.values()))
