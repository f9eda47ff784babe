"""The address of this server, as those who follow its links reach it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

PUBLIC_URL_VARIABLE = "COPRESCRIBE_PUBLIC_URL"
"""Address under which readers reach this server; else the one that the client called."""
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def server_address(request: Request) -> str:
    """Give the address that the environment names, else the one asked; nothing that leaves an IRI.

    There is no stroke at its end.
    """
    named = os.environ.get(PUBLIC_URL_VARIABLE)
    if named:
        return named.rstrip("/")
    host = request.headers.get("host", "")
    known = host if _HOST.fullmatch(host) else "localhost"
    root = request.scope.get("root_path", "")
    return f"{request.scope['scheme']}://{known}{root}".rstrip("/")
