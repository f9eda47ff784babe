"""What the server writes down: method, path, status, time, id; no question, no patient."""

from __future__ import annotations

import logging
from typing import Any

from api.middleware.request_ids import logged_id
from api.middleware.watching import Seen, Watched

ACCESS = logging.getLogger("coprescribe.access")
_TRUSTED = frozenset({"coprescribe", "uvicorn"})
"""Loggers whose own messages quote nothing that was sent."""


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


class AccessLog(Watched):
    """ASGI middleware: one line for each request, by the route and not by the address as sent."""

    def ended(self, seen: Seen) -> None:
        """Write the line of a request."""
        milliseconds, found = 1000 * seen.seconds, logged_id(seen.scope)
        line = (seen.method, seen.route, seen.status, milliseconds, found)
        ACCESS.info("%s %s %s %.0f ms %s", *line)


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
