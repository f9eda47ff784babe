"""How much a graph knows of a drug: of how many kinds of facts it states any. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.screening.recent import Recent, of_drugs
from kg.screening.targets import Targets
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

__all__ = ["KINDS", "LITTLE", "Familiarity"]

_LABEL = "OPENFDA.INGREDIENT"
_LISTS = frozenset({_LABEL, "ANSM.SUBSTANCE", "DDINTER.DRUG"})
"""Prefixes of the lists of interactions that people keep: label, French thesaurus, DDInter."""
KINDS = len(_LISTS) + 3
"""Each of the lists, enzymes or transporters, liabilities, and rules about conditions."""
_MANY = 0.5
"""Share of the pairs of another drug that are many."""
LITTLE = 0.5
"""A drug with less than this share of the kinds of another is little known beside it."""


@dataclass(frozen=True)
class Familiarity:
    """Counts of how many kinds of facts something is stated of a drug; kept once counted.

    ``conditioned`` are the targets of rules about conditions of the patient.
    """

    targets: Targets
    conditioned: frozenset[str] = frozenset()
    _kinds: Recent[Curie, int] = field(default_factory=of_drugs, repr=False, compare=False)

    def kinds(self, drug: Curie) -> int:
        """How many kinds of facts are stated of a drug, at most :data:`KINDS`."""
        known = self._kinds.get(drug)
        return self._kinds.put(drug, sum(self._stated(drug))) if known is None else known

    def pairs(self, drug: Curie) -> int:
        """How many pairs with a drug are stated."""
        return self.targets.graph.count_to(drug, Predicate.HAS_PARTICIPANT)

    def share(self, drug: Curie, beside: Curie) -> float:
        """How many kinds are stated of a drug for those that are of another, at most 1.

        Pairs are a kind of their own where at least half as many are stated as of the other.
        """
        many = self.pairs(drug) >= _MANY * self.pairs(beside)
        return min(1.0, (self.kinds(drug) + many) / (self.kinds(beside) + 1))

    def is_listed(self, drug: Curie) -> bool:
        """Tell whether a list of interactions that people keep has a drug."""
        return bool(self._lists(drug))

    def is_in_use(self, drug: Curie) -> bool:
        """Tell whether a drug has a current label of the United States or a product."""
        products = self.targets.graph.count_to(drug, Predicate.HAS_ACTIVE_INGREDIENT)
        return products > 0 or _LABEL in self._lists(drug)

    def _stated(self, drug: Curie) -> Iterator[bool]:
        graph = self.targets.graph
        yield from (True for _ in self._lists(drug))
        yield bool(graph.edges_from(drug, Predicate.SUBSTRATE_OF))
        yield bool(graph.edges_from(drug, Predicate.PREDISPOSES_TO))
        yield not self.conditioned.isdisjoint(self.targets.of(drug))

    def _lists(self, drug: Curie) -> frozenset[str]:
        graph = self.targets.graph
        names = graph.node(drug).equivalents if graph.has(drug) else ()
        return _LISTS.intersection(code.prefix for code in names)
