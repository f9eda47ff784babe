"""A folder that exists whole or not at all: written aside, synchronised, renamed."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.atomic_file import told_of

_LEFT_OVER_SECONDS = 24 * 3600.0
_IS_TAKEN = frozenset({errno.EEXIST, errno.ENOTEMPTY})


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Give a temporary sibling of a folder to write into; put it in place when the block ends well.

    An older folder of that name is replaced. When the block raises, nothing of the temporary one
    remains and the older one still stands. Each writer has a temporary folder of its own; what
    killed writers of this folder left behind is removed once nothing in it has changed for a day.

    Raises:
        OSError: It cannot be written or put in place; it names the folder, not the temporary one.
    """
    with told_of(target), _beside(target) as temporary:
        yield temporary


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    workshop = Path(tempfile.mkdtemp(".tmp", f".{target.name}.", target.parent))
    # The workshop is for this user alone; what is published has the rights of any new folder.
    temporary = workshop / "new"
    try:
        temporary.mkdir()
        yield temporary
        _sync(temporary)
        _put_in_place(temporary, target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _sync(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            _sync_folder(path)
        elif path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two folders in one step, so that a kill leaves no moment without either.

    False where the system cannot (renameat2 with RENAME_EXCHANGE: Linux 3.15 and later).
    """
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    here, exchange = -100, 2
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _put_in_place(temporary: Path, target: Path) -> None:
    if not _placed(temporary, target) and not _exchanged(temporary, target):
        old = temporary.with_name("old")
        target.rename(old)
        try:
            temporary.rename(target)
        except OSError:
            old.rename(target)
            raise
    _sync_folder(target.parent)


def _placed(temporary: Path, target: Path) -> bool:
    """Rename a folder to where none is; False where one stands, perhaps since a moment ago."""
    try:
        temporary.rename(target)
    except OSError as error:
        if error.errno not in _IS_TAKEN:
            raise
        return False
    return True


def _sweep(target: Path) -> None:
    """Remove what writers of a folder left beside it when they were killed, never a live one."""
    for path in target.parent.iterdir():
        is_ours = path.name.startswith(f".{target.name}.") and path.suffix in {".tmp", ".old"}
        if is_ours and time.time() - _last_change(path) > _LEFT_OVER_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def _last_change(folder: Path) -> float:
    """When anything in a folder last changed; now, where another sweep is at work on it."""
    try:
        return max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
    except OSError:
        return time.time()
