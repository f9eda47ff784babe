"""Who the patient is: age on the day of the question, and sex."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from api.fhir.chart import Chart
from api.fhir.elements import Resource, day_of, first_code, text_of

__all__ = ["person_of"]

_SEXES = frozenset({"female", "male"})
_MOST_YEARS = 130


def person_of(chart: Chart) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Give age and sex, and notes on what of them is not known."""
    people = [each.resource for each in chart.all("Patient")]
    stated = [p for p, each in zip(people, chart.all("Patient"), strict=True) if not each.container]
    patient = next(iter(stated or people), None)
    if patient is None:
        return {}, ("The record holds no Patient: age and sex are not known.",)
    facts: dict[str, Any] = {}
    died = day_of(patient.get("deceasedDateTime"))
    age = _age(patient, min(chart.on, died) if died else chart.on)
    if age is not None:
        facts["age_years"] = age
    sex = first_code(patient.get("gender")).lower()
    if sex in _SEXES:
        facts["sex"] = sex
    return facts, tuple(_notes(patient, age, sex, chart.on))


def _notes(patient: Resource, age: float | None, sex: str, on: date) -> Iterator[str]:
    if age is None:
        born = text_of(patient.get("birthDate"))
        why = f": birthDate {born!r} cannot be read, or gives no age" if born else ""
        yield f"The age of the patient is not known{why}."
    if sex not in _SEXES:
        yield f"The sex of the patient is not known{f' ({sex})' if sex else ''}."
    died = day_of(patient.get("deceasedDateTime"))
    if patient.get("deceasedBoolean") is True or (died is not None and died <= on):
        day = f" on {died.isoformat()}" if died else ""
        yield f"The record says that the patient died{day}."


def _age(patient: Resource, on: date) -> float | None:
    """Give the age in full years, in the second year of life and before to a tenth of a year."""
    born = day_of(patient.get("birthDate"))
    if born is None or born > on:
        return None
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if years > _MOST_YEARS:
        return None
    return float(years) if years >= 2 else round((on - born).days / 365.25, 1)
