"""What processes of one server say to each other: small JSON objects over a pipe, never pickles."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any, Final

READY: Final = "ready"
"""From below: questions are answered; with ``graph`` and ``model``."""
FAILED: Final = "failed"
"""From below: it cannot be served; with ``sentence`` and ``exit_code``."""
RELOAD: Final = "reload"
"""From below: somebody asks for the newest graph; with ``worker`` on the way up."""
CLOSED: Final = "closed"
"""From below: nobody new is accepted any more, as was asked."""
TOLD: Final = "told"
"""From above: what became of such a wish; with ``worker`` on the way down."""
LEAVE: Final = "leave"
"""From above: finish what was begun, another crew serves."""
STOP: Final = "stop"
"""From above: finish what was begun, nobody serves any more."""
HALT: Final = "halt"
"""From above: end at once."""

Message = Mapping[str, Any]


class Link:
    """One end of a pipe between two processes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_open = True
        """Whether there may be somebody at the other end."""

    def fileno(self) -> int:
        """What to wait for."""
        return self._connection.fileno()

    def say(self, kind: str, **facts: Any) -> bool:
        """Say something; gives whether there is still somebody at the other end."""
        try:
            self._connection.send_bytes(json.dumps({"kind": kind, **facts}).encode())
        except (OSError, ValueError):
            return False
        return True

    def heard(self) -> list[Message]:
        """What was said meanwhile, without waiting; nothing once the other end is gone."""
        found: list[Message] = []
        try:
            while self._connection.poll():
                found.append(json.loads(self._connection.recv_bytes()))
        except (EOFError, OSError):
            self.is_open = False
        return found

    def close(self) -> None:
        """Close this end."""
        self.is_open = False
        self._connection.close()


def linked() -> tuple[Link, Link]:
    """Two ends of a new pipe."""
    one, other = multiprocessing.Pipe()
    return Link(one), Link(other)
