"""``GET /metrics``: how much was asked and how it went, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.metrics import MEDIA_TYPE, Metrics

router = APIRouter(tags=["about"])


@router.get(
    "/metrics",
    summary="How much was asked, and how it went",
    response_class=Response,
    responses={
        200: {
            "description": "Numbers of all workers in the text form of Prometheus; none is of a "
            "patient or a drug",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
)
def metrics(request: Request) -> Response:
    """Give counts and times by route, what was refused, and the kinds of findings."""
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})
