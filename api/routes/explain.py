"""``GET /v1/explain``: why two drugs are linked."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import CurrentInFlight, CurrentState, answered, listed_drugs, unless_known
from api.explanations import MOST_REASONS, explanation
from api.state import State

router = APIRouter(prefix="/v1", tags=["explain"])


@router.get(
    "/explain",
    summary="Explain why two drugs are linked",
    responses={
        200: {
            "description": "Paths of the two drugs, the weightiest first; the figures are made up"
        }
    },
)
async def explain(
    request: Request,
    state: CurrentState,
    in_flight: CurrentInFlight,
    drugs: Annotated[str, listed_drugs("Two names or codes with a comma between them.")],
    top: Annotated[int, Query(ge=1, le=MOST_REASONS, description="Most reasons.")] = 10,
) -> Response:
    """Give ranked paths with roles, strengths and sources, what is stated, and how unusual."""
    with in_flight.one_more():
        found = await run_in_threadpool(_answer, tuple(drugs.split(",")), top, state)
    return unless_known(request, answered(found, state))


def _answer(drugs: tuple[str, ...], top: int, state: State) -> dict[str, Any]:
    return explanation(drugs, top, state).answer
