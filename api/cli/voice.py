"""How the command line speaks: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import dataclass
from typing import Any

from rich.console import Console, RenderableType

WIDTH = 100
LOG = logging.getLogger("coprescribe")


def console(*, stderr: bool = False) -> Console:
    """Give a console of at most 100 columns; without a terminal exactly 100, and no colour."""
    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    made.width = min(made.width, WIDTH) if made.is_terminal else WIDTH
    return made


@dataclass(frozen=True, slots=True)
class Voice:
    """What one command was asked to say, and how."""

    as_json: bool = False
    quiet: bool = False

    def progress(self, text: str) -> None:
        """Say what is being done, unless asked to be quiet."""
        if not self.quiet:
            console(stderr=True).print(text, style="dim")

    def result(self, value: Any, text: RenderableType) -> None:
        """Give the result: the value as JSON when asked for, else the text."""
        if self.as_json:
            write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        else:
            show(text)


def show(text: RenderableType) -> None:
    """Set a text and write it to standard output, no line of it ending in blanks."""
    made = console()
    with made.capture() as captured:
        made.print(text)
    write("\n".join(line.rstrip() for line in captured.get().split("\n")))


def write(text: str) -> None:
    """Write a text to standard output as it is; a reader that has gone is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Nothing more can be said there, not even by the interpreter at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """Say on standard error what went wrong, in one sentence."""
    console(stderr=True).print(f"coprescribe: {text}", style="red", soft_wrap=True)


class _ToStandardError(logging.Handler):
    """Writes a record as one line to what is standard error at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        console(stderr=True).print(self.format(record), style="dim", soft_wrap=True)


def set_verbosity(count: int) -> int:
    """Take ``-v`` for what takes how long, ``-v -v`` for tracebacks too; gives the count back."""
    level = {0: logging.WARNING, 1: logging.INFO}.get(count, logging.DEBUG)
    LOG.setLevel(level)
    if not any(isinstance(handler, _ToStandardError) for handler in LOG.handlers):
        LOG.addHandler(_ToStandardError())
    return count


def shows_tracebacks() -> bool:
    """Tell whether ``-v -v`` was given."""
    return LOG.isEnabledFor(logging.DEBUG)
