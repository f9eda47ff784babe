"""Problems at some addresses, told in the words that their callers can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from api.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Write = Callable[[bytes], bytes]
"""Makes of a problem (RFC 9457) what its callers can read."""


class Retold:
    """ASGI middleware: a problem under some addresses is written anew, with the same status."""

    def __init__(
        self,
        app: ASGIApp,
        prefixes: tuple[str, ...],
        write: Write,
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Write problems under the prefixes; ``headers`` go with every answer there."""
        self._app, self._prefixes = app, prefixes
        self._write, self._media_type = write, media_type
        self._headers = dict(headers or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and what is wrong at one of the addresses in other words."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        problem = bytearray()

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if headers.get("content-type") == MEDIA_TYPE:
                    held.append(message)
                    return
            if not held:
                await send(message)
                return
            problem.extend(message.get("body", b""))
            if not message.get("more_body", False):
                start = held.pop()
                body = self._write(bytes(problem))
                MutableHeaders(scope=start).update(
                    {"content-type": self._media_type, "content-length": str(len(body))}
                )
                await send(start)
                await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, told)
