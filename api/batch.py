"""Many questions in one request, a line each (NDJSON): cut, answered one by one, in bounded memory.

Lines are read ahead of their answers, within a bound, so that a caller who sends everything before
reading anything is not stuck; what is beyond the bound waits at the caller's side.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    MutableMapping,
)
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool

from api.body import read_question
from api.errors import InvalidRequest
from api.json_text import json_text
from api.problems import defect_of, problem_of
from api.service import answer
from api.state import State

NDJSON = "application/x-ndjson"
MOST_LINE_BYTES = 1024 * 1024
"""As many as a single question may have."""
MOST_QUESTIONS = 10_000
AHEAD_BYTES = 16 * 1024 * 1024
"""So much of a body is read before it is needed."""
SILENCE_SECONDS = 60.0
"""So long a caller may neither send nor take anything."""
LOG = logging.getLogger("coprescribe.service")

Received = Callable[[], Awaitable[MutableMapping[str, Any]]]


class LineTooLong(InvalidRequest):
    """A line has more bytes than are read; what follows it is read again."""

    status = 413
    title = "The line is too long"

    def __init__(self) -> None:
        super().__init__(f"the line has more than {MOST_LINE_BYTES} bytes, which is the most")


class TooManyQuestions(InvalidRequest):
    """A batch goes on after the most questions that one may have."""

    status = 413
    title = "The batch has too many questions"

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_QUESTIONS} questions are answered in one batch; send this line and what "
            "follows it in another"
        )


class SilentCaller(InvalidRequest):
    """Nothing more of a body came for a long time."""

    status = 408
    title = "The batch did not go on"

    def __init__(self) -> None:
        super().__init__(f"nothing came for {SILENCE_SECONDS:g} s before the batch was whole")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank, by its number from 1; no content where it is too long."""

    number: int
    content: bytes | None


class Lines:
    """Cuts a text that arrives in chunks into lines, and holds at most one line of it."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._n_bytes = 0
        self._number = 0

    def cut(self, chunk: bytes) -> Iterator[Line]:
        r"""Yield the lines that end in a chunk.

        >>> lines = Lines()
        >>> [line.number for line in lines.cut(b"{}\n\n{")], [*lines.end()]
        ([1], [Line(number=3, content=b'{')])
        """
        start = 0
        while (stop := chunk.find(b"\n", start)) >= 0:
            self._hold(chunk[start:stop])
            yield from self.end()
            start = stop + 1
        self._hold(chunk[start:])

    def end(self) -> Iterator[Line]:
        """Yield what is held as the last line."""
        self._number += 1
        content = bytes(self._held) if self._n_bytes <= MOST_LINE_BYTES else None
        self._held.clear()
        self._n_bytes = 0
        if content is None or content.strip():
            yield Line(self._number, content)

    def _hold(self, part: bytes) -> None:
        self._n_bytes += len(part)
        if self._n_bytes <= MOST_LINE_BYTES:
            self._held += part
        else:
            self._held.clear()


class Ahead:
    """The body of a request, read ahead of its use up to a bound; notices when the caller left."""

    def __init__(self, receive: Received) -> None:
        self._receive = receive
        self._chunks: deque[bytes] = deque()
        self._n_bytes = 0
        self._whole = False
        self._changed = asyncio.Condition()
        self.left = False

    async def read(self) -> None:
        """Read until the caller leaves; runs beside :meth:`lines`."""
        while not self.left:
            message = await self._receive()
            async with self._changed:
                self.left = message["type"] == "http.disconnect"
                self._whole = self._whole or not message.get("more_body", False)
                chunk = message.get("body", b"")
                if chunk:
                    self._chunks.append(chunk)
                    self._n_bytes += len(chunk)
                self._changed.notify_all()
                await self._changed.wait_for(lambda: self._n_bytes < AHEAD_BYTES)

    async def lines(self) -> AsyncIterator[Line]:
        """Yield the lines as they come.

        Raises:
            TimeoutError: The caller neither sent anything for long nor ended.
        """
        lines = Lines()
        while chunk := await self._next():
            for line in lines.cut(chunk):
                yield line
        for line in lines.end():
            yield line

    async def _next(self) -> bytes:
        async with asyncio.timeout(SILENCE_SECONDS), self._changed:
            await self._changed.wait_for(lambda: self._chunks or self._whole or self.left)
            if self.left or not self._chunks:
                return b""
            chunk = self._chunks.popleft()
            self._n_bytes -= len(chunk)
            self._changed.notify_all()
            return chunk


async def answers(ahead: Ahead, state: State) -> AsyncGenerator[bytes, None]:
    """Yield a line for each question: its answer, or the problem with it and its line number.

    The answer is the one of ``POST /v1/screen``. It ends early when the caller has left.
    """
    n_questions = number = 0
    try:
        async for line in ahead.lines():
            if ahead.left:
                return
            number, n_questions = line.number, n_questions + 1
            if n_questions > MOST_QUESTIONS:
                yield _refused(line.number, TooManyQuestions())
                return
            yield await _answered(line, state)
    except TimeoutError:
        yield _refused(number + 1, SilentCaller())


async def _answered(line: Line, state: State) -> bytes:
    asked = asyncio.ensure_future(run_in_threadpool(_answer, line, state))
    # One question that fails, by whatever defect, must not end the others.
    await asyncio.wait({asked})
    error = asked.exception()
    return asked.result() if error is None else _refused(line.number, error)


def _answer(line: Line, state: State) -> bytes:
    if line.content is None:
        raise LineTooLong
    body = read_question(line.content, f"the question in line {line.number}")
    return _written(answer(body, state))


def _refused(number: int, error: BaseException) -> bytes:
    members = problem_of(error)
    if members is None:
        LOG.error("line %d of a batch failed: %s", number, type(error).__name__)
        members = defect_of(error)
    return _written({"line": number, **members})


def _written(value: dict[str, Any]) -> bytes:
    return json_text(value) + b"\n"
