"""Many texts in one block of bytes, read one by one; the block may lie in a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Self, overload

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Starts = npt.NDArray[np.int32]


class Texts(Sequence[str]):
    """A sequence of texts that is never held as text; `block` and `starts` say it all.

    `starts` has one number more than there are texts: text `i` is UTF-8 in
    `block[starts[i]:starts[i + 1]]`.
    """

    __slots__ = ("_bytes", "_starts", "block", "starts")

    def __init__(self, block: Bytes, starts: Starts) -> None:
        """Wrap the two arrays; nothing is copied."""
        self.block, self.starts = block, starts
        self._bytes, self._starts = block.data, starts.data

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Lay texts end to end, in their order.

        >>> list(Texts.of(["warfarin", "acétazolamide"]))
        ['warfarin', 'acétazolamide']
        """
        parts = [text.encode() for text in texts]
        starts = np.fromiter(accumulate(map(len, parts), initial=0), np.int32, len(parts) + 1)
        return cls(np.frombuffer(b"".join(parts), np.uint8), starts)

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        """Give a text by its place, from 0 on, or several by a slice."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        return str(self._bytes[self._starts[place] : self._starts[place + 1]], "utf-8")
