"""``POST /fhir/$screen``: the answer to one question asked and told in FHIR R4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from api.addresses import server_address
from api.body import read_object
from api.deps import CurrentInFlight, CurrentState, etag, read_body, stamped, unless_known
from api.fhir.conformance import capability_statement, operation_definition
from api.fhir.outcome import MEDIA_TYPE
from api.fhir.screening import screen_record
from api.json_text import json_text
from api.state import State

FHIR_TYPES = (MEDIA_TYPE, "application/json")
MOST_BYTES = 8 * 1024 * 1024
"""Longest body in bytes; the record of a whole life may have three million."""
_PRIVATE = {"Cache-Control": "no-store"}
_SHAPE = {"schema": {"type": "object", "required": ["resourceType"]}}

router = APIRouter(prefix="/fhir", tags=["fhir"])


@router.post(
    "/$screen",
    summary="Screen draft orders of a FHIR record",
    response_class=Response,
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(FHIR_TYPES, _SHAPE)}},
    responses={
        200: {
            "description": "A Bundle: an OperationOutcome with what was not checked, and a "
            "DetectedIssue for each finding; the figures are made up",
            "content": {MEDIA_TYPE: _SHAPE},
        }
    },
    description=f"Parameters with `record` and `draft`, or a Bundle, of at most {MOST_BYTES} bytes "
    "of FHIR R4. Errors are told as OperationOutcome.",
)
async def screen(request: Request, state: CurrentState, in_flight: CurrentInFlight) -> Response:
    """Give the findings of one patient's record and its draft orders as DetectedIssue."""
    _, content = await read_body(request, FHIR_TYPES, MOST_BYTES)
    return await in_flight.run(_response, content, state)


@router.get(
    "/metadata",
    summary="What this server does, as a CapabilityStatement",
    response_class=Response,
    responses={200: {"description": "The statement", "content": {MEDIA_TYPE: _SHAPE}}},
)
def metadata(request: Request) -> Response:
    """Give the CapabilityStatement."""
    found = _told(capability_statement(_base(request)))
    return unless_known(request, found)


@router.get(
    "/OperationDefinition/screen",
    summary="What $screen reads and answers, as an OperationDefinition",
    response_class=Response,
    responses={200: {"description": "The definition", "content": {MEDIA_TYPE: _SHAPE}}},
)
def operation(request: Request) -> Response:
    """Give the OperationDefinition of ``$screen``."""
    return unless_known(request, _told(operation_definition(_base(request))))


def _response(content: bytes, state: State) -> Response:
    found = screen_record(read_object(content, "the body"), state)
    return _told(found, {**stamped(state), **_PRIVATE})


def _base(request: Request) -> str:
    return server_address(request) + router.prefix


def _told(resource: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    content = json_text(resource)
    sent = headers or {"ETag": etag(content)}
    return Response(content, media_type=MEDIA_TYPE, headers=dict(sent))
