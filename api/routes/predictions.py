"""``GET /v1/predictions``: what the model guesses of a pair of drugs, or of one drug."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import CurrentInFlight, CurrentState, answered, unless_known
from api.prediction_json import MOST_PREDICTIONS, WARNING
from api.predictions import PredictionRequest, predictions

router = APIRouter(prefix="/v1", tags=["predictions"])

_EXAMPLE: dict[str, Any] = {
    "drugs": [
        {"query": "simvastatin", "curie": "RXCUI:36567", "name": "simvastatin"},
        {"query": "clarithromycin", "curie": "RXCUI:21212", "name": "clarithromycin"},
    ],
    "predictions": [
        {
            "drugs": [
                {"curie": "RXCUI:21212", "name": "clarithromycin"},
                {"curie": "RXCUI:36567", "name": "simvastatin"},
            ],
            "effect": {"curie": "HP:0003201", "name": "Rhabdomyolysis"},
            "pair": "new_pair",
            "probability": 0.4,
            "base_rate": 0.02,
            "lift": 20.0,
            "rank_among_effects": 1,
            "rank_among_pairs": 208,
            "came_true": {"from": 0.4, "share": 0.3},
            "known": False,
        }
    ],
    "known": [],
    "n_known": 0,
    "n_effects": 963,
    "n_pairs": 207690,
    "rank_error": 0.05,
    "graph": {"id": "open-0123456789ab", "sources": [], "left_out": []},
    "model": {"id": "0123456789abcdef", "trained_on": "open-0123456789ab"},
    "notes": [],
    "disclaimer": WARNING,
}


@router.get(
    "/predictions",
    summary="Guess effects of a pair, or of one drug",
    responses={
        200: {
            "description": "The likeliest effects that nothing states; the figures are made up",
            "content": {"application/json": {"example": _EXAMPLE}},
        }
    },
)
async def predict(
    request: Request,
    state: CurrentState,
    in_flight: CurrentInFlight,
    drugs: Annotated[
        str,
        Query(
            min_length=1,
            max_length=400,
            description="Two names or codes with a comma between them, or one.",
            examples=["simvastatin,clarithromycin"],
        ),
    ],
    top: Annotated[int, Query(ge=1, le=MOST_PREDICTIONS)] = 20,
    effect: Annotated[
        str | None, Query(min_length=1, max_length=200, description="Only this effect.")
    ] = None,
    *,
    known: Annotated[bool, Query(description="Also the likeliest of what is stated.")] = False,
) -> Response:
    """Give probability, base rate, lift and ranks of the likeliest effects; never a severity."""
    asked = PredictionRequest(tuple(drugs.split(",")), top, effect, known)
    with in_flight.one_more():
        found = await run_in_threadpool(predictions, asked, state)
    return unless_known(request, answered(found, state))
