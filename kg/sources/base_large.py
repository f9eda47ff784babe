"""Large delimited files: every column holds its different values once, and is checked by value."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from kg.sources.base import MalformedSource
from kg.sources.base_files import read_raw

CHUNK_ROWS = 500_000
"""Rows that are worked on at a time: what a chunk of text columns may take in memory."""

Texts = npt.NDArray[np.object_]
_ROW = re.compile(r"Row #(\d+)")
_CODES = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one file; ``first`` is the number of the first of them among the file's rows."""

    source: str
    file: str
    table: pa.Table
    first: int

    def __len__(self) -> int:
        """Give the number of rows."""
        return int(self.table.num_rows)

    def values(self, column: str) -> list[str]:
        """Give every different value that the column may hold, each once."""
        return [str(value) for value in self._column(column).dictionary.to_pylist()]

    def codes(self, column: str) -> npt.NDArray[np.int32]:
        """Give the place in ``values`` of the value of every row."""
        codes: npt.NDArray[np.int32] = self._column(column).indices.to_numpy()
        return codes

    def texts(self, column: str, rename: Callable[[str], str] = str) -> Texts:
        """Give the value of every row, renamed once per different value."""
        renamed = np.array([rename(value) for value in self.values(column)], dtype=object)
        return renamed[self.codes(column)] if len(renamed) else np.empty(0, dtype=object)

    def categories(self, column: str, rename: Callable[[str], str] = str) -> pd.Categorical[str]:
        """Give the value of every row as a category, renamed once per different value."""
        renamed = [rename(value) for value in self.values(column)]
        known = sorted(set(renamed))
        places = {value: place for place, value in enumerate(known)}
        codes = np.array([places[value] for value in renamed], dtype=np.int32)
        chosen = codes[self.codes(column)] if len(codes) else codes
        return pd.Categorical.from_codes(chosen, pd.Index(known))

    def check(self, column: str, pattern: str) -> None:
        """Make sure that a column has one form throughout.

        Raises:
            MalformedSource: A value has another form; its first row is named.
        """
        form = re.compile(pattern)
        values = self.values(column)
        wrong = [code for code, value in enumerate(values) if not form.fullmatch(value)]
        places = np.isin(self.codes(column), wrong).nonzero()[0] if wrong else np.empty(0)
        if len(places):
            place = int(places[0])
            value = values[int(self.codes(column)[place])]
            reason = f"{column} is {value!r}, not of the form {pattern}"
            raise MalformedSource(self.source, self.file, reason, place + self.first)

    def chunks(self) -> Iterator[Rows]:
        """Cut the rows into parts of at most ``CHUNK_ROWS``."""
        for start in range(0, len(self), CHUNK_ROWS):
            part = self.table.slice(start, CHUNK_ROWS)
            yield replace(self, table=part, first=self.first + start)

    def frame(self) -> pd.DataFrame:
        """Give all columns as text."""
        return pd.DataFrame({name: self.texts(name) for name in self.table.column_names}, dtype=str)

    def _column(self, column: str) -> pa.DictionaryArray:
        return self.table.column(column).combine_chunks()


def read_rows(source: str, path: Path, columns: tuple[str, ...], separator: str = ",") -> Rows:
    """Read a delimited file that names its columns; ``columns`` are those that must be there.

    Raises:
        MalformedSource: The file is damaged, not UTF-8, cut short, or lacks a column or a cell.
    """
    content = read_raw(source, path)
    header = _header(source, path.name, content, separator)
    missing = [column for column in columns if column not in header]
    if missing or len(set(header)) != len(header):
        reason = f"columns {missing} are missing or stand twice; found {header}"
        raise MalformedSource(source, path.name, reason)
    table = _parse(source, path.name, content, _Layout(separator, header, first=2))
    return Rows(source, path.name, table.select(list(columns)), first=2)


def read_headless_rows(
    source: str, path: Path, columns: tuple[str, ...], *, closed: bool = True
) -> Rows:
    """Read a tab-separated file without a header, whose columns are these.

    Args:
        source: Name of the source, for errors.
        path: The file.
        columns: Names of all its columns, in order.
        closed: Whether its last line must end with a line break.

    Raises:
        MalformedSource: The file is damaged, not UTF-8, cut short, or has a row of another length.
    """
    content = read_raw(source, path)
    if closed and content and not content.endswith(b"\n"):
        raise MalformedSource(source, path.name, "its last line is cut short")
    heading = "\t".join(columns).encode() + b"\n"
    layout = _Layout("\t", list(columns), first=1)
    table = _parse(source, path.name, heading + content, layout)
    if not table.num_rows:
        raise MalformedSource(source, path.name, "is empty")
    return Rows(source, path.name, table, first=1)


def _header(source: str, file: str, content: bytes, separator: str) -> list[str]:
    if not content.strip():
        raise MalformedSource(source, file, "is empty")
    if not content.endswith(b"\n"):
        raise MalformedSource(source, file, "its last line is cut short")
    try:
        first = content.partition(b"\n")[0].decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise MalformedSource(source, file, f"is not UTF-8 ({error})", 1) from error
    return next(csv.reader(StringIO(first), delimiter=separator), [])


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a file is divided, and the number that its first row of data has in the file."""

    separator: str
    header: list[str]
    first: int


def _parse(source: str, file: str, content: bytes, layout: _Layout) -> pa.Table:
    try:
        table = _csv(content, layout, threads=True)
    except pa.ArrowInvalid as error:
        message, row = _where(content, layout, error)
        raise MalformedSource(source, file, message, row) from error
    return table.combine_chunks()


def _csv(content: bytes, layout: _Layout, *, threads: bool) -> pa.Table:
    quote: str | bool = False if layout.separator == "\t" else '"'
    return pa_csv.read_csv(
        pa.BufferReader(content),
        read_options=pa_csv.ReadOptions(use_threads=threads),
        parse_options=pa_csv.ParseOptions(delimiter=layout.separator, quote_char=quote),
        convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(layout.header, _CODES)),
    )


def _where(content: bytes, layout: _Layout, error: pa.ArrowInvalid) -> tuple[str, int | None]:
    """Say what is wrong and in which row; only in one thread does the reader count its rows."""
    message = str(error)
    try:
        _csv(content, layout, threads=False)
    except pa.ArrowInvalid as counted:
        message = str(counted)
    row = _ROW.search(message)
    reason = message.partition("\n")[0].rpartition("Row #")[2].partition(": ")[2]
    return reason or message.partition("\n")[0], int(row[1]) - 2 + layout.first if row else None
