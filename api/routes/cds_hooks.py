"""``/cds-services``: CDS Hooks 3.0, discovery, calls of the services, and feedback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from api.addresses import server_address
from api.body import read_object
from api.cds.answer import answer_call
from api.cds.feedback import FeedbackStore, feedback_in
from api.cds.judgements import read_feedback
from api.cds.services import discovery, hook_of
from api.deps import CurrentInFlight, CurrentState, answered, read_body
from api.errors import InvalidRequest
from api.metrics import one_question
from api.state import State
from api.tokens import cds_caller

JSON_TYPES = ("application/json", "application/fhir+json")
MOST_BYTES = 8 * 1024 * 1024
"""Longest body of a call in bytes; a prefetch may hold years of laboratory values."""
_PRIVATE = {"Cache-Control": "no-store"}
_OBJECT: dict[str, Any] = {"schema": {"type": "object"}}
_BODY = {"requestBody": {"required": True, "content": {"application/json": _OBJECT}}}

Service = Annotated[
    str, Path(max_length=100, description="The id of a service.", examples=["order-select"])
]

router = APIRouter(prefix="/cds-services", tags=["cds-hooks"], dependencies=[Depends(cds_caller)])


@contextmanager
def feedback_kept(app: FastAPI, state: State) -> Iterator[None]:
    """Keep the feedback of this server beside its graphs, and close the file at the end.

    Raises:
        InvalidRequest: The environment says for how many days in no number.
    """
    if getattr(app.state, "feedback", None) is None:
        try:
            app.state.feedback = feedback_in(state.artifact.folder.parents[1])
        except InvalidRequest as error:
            app.state.failure = error
            raise
    try:
        yield
    finally:
        app.state.feedback.close()


async def feedback_store(request: Request, state: CurrentState) -> FeedbackStore:
    """The store of feedback of this server; where no graph is open, there is none."""
    del state
    found: FeedbackStore = request.app.state.feedback
    return found


CurrentFeedback = Annotated[FeedbackStore, Depends(feedback_store)]


@router.get(
    "",
    summary="Discover the CDS Hooks services",
    responses={200: {"description": "The services and the data that they ask for"}},
)
def discover() -> Response:
    """Give the services with their prefetch templates."""
    return JSONResponse(discovery())


@router.post(
    "/{service}",
    summary="Call a CDS Hooks service",
    openapi_extra=_BODY,
    responses={200: {"description": "Cards; none where there is nothing to say"}},
)
async def call(
    request: Request,
    service: Service,
    state: CurrentState,
    in_flight: CurrentInFlight,
    store: CurrentFeedback,
) -> Response:
    """Say what draft orders create or worsen, and what could not be checked."""
    hook = hook_of(service)
    _, content = await read_body(request, JSON_TYPES, MOST_BYTES)
    base = server_address(request)
    today = datetime.now(UTC).date()
    with one_question():
        return await in_flight.run(_response, content, hook, state, store, base, today)


def _response(
    content: bytes, hook: str, state: State, store: FeedbackStore, base: str, today: date
) -> Response:
    found = answer_call(read_object(content, "the body"), hook, state, store, base, today)
    return answered(found, state, _PRIVATE)


@router.post(
    "/{service}/feedback",
    summary="Tell what became of cards",
    openapi_extra=_BODY,
    responses={200: {"description": "How many entries were kept, and cards that are not known"}},
)
async def feedback(
    request: Request, service: Service, state: CurrentState, store: CurrentFeedback
) -> Response:
    """Keep which cards were accepted or overridden, and why; a comment is not kept.

    Cards that were never shown, or more than ``days_kept`` days ago, are listed as unknown.
    """
    hook_of(service)
    _, content = await read_body(request, JSON_TYPES)
    judged = read_feedback(read_object(content, "the body"))
    unknown = await run_in_threadpool(store.judge, judged)
    told = {
        "stored": len(judged) - len(unknown),
        "unknown": list(unknown),
        "days_kept": store.days_kept,
    }
    return answered(told, state, _PRIVATE)
