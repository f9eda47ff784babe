"""Errors under ``/REST/`` in words that clients of the old RxNav service can read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from api.problems import MEDIA_TYPE
from api.rxnav import DISCLAIMER

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "/REST/"
_FROM_ANYWHERE = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}
"""The old service let pages of any origin ask; nothing here is of one user."""


class OldErrors:
    """ASGI middleware: a problem becomes JSON with ``error``; pages of any origin may read it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and what is answered under the old addresses in their shape."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        problem = bytearray()

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_FROM_ANYWHERE)
                if headers.get("content-type") == MEDIA_TYPE:
                    held.append(message)
                    return
            if not held:
                await send(message)
                return
            problem.extend(message.get("body", b""))
            if not message.get("more_body", False):
                start = held.pop()
                body = refusal(bytes(problem))
                MutableHeaders(scope=start).update(
                    {"content-type": "application/json", "content-length": str(len(body))}
                )
                await send(start)
                await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, told)


def refusal(problem: bytes) -> bytes:
    """Write a problem as the old clients can read it: our disclaimer, and ``error`` in words.

    >>> json.loads(refusal(b'{"type": "about:blank", "status": 404, "detail": "no"}'))["error"]
    'no'
    """
    told = json.loads(problem)
    rest = {key: value for key, value in told.items() if key not in {"type", "detail"}}
    value = {"nlmDisclaimer": DISCLAIMER, "error": told["detail"], **rest}
    return json.dumps(value, ensure_ascii=False).encode()
