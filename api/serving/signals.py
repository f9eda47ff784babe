"""Signals as something to wait for beside pipes, so that none interrupts what is being done."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from types import FrameType
from typing import Self

_MOST = 64


class Signals:
    """Signals of this process from now on, to be waited for by ``multiprocessing.connection.wait``.

    What a process inherits by a fork is given up by :meth:`leave`.
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        self._numbers = numbers
        self._read, self._write = os.pipe()
        for end in (self._read, self._write):
            os.set_blocking(end, False)
        for number in numbers:
            signal.signal(number, _noted)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)

    def fileno(self) -> int:
        """The end of a pipe that can be read once a signal arrived."""
        return self._read

    def arrived(self) -> list[signal.Signals]:
        """Which signals arrived since the last call, in order."""
        with suppress(BlockingIOError):
            told = os.read(self._read, _MOST)
            return [signal.Signals(n) for n in told if n in self._numbers]
        return []

    def leave(self) -> None:
        """Give the signals back to what the system does with them."""
        signal.set_wakeup_fd(-1)
        for number in self._numbers:
            signal.signal(number, signal.SIG_DFL)
        os.close(self._read)
        os.close(self._write)

    def __enter__(self) -> Self:
        """Give the signals themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back."""
        self.leave()


def _noted(number: int, frame: FrameType | None) -> None:
    """Let Python write the number to the pipe; a signal without a function would not be written."""
    del number, frame
