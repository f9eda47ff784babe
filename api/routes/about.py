"""``/health``, ``/ready``, ``/version`` and ``/v1/sources``: the state of the service itself."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.deps import CurrentState, answered, opened, unless_known

router = APIRouter(tags=["about"])


@router.get("/health", summary="Is the process alive?")
def health() -> dict[str, str]:
    """Answer as long as the process lives, with or without a graph."""
    return {"status": "ok"}


@router.get("/ready", summary="Can questions be answered?")
def ready(state: CurrentState) -> dict[str, str]:
    """Answer 200 once a graph is open, and 503 until then."""
    return {"status": "ready", "graph": state.graph.id}


@router.get("/version", summary="Which code, graph and model?")
def version(request: Request) -> Response:
    """Name the version of the code, and the graph and model where they are open."""
    state = opened(request).state
    value: dict[str, Any] = {
        "name": "coprescribe",
        "version": version_of("coprescribe"),
        "graph": state.graph.id if state else None,
        "model": state.bundle.id if state and state.bundle else None,
    }
    return unless_known(request, answered(value, state)) if state else JSONResponse(value)


@router.get("/v1/sources", summary="What was the graph made from?")
def sources(request: Request, state: CurrentState) -> Response:
    """List the sources with version and licence, and those that could not be read."""
    value = {**state.graph_json(), "sources": state.artifact.manifest["sources"]}
    return unless_known(request, answered(value, state))
