"""A live server that can be slow, and can go and come back at the same address."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
import weakref
from typing import TYPE_CHECKING, Self

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

SLOW = "/v1/screen"
_PATIENCE_SECONDS = 30


class Served:
    """An application behind a port, in its own thread; ``delay_seconds`` keeps answers back.

    ``asked`` are the addresses that were asked for.
    """

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self.delay_seconds = 0.0
        self.asked: list[str] = []
        self._app, self._port = app, port
        self._kept: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._port}/"

    def __enter__(self) -> Self:
        listening = self._bound()
        if self._kept is None:
            self._port = listening.getsockname()[1]
            # While the server is gone nobody else gets its port.
            self._kept = self._bound()
            weakref.finalize(self, self._kept.close)
        config = uvicorn.Config(
            self._delayed,
            log_level="critical",
            interface="asgi3",
            timeout_graceful_shutdown=5,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listening],))
        self._thread.start()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._server.started:
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.01)
        return self

    def _bound(self) -> socket.socket:
        """A socket at the port of this server, which is a free one the first time."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(("127.0.0.1", self._port))
        return made

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join(timeout=_PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the server does not end"

    def again(self, app: ASGIApp | None = None) -> Self:
        """Come back at the same address, perhaps as another application."""
        self._app = app or self._app
        return self.__enter__()

    async def _delayed(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
            await asyncio.sleep(self.delay_seconds if scope["path"] == SLOW else 0)
        await self._app(scope, receive, send)
