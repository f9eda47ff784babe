"""Which medicines of a record are taken on a day: by their status, and by when they end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from api.fhir.chart import Chart, legible, quoted
from api.fhir.elements import Resource, first_code, mapping_of, mappings_of, text_of
from api.fhir.elements import day_of as day
from api.fhir.medicines import MEDICINES, WrittenMedicine, days_of, read_medicine
from api.fhir.resources import References
from api.fhir.tables import Standing, absent, standing_of

__all__ = ["Medicines", "medicines_of"]

SUPPLY_DAYS = 90
"""How long a supply that was handed over is taken to last where its days are not told."""
GIVEN_DAYS = 2
"""For how many days a single dose that was given counts as a medicine that is taken."""
_NOT_ORDERS = frozenset({"proposal", "option"})
"""Intents of requests that nobody has authorised."""


@dataclass(frozen=True, slots=True)
class Medicines:
    """The medicines of a record: those taken, those that are drafted, and what must be told."""

    current: tuple[WrittenMedicine, ...]
    drafts: tuple[WrittenMedicine, ...]
    notes: tuple[str, ...]


def medicines_of(chart: Chart) -> Medicines:
    """Sort the medicines of a record.

    Current is what a resource calls active and whose end, where one is told, has not come; what is
    on hold, of unknown status or perhaps not begun counts too, and a note says so.
    """
    sorted_ = [(_standing(each.resource, chart.on), each) for each in chart.all(*MEDICINES)]
    told: dict[str, list[tuple[Standing, WrittenMedicine]]] = {}
    empty: list[str] = []
    for standing, each in sorted_:
        written = read_medicine(each.resource, _nearer(chart, each.container))
        medicine = legible(written, chart.words)
        if _says_nothing(each.resource, chart):
            empty.append(medicine.display)
        else:
            told.setdefault(standing.kind, []).append((standing, medicine))
    counted = [*told.get("taken", ()), *told.get("noted", ())]
    notes = (
        *_noted(told.get("noted", ())),
        *_past(told.get("past", ())),
        *([f"The record says of medicines: {quoted(empty)}."] if empty else ()),
    )
    order = {id(each.resource): place for place, each in enumerate(chart.found)}
    current = sorted((m for _, m in counted), key=lambda m: order[id(m.resource)])
    drafts = tuple(medicine for _, medicine in told.get("draft", ()))
    return Medicines(tuple(_joined(current, chart)), drafts, notes)


def _nearer(chart: Chart, container: Resource | None) -> References:
    """References as a contained resource sees them: those beside it come first."""
    if container is None:
        return chart.references
    beside = {f"#{text_of(r.get('id'))}": r for r in mappings_of(container.get("contained"))}
    return replace(chart.references, by_address={**chart.references.by_address, **beside})


def _says_nothing(resource: Resource, chart: Chart) -> bool:
    """Tell whether a resource stands only to say that there is no medicine, or none known."""
    held = chart.references.resource(resource.get("medicationReference"), resource)
    return absent(resource.get("medicationCodeableConcept")) or absent((held or {}).get("code"))


def _standing(resource: Resource, on: date) -> Standing:
    kind = text_of(resource.get("resourceType"))
    standing = standing_of(kind, first_code(resource.get("status")))
    is_not = first_code(resource.get("taken")) == "n" or resource.get("notGiven") is True
    if standing.kind in {"void", "past", "draft"}:
        return standing
    if is_not or resource.get("notDone") is True or resource.get("doNotPerform") is True:
        return Standing("past", "is recorded as not to be taken, or not taken")
    if kind == "MedicationRequest" and first_code(resource.get("intent")) in _NOT_ORDERS:
        return Standing("past", f"only a {first_code(resource.get('intent'))}")
    ended = _end(resource, kind)
    return Standing("past", f"ended {ended.isoformat()}") if ended and ended < on else standing


def _end(resource: Resource, kind: str) -> date | None:
    """Give the last day on which a medicine is taken, where the resource tells it."""
    if kind == "MedicationDispense":
        handed = day(resource.get("whenHandedOver")) or day(resource.get("whenPrepared"))
        supply = days_of(resource.get("daysSupply")) or SUPPLY_DAYS
        return _later(handed, supply)
    if kind == "MedicationAdministration":
        span = mapping_of(resource.get("effectivePeriod"))
        given = day(resource.get("effectiveDateTime")) or day(span.get("end"))
        return (
            _later(given, GIVEN_DAYS) if first_code(resource.get("status")) == "completed" else None
        )
    ends = [mapping_of(resource.get("effectivePeriod")).get("end"), *_bounds(resource)]
    told = [found for found in map(day, ends) if found]
    return max(told, default=None)


def _bounds(resource: Resource) -> Iterator[object]:
    """Yield when each dosage ends; the last of them ends the course, if all have an end."""
    dosages = [
        *mappings_of(resource.get("dosageInstruction")),
        *mappings_of(resource.get("dosage")),
    ]
    ends = [_bound(dosage, resource) for dosage in dosages]
    if all(ends):
        yield from ends


def _bound(dosage: Resource, resource: Resource) -> str:
    repeat = mapping_of(mapping_of(dosage.get("timing")).get("repeat"))
    end = day(mapping_of(repeat.get("boundsPeriod")).get("end"))
    length = days_of(repeat.get("boundsDuration"))
    if end is None and length is not None:
        end = _later(day(resource.get("authoredOn")), length)
    return end.isoformat() if end else ""


def _later(start: date | None, days: float) -> date | None:
    try:
        return start + timedelta(days=days) if start else None
    except OverflowError:
        return None


def _noted(rows: Iterable[tuple[Standing, WrittenMedicine]]) -> Iterator[str]:
    for standing, medicine in rows:
        yield f"{_called(medicine)} {standing.words}; it was counted as taken."


def _past(rows: Iterable[tuple[Standing, WrittenMedicine]]) -> Iterator[str]:
    told = [f"{medicine.display[:120]} ({standing.words})" for standing, medicine in rows]
    if told:
        yield f"Not counted among the medicines, being past or not taken: {quoted(told)}."


def _called(medicine: WrittenMedicine) -> str:
    return (
        f"{medicine.display!r} ({medicine.reference})"
        if medicine.reference
        else repr(medicine.display)
    )


def _joined(current: Iterable[WrittenMedicine], chart: Chart) -> Iterator[WrittenMedicine]:
    """Leave out what only tells of a request that is counted: its dispense, dose or statement."""
    listed = list(current)
    requests = {m.reference for m in listed if m.kind == MEDICINES[0] and m.reference}
    links = ("authorizingPrescription", "basedOn", "derivedFrom", "request", "prescription")
    for medicine in listed:
        pointers = (p for link in links for p in mappings_of(medicine.resource.get(link)))
        named = {chart.references.name(pointer) for pointer in pointers}
        if medicine.kind == MEDICINES[0] or named.isdisjoint(requests):
            yield medicine
