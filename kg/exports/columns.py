"""Columns of text joined to lines by Arrow, and the characters that a format may not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kg.nquads_columns import array_of

Cells: TypeAlias = pa.StringArray | str
ROWS_PER_BLOCK = 100_000
_NOT_IN_A_CELL = r"[\x00-\x1f\x7f]+"
_NOT_IN_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def cells(column: pd.Series) -> pa.StringArray:
    """A column as cells of a table of tabs: a line end or a tab inside becomes a blank."""
    return _each(column, lambda texts: pc.replace_substring_regex(texts, _NOT_IN_A_CELL, " "))


def xml(column: pd.Series) -> pa.StringArray:
    """A column as the text of XML 1.0, without the characters that it may not hold."""

    def escaped(texts: pa.StringArray) -> pa.StringArray:
        texts = pc.replace_substring_regex(texts, _NOT_IN_XML, "")
        for character, entity in _ENTITIES.items():
            texts = pc.replace_substring(texts, pattern=character, replacement=entity)
        return texts

    return _each(column, escaped)


def mapped(column: pd.Series, values: Mapping[str, str]) -> pa.StringArray:
    """A column with each text replaced; one that is not among the values stays as it is."""
    found = column.astype("category").cat
    names = [values.get(str(name), str(name)) for name in found.categories]
    return pa.array(names, pa.string()).take(pa.array(found.codes.to_numpy(np.int64)))


def write_lines(stream: BinaryIO, *parts: Cells) -> int:
    """Write rows of parts joined without anything between them; gives the number of rows."""
    joined = pc.binary_join_element_wise(*parts, "")
    whole = joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
    _, offsets, data = whole.buffers()
    if len(whole) and data is not None:
        ends = np.frombuffer(offsets, np.int32)[whole.offset :]
        stream.write(memoryview(data)[int(ends[0]) : int(ends[len(whole)])])
    return len(whole)


class TabFile:
    """A table of tabs that is written block by block: one header, no quotes."""

    def __init__(self, path: Path, header: tuple[str, ...]) -> None:
        self._stream = path.open("wb")
        self._stream.write(("\t".join(header) + "\n").encode())
        self._width, self.n_rows = len(header), 0

    def __enter__(self) -> TabFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def write(self, columns: list[Cells]) -> None:
        """Write rows: a column of cells, or one text for all rows, for each of the header."""
        if len(columns) != self._width:
            raise ValueError(f"{len(columns)} columns for a header of {self._width}")
        spaced: list[Cells] = [part for column in columns for part in (column, "\t")][:-1]
        self.n_rows += write_lines(self._stream, *spaced, "\n")


def _each(column: pd.Series, write: Callable[[pa.StringArray], pa.StringArray]) -> pa.StringArray:
    """Write the distinct texts of a column of categories once, of any other each text."""
    array = array_of(column)
    if not pa.types.is_dictionary(array.type):
        return write(array)
    return write(array.dictionary).take(array.indices)
