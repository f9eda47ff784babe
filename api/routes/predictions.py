"""``GET /v1/predictions``: what the model guesses of a pair of drugs, or of one drug."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.deps import CurrentInFlight, CurrentState, answered, listed_drugs, unless_known
from api.predictions.answer import PredictionRequest, predictions
from api.predictions.shapes import MOST_PREDICTIONS

router = APIRouter(prefix="/v1", tags=["predictions"])


@router.get(
    "/predictions",
    summary="Guess effects of a pair, or of one drug",
    responses={
        200: {"description": "The likeliest effects that nothing states; the figures are made up"}
    },
)
async def predict(
    request: Request,
    state: CurrentState,
    in_flight: CurrentInFlight,
    drugs: Annotated[str, listed_drugs("Two names or codes with a comma between them, or one.")],
    top: Annotated[int, Query(ge=1, le=MOST_PREDICTIONS)] = 20,
    effect: Annotated[
        str | None, Query(min_length=1, max_length=200, description="Only this effect.")
    ] = None,
    *,
    known: Annotated[bool, Query(description="Also the likeliest of what is stated.")] = False,
) -> Response:
    """Give probability, base rate, lift and ranks of the likeliest effects; never a severity."""
    asked = PredictionRequest(tuple(drugs.split(",")), top, effect, known)
    found = await in_flight.run(predictions, asked, state)
    return unless_known(request, answered(found, state))
