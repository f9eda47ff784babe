"""What keeps a crowd of callers who never pause from taking the server's time for refusals."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from api.problems import RETRY_SOON_SECONDS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

AT_ONCE = 20
"""Refusals of one second that are told at once, so that a proxy may turn elsewhere."""
_STEPS = 16
"""So that a crowd that was refused together does not come back together."""
_RETRY = (b"retry-after", RETRY_SOON_SECONDS.encode())


class SlowRefusals:
    """ASGI middleware: the more are refused in a second, the later the next one hears of it.

    To refuse takes a tenth of the time of an answer; a hundred callers who ask again at once would
    leave nothing for those who are let in. Who waits as ``Retry-After`` says loses nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._second, self._refused = 0, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer, a refusal perhaps later."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if _is_refusal(message) and self._is_crowd():
                await asyncio.sleep(float(RETRY_SOON_SECONDS) + self._refused % _STEPS / _STEPS)
            await send(message)

        await self._app(scope, receive, told)

    def _is_crowd(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._refused = second, 0
        self._refused += 1
        return self._refused > AT_ONCE


def _is_refusal(message: Message) -> bool:
    is_start = message["type"] == "http.response.start"
    if not is_start or message["status"] != HTTPStatus.SERVICE_UNAVAILABLE:
        return False
    return _RETRY in message["headers"]
