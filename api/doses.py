"""What the words of a line of a medicine list say of the daily dose of each drug in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from api.contents import Contents
from api.notes import entry_of
from kg.graph import KnowledgeGraph
from ontologies.curie import Curie
from ontologies.doses.combinations import dose_texts
from ontologies.doses.daily import DailyDose, daily_dose
from ontologies.lexicon import Resolution

__all__ = ["doses_of", "may_tell_dose", "tells_dose", "with_doses"]

_BY_NAME = "read_by_name"
_FIGURE = re.compile(r"\d\s*[a-z\u00b5\u03bc/-]|[\u00bd\u00bc\u00be]", re.IGNORECASE)
_CODE = re.compile(r"\d+|[A-Za-z][\w.]*:\S+")


def may_tell_dose(name: str) -> bool:
    """Tell whether a name may tell a dose: a figure stands before a unit or another figure."""
    return _FIGURE.search(name) is not None


def doses_of(resolution: Resolution, stated: str, contents: Contents) -> Mapping[Curie, DailyDose]:
    """Give the daily dose of each drug of a line, as far as its words are plain.

    ``stated`` are words of the dose beside the name, which count before those in the name; where
    they tell a number of tablets alone, the name tells how much one holds. What a combination holds
    is told apart by its names; where that is not plain, none has a dose.
    """
    found = resolution.candidate
    name = resolution.query
    if found and _CODE.fullmatch(name.strip()):
        name = found.name
    text = f"{name} {stated}".strip()
    if found is None or not any(letter.isdigit() for letter in text):
        return {}
    stated_parts = dose_texts(stated)
    parts = stated_parts or dose_texts(text)
    dose = None if parts else daily_dose(stated) or daily_dose(text)
    if not (parts or dose):
        return {}
    drugs = contents.drugs(entry_of(found).drug)
    if len(drugs) == 1 and dose:
        return {drugs[0]: dose}
    told = _of_parts(parts, contents)
    if stated_parts and told.keys() >= set(drugs):
        return {drug: told[drug] for drug in drugs}
    return told if set(told) == set(drugs) and len(parts) == len(drugs) else {}


def tells_dose(name: str, stated: str) -> bool:
    """Tell whether a name and words beside it may tell a daily dose."""
    text = f"{name} {stated}"
    told = (daily_dose(words) for _, words in dose_texts(stated) or dose_texts(text))
    return bool(daily_dose(stated) or daily_dose(text) or any(told))


def with_doses(
    reference: Mapping[str, Any], doses: Mapping[Curie, DailyDose], graph: KnowledgeGraph
) -> dict[str, Any]:
    """Give the reference of a medicine with the doses that were read, as an answer tells them.

    Where there are any, it was not read by its name alone.
    """
    if not doses:
        return dict(reference)
    told = [
        {
            "curie": str(drug),
            "name": graph.name(drug),
            "mg_a_day": round(dose.mg, 3),
            "up_to": dose.is_most,
            "read_from": dose.read_from,
        }
        for drug, dose in doses.items()
    ]
    return {key: value for key, value in reference.items() if key != _BY_NAME} | {"doses": told}


def _of_parts(parts: Sequence[tuple[str, str]], contents: Contents) -> Mapping[Curie, DailyDose]:
    doses = {}
    for name, text in parts:
        found = contents.lexicon.lookup(name).candidate
        held = contents.drugs(Curie.parse(found.curie)) if found else ()
        dose = daily_dose(text)
        if dose and len(held) == 1:
            doses[held[0]] = dose
    return doses
