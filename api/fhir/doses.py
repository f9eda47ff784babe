"""How much of a medicine a FHIR Dosage says to take and how often, in plain words.

The words are those that `ontologies.doses` reads; what cannot be said in them stands as the text of
the Dosage, and is read from there or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from api.fhir.elements import Resource, codings, mapping_of, mappings_of, number_of, text_of
from ontologies.doses import AMOUNT

__all__ = ["written_dose"]

_MOST = 80
_MOST_OF_FIRST = 60
_PILLS = re.compile(r"\{?(?:pill|tbl|tab|tablet|cap|capsule|caplet)s?\}?", re.IGNORECASE)
"""Units of HL7's orderable drug forms and annotations of UCUM that count what is swallowed."""
_UNITS: Mapping[str, str] = {"h": "hours", "d": "days", "wk": "weeks"}
_PER: Mapping[str, str] = {"d": "day", "wk": "week"}
_WHEN: Mapping[str, str] = {
    "MORN": "in the morning",
    "NOON": "at noon",
    "EVE": "in the evening",
    "NIGHT": "at night",
    "HS": "at bedtime",
    "ACM": "before breakfast",
    "CM": "with breakfast",
    "PCM": "after breakfast",
    "CD": "with lunch",
    "CV": "with dinner",
}
"""Codes of HL7 EventTiming as words."""


def written_dose(dosages: Sequence[Resource], called: str) -> str | None:
    """Write what the dosages of a medicine say, at most 80 letters; ``None`` where nothing.

    ``called`` is what the medicine is called: where a number of tablets is told, it says how much
    one holds. Several dosages that differ are no one dose, and their words say so.
    """
    told = list(dict.fromkeys(filter(None, (_words(dosage, called) for dosage in dosages))))
    if len(told) > 1:
        return f"{told[0][:_MOST_OF_FIRST]}; then {told[1]}"[:_MOST]
    return told[0][:_MOST] if told else None


def _words(dosage: Resource, called: str) -> str:
    amount, often = _amount(dosage, called), _often(mapping_of(dosage.get("timing")))
    text = text_of(dosage.get("text")).strip()
    if not (amount and often):
        # A text that is cut might lose what changes its meaning.
        return text if 0 < len(text) <= _MOST else amount
    needed = " as needed" if _is_needed(dosage) else ""
    return f"{amount} {often}{needed}"


def _is_needed(dosage: Resource) -> bool:
    return dosage.get("asNeededBoolean") is True or bool(dosage.get("asNeededCodeableConcept"))


def _amount(dosage: Resource, called: str) -> str:
    rates = [*mappings_of(dosage.get("doseAndRate")), dosage]
    for rate in rates:
        for name in ("doseQuantity", "dose"):
            found = _quantity(mapping_of(rate.get(name)), called)
            if found:
                return found
        span = mapping_of(rate.get("doseRange"))
        low = number_of(mapping_of(span.get("low")).get("value"))
        if low is not None and (found := _quantity(mapping_of(span.get("high")), called, low)):
            return found
    return ""


def _quantity(quantity: Resource, called: str, low: float | None = None) -> str:
    value = number_of(quantity.get("value"))
    if value is None:
        return ""
    amount = f"{value:g}" if low is None else f"{low:g}-{value:g}"
    unit = text_of(quantity.get("unit")) or text_of(quantity.get("code"))
    if not _PILLS.fullmatch(unit):
        return f"{amount} {unit}".strip()
    held = {found[0] for found in AMOUNT.finditer(called.lower())}
    return f"{held.pop()} tablet, {amount} tablet" if len(held) == 1 else f"{amount} tablet"


def _often(timing: Resource) -> str:
    repeat = mapping_of(timing.get("repeat"))
    when = repeat.get("when")
    parts = [_WHEN.get(text_of(each), "") for each in when] if isinstance(when, list) else []
    if parts:
        return " and ".join(parts) if all(parts) else ""
    codes = (coding.code for coding in codings(timing.get("code")))
    return _repeated(repeat) or next(filter(None, codes), "")


def _repeated(repeat: Resource) -> str:
    if repeat.get("dayOfWeek"):
        return ""
    unit = text_of(repeat.get("periodUnit")) or text_of(repeat.get("periodUnits"))
    period = _span(repeat, "period")
    times = _span(repeat, "frequency") if repeat.get("frequency") is not None else "1"
    if not (period and times and unit in _UNITS):
        return ""
    if times == "1":
        return f"every {period} {_UNITS[unit]}"
    return f"{times} times a {_PER[unit]}" if period == "1" and unit in _PER else ""


def _span(repeat: Resource, name: str) -> str:
    values = [number_of(repeat.get(each)) for each in (name, f"{name}Max")]
    told = [f"{value:g}" for value in values if value is not None]
    return "-".join(dict.fromkeys(told)) if all(each.isdigit() for each in told) else ""
