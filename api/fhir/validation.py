"""Checks the resources that are read against FHIR R4B, with the library ``fhir.resources``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from api.errors import InvalidRequest
from api.fhir.chart import READ
from api.fhir.elements import text_of
from api.fhir.outcome import issue
from api.fhir.resources import Found

__all__ = ["InvalidResource", "check", "invalid"]

CHECKED = READ | {"Medication"}
_MOST = 20
_MOST_VALUE = 60


class InvalidResource(InvalidRequest):
    """A resource is not as FHIR R4B defines it; every element that is wrong is an issue."""

    title = "A resource is not valid FHIR R4"

    def __init__(self, issues: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(str(issues[0]["diagnostics"]), {"issues": list(issues)})


def check(found: Sequence[Found]) -> None:
    """Check the resources that are read; others are left alone.

    Raises:
        InvalidResource: Elements are unknown, missing or of another type.
    """
    issues = [each for one in found if one.kind in CHECKED for each in invalid(one.resource)]
    if issues:
        more = len(issues) - _MOST
        rest = [issue("error", "structure", f"and {more} more errors")] if more > 0 else []
        raise InvalidResource([*issues[:_MOST], *rest])


def invalid(resource: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an issue for each element of a resource that FHIR R4B does not allow so."""
    # Loaded when it is first needed: its models are many.
    from fhir.resources.R4B import get_fhir_model_class

    kind = str(resource["resourceType"])
    # What is contained is checked by itself; the library fails on one of an unknown type.
    own_part = {key: value for key, value in resource.items() if key != "contained"}
    if not _are_resources(resource.get("contained", [])):
        place = f"{kind}.contained"
        yield issue("error", "structure", f"{place}: resources with their type expected", [place])
    try:
        get_fhir_model_class(kind).model_validate(own_part)
    except ValidationError as error:
        own = f"/{resource['id']}" if resource.get("id") else ""
        for row in error.errors(include_url=False):
            place = ".".join((kind, *_path(row["loc"])))
            value = (
                "" if isinstance(row["input"], dict | list) else repr(row["input"])[:_MOST_VALUE]
            )
            quoted = f" {value}" if value else ""
            told = f"{kind}{own}: {place}{quoted} is not accepted: {row['msg']}"
            yield issue("error", "structure", told, [place])


def _are_resources(contained: object) -> bool:
    listed = contained if isinstance(contained, list) else [None]
    return all(isinstance(r, Mapping) and text_of(r.get("resourceType")) for r in listed)


def _path(place: Sequence[str | int]) -> Iterator[str]:
    """Write the place of an error as FHIRPath does: ``dosageInstruction[0].route``."""
    parts: list[str] = []
    for part in place:
        if isinstance(part, int) and parts:
            parts[-1] += f"[{part}]"
        elif not isinstance(part, int):
            parts.append(part)
    yield from parts
