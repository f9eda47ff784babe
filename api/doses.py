"""The daily doses of a list: read from the words of its lines, told, and said to be unchecked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.contents import Contents
from api.notes import NO_LIMIT, entry_of
from api.schemas import Medicine
from api.state import State
from kg.graph import KnowledgeGraph
from kg.screening.engine import Question
from ontologies.curie import Curie
from ontologies.doses.combinations import dose_texts
from ontologies.doses.daily import DailyDose, daily_dose
from ontologies.lexicon import Resolution
from ontologies.written_codes import is_code

__all__ = [
    "DosedLine",
    "doses_json",
    "doses_of",
    "listed_once",
    "may_tell_dose",
    "tells_dose",
    "unchecked_dose_notes",
]

_FIGURE = re.compile(r"\d\s*[a-z\u00b5\u03bc/-]|[\u00bd\u00bc\u00be]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DosedLine:
    """A line of a question: what it was read as, how it was given, the daily doses it tells."""

    resolution: Resolution
    way: str | Medicine
    doses: Mapping[Curie, DailyDose]


def may_tell_dose(name: str) -> bool:
    """Tell whether a name may tell a dose: a figure stands before a unit or another figure."""
    return _FIGURE.search(name) is not None


def tells_dose(name: str, stated: str) -> bool:
    """Tell whether a name and words beside it may tell a daily dose."""
    parts = dose_texts(stated) or dose_texts(f"{name} {stated}")
    return any(daily_dose(words) for _, words in parts) or _dose_in(name, stated) is not None


def doses_of(resolution: Resolution, stated: str, contents: Contents) -> Mapping[Curie, DailyDose]:
    """Give the daily dose of each drug of a line, as far as its words are plain.

    ``stated`` are words of the dose beside the name, which count before those in the name; where
    they tell a number of tablets alone, the name tells how much one holds. What a combination holds
    is told apart by its names; where that is not plain, none has a dose.
    """
    found = resolution.candidate
    if found is None:
        return {}
    name = found.name if is_code(resolution.query.strip()) else resolution.query
    text = f"{name} {stated}".strip()
    if not any(map(str.isdigit, text)):
        return {}
    stated_parts = dose_texts(stated)
    parts = stated_parts or dose_texts(text)
    dose = None if parts else _dose_in(name, stated)
    if not (parts or dose):
        return {}
    drugs = contents.drugs(entry_of(found).drug)
    if len(drugs) == 1 and dose:
        return {drugs[0]: dose}
    told = _of_parts(parts, contents)
    if stated_parts and told.keys() >= set(drugs):
        return {drug: told[drug] for drug in drugs}
    return told if set(told) == set(drugs) and len(parts) == len(drugs) else {}


def doses_json(doses: Mapping[Curie, DailyDose], graph: KnowledgeGraph) -> list[dict[str, Any]]:
    """Give the doses of a line as an answer tells them."""
    return [
        {
            "curie": str(drug),
            "name": graph.name(drug),
            "mg_a_day": round(dose.mg, 3),
            "up_to": dose.is_most,
            "read_from": dose.read_from,
        }
        for drug, dose in doses.items()
    ]


def listed_once(lines: Iterable[DosedLine]) -> list[DosedLine]:
    """Give each medicine once; lines of one name whose doses or their words differ are two."""
    first: dict[object, DosedLine] = {}
    for line in lines:
        found = line.resolution.candidate
        name = entry_of(found) if found else line.resolution.query
        amounts = tuple(dose.told_as for dose in line.doses.values())
        first.setdefault((name, amounts), line)
    return list(first.values())


def unchecked_dose_notes(question: Question, state: State) -> Iterator[str]:
    """Yield one note that names the drugs of the new list whose dose was read and nothing checks.

    Silence about them must not pass for safety. Errors of `Genotypes.of_patient` come through.
    """
    context = state.patient_rules.context
    told = any(entry.dose for entry in (*question.taking.entries, *question.adding))
    if context.doses is None or not told:
        return
    situation = context.background.situation(question.patient, question.after)
    names = [state.graph.name(drug) for drug in context.doses.cases.unchecked(situation)]
    if names:
        yield f"{NO_LIMIT}: {', '.join(names)}."


def _dose_in(name: str, stated: str) -> DailyDose | None:
    """The dose in the words beside a name, else in both together."""
    texts = (stated, f"{name} {stated}".strip()) if stated else (name.strip(),)
    return next(filter(None, map(daily_dose, texts)), None)


def _of_parts(parts: Sequence[tuple[str, str]], contents: Contents) -> Mapping[Curie, DailyDose]:
    doses = {}
    for name, text in parts:
        found = contents.lexicon.lookup(name).candidate
        held = contents.drugs(Curie.parse(found.curie)) if found else ()
        dose = daily_dose(text)
        if dose and len(held) == 1:
            doses[held[0]] = dose
    return doses
