"""Observations of a record: the latest value of each test, body size, kidneys, pregnancy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from api.fhir.chart import Chart, quoted
from api.fhir.clinical import PREGNANCY_LASTS
from api.fhir.elements import (
    Resource,
    codings,
    concept_texts,
    day_of,
    first_code,
    mapping_of,
    mappings_of,
    number_of,
    text_of,
)
from api.fhir.tables import curie_of, fact_of, factor_of
from kg.rules.conditions import load_lab_tests
from kg.screening.laboratory import LabTests

__all__ = ["Measured", "loinc_codes", "measured_of", "observations_of", "valid"]

UCUM = "http://unitsofmeasure.org"
_VALID = frozenset({"amended", "corrected", "final"})
_OLD = timedelta(days=365)
_PREGNANT = {"LA15173-0": True, "77386006": True, "LA26683-5": False, "60001007": False}
"""Answers of LOINC 82810-3 (LOINC answer list LL4129-4; SNOMED CT in the guide for summaries)."""
_BOUNDS = {"weight_kg": (0.2, 500.0), "height_cm": (20.0, 280.0), "egfr_ml_min": (0.0, 250.0)}
_NAMES = {"weight_kg": "weight", "height_cm": "height", "egfr_ml_min": "eGFR"}


class Value(NamedTuple):
    """One measured value: its LOINC code, number, unit, day, and what the observation is called."""

    loinc: str
    number: float
    unit: str
    day: date | None
    called: str
    comparator: str = ""


class Measured(NamedTuple):
    """One value that a record holds and a rule may ask for, in words, and the day it was taken."""

    name: str
    value: str
    day: date | None


def measured_of(chart: Chart) -> tuple[Measured, ...]:
    """Give the latest value of each test that a rule asks for, as the record writes it."""
    used = (v for v in _latest_of(chart).values() if _tests().of(v.loinc) or fact_of(v.loinc))
    return tuple(
        Measured(_short(v)[:60], f"{v.comparator}{v.number:.4g} {_readable(v.unit)}".strip(), v.day)
        for v in sorted(used, key=lambda value: value.day or date.min, reverse=True)
    )


def _readable(unit: str) -> str:
    """Give a unit of UCUM without the braces of its annotations."""
    return unit[:40].replace("{", "").replace("}", "").replace("_", " ")


def observations_of(chart: Chart) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Give the latest value of each test that a rule asks for, and the facts of the body.

    Blood pressure, scores and tests that no rule asks for are left alone. A value older than a year
    is used, and a note gives its day.
    """
    final = _final(chart)
    latest = _latest_of(chart)
    facts, notes = _facts(latest)
    labs = [v for v in latest.values() if _tests().of(v.loinc) and not fact_of(v.loinc)]
    if labs:
        facts["labs"] = [
            {"loinc": v.loinc, "value": v.number, "unit": v.unit[:40] or None} for v in labs
        ]
    pregnant = _pregnant(final, chart.on)
    if pregnant is not None:
        facts["pregnant"] = pregnant
    used = [v for v in latest.values() if _tests().of(v.loinc) or fact_of(v.loinc)]
    return facts, (*notes, *_unsure(used), *_old(used, chart.on), *_unread(final))


def valid(resource: Resource) -> bool:
    """Tell whether an observation is final, or was corrected; one without a status may be."""
    return first_code(resource.get("status")) in _VALID


def loinc_codes(resource: Resource) -> tuple[str, ...]:
    """Give the LOINC codes of an observation, or of a component of one."""
    curies = (curie_of(coding) for coding in codings(resource.get("code")))
    return tuple(c.partition(":")[2] for c in curies if c.startswith("LOINC:"))


@lru_cache(maxsize=1)
def _tests() -> LabTests:
    return load_lab_tests()


def _values(resource: Resource) -> Iterator[Value]:
    """Yield the number of an observation, and those of its components, by each LOINC code."""
    day = _day(resource)
    for part in (resource, *mappings_of(resource.get("component"))):
        quantity = mapping_of(part.get("valueQuantity"))
        number = number_of(quantity.get("value"))
        whole = number_of(part.get("valueInteger"))
        value = number if number is not None else whole
        unit = _unit(quantity)
        called = next(iter(concept_texts(part.get("code"))), "")
        if value is not None:
            sign = text_of(quantity.get("comparator"))
            yield from (Value(c, value, unit, day, called, sign) for c in loinc_codes(part))


