"""Why the model guesses what it guesses: facts that move it, and what both drugs share."""

from __future__ import annotations

from typing import Any

from embeddings.reasons.explainer import reasons_of
from embeddings.store import Bundle
from kg.graph import KnowledgeGraph
from kg.metapaths.engine import metapaths_of
from kg.metapaths.words import reason_json
from ontologies.curie import Curie

REASONS_EACH = 3
"""Facts for a guess, and against it, that are told."""


def add_reasons(found: dict[str, Any], count: int, graph: KnowledgeGraph, bundle: Bundle) -> None:
    """Put ``reasons`` into the first guesses of an answer, and ``shared`` into one of a pair."""
    named = (*bundle.train.drugs, *bundle.train.effects)
    names = {curie: graph.name(Curie.parse(curie)) for curie in named}
    for guess in found["predictions"][:count]:
        first, second = (drug["curie"] for drug in guess["drugs"])
        reasons = reasons_of(bundle, (first, second), guess["effect"]["curie"], REASONS_EACH)
        guess["reasons"] = reasons.as_dict(names)
    if len(found["drugs"]) == 2:
        one, other = (Curie.parse(drug["curie"]) for drug in found["drugs"])
        paths = metapaths_of(graph).reasons(one, other)
        found["shared"] = [reason_json(graph, reason) for reason in paths]
