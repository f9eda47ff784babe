"""The socket that all workers of a server accept from."""

from __future__ import annotations

import errno
import socket

BACKLOG = 1024
"""Connections that wait to be accepted, as they do for a moment while a crew starts."""


def listen(host: str, port: int) -> socket.socket:
    """Listen at an address; port 0 lets the system choose one.

    Raises:
        OSError: The address cannot be had; names it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only of a socket that names its protocol does asyncio know that it is TCP, and send at once.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        # A name that nobody knows has a number of its own, which says nothing to the system.
        unknown = isinstance(error, socket.gaierror)
        number = errno.EADDRNOTAVAIL if unknown else error.errno
        raise OSError(number, str(error.strerror), f"{host}:{port}") from error
    return found


def address_of(listener: socket.socket) -> str:
    """Where it listens, as a browser takes it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