def _unit(quantity: Mapping[str, Any]) -> str:
    """Give the code of a unit where it is one of UCUM, else how the unit is written."""
    code, written = text_of(quantity.get("code")), text_of(quantity.get("unit"))
    is_ucum = text_of(quantity.get("system")) in {"", UCUM}
    return (code or written) if is_ucum else (written or code)


def _day(resource: Resource) -> date | None:
    period = mapping_of(resource.get("effectivePeriod"))
    told = (resource.get("effectiveDateTime"), resource.get("effectiveInstant"))
    days = (day_of(each) for each in (*told, period.get("end"), period.get("start")))
    return next((day for day in days if day), day_of(resource.get("issued")))


def _final(chart: Chart) -> list[Resource]:
    return [each.resource for each in chart.all("Observation") if valid(each.resource)]


def _latest_of(chart: Chart) -> dict[str, Value]:
    return _latest(value for resource in _final(chart) for value in _values(resource))


def _latest(values: Iterator[Value]) -> dict[str, Value]:
    """Give the latest value of each code; of one day the one that stands last."""
    found: dict[str, Value] = {}
    for value in values:
        held = found.get(value.loinc)
        if held is None or (value.day or date.min) >= (held.day or date.min):
            found[value.loinc] = value
    return found


def _facts(latest: dict[str, Value]) -> tuple[dict[str, Any], list[str]]:
    """Give weight, height and eGFR in our units; of several codes of one the latest counts."""
    facts: dict[str, Any] = {}
    notes: list[str] = []
    ordered = sorted(latest.values(), key=lambda value: value.day or date.min)
    for value in ordered:
        fact = fact_of(value.loinc)
        if fact not in _BOUNDS:
            continue
        factor = factor_of(fact, value.unit)
        least, most = _BOUNDS[fact]
        number = None if factor is None else round(value.number * factor, 3)
        if number is not None and least <= number <= most:
            facts[fact] = number
        else:
            given = f"{value.number:g} {value.unit or 'without a unit'}"
            notes.append(f"The {_NAMES[fact]} ({value.loinc}) of {given} cannot be read.")
    return facts, notes


def _unsure(used: list[Value]) -> Iterator[str]:
    for value in used:
        if value.comparator:
            given = f"{value.comparator} {value.number:g} {value.unit}".strip()
            yield f"{_short(value)} of {given} was used as {value.number:g}."


def _short(value: Value) -> str:
    """Give the plain name of a test."""
    test = _tests().of(value.loinc)
    known = _NAMES.get(fact_of(value.loinc)) or (test.name if test else "")
    return known or value.called or value.loinc


def _old(used: list[Value], on: date) -> Iterator[str]:
    old = [f"{_short(v)} of {v.day.isoformat()}" for v in used if v.day and on - v.day > _OLD]
    if old:
        yield f"Used although older than a year: {quoted(old)}."


def _unread(final: list[Resource]) -> Iterator[str]:
    """Name tests that a rule asks for whose value is no number, such as a text."""
    told = [
        next(iter(concept_texts(resource.get("code"))), code)
        for resource in final
        for code in loinc_codes(resource)[:1]
        if (_tests().of(code) or fact_of(code) in _BOUNDS)
        and number_of(mapping_of(resource.get("valueQuantity")).get("value")) is None
        and resource.get("valueInteger") is None
    ]
    if told:
        yield f"Not read, having no number: {quoted(told)}."


def _pregnant(final: list[Resource], on: date) -> bool | None:
    """Give what the latest statement of pregnancy says, while it can still be so."""
    told = [r for r in final if any(fact_of(c) == "pregnant" for c in loinc_codes(r))]
    recent = [r for r in told if (day := _day(r)) is None or abs(on - day) <= PREGNANCY_LASTS]
    found: bool | None = None
    for resource in sorted(recent, key=lambda r: _day(r) or date.min):
        codes = [coding.code for coding in codings(resource.get("valueCodeableConcept"))]
        found = next((_PREGNANT[code] for code in codes if code in _PREGNANT), None)
    return found
