"""Secrets that the keeper of the service hands over: by a file or by the environment."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from pathlib import Path

from api.errors import InvalidRequest

FEWEST_CHARACTERS = 16
_SECRET = re.compile(r"[A-Za-z0-9._~+/=-]+")
_BEARER = re.compile(r"[Bb]earer +(\S+) *")


def read_secret(file: Path | None, variable: str, environment: Mapping[str, str]) -> str | None:
    """Read a token from a file, else from a variable; ``None`` where neither is given.

    Raises:
        InvalidRequest: The file cannot be read, or the token is short or not of the characters that
            a bearer token may have (RFC 6750, section 2.1).
    """
    place = str(file) if file else variable
    found = environment.get(variable)
    if file is not None:
        try:
            found = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidRequest(f"the token of {place} cannot be read") from error
    if found is None or (not found and file is None):
        return None
    if len(found) < FEWEST_CHARACTERS or not _SECRET.fullmatch(found):
        raise InvalidRequest(
            f"the token of {place} is not accepted: it has at least {FEWEST_CHARACTERS} letters, "
            "digits or -._~+/= and no blanks; make one with: openssl rand -hex 32"
        )
    return found


def bearer_of(header: str) -> str:
    """The token of an ``Authorization`` header; empty where it bears none."""
    found = _BEARER.fullmatch(header)
    return found[1] if found else ""


def is_same(sent: str, secret: str) -> bool:
    """Compare in a time that does not tell how much of it is right."""
    return hmac.compare_digest(sent.encode(), secret.encode())
