"""Errors at FHIR addresses as OperationOutcome, which is what their callers can read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from api.fhir.outcome import MEDIA_TYPE, operation_outcome
from api.problems import MEDIA_TYPE as PROBLEM

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIXES = ("/fhir/", "/cds-services")


class FhirErrors:
    """ASGI middleware: a problem becomes an OperationOutcome, with the same status."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and what is wrong at a FHIR address in FHIR's words."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIXES):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        problem = bytearray()

        async def told(message: Message) -> None:
            if _begins_problem(message):
                held.append(message)
                return
            if not held:
                await send(message)
                return
            problem.extend(message.get("body", b""))
            if not message.get("more_body", False):
                start = held.pop()
                body = outcome(bytes(problem))
                MutableHeaders(scope=start).update(
                    {"content-type": MEDIA_TYPE, "content-length": str(len(body))}
                )
                await send(start)
                await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, told)


def _begins_problem(message: Message) -> bool:
    is_start = message["type"] == "http.response.start"
    return is_start and MutableHeaders(scope=message).get("content-type") == PROBLEM


def outcome(problem: bytes) -> bytes:
    """Write a problem as an OperationOutcome.

    >>> json.loads(outcome(b'{"status": 404, "detail": "no"}'))["issue"][0]["code"]
    'not-found'
    """
    return json.dumps(operation_outcome(json.loads(problem)), ensure_ascii=False).encode()
