"""``POST /v1/screen/batch``: many questions, each answered as ``POST /v1/screen`` answers it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack, aclosing
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from api.batch import MOST_LINE_BYTES, MOST_QUESTIONS, NDJSON, SILENCE_SECONDS, Ahead, answers
from api.deps import CurrentLongInFlight, CurrentState, media_type_of, stamped
from api.state import State

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

NDJSON_TYPES = (NDJSON, "application/ndjson", "application/jsonl")
PATH = "/v1/screen/batch"
LOG = logging.getLogger("coprescribe.service")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

router = APIRouter(tags=["screen"])


class BatchResponse(Response):
    """The answers of a batch, each sent when it is ready and while questions still come."""

    media_type = NDJSON

    def __init__(self, state: State, places: ExitStack) -> None:
        super().__init__(headers={**_HEADERS, **stamped(state)})
        del self.headers["content-length"]
        self._state = state
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer line by line; gives the places of the batch back at the end."""
        with self._places:
            ahead = Ahead(receive)
            reading = asyncio.create_task(ahead.read())
            try:
                await self._send(ahead, send)
            except TimeoutError:
                LOG.warning("a batch was broken off: no answer was taken for a long time")
            finally:
                reading.cancel()

    async def _send(self, ahead: Ahead, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        async with aclosing(answers(ahead, self._state)) as lines:
            async for line in lines:
                # A caller who takes nothing must not keep a place for ever.
                async with asyncio.timeout(SILENCE_SECONDS):
                    await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@router.post(
    PATH,
    summary="Screen many changes of medicines, one in each line",
    response_class=Response,
    openapi_extra={
        "requestBody": {"required": True, "content": {NDJSON: {"schema": {"type": "string"}}}}
    },
    responses={
        200: {
            "description": "A line for each question, in order: an answer, or a problem with "
            "`line`, the number of the line that it is about",
            "content": {NDJSON: {"schema": {"type": "string"}}},
        }
    },
    description=f"Each line is a body of `POST /v1/screen` of at most {MOST_LINE_BYTES} bytes; at "
    f"most {MOST_QUESTIONS} are answered. Blank lines are passed over. The answers come while the "
    "questions are still being sent.",
)
async def screen_batch(
    request: Request, state: CurrentState, in_flight: CurrentLongInFlight
) -> BatchResponse:
    """Answer each line as a question of its own; a line that is refused stops no other."""
    media_type_of(request, NDJSON_TYPES)
    with ExitStack() as places:
        places.enter_context(in_flight.one_more())
        return BatchResponse(state, places.pop_all())
