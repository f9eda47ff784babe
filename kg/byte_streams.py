"""Streams of bytes between what makes text and what reads it, and none of it kept."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class SortedHead(io.RawIOBase):
    """Passes Turtle on with its prefixes sorted, which the serialiser leaves in any order."""

    def __init__(self, target: IO[bytes]) -> None:
        super().__init__()
        self._target, self._head = target, bytearray()
        self._is_past = False

    def writable(self) -> bool:
        """Say that it takes bytes."""
        return True

    def write(self, data: Any, /) -> int:
        """Take bytes, which are passed on once the prefixes are over."""
        if self._is_past:
            return self._target.write(data)
        self._head += data
        whole = bytes(self._head).split(b"\n")[:-1]
        if not all(line.startswith(b"@prefix") for line in whole):
            self._pass_head()
        return len(data)

    def close(self) -> None:
        """Pass on what was kept back."""
        if not self._is_past:
            self._pass_head()
        super().close()

    def _pass_head(self) -> None:
        lines = bytes(self._head).splitlines(keepends=True)
        prefixes = [line for line in lines if line.startswith(b"@prefix")]
        self._target.write(b"".join((*sorted(prefixes), *lines[len(prefixes) :])))
        self._is_past = True


def read_through_pipe(chunks: Iterable[bytes | memoryview], read: Callable[[str], None]) -> None:
    """Have what reads a file by its path read chunks, while they are made and none is kept.

    The reader runs in a thread of its own, so that it and what makes the chunks work at once where
    it needs no interpreter; nothing is copied by Python, as it is for a reader of a Python stream.

    Raises:
        Exception: What making a chunk or reading raises; where both do, the former.
    """
    end, entrance = os.pipe()

    def read_end() -> None:
        try:
            read(f"/dev/fd/{end}")
        finally:
            os.close(end)

    with ThreadPoolExecutor(1) as reader:
        done = reader.submit(read_end)
        # A reader that ends early leaves nobody to write to: it says why itself.
        with suppress(BrokenPipeError), io.FileIO(entrance, "w") as pipe:
            for chunk in chunks:
                _write(pipe, memoryview(chunk).cast("B"))
        done.result()


def _write(pipe: io.FileIO, rest: memoryview) -> None:
    while rest:
        rest = rest[pipe.write(rest) :]
