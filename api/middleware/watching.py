"""Sees how each request ends, for whoever writes it down or counts it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_ROUTE = "(no route)"
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
"""A method may be any word (RFC 9110, 9.1), also a name."""
_SHED = "coprescribe.shed"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that ended: where, how, and after how many seconds; nothing of what was asked."""

    scope: Scope
    status: int
    seconds: float

    @property
    def route(self) -> str:
        """The template of its address, never the address itself."""
        return str(getattr(self.scope.get("route"), "path", NO_ROUTE))

    @property
    def method(self) -> str:
        """Its method, where that is one of the known."""
        method = self.scope["method"]
        return method if method in _METHODS else "(other method)"

    @property
    def is_shed(self) -> bool:
        """Whether it was refused because too many were under way."""
        return _SHED in self.scope


def mark_shed(scope: Scope) -> None:
    """Say of a request that it is refused because too many are under way."""
    scope[_SHED] = True


class Watched:
    """ASGI middleware that sees requests come and end; a subclass says what is done then."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def began(self) -> None:
        """Note that a request came."""

    def ended(self, seen: Seen) -> None:
        """Note that a request ended."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and see how it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.began()
        # What is raised through here is answered as a defect further out.
        started, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self.ended(Seen(scope, status, time.perf_counter() - started))
