"""``POST /v1/screen``: the answer to one question."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.body import read_question
from api.deps import CurrentInFlight, CurrentState, answered, read_body
from api.service import answer
from api.state import State

JSON_TYPES = ("application/json",)
_PRIVATE = {"Cache-Control": "no-store"}

router = APIRouter(prefix="/v1", tags=["screen"])


@router.post(
    "/screen",
    summary="Screen a change of medicines",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/ScreenRequest"}}
            },
        }
    },
    responses={
        200: {
            "description": "The answer",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/ScreeningAnswer"}}
            },
        }
    },
)
async def screen(request: Request, state: CurrentState, in_flight: CurrentInFlight) -> Response:
    """Say what a change does: created, worsened, unchanged and resolved findings, and coverage."""
    _, content = await read_body(request, JSON_TYPES)
    # The body has come before, so that a slow sender keeps nobody else waiting.
    return await in_flight.run(_response, content, state)


def _response(content: bytes, state: State) -> Response:
    return answered(answer(read_question(content, "the body"), state), state, _PRIVATE)
