"""Files too large to hold: read block by block, within bounds of size and ratio."""

from __future__ import annotations

import csv
import lzma
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv

from kg.sources.base import MalformedSource
from kg.sources.base_files import MAX_RATIO, open_raw
from kg.sources.base_large import Rows

BLOCK_BYTES = 1 << 26
MAX_STREAMED = 64 * 1024**3
"""A file that unpacks to more than this, or to over ``MAX_RATIO`` times its size, is refused."""

_DAMAGED = (EOFError, OSError, lzma.LZMAError, zlib.error)
_CODES = pa.dictionary(pa.int32(), pa.string())
_ROW = re.compile(r"Row #(\d+): (.*)")


def read_blocks(source: str, path: Path, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield the content of a raw file in blocks of at most ``size`` bytes.

    Raises:
        MalformedSource: The file is empty, cut short, damaged, or unpacks to too much.
    """
    try:
        with open_raw(path) as stream:
            yield from bounded_blocks(source, path, stream, size)
    except _DAMAGED as error:
        raise MalformedSource(source, path.name, f"cannot be unpacked ({error})") from error


def bounded_blocks(
    source: str, path: Path, stream: BinaryIO, size: int = BLOCK_BYTES
) -> Iterator[bytes]:
    """Yield an open stream in blocks; ``path`` is the packed file, whose size sets the bound.

    Raises:
        MalformedSource: There is no content, or too much of it.
    """
    most = min(MAX_STREAMED, max(path.stat().st_size, 1024) * MAX_RATIO)
    total = 0
    while block := stream.read(size):
        total += len(block)
        if total > most:
            raise MalformedSource(source, path.name, f"unpacks to over {most} bytes")
        yield block
    if not total:
        raise MalformedSource(source, path.name, "is empty")


def read_row_blocks(
    source: str, path: Path, columns: tuple[str, ...], separator: str = ","
) -> Iterator[Rows]:
    """Yield the rows of a delimited file with a header, a block at a time.

    Only the named columns are kept. A cell never holds a line break in such files. Cells are quoted
    only where the separator is a comma.

    Raises:
        MalformedSource: The file is damaged, not UTF-8, cut short, or lacks a column or a cell.
    """
    layout: _Layout | None = None
    for lines in _whole_lines(source, path):
        if layout is None:
            first, _, body = lines.partition(b"\n")
            header = _header(source, path.name, first, separator)
            layout = _checked(_Layout(source, path.name, header, columns, separator, 2))
        else:
            body = lines
        if body.strip():
            rows = layout.rows(body)
            layout = layout.after(len(rows))
            yield rows


def read_headless_blocks(
    source: str, path: Path, header: tuple[str, ...], columns: tuple[str, ...], separator: str
) -> Iterator[Rows]:
    """Yield the named columns of a delimited file without a header, a block at a time.

    Raises:
        MalformedSource: The file is damaged, not UTF-8, cut short, or has a row of another length.
    """
    layout = _Layout(source, path.name, list(header), columns, separator, 1)
    for lines in _whole_lines(source, path):
        rows = layout.rows(lines)
        layout = layout.after(len(rows))
        yield rows


def _whole_lines(source: str, path: Path) -> Iterator[bytes]:
    rest = b""
    for block in read_blocks(source, path):
        lines, mark, tail = (rest + block).rpartition(b"\n")
        rest = tail
        if mark:
            yield lines + mark
    if rest:
        raise MalformedSource(source, path.name, "its last line is cut short")


def _header(source: str, file: str, line: bytes, separator: str) -> list[str]:
    try:
        text = line.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise MalformedSource(source, file, f"is not UTF-8 ({error})", 1) from error
    return next(csv.reader(StringIO(text), delimiter=separator), [])


def _checked(layout: _Layout) -> _Layout:
    missing = [column for column in layout.columns if column not in layout.header]
    if missing or len(set(layout.header)) != len(layout.header):
        reason = f"columns {missing} are missing or stand twice; found {layout.header}"
        raise MalformedSource(layout.source, layout.file, reason)
    return layout


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a file is divided, and the number in the file of the next row."""

    source: str
    file: str
    header: list[str]
    columns: tuple[str, ...]
    separator: str
    first: int

    def after(self, count: int) -> _Layout:
        """Give the layout of what follows after some rows."""
        number = self.first + count
        return _Layout(self.source, self.file, self.header, self.columns, self.separator, number)

    def rows(self, content: bytes) -> Rows:
        """Take whole lines apart."""
        try:
            content.decode("utf-8")
            table = self._table(content, threads=True)
        except UnicodeDecodeError as error:
            number = self.first + content.count(b"\n", 0, error.start)
            raise MalformedSource(self.source, self.file, "is not UTF-8", number) from error
        except pa.ArrowInvalid as error:
            raise self._refusal(content, error) from error
        return Rows(self.source, self.file, table.combine_chunks(), self.first)

    def _table(self, content: bytes, *, threads: bool) -> pa.Table:
        return pa_csv.read_csv(
            pa.BufferReader(content),
            read_options=pa_csv.ReadOptions(use_threads=threads, column_names=self.header),
            parse_options=pa_csv.ParseOptions(
                delimiter=self.separator, quote_char='"' if self.separator == "," else False
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(self.columns, _CODES), include_columns=list(self.columns)
            ),
        )

    def _refusal(self, content: bytes, error: pa.ArrowInvalid) -> MalformedSource:
        """Say what is wrong and in which row; only in one thread does the reader count its rows."""
        message = str(error)
        try:
            self._table(content, threads=False)
        except pa.ArrowInvalid as counted:
            message = str(counted)
        found = _ROW.search(message)
        reason = found[2] if found else message.partition("\n")[0]
        number = int(found[1]) - 1 + self.first if found else None
        return MalformedSource(self.source, self.file, reason, number)
