"""Reads what clients tell of their users' deeds: which card was taken, which overridden and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.cds.errors import MalformedCall
from api.cds.feedback import Judged
from api.cds.tables import SYSTEM, override_reasons

MOST_AT_ONCE = 200
OTHER_REASON = "other"
"""What a reason is counted as that is not one of ours; its words may be about a patient."""
NO_REASON = ""
_OUTCOMES = ("accepted", "overridden")
_UUID = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)


def read_feedback(body: Mapping[str, Any]) -> tuple[Judged, ...]:
    """Read the body of ``POST /cds-services/{id}/feedback``.

    Raises:
        MalformedCall: A field is missing or has another shape.
    """
    rows = body.get("feedback")
    if not isinstance(rows, list) or not rows:
        raise MalformedCall("feedback", "a list with at least one entry is required")
    if len(rows) > MOST_AT_ONCE:
        raise MalformedCall("feedback", f"{len(rows)} entries; at most {MOST_AT_ONCE} at a time")
    return tuple(_judged(row, f"feedback[{number}]") for number, row in enumerate(rows))


def _judged(row: object, place: str) -> Judged:
    if not isinstance(row, dict):
        raise MalformedCall(place, "an object is expected")
    outcome = row.get("outcome")
    if outcome not in _OUTCOMES:
        raise MalformedCall(f"{place}.outcome", f"one of {', '.join(_OUTCOMES)} is required")
    reason, comment = _reason(row.get("overrideReason"), f"{place}.overrideReason")
    return Judged(
        card=_uuid(row.get("card"), f"{place}.card"),
        outcome=str(outcome),
        reason=reason if outcome == "overridden" else NO_REASON,
        suggestions=_suggestions(row.get("acceptedSuggestions"), f"{place}.acceptedSuggestions"),
        comment_length=len(comment),
        judged_at=_time(row.get("outcomeTimestamp"), f"{place}.outcomeTimestamp"),
    )


def _uuid(value: object, place: str) -> str:
    found = _UUID.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise MalformedCall(place, "a UUID is required")
    return found[1].lower()


def _time(value: object, place: str) -> str:
    if value is None:
        raise MalformedCall(place, "a time is required, such as 2026-01-31T12:00:00Z")
    try:
        return datetime.fromisoformat(str(value)).isoformat(timespec="seconds")
    except ValueError:
        raise MalformedCall(place, "an ISO 8601 time is expected") from None


def _suggestions(value: object, place: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise MalformedCall(place, "a list of objects with an id is expected")
    return tuple(_uuid(each.get("id"), f"{place}[{at}].id") for at, each in enumerate(value))


def _reason(value: object, place: str) -> tuple[str, str]:
    """The code of a reason, one of ours or ``other``, and the comment."""
    if value is None:
        return NO_REASON, ""
    if not isinstance(value, dict):
        raise MalformedCall(place, "an object is expected")
    comment = value.get("userComment")
    if comment is not None and not isinstance(comment, str):
        raise MalformedCall(f"{place}.userComment", "a text is expected")
    reason = value.get("reason")
    if reason is None:
        return NO_REASON, comment or ""
    if not isinstance(reason, dict) or not isinstance(reason.get("code"), str):
        raise MalformedCall(f"{place}.reason", "a code with its system is expected")
    known = {each.code for each in override_reasons()}
    is_ours = reason.get("system") in (SYSTEM, None) and reason["code"] in known
    return (reason["code"] if is_ours else OTHER_REASON), comment or ""
