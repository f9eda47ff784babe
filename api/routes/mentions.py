"""``POST /v1/mentions``: the drugs that a free text names."""

from __future__ import annotations

from typing import Any, get_args

from fastapi import APIRouter, Request, Response

from api.deps import CurrentInFlight, CurrentState, answered, read_body
from api.mentions import MOST_LETTERS, mentions_json, read_text
from ontologies.notes.context_phrases import Context
from ontologies.notes.mentions import How, MentionStatus

JSON_TYPES = ("application/json",)
_PRIVATE = {"Cache-Control": "no-store"}
_NULLABLE = ["string", "null"]
_CONTEXT: dict[str, Any] = {"enum": list(get_args(Context))}
_MENTION: dict[str, Any] = {
    "type": "object",
    "required": ["start", "end", "text", "status", "curie", "name", "matched", "context"],
    "properties": {
        "start": {"type": "integer", "minimum": 0, "description": "In code points."},
        "end": {"type": "integer", "description": "The first code point behind the mention."},
        "text": {"type": "string", "description": "As written."},
        "status": {"enum": list(get_args(MentionStatus))},
        "curie": {"type": _NULLABLE},
        "name": {"type": _NULLABLE, "description": "For a drug-class, the class."},
        "matched": {"enum": [*get_args(How), None]},
        "context": _CONTEXT,
        "dose": {"type": _NULLABLE, "description": "Beside the name, as written."},
        "route": {"type": _NULLABLE, "description": "Beside the name, as written."},
        "candidates": {"type": "array", "items": {"type": "object"}},
    },
}
_DRUG: dict[str, Any] = {
    "type": "object",
    "required": ["curie", "name", "context", "mentions"],
    "properties": {
        "curie": {"type": "string"},
        "name": {"type": "string"},
        "context": {**_CONTEXT, "description": "Current where any mention is."},
        "mentions": {"type": "array", "items": {"type": "integer"}, "description": "From 0."},
    },
}
_ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["mentions", "drugs", "notes", "graph"],
    "properties": {
        "mentions": {"type": "array", "items": _MENTION},
        "drugs": {"type": "array", "items": _DRUG},
        "notes": {"type": "array", "items": {"type": "string"}},
        "graph": {"type": "object", "properties": {"id": {"type": "string"}}},
    },
}
_ASKED: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": MOST_LETTERS, "pattern": r"\S"}
    },
}

router = APIRouter(prefix="/v1", tags=["drugs"])


@router.post(
    "/mentions",
    summary="Find the drugs that a free text names",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ASKED}}}
    },
    responses={
        200: {
            "description": "Where drugs stand in the text, and each drug with its mentions",
            "content": {"application/json": {"schema": _ANSWER}},
        }
    },
)
async def mentions(request: Request, state: CurrentState, in_flight: CurrentInFlight) -> Response:
    """Give each drug that a note names, whether it is taken, stopped, not tolerated or denied."""
    _, content = await read_body(request, JSON_TYPES)
    text = read_text(content)
    found = await in_flight.run(mentions_json, text, state)
    return answered(found, state, _PRIVATE)
