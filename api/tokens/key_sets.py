"""Key sets (JWKS, RFC 7517) of issuers: from a file, or from one address that was named."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.request import HTTPRedirectHandler, Request, build_opener

FRESH_SECONDS = 600.0
"""How long a key set is believed; a key that was withdrawn is accepted no longer than that."""
PAUSE_SECONDS = 30.0
"""How long after a look the same place is not looked at again, whatever callers send."""
MOST_BYTES = 256 * 1024
_TIMEOUT_SECONDS = 3.0
LOG = logging.getLogger("coprescribe.service")


class NoKeys(RuntimeError):
    """The keys of an issuer cannot be had now."""


class KeySet:
    """The public keys of one issuer, kept for some minutes; safe to share between threads."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._keys: list[Mapping[str, Any]] | None = None
        self._read_at = self._looked_at = float("-inf")

    @property
    def address(self) -> str | None:
        """Where the keys are fetched from; ``None`` for a file."""
        return self._place if self._place.startswith(("https://", "http://")) else None

    def candidates(self, key_id: str | None) -> list[Mapping[str, Any]]:
        """The keys of an id, or all where a token names none.

        Raises:
            NoKeys: They cannot be read and none are known.
        """
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_SECONDS:
                self._read()
            found = self._of(key_id)
            if not found and time.monotonic() - self._looked_at > PAUSE_SECONDS:
                # An issuer that has just made a new key.
                self._read()
                found = self._of(key_id)
            return found

    def _of(self, key_id: str | None) -> list[Mapping[str, Any]]:
        return [key for key in self._keys or () if key_id is None or key.get("kid") == key_id]

    def _read(self) -> None:
        """Read the keys anew; those known are not believed beyond their time."""
        now = time.monotonic()
        if now - self._looked_at > PAUSE_SECONDS:
            self._looked_at = now
            try:
                self._keys = _keys_of(self._bytes())
                self._read_at = now
            except (OSError, ValueError) as error:
                LOG.error("the key set %s cannot be read: %s", self._place, type(error).__name__)
        if now - self._read_at > FRESH_SECONDS:
            raise NoKeys("the keys of the issuer cannot be had now; ask again")

    def _bytes(self) -> bytes:
        if self.address is None:
            with Path(self._place).open("rb") as file:
                return file.read(MOST_BYTES + 1)
        asked = Request(self.address, headers={"Accept": "application/json"})  # noqa: S310
        with build_opener(_NoRedirects).open(asked, timeout=_TIMEOUT_SECONDS) as answer:
            found: bytes = answer.read(MOST_BYTES + 1)
            return found


class _NoRedirects(HTTPRedirectHandler):
    """Another address was not named by whoever runs the service."""

    def redirect_request(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse to go there."""
        raise OSError("the key set is elsewhere")


def _keys_of(content: bytes) -> list[Mapping[str, Any]]:
    if len(content) > MOST_BYTES:
        raise ValueError("a key set of so many bytes is not read")
    value = json.loads(content)
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ValueError("this is no key set")
    return keys
