"""One guess of the model in the words of an answer, and what is always said beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from embeddings.judging.outcomes import KINDS
from embeddings.predict import Prediction
from kg.graph import KnowledgeGraph
from ontologies.curie import Curie

MOST_PREDICTIONS = 1_000
"""More are not given at a time."""
WARNING = (
    "These are statistical guesses, not findings. Data of pairs also hold what the drugs are given "
    "for and what is common in those who take them: to be stated of a pair is not to be caused by "
    "it, and what is not listed is not thereby safe."
)
PROBABILITY = (
    "A probability is the estimated chance that the data state the effect of the two drugs; the "
    "base rate is that of any two drugs. It is not the chance that a patient gets the effect."
)


def prediction_json(
    one: Prediction, graph: KnowledgeGraph, drugs: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """One guess with all that weighs it; ``drugs`` where one of them is no node of the graph."""
    level, share = one.came_true or (None, None)
    known = drugs or [thing(drug, graph) for drug in one.drugs]
    return {
        "drugs": sorted(known, key=lambda drug: str(drug["name"])),
        "effect": thing(one.effect, graph),
        "pair": KINDS[one.kind],
        "probability": round(one.probability, 6),
        "base_rate": round(one.base_rate, 6),
        "lift": round(one.lift, 2),
        "rank_among_effects": one.place,
        "rank_among_pairs": one.rank,
        "came_true": None if share is None else {"from": level, "share": round(share, 4)},
        "known": one.known,
    }


def thing(curie: str, graph: KnowledgeGraph) -> dict[str, str]:
    """A node by code and name."""
    return {"curie": curie, "name": graph.name(Curie.parse(curie))}
