"""Reads the prefetch of a call: what of the record came along, and what did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.cds.errors import MalformedCall

Resource = Mapping[str, Any]
ORDER, OLD_ORDER = "MedicationRequest", "MedicationOrder"
"""What an order of a medicine is called: in STU3 and later, and in DSTU2."""


@dataclass(frozen=True, slots=True)
class SentParts:
    """The resources that came along, and the keys of what is lacking or came in part.

    Lacking is what is null or an OperationOutcome; in part came one page of several, or a search
    that tells of an error.
    """

    resources: tuple[Resource, ...]
    lacking: tuple[str, ...]
    partial: tuple[str, ...]
    had: tuple[str, ...]
    """Keys of what came along."""


def sent_parts(body: Mapping[str, Any], context: Mapping[str, Any]) -> SentParts:
    """Read the prefetch of a call.

    Raises:
        MalformedCall: A part is neither a resource nor null.
    """
    parts = _parts(body, context)
    had = {key: part for key, part in parts.items() if part is not None and not _is_lacking(part)}
    lacking = tuple(key for key, part in parts.items() if _is_lacking(part))
    partial = tuple(key for key, part in had.items() if _is_partial(part))
    return SentParts(tuple(had.values()), lacking, partial, tuple(had))


def _parts(body: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """The prefetch by key; the oldest clients send it within the context."""
    found: dict[str, Any] = {}
    for value, place in (
        (context.get("prefetch"), "context.prefetch"),
        (body.get("prefetch"), "prefetch"),
    ):
        if value is None:
            continue
        if not isinstance(value, dict):
            raise MalformedCall(place, "an object with the parts of the record is expected")
        found |= value
    return {key: _unwrapped(part, f"prefetch.{key[:60]}") for key, part in found.items()}


def _unwrapped(part: object, place: str) -> Resource | None:
    """A part without the wrapping ``{response, resource}`` of the oldest clients."""
    if isinstance(part, dict) and "resourceType" not in part and "resource" in part:
        part = part["resource"]
    if part is None:
        return None
    if not isinstance(part, dict) or not isinstance(part.get("resourceType"), str):
        raise MalformedCall(place, "a FHIR resource, a Bundle or null is expected")
    return _straight(part, place) if part["resourceType"] == "Bundle" else part


def _straight(part: Resource, place: str) -> Resource:
    """A Bundle in which every entry holds its resource; in the oldest calls they stand bare."""
    entries = part.get("entry", [])
    if not isinstance(entries, list):
        raise MalformedCall(f"{place}.entry", "a list is expected")
    held = []
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise MalformedCall(f"{place}.entry[{number}]", "an object is expected")
        bare = "resource" not in entry and "resourceType" in entry
        held.append({"resource": entry} if bare else entry)
    return {**part, "entry": [_renewed(entry) for entry in held]}


def _renewed(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry in which an order of DSTU2 bears its later name."""
    inner = entry.get("resource")
    if not isinstance(inner, dict) or inner.get("resourceType") != OLD_ORDER:
        return entry
    return {**entry, "resource": {**inner, "resourceType": ORDER}}


def _is_lacking(part: Resource | None) -> bool:
    return part is None or part["resourceType"] == "OperationOutcome"


def _is_partial(part: Resource) -> bool:
    """Tell whether a Bundle is one page of several, or an entry of it holds nothing or an error."""
    if part["resourceType"] != "Bundle":
        return False
    links = part.get("link")
    listed = links if isinstance(links, list) else []
    if any(isinstance(link, dict) and link.get("relation") == "next" for link in listed):
        return True
    inner = (entry.get("resource") for entry in part["entry"])
    kinds = (r.get("resourceType") if isinstance(r, dict) else None for r in inner)
    return any(not isinstance(kind, str) or kind == "OperationOutcome" for kind in kinds)
