"""A name for each request, so that a caller and the one who runs the service speak of the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TELLING_NOTHING = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEY = "coprescribe.request_id"


class RequestIds:
    """ASGI middleware: every answer bears the id of its request in ``X-Request-ID``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer with its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found = request_id(scope)

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = found
            await send(message)

        await self._app(scope, receive, named)


def logged_id(scope: MutableMapping[str, Any]) -> str:
    """The id of a request as a log may have it: one that was made, or a UUID or trace id (W3C).

    Another may be a patient's number, and gives ``-``.
    """
    found = request_id(scope)
    return found if _TELLING_NOTHING.fullmatch(found) else "-"


def request_id(scope: MutableMapping[str, Any]) -> str:
    """The id of a request: the one that it bears where that is sane, else one made for it.

    At most 64 letters, digits and ``. _ : -`` are sane.
    """
    if _KEY not in scope:
        sent = Headers(scope=scope).get(REQUEST_ID, "")
        scope[_KEY] = sent if _SANE.fullmatch(sent) else uuid4().hex
    found: str = scope[_KEY]
    return found
