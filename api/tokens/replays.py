"""Ids of tokens that were accepted, each once, by all workers of a server."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path

_SWEEP_SECONDS = 60.0


class Replays:
    """A folder with an empty file for each id; making it is what two workers cannot both do.

    A name is a time and a digest, so that nothing of a token is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._swept_at = float("-inf")

    def is_new(self, issuer: str, name: str, until: int) -> bool:
        """Note an id until a time (seconds since 1970), and tell whether it is the first time."""
        self._sweep()
        digest = hashlib.sha256(f"{issuer}\0{name}".encode(errors="replace")).hexdigest()
        self._folder.mkdir(mode=0o700, exist_ok=True)
        try:
            made = os.open(self._folder / digest, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return False
        os.utime(made, (until, until))
        os.close(made)
        return True

    def _sweep(self) -> None:
        """Forget ids whose tokens have expired."""
        if time.monotonic() - self._swept_at < _SWEEP_SECONDS or not self._folder.is_dir():
            return
        self._swept_at = time.monotonic()
        now = time.time()
        with os.scandir(self._folder) as entries:
            for entry in entries:
                # Another worker may be a moment ahead.
                with suppress(FileNotFoundError):
                    if entry.stat().st_mtime < now - _SWEEP_SECONDS:
                        Path(entry.path).unlink()
