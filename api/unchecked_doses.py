"""Which doses were read and held against nothing: silence about them must not pass for safety."""

from __future__ import annotations

from collections.abc import Iterator

from api.notes import NO_LIMIT
from api.state import State
from kg.screening.engine import Question

__all__ = ["unchecked_dose_notes"]


def unchecked_dose_notes(question: Question, state: State) -> Iterator[str]:
    """Yield one note that names the drugs of the new list whose dose nothing checks.

    Errors of `Genotypes.of_patient` come through.
    """
    context = state.patient_rules.context
    told = any(entry.dose for entry in (*question.taking.entries, *question.adding))
    if context.doses is None or not told:
        return
    situation = context.background.situation(question.patient, question.after)
    names = [state.graph.name(drug) for drug in context.doses.cases.unchecked(situation)]
    if names:
        yield f"{NO_LIMIT}: {', '.join(names)}."
