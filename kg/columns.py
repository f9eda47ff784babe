"""Looking things up in columns as they lie in memory, without an object for every row."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Rows = npt.NDArray[np.int64]
_NO_ROWS: Rows = np.empty(0, dtype=np.int64)


def arrow(column: pd.Series[str]) -> pa.Array:
    """Give a column of text as one Arrow array; nothing is copied where it is Arrow's already."""
    array = pa.Array.from_pandas(column)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


class ByValue:
    """The rows of a text column, by their value."""

    def __init__(self, values: pa.Array) -> None:
        """Sort the rows by value, those of one value in their order."""
        encoded = values.dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        self._places = {value: place for place, value in enumerate(encoded.dictionary.to_pylist())}
        self._rows: Rows = np.argsort(codes, kind="stable")
        self._starts = np.searchsorted(codes[self._rows], np.arange(len(self._places) + 1))

    def rows(self, value: str) -> Rows:
        """Give the rows that hold a value, in their order."""
        place = self._places.get(value)
        if place is None:
            return _NO_ROWS
        return self._rows[self._starts[place] : self._starts[place + 1]]


class ByKey:
    """The rows of a column of short keys that are nearly all different, by bisection."""

    def __init__(self, keys: pa.Array) -> None:
        """Keep the keys as bytes, sorted; tables are written in this order."""
        found = _fixed(keys)
        ordered = bool(np.all(found[1:] >= found[:-1]))
        self._order: Rows | None = None if ordered else np.argsort(found, kind="stable")
        self._keys = found if self._order is None else found[self._order]

    def rows(self, key: str) -> Rows:
        """Give the rows that hold a key, in their order."""
        wanted = np.bytes_(key.encode())
        first = int(np.searchsorted(self._keys, wanted, side="left"))
        last = int(np.searchsorted(self._keys, wanted, side="right"))
        rows = np.arange(first, last, dtype=np.int64)
        return rows if self._order is None else self._order[rows]


class Cells:
    """Columns of one table, read cell by cell."""

    def __init__(self, frame: pd.DataFrame, names: Iterable[str]) -> None:
        """Keep the named columns."""
        self._columns = {name: arrow(frame[name]) for name in names}

    def column(self, name: str) -> pa.Array:
        """Give a whole column."""
        return self._columns[name]

    def text(self, name: str, row: int) -> str:
        """Give one cell of a column of text."""
        return str(self._columns[name][row].as_py())

    def row(self, row: int) -> dict[str, str]:
        """Give all cells of a row, each as it is in the table."""
        return {name: column[row].as_py() for name, column in self._columns.items()}


def _fixed(keys: pa.Array) -> npt.NDArray[np.bytes_]:
    """Give keys as bytes; those of equal length lie in memory as they are needed."""
    lengths = {end - start for start, end in pairwise(_offsets(keys)[:2])}
    buffers = keys.buffers()
    if len(lengths) == 1 and keys.offset == 0 and buffers[2] is not None:
        length = int(lengths.pop())
        if length and _all_of(keys, length):
            return np.frombuffer(buffers[2], dtype=f"S{length}", count=len(keys))
    return np.array([str(key).encode() for key in keys.to_pylist()], dtype=np.bytes_)


def _offsets(keys: pa.Array) -> npt.NDArray[np.int64]:
    large = pa.types.is_large_string(keys.type)
    kind = np.int64 if large else np.int32
    raw = np.frombuffer(keys.buffers()[1] or b"", dtype=kind)
    return np.asarray(raw[: len(keys) + 1], dtype=np.int64)


def _all_of(keys: pa.Array, length: int) -> bool:
    offsets = _offsets(keys)
    return bool(np.all(np.diff(offsets) == length)) and int(offsets[0]) == 0
