"""``GET /v1/explain``: why two drugs are linked, as JSON or as a picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.deps import CurrentInFlight, CurrentState, answered, listed_drugs, tagged, unless_known
from api.explanations import MOST_REASONS, explanation
from api.media_types import NotAcceptable, accepted
from api.state import State
from kg.metapaths.figure import figure

SVG_TYPE = "image/svg+xml"
_FORMS = {"application/json": "json", SVG_TYPE: "svg"}
_BY_ACCEPT = {"Vary": "Accept"}
_INERT = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox"}
"""A picture runs nothing and loads nothing, wherever it is opened."""

router = APIRouter(prefix="/v1", tags=["explain"])


@router.get(
    "/explain",
    summary="Explain why two drugs are linked",
    responses={
        200: {
            "description": "Paths of the two drugs, the weightiest first; JSON unless Accept "
            "prefers image/svg+xml; the figures of the example are made up",
            "content": {SVG_TYPE: {"schema": {"type": "string"}}},
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
    accept = request.headers.get("accept", "")
    form = accepted(accept, _FORMS)
    if not form:
        raise NotAcceptable(accept, _FORMS)
    tell = _picture if form == "svg" else _answer
    told = await in_flight.run(tell, tuple(drugs.split(",")), top, state)
    return unless_known(request, told)


def _answer(drugs: tuple[str, ...], top: int, state: State) -> Response:
    return answered(explanation(drugs, top, state).answer, state, _BY_ACCEPT)


def _picture(drugs: tuple[str, ...], top: int, state: State) -> Response:
    """The picture of the paths alone; what is stated and how unusual is told by JSON."""
    found = explanation(drugs, top, state)
    content = figure(state.graph, found.drugs, found.reasons).encode()
    headers = {**tagged(content, state), **_BY_ACCEPT, **_INERT}
    return Response(content, media_type=SVG_TYPE, headers=headers)
