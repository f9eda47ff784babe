"""What was asked for last, kept by key within a bound."""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["DRUGS_KEPT", "Recent", "of_drugs"]

DRUGS_KEPT = 8_192
"""Of how many drugs, at most, it stays known what was asked of each."""
Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Keeps what was asked for last: at most ``most`` values, and at least half as many.

    A value that is found among the older half joins the younger; when that is full the older one is
    dropped whole. So a look-up orders nothing, and a process that serves for months does not grow.
    Many threads may share it: at worst one makes a value that another has just made.

    >>> kept = Recent[str, int](4)
    >>> kept.put("a", 1), kept.put("b", 2), kept.put("c", 3), kept.get("a"), kept.put("d", 4)
    (1, 2, 3, 1, 4)
    >>> kept.get("a"), kept.get("b"), len(kept)
    (1, None, 3)
    """

    __slots__ = ("_half", "_older", "_younger")

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._younger: dict[Key, Value] = {}
        self._older: dict[Key, Value] = {}

    def __len__(self) -> int:
        return len({*self._younger, *self._older})

    def get(self, key: Key) -> Value | None:
        """Give what is kept under a key."""
        found = self._younger.get(key)
        if found is None:
            found = self._older.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: Key, value: Value) -> Value:
        """Keep a value, and give it back."""
        if len(self._younger) >= self._half:
            self._older, self._younger = self._younger, {}
        self._younger[key] = value
        return value


def of_drugs() -> Recent[Key, Value]:
    """Room for what is asked of single drugs: a graph has a hundred thousand, people take few."""
    return Recent(DRUGS_KEPT)
