"""The medicines of a question as its answer tells them, with the daily doses that were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.doses import with_doses
from api.notes import entry_of
from api.patients import PatientReader
from api.schemas import Medicine, ScreenRequest
from ontologies.doses.daily import DailyDose
from ontologies.lexicon import Resolution

__all__ = ["dosed_lines", "once", "with_dose"]

Reference = Mapping[str, Any]


def dosed_lines(
    references: Iterable[Reference],
    found: Iterable[Resolution],
    ways: Iterable[str | Medicine],
    reader: PatientReader,
) -> list[dict[str, Any]]:
    """Give references with the doses of what they refer to, as far as they are plain."""
    graph = reader.contents.graph
    lines = zip(references, found, ways, strict=True)
    return [with_doses(told, reader.doses(one, way), graph) for told, one, way in lines]


def once(found: Iterable[Resolution], told: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each medicine once; lines of one name whose doses or their words differ are two."""
    lines: dict[object, dict[str, Any]] = {}
    for one, reference in zip(found, told, strict=True):
        amounts = tuple(_told_as(dose) for dose in reference.get("doses", ()))
        name = entry_of(one.candidate) if one.candidate else one.query
        lines.setdefault((name, amounts), reference)
    return list(lines.values())


def with_dose(request: ScreenRequest, told: Sequence[Reference]) -> list[Medicine]:
    """Give the medicines of a request whose dose was read; ``told`` are its lines in order."""
    listed = zip([*request.taking, *request.additions], told, strict=True)
    return [way for way, line in listed if isinstance(way, Medicine) and "doses" in line]


def _told_as(dose: Reference) -> tuple[float, str]:
    return DailyDose(dose["mg_a_day"], dose["read_from"]).told_as
