"""One medicine as a FHIR resource writes it: its names, how and since when it is taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from api.fhir.doses import written_dose
from api.fhir.elements import (
    Resource,
    codings,
    concept_texts,
    day_of,
    mapping_of,
    mappings_of,
    number_of,
    reference_of,
    text_of,
)
from api.fhir.resources import References
from api.fhir.tables import curie_of, route_of

__all__ = ["MEDICINES", "WrittenMedicine", "read_medicine"]

MEDICINES = (
    "MedicationRequest",
    "MedicationStatement",
    "MedicationDispense",
    "MedicationAdministration",
)
"""Types of resources that say that a patient takes a medicine, the most telling first."""
NAMELESS = "a medicine without a name"
_MOST_NAME = 200
_MOST_NAMES = 8
"""Of so many ways in which a medicine is written the first are looked up."""
_MOST_INGREDIENTS = 30
_CODED = ("RXCUI", "ATC", "UNII", "NDFRT", "UMLS")
"""Prefixes of codes of drugs that sources of the graph hold, the most exact first."""
_TAG = re.compile(
    r"\s*\((?:product|substance|medicinal product(?: form)?|(?:real )?clinical drug"
    r"|qualifier value)\)\s*$",
    re.IGNORECASE,
)
"""What SNOMED CT writes behind a name to tell what kind of thing it is."""
_CONTAINING = re.compile(
    r"^(?:product containing (?:only |precisely )?)(?P<held>.+)$"
    r"|^(?P<holder>.+?)(?:-| )containing product(?: in .*)?$",
    re.IGNORECASE,
)
_DAYS = {"d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25, "h": 1 / 24}
"""Days of the units of time of UCUM."""


@dataclass(frozen=True, slots=True)
class WrittenMedicine:
    """One medicine as a record writes it.

    ``names`` are what to look up, best first: codes as CURIEs, then texts; ``ingredients`` have
    the names of each ingredient that the resource lists. ``route`` and ``dose`` are words.
    """

    reference: str
    names: tuple[str, ...]
    display: str
    route: str | None
    dose: str | None
    started: str | None
    duration_days: float | None
    resource: Mapping[str, Any]
    ingredients: tuple[tuple[str, ...], ...] = ()

    @property
    def kind(self) -> str:
        """Type of the resource."""
        return text_of(self.resource.get("resourceType"))

    @property
    def codes(self) -> tuple[str, ...]:
        """Those of the names that are codes."""
        return tuple(name for name in self.names if _is_code(name))

    @property
    def texts(self) -> tuple[str, ...]:
        """Those of the names that are words."""
        return tuple(name for name in self.names if not _is_code(name))


def read_medicine(resource: Mapping[str, Any], index: References) -> WrittenMedicine:
    """Read the medicine of a request, a statement, a dispense, an administration or a Medication.

    A reference is followed to a contained resource or one of ``index``; one that leads nowhere
    leaves what it is called as the only name.
    """
    concept, medication, called = _medicine(resource, index)
    names = _names(concept)
    parts = tuple(_ingredients(medication, index))
    written = next((name for name in concept_texts(concept) if name), "")
    display = written or called or ", ".join(p[-1] for p in parts) or next(iter(names), NAMELESS)
    more = (_plain(called),) if called and not names else ()
    dosages = tuple(_dosages(resource))
    own = text_of(resource.get("id"))
    return WrittenMedicine(
        reference=f"{text_of(resource.get('resourceType'))}/{own}" if own else "",
        names=(*names, *(name for name in more if 0 < len(name) <= _MOST_NAME)),
        display=display[:_MOST_NAME],
        route=_route(dosages),
        dose=written_dose(dosages, display),
        started=_started(resource),
        duration_days=_duration(resource, dosages),
        resource=resource,
        ingredients=parts,
    )


def _medicine(resource: Resource, index: References) -> tuple[object, Resource, str]:
    """Give the concept of a medicine, the Medication that describes it, and what a Reference says.

    The last is its display, or where it points when that is not there.
    """
    if text_of(resource.get("resourceType")) == "Medication":
        return resource.get("code"), resource, ""
    newer = mapping_of(resource.get("medication"))
    concept = resource.get("medicationCodeableConcept") or newer.get("concept")
    pointer = resource.get("medicationReference") or newer.get("reference")
    if concept or not pointer:
        return concept, {}, ""
    held = index.resource(pointer, resource)
    display = text_of(mapping_of(pointer).get("display"))
    if held is not None:
        return held.get("code"), held, display
    return None, {}, display or reference_of(pointer)


def _names(concept: object) -> tuple[str, ...]:
    """Give the codes of drugs, then the texts without what is no name."""
    found = tuple(curie_of(coding) for coding in codings(concept))
    codes = [code for prefix in _CODED for code in found if code.partition(":")[0] == prefix]
    texts = [_plain(text) for text in concept_texts(concept)]
    short = (text for text in texts if 0 < len(text) <= _MOST_NAME)
    return tuple(dict.fromkeys((*codes, *short)))[:_MOST_NAMES]


def _plain(text: str) -> str:
    """Take from a text what SNOMED CT writes around the name of a medicine.

    >>> _plain("Product containing only anastrozole (medicinal product)")
    'anastrozole'
    """
    bare = _TAG.sub("", text).strip()
    found = _CONTAINING.match(bare)
    return (found["held"] or found["holder"]).strip() if found else bare


def _is_code(name: str) -> bool:
    prefix, colon, rest = name.partition(":")
    return bool(colon) and prefix in _CODED and " " not in rest


def _ingredients(medication: Resource, index: References) -> Iterator[tuple[str, ...]]:
    for row in islice(mappings_of(medication.get("ingredient")), _MOST_INGREDIENTS):
        pointer = row.get("itemReference") or mapping_of(row.get("item")).get("reference")
        held = index.resource(pointer, medication) if pointer else None
        newer = mapping_of(row.get("item")).get("concept")
        concept = row.get("itemCodeableConcept") or newer or (held or {}).get("code")
        names = _names(concept) or tuple(filter(None, (_plain(_called(pointer)),)))
        if names and row.get("isActive") is not False:
            yield names


def _called(pointer: object) -> str:
    return text_of(mapping_of(pointer).get("display"))[:_MOST_NAME]


def _dosages(resource: Resource) -> Iterator[Resource]:
    for name in ("dosageInstruction", "dosage"):
        yield from mappings_of(resource.get(name))


def _route(dosages: Iterable[Resource]) -> str | None:
    """Give the one route of all dosages; several routes are none."""
    concepts = [dosage["route"] for dosage in dosages if dosage.get("route")]
    told = {
        route_of(each) or _TAG.sub("", next(iter(concept_texts(each)), ""))[:80]
        for each in concepts
    }
    return told.pop() or None if len(told) == 1 else None


def _started(resource: Resource) -> str | None:
    """Give the day on which a medicine was begun, as far as it is told, as an ISO date."""
    periods = [mapping_of(resource.get(p)).get("start") for p in ("effectivePeriod", "effective")]
    plain = ("effectiveDateTime", "whenHandedOver", "authoredOn", "whenPrepared", "dateWritten")
    told = (day_of(value) for value in (*periods, *(resource.get(name) for name in plain)))
    first = next((day for day in told if day), None)
    return first.isoformat() if first else None


def _duration(resource: Resource, dosages: Iterable[Resource]) -> float | None:
    """Give the days for which a medicine is meant to be taken, where an end is planned."""
    for dosage in dosages:
        repeat = mapping_of(mapping_of(dosage.get("timing")).get("repeat"))
        found = days_of(repeat.get("boundsDuration")) or _span(repeat.get("boundsPeriod"))
        if found:
            return found
    is_request = text_of(resource.get("resourceType")) == "MedicationRequest"
    return None if is_request else _span(resource.get("effectivePeriod"))


def days_of(quantity: object) -> float | None:
    """Give a FHIR Duration in days; ``None`` where its unit is not one of time."""
    told = mapping_of(quantity)
    value = number_of(told.get("value"))
    factor = _DAYS.get(text_of(told.get("code")) or text_of(told.get("unit"))[:1])
    return value * factor if value is not None and factor and value >= 0 else None


def _span(period: object) -> float | None:
    ends: list[date | None] = [day_of(mapping_of(period).get(end)) for end in ("start", "end")]
    start, end = ends
    return float((end - start).days + 1) if start and end and end >= start else None
