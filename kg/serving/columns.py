"""Columns of an index, cell by cell: how they lie in memory or in a file, and how they are read.

A column of text is coded: each text once, in the order in which the texts first come, and for each
row the place of its text. Reading goes through the bytes where they lie, be they in memory or in a
mapped file, so a cell costs no object but its own text; a place beyond a column is an IndexError
and never a look at memory that is not the column's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

T = TypeVar("T")
Integers = npt.NDArray[np.integer]
_TEXT = pa.large_string()
_KEPT_VALUES = 4096


class Texts:
    """A column of text, read by row."""

    __slots__ = ("_bytes", "_starts")

    def __init__(self, column: pa.Array) -> None:
        """Look at the bytes of a column of large strings; nothing is copied."""
        _, starts, text = column.buffers()
        n_starts = len(column) + 1 if len(column) else 0
        found = np.frombuffer(starts or b"", dtype=np.int64, count=n_starts)
        self._starts = found.data
        self._bytes = memoryview(text or b"")

    def __len__(self) -> int:
        return max(0, len(self._starts) - 1)

    def __getitem__(self, row: int) -> str:
        return str(self._bytes[self._starts[row] : self._starts[row + 1]], "utf-8")

    def __iter__(self) -> Iterator[str]:
        return (self[row] for row in range(len(self)))

    def encoded(self, row: int) -> memoryview:
        """Give a cell as its UTF-8 bytes, which are not copied."""
        return self._bytes[self._starts[row] : self._starts[row + 1]]


def numbers(column: pa.Array) -> memoryview[int]:
    """Give a column of integers to be read one by one; nothing is copied."""
    return integers(column).data


def integers(column: pa.Array) -> Integers:
    """Give a column of integers to be read as a whole; nothing is copied."""
    found: Integers = column.to_numpy(zero_copy_only=True)
    return found


def cells(column: pa.Array, parse: Callable[[str], T]) -> Callable[[int], T]:
    """Give what reads a coded column by row, and parses a text when it meets it.

    The values that were met last, some thousands, are not parsed again.
    """
    codes, texts = numbers(column.indices), Texts(column.dictionary)

    @lru_cache(_KEPT_VALUES)
    def value(code: int) -> T:
        return parse(texts[code])

    def cell(row: int) -> T:
        return value(codes[row])

    return cell


def code_of(column: pa.DictionaryArray, text: str) -> int | None:
    """Give the code of a text in a coded column of few texts; ``None`` where no row has it."""
    return next((code for code, held in enumerate(Texts(column.dictionary)) if held == text), None)


def coded(column: pd.Series[str]) -> pa.DictionaryArray:
    """Code a column of text; the same texts give the same bytes, whatever form they came in."""
    array = pa.Array.from_pandas(column)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if array.null_count:
        array = pc.fill_null(array, "")
    if pa.types.is_dictionary(array.type):
        # A frame's categories come in an order of their own, and some may have no row.
        met = array.indices.dictionary_encode()
        texts = array.dictionary.take(met.dictionary).cast(_TEXT)
        return _narrow(met.indices, texts)
    met = array.cast(_TEXT).dictionary_encode()
    return _narrow(met.indices, met.dictionary)


def _narrow(codes: pa.Array, texts: pa.Array) -> pa.DictionaryArray:
    kinds = (pa.int8(), pa.int16(), pa.int32())
    kind = next(k for k in kinds if len(texts) <= 2 ** (k.bit_width - 1))
    return pa.DictionaryArray.from_arrays(codes.cast(kind), texts)
