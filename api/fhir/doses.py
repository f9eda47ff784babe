"""How much of a medicine a FHIR Dosage says to take and how often, in plain words.

The words are those that `ontologies.doses.daily` reads; what cannot be said in them stands as the
text of the Dosage, and is read from there or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from api.fhir.elements import (
    Resource,
    codings,
    concept_texts,
    mapping_of,
    mappings_of,
    number_of,
    text_of,
)
from ontologies.doses.amounts import AMOUNT, unit_of
from ontologies.doses.amounts import number_of as number_in

__all__ = ["written_dose"]

_MOST = 80
_MOST_OF_FIRST = 60
_PILLS = re.compile(r"\{?(?:pill|tbl|tab|tablet|cap|capsule|caplet)s?\}?", re.IGNORECASE)
"""Units of HL7's orderable drug forms and annotations of UCUM that count what is swallowed."""
_MASSES = re.compile(r"(?:mg|mcg|ug|g)", re.IGNORECASE)
_NOT_SWALLOWED = re.compile(
    r"\b(?:solution|suspension|inject\w*|inhal\w*|spray|drops?|cream|ointment|gel|patch|system|syrup"
    r"|suppositor\w*|implant|ring|vial|pen|syringe|lotion|foam|powder|kit|pack|actuat\w*|topical"
    r"|film|transdermal|ophthalmic|otic|nasal|rectal|vaginal)\b|/\s?(?:ml|actuat|hr|h)\b|%",
    re.IGNORECASE,
)
"""Words of forms of which one piece is no strength."""
_FORM = re.compile(
    r"(?:\s+(?:oral|tablets?|capsules?|extended|delayed|release|chewable))+\s*$", re.I
)
_UNITS: Mapping[str, str] = {"h": "hours", "d": "days", "wk": "weeks"}
_DAYS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
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

    ``called`` is what the medicine is called: where a number of tablets is told, or one without a
    unit of what is swallowed by the piece, it says how much one holds. Dosages of one ``sequence``
    go on together; others that differ are no one dose, and their words say so.
    """
    told = list(dict.fromkeys(filter(None, (_words(dosage, called) for dosage in dosages))))
    if len(told) > 1:
        orders = {number_of(dosage.get("sequence")) for dosage in dosages}
        together = ", ".join(told)
        if len(orders) == 1 and None not in orders and len(together) <= _MOST:
            return together
        return f"{told[0][:_MOST_OF_FIRST]}; then {told[1]}"[:_MOST]
    # A text that is cut might lose what changes its meaning.
    return told[0] if told and len(told[0]) <= _MOST else None


def _words(dosage: Resource, called: str) -> str:
    amount, often = _amount(dosage, called), _often(mapping_of(dosage.get("timing")))
    text = text_of(dosage.get("text")).strip()
    if not (amount and often):
        return text or amount
    needed = " as needed" if _is_needed(dosage) else ""
    return f"{amount} {often}{needed}{_most_a_day(dosage, called)}"


def _is_needed(dosage: Resource) -> bool:
    told = (dosage.get("asNeededBoolean"), dosage.get("asNeeded"))
    about = (dosage.get("asNeededCodeableConcept"), dosage.get("asNeededFor"))
    return True in told or any(about)


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
    unit = _unit_of(quantity)
    if not _counts_pieces(unit, called):
        return f"{amount} {unit}".strip()
    held = list(dict.fromkeys(found[0] for found in AMOUNT.finditer(called.lower())))
    if len(held) == 1:
        return f"{held[0]} tablet, {amount} tablet"
    parts = _FORM.sub("", called)
    is_listed = len(held) > 1 and " / " in parts and len(parts) + len(amount) < _MOST_OF_FIRST
    return f"{parts}, {amount} tablet" if is_listed else f"{amount} tablet"


def _unit_of(quantity: Resource) -> str:
    return text_of(quantity.get("unit")) or text_of(quantity.get("code"))


def _counts_pieces(unit: str, called: str) -> bool:
    """Tell whether a number counts what is swallowed: by its unit, or by the medicine without one.

    A number without a unit counts pieces of a medicine with a strength that is no liquid, no
    patch, and nothing else that is not taken by the piece.
    """
    if unit:
        return _PILLS.fullmatch(unit) is not None
    held = list(AMOUNT.finditer(called.lower()))
    is_plain = all(found["within"] is None and found["high"] is None for found in held)
    return bool(held) and is_plain and not _NOT_SWALLOWED.search(called)


def _most_a_day(dosage: Resource, called: str) -> str:
    """Say what may be taken in a day at most, where that is told in mg or in pieces."""
    ratios = dosage.get("maxDosePerPeriod")
    ratio = mapping_of(ratios[0] if isinstance(ratios, list) and len(ratios) == 1 else ratios)
    most, period = (mapping_of(ratio.get(part)) for part in ("numerator", "denominator"))
    value, span = number_of(most.get("value")), number_of(period.get("value"))
    within = text_of(period.get("code")) or _unit_of(period)
    if value is None or (span, within.lower()[:1]) not in {(1, "d"), (24, "h")}:
        return ""
    unit = _unit_of(most)
    if _MASSES.fullmatch(unit):
        return f" max {value:g} {unit}/day"
    held = {found[0]: found for found in AMOUNT.finditer(called.lower())}
    if not _counts_pieces(unit, called) or len(held) != 1:
        return ""
    (only,) = held.values()
    return f" max {number_in(only['low']) * unit_of(only) * value:g} mg/day"


def _often(timing: Resource) -> str:
    repeat = mapping_of(timing.get("repeat"))
    when = repeat.get("when")
    parts = [_WHEN.get(text_of(each), "") for each in when] if isinstance(when, list) else []
    if parts:
        return " and ".join(parts) if all(parts) else ""
    codes = [coding.code for coding in codings(timing.get("code"))]
    texts = [*codes, *concept_texts(timing.get("code"))]
    return _repeated(repeat) or next(filter(None, texts), "")


def _repeated(repeat: Resource) -> str:
    days, hours = repeat.get("dayOfWeek"), repeat.get("timeOfDay")
    often = _in_period(repeat)
    if isinstance(hours, list) and hours:
        at = "once a day" if len(hours) == 1 else f"{len(hours)} times a day"
        if often not in {"", at}:
            return ""
        often = at
    if not days:
        return often
    is_list = isinstance(days, list) and all(text_of(day) in _DAYS for day in days)
    return f"{often} on {' and '.join(map(text_of, days))}".strip() if is_list else ""


def _in_period(repeat: Resource) -> str:
    unit = text_of(repeat.get("periodUnit")) or text_of(repeat.get("periodUnits"))
    period = _span(repeat, "period")
    times = _span(repeat, "frequency") if repeat.get("frequency") is not None else "1"
    if not (period and times and unit in _UNITS):
        return ""
    if period == "1" and unit in _PER:
        return f"once a {_PER[unit]}" if times == "1" else f"{times} times a {_PER[unit]}"
    return f"every {period} {_UNITS[unit]}" if times == "1" else ""


def _span(repeat: Resource, name: str) -> str:
    values = [number_of(repeat.get(each)) for each in (name, f"{name}Max")]
    told = [f"{value:g}" for value in values if value is not None]
    return "-".join(dict.fromkeys(told)) if all(each.isdigit() for each in told) else ""
