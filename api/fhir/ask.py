"""Reads what is sent to ``$screen``: Parameters, a Bundle, or a resource of a medicine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from api.errors import InvalidRequest
from api.fhir.elements import Resource, day_of, first_code, mapping_of, mappings_of, text_of
from api.fhir.resources import BUNDLE, PARAMETERS, Found, References, walk
from api.fhir.validation import CHECKED, check

__all__ = ["MalformedFhir", "Sent", "read_sent"]

MOST_RESOURCES = 10_000
"""So many resources are read at most; the record of a whole life may have three thousand."""
DRAFT, RECORD, ON = "draft", "record", "on"
_ACCEPTED = f"{RECORD} (a Bundle or a resource), {DRAFT} (a MedicationRequest), {ON} (a date)"
_ORDER = "MedicationRequest"


class MalformedFhir(InvalidRequest):
    """A body is JSON and not the FHIR that is read here."""

    status = 400
    title = "The body is not the FHIR that is expected"

    def __init__(self, message: str, place: str = "", code: str = "structure") -> None:
        super().__init__(message, {"code": code, "expression": [place] if place else []})


class TooManyResources(InvalidRequest):
    """More resources were sent than are read at once."""

    status = 413
    title = "The record has too many resources"

    def __init__(self) -> None:
        super().__init__(
            f"more than {MOST_RESOURCES} resources were sent, which is the most that is read",
            {"code": "too-costly"},
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: the record, the draft orders, and the day if one was named."""

    record: tuple[Resource, ...]
    drafts: tuple[Resource, ...]
    references: References
    on: date | None = None


def read_sent(body: Mapping[str, Any], *, checked: bool = True) -> Sent:
    """Tell record and drafts apart; a request of the status draft in the record is a draft.

    Raises:
        TooManyResources: More than are read at once.
        MalformedFhir: It is no FHIR, or a resource of another kind, or a parameter is unknown.
        InvalidResource: A resource that is read is not valid; only where ``checked``.
    """
    kind = text_of(body.get("resourceType"))
    if kind == PARAMETERS:
        parts = tuple(_parts(body))
        record = tuple(r for name, r in parts if name == RECORD)
        sent = tuple(r for name, r in parts if name == DRAFT)
        on = _day(body)
    elif kind == BUNDLE or kind in CHECKED:
        record, sent, on = (body,), (), None
    else:
        raise MalformedFhir(_wrong(body, kind), "resourceType", "not-supported")
    for resource in (*record, *sent):
        _check_shape(resource, text_of(resource.get("resourceType")))
    drafts = tuple(each.resource for resource in sent for each in _orders(resource))
    found = tuple(islice(walk((*record, *sent)), MOST_RESOURCES + 1))
    if len(found) > MOST_RESOURCES:
        raise TooManyResources
    if checked:
        check(found)
    written = {id(draft) for draft in drafts}
    more = [f.resource for f in found if id(f.resource) not in written and _is_draft(f)]
    return Sent(record, (*drafts, *more), References.of(found), on)


def _wrong(body: Mapping[str, Any], kind: str) -> str:
    if "resourceType" not in body:
        return "the body has no resourceType: FHIR is expected, a Bundle or Parameters"
    return f"a {kind[:60]!r} is not read here; send a Bundle or Parameters with {_ACCEPTED}"


def _check_shape(resource: Resource, place: str) -> None:
    """Refuse a Bundle whose entries are not such; of other resources nothing is said here."""
    if text_of(resource.get("resourceType")) != BUNDLE:
        return
    entries = resource.get("entry", [])
    if not isinstance(entries, list):
        raise MalformedFhir(f"{place}.entry: a list is expected", f"{place}.entry")
    for at, entry in enumerate(entries):
        where = f"{place}.entry[{at}].resource"
        if not isinstance(entry, Mapping):
            raise MalformedFhir(f"{where.rpartition('.')[0]}: an object is expected", where)
        inner = entry.get("resource")
        if inner is None:
            continue
        if not (isinstance(inner, Mapping) and text_of(inner.get("resourceType"))):
            raise MalformedFhir(f"{where}: a resource with its resourceType is expected", where)
        _check_shape(inner, where)


def _is_draft(found: Found) -> bool:
    return found.kind == _ORDER and first_code(found.resource.get("status")) == "draft"


def _parts(body: Mapping[str, Any]) -> Iterator[tuple[str, Resource]]:
    for place, part in enumerate(mappings_of(body.get("parameter"))):
        where = f"Parameters.parameter[{place}]"
        name = text_of(part.get("name"))
        if name == ON:
            continue
        if name not in {DRAFT, RECORD}:
            raise MalformedFhir(
                f"there is no parameter {name[:60]!r}; there are: {_ACCEPTED}", where, "not-found"
            )
        resource = mapping_of(part.get("resource"))
        if not text_of(resource.get("resourceType")):
            raise MalformedFhir(f"the parameter {name!r} has no resource", where, "required")
        yield name, resource


def _orders(resource: Resource) -> Sequence[Found]:
    """Give the orders of a parameter ``draft``: the resource, or those of a Bundle."""
    found = [each for each in walk([resource]) if each.kind == _ORDER]
    if not found:
        kind = text_of(resource.get("resourceType"))
        raise MalformedFhir(
            f"the parameter {DRAFT!r} holds {kind[:60]!r}; a {_ORDER} is expected", "", "invalid"
        )
    return found


def _day(body: Mapping[str, Any]) -> date | None:
    for place, part in enumerate(mappings_of(body.get("parameter"))):
        if text_of(part.get("name")) == ON:
            values = (part.get(name) for name in ("valueDate", "valueDateTime", "valueString"))
            day = next((found for found in map(day_of, values) if found), None)
            if day is None:
                where = f"Parameters.parameter[{place}]"
                raise MalformedFhir(f"the parameter {ON!r} has no date", where, "value")
            return day
    return None
