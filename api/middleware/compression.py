"""Answers packed with gzip for callers who read it, except those that come line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.gzip import GZipMiddleware

from api.routes.batch import PATH

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

SMALLEST_BYTES = 1024
_LEVEL = 5


class Compressed(GZipMiddleware):
    """ASGI middleware: packs what is long enough; a packer would keep back lines that are ready."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=SMALLEST_BYTES, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer as the caller reads it."""
        if scope.get("path") == PATH:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
