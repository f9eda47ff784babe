"""A queue between threads in which whoever waits longest is served first."""

from __future__ import annotations

import queue
import threading
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Things that threads take, use and put back; the last that was put back is taken first.

    A queue of the standard library gives a thing to whoever asks first once it is there, so that a
    few threads that never pause keep it from all others. Here it is handed to who waits longest.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[Item] = []
        self._waiting: deque[queue.SimpleQueue[Item]] = deque()

    def put(self, item: Item) -> None:
        """Hand a thing to who waits longest, or keep it until somebody asks."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().put(item)
            else:
                self._free.append(item)

    def get(self, timeout: float) -> Item:
        """Wait at most so many seconds for a thing.

        Raises:
            queue.Empty: None came free in time.
        """
        with self._lock:
            if self._free:
                return self._free.pop()
            turn: queue.SimpleQueue[Item] = queue.SimpleQueue()
            self._waiting.append(turn)
        try:
            return turn.get(timeout=timeout)
        except queue.Empty:
            if self._is_given_up(turn):
                raise
            # It was handed over in the moment between.
            return turn.get()

    def take_all(self) -> list[Item]:
        """Take all things that nobody has."""
        with self._lock:
            taken, self._free = self._free, []
        return taken

    def _is_given_up(self, turn: queue.SimpleQueue[Item]) -> bool:
        with self._lock:
            if turn not in self._waiting:
                return False
            self._waiting.remove(turn)
            return True
