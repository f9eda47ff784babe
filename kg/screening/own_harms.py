"""What each drug does by itself, as families of effects: which harms come of more of it. Pure."""

from __future__ import annotations

from collections.abc import Callable

from kg.graph import KnowledgeGraph
from kg.screening.effects import EffectFamilies
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

OwnHarms = Callable[[Curie], frozenset[str]]
"""Gives the families of the effects to which a drug predisposes."""
INCOMPLETE = frozenset({"hypotension"})
"""Liabilities that leave out the drugs given for that very effect: antihypertensives."""


def own_harms(graph: KnowledgeGraph, families: EffectFamilies) -> OwnHarms:
    """Give what the liabilities of a graph say of each drug."""

    def of(drug: Curie) -> frozenset[str]:
        edges = graph.edges_from(drug, Predicate.PREDISPOSES_TO)
        whole = (edge for edge in edges if edge.qualifier("liability") not in INCOMPLETE)
        return frozenset(families.of(edge.object) for edge in whole)

    return of


def nothing_known(drug: Curie) -> frozenset[str]:
    """Say of no drug that it harms by itself."""
    del drug
    return frozenset()
