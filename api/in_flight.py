"""How much is worked at in one process at a time; what is more is told to come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread

from api.problems import TooBusy

__all__ = ["AT_ONCE", "LONG_AT_ONCE", "InFlight"]

AT_ONCE = 3
"""Questions that a process works at together.

They share one interpreter, which is no quicker with many; in turn each is done sooner, and beside
two long ones there is a place for the short.
"""
LONG_AT_ONCE = 2
"""Batches, and answers about one drug with all others, that a process gives at a time.

They compute all the while in one interpreter: more of them would take longer, and the short answers
beside them too.
"""

Result = TypeVar("Result")


class InFlight:
    """How many questions are being screened, and how many may be; one event loop counts.

    ``at_once`` of those that are let in are worked at, in the order in which they came.
    """

    def __init__(self, most: int, at_once: int | None = None) -> None:
        """Let so many in at a time, and work at all of them where nothing else is said."""
        self._most = most
        self._now = 0
        self._threads = CapacityLimiter(max(1, most if at_once is None else at_once))

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count one question while its block runs.

        Raises:
            TooBusy: As many as may be are being screened already.
        """
        if self._now >= self._most:
            raise TooBusy(self._most)
        self._now += 1
        try:
            yield
        finally:
            self._now -= 1

    async def run(self, work: Callable[..., Result], *values: Any) -> Result:
        """Give what ``work`` makes of some values, in a thread, counted as one question.

        Raises:
            TooBusy: As many as may be are being screened already.
        """
        with self.one_more():
            return await to_thread.run_sync(work, *values, limiter=self._threads)
