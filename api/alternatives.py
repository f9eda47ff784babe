"""What may be given instead, as an answer holds it; and why there may be nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from api.state import State
from embeddings.detector import PredictedEffects
from kg.graph import KnowledgeGraph
from kg.screening.alternatives import Alternative, alternatives
from kg.screening.engine import Known, Question, Screening, screen

__all__ = ["alternative_json", "alternative_notes", "offered"]

_NONE = (
    "the graph knows no relative by ATC group or indication that was screened and is no worse for "
    "this patient"
)


def offered(question: Question, screening: Screening, state: State) -> tuple[Alternative, ...]:
    """Offer what may be given instead of the drugs that a question adds or stops, best first."""
    stated = [detector for detector in state.panel if not isinstance(detector, PredictedEffects)]
    known = Known()

    def ask(other: Question) -> Screening:
        context = state.patient_rules.context
        return screen(other, state.graph, stated, state.families, known, context, state.lingering)

    return alternatives(question, screening, state.relatives, ask)


def alternative_json(alternative: Alternative, graph: KnowledgeGraph) -> dict[str, Any]:
    """One alternative: who, for whom and why, and what of it would remain."""
    worst = alternative.worst_severity
    return {
        "curie": str(alternative.drug),
        "name": graph.name(alternative.drug),
        "instead_of": {
            "curie": str(alternative.instead_of),
            "name": " and ".join(map(graph.name, alternative.replaces)),
        },
        "kinship": alternative.relative.kinship.value,
        "shared_class": alternative.relative.shared_class,
        "worst_severity": worst.value if worst else None,
        "findings": alternative.findings,
        "little_known": alternative.relative.little_known,
        "advised": alternative.is_advised,
    }


def alternative_notes(
    question: Question, found: Sequence[Alternative], graph: KnowledgeGraph
) -> Iterator[str]:
    """Yield why nothing is offered for a drug that others might stand in for."""
    changed = tuple(dict.fromkeys(e.drug for e in question.adding)) or question.stopping
    if not changed:
        yield "Alternatives are offered for a drug that is added, stopped or replaced."
        return
    helped = {drug for each in found for drug in each.replaces}
    lacking = [drug for drug in changed if drug not in helped]
    if lacking:
        names = ", ".join(graph.name(drug) for drug in lacking)
        yield f"No alternative to {names} is offered: {_NONE}."
    little = dict.fromkeys(graph.name(a.drug) for a in found if a.relative.little_known)
    if little:
        yield f"Little is known of {', '.join(little)}: that nothing graver was found says little."
