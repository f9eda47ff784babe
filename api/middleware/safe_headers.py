"""What every answer tells the browsers and proxies on its way: not to keep it, not to guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CACHE = "Cache-Control"
_OF_NOBODY = frozenset({"/.well-known/void", "/docs", "/openapi.json", "/v1/sources", "/version"})
"""What is answered here is the same whoever asks, and names no drug that anybody takes."""
_ASK_AGAIN = "no-cache"
_KEEP_NOTHING = "no-store"
_ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class SafeHeaders:
    """ASGI middleware: no cache keeps an answer, unless its route says so or it is of nobody.

    An address may hold a patient's drugs as well as a body; a problem may quote them (RFC 9111,
    5.2.2.5).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer with the headers that it lacks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_good = message["status"] in {200, 304}
                known = scope["path"] in _OF_NOBODY and is_good
                headers.setdefault(CACHE, _ASK_AGAIN if known else _KEEP_NOTHING)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
