"""What the server writes down: method, path, status, time, id; no question, no patient."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from api.request_ids import logged_id

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ACCESS = logging.getLogger("coprescribe.access")


_TRUSTED = frozenset({"coprescribe", "uvicorn"})
"""Loggers whose own messages quote nothing that was sent."""

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
"""A method may be any word (RFC 9110, 9.1), also a name."""


class WithoutContents(logging.Filter):
    """Takes out of a record what may quote a patient's list.

    That is the message of an exception, and the whole message where a library speaks: asyncio
    writes out the exception of a task that nobody asked for.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, with the class and the place of its exception alone."""
        if record.name.partition(".")[0] not in _TRUSTED:
            record.msg, record.args = "(message withheld)", None
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, place = record.exc_info
            record.exc_info = (RuntimeError, RuntimeError(f"{kind.__name__} (withheld)"), place)
            record.exc_text = None
        return True


class AccessLog:
    """ASGI middleware: one line for each request, by the route and not by the address as sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and write its line when it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
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
            route = getattr(scope.get("route"), "path", "(no route)")
            milliseconds = 1000 * (time.perf_counter() - started)
            found = logged_id(scope)
            method = scope["method"] if scope["method"] in _METHODS else "(other method)"
            ACCESS.info("%s %s %s %.0f ms %s", method, route, status, milliseconds, found)


def log_config(*, verbose: int, quiet: bool) -> dict[str, Any]:
    """Logging of ``coprescribe serve``: to standard error, without contents."""
    level = "WARNING" if quiet else "DEBUG" if verbose > 1 else "INFO"
    inner = level if verbose else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_contents": {"()": "api.log.WithoutContents"}},
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "plain",
                "filters": ["without_contents"],
                "stream": "ext://sys.stderr",
            }
        },
        "loggers": {
            "coprescribe": {"handlers": ["stderr"], "level": inner, "propagate": False},
            "coprescribe.access": {"level": level},
            "coprescribe.service": {"level": level},
            "uvicorn": {"handlers": ["stderr"], "level": inner, "propagate": False},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
