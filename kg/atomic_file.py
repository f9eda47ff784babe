"""A file that exists whole or not at all: written aside, synchronised, renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def told_of(target: Path) -> Iterator[None]:
    """Have an error about what is written beside a target name the target, which somebody chose."""
    try:
        yield
    except OSError as error:
        parts = Path(str(error.filename or "")).parts
        if not any(part.startswith(f".{target.name}.") for part in parts):
            raise
        raise OSError(error.errno, error.strerror, str(target)) from error


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Give a file beside a path to write; it takes the path's place when the block ends well.

    Folders above the path are made. Each writer has a file of its own; when the block raises,
    nothing of it remains and an older file still stands.

    Raises:
        OSError: The file cannot be written or put in place; it names the path.
    """
    with told_of(path), _beside(path) as unfinished:
        yield unfinished


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(".tmp", f".{path.name}.", path.parent)
    os.close(descriptor)
    unfinished = Path(name)
    try:
        yield unfinished
        with unfinished.open("rb") as stream:
            os.fsync(stream.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
