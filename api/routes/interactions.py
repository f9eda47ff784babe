"""``GET /v1/interactions``: what is between the drugs of a list, by the address alone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.deps import CurrentInFlight, CurrentState, answered, listed_drugs, unless_known
from api.errors import InvalidRequest
from api.schemas import MAX_DRUGS
from api.service import answer

router = APIRouter(prefix="/v1", tags=["screen"])


@router.get(
    "/interactions",
    summary="The interactions within a list of drugs",
    responses={
        200: {
            "description": "The answer of `POST /v1/screen` to the list, with nothing changed",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/ScreeningAnswer"}}
            },
        }
    },
)
async def interactions(
    request: Request,
    state: CurrentState,
    in_flight: CurrentInFlight,
    drugs: Annotated[
        str, listed_drugs(f"From 2 to {MAX_DRUGS} names or codes with commas between them.", 4000)
    ],
) -> Response:
    """Give what `POST /v1/screen` finds in a list that is taken already, without patient data."""
    taking = drugs.split(",")
    if len(taking) < 2:
        raise InvalidRequest(
            f"drugs: {drugs[:200]!r} is not accepted: at least two are expected, with a comma "
            "between them"
        )
    body: dict[str, Any] = {"taking": taking}
    found = await in_flight.run(answer, body, state)
    return unless_known(request, answered(found, state))
