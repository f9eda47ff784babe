"""Reading raw files as they were published: plain, gzip or xz, delimited text or whole."""

from __future__ import annotations

import csv
import gzip
import lzma
import zlib
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import BinaryIO, cast

import pandas as pd

from kg.sources.base import MalformedSource

MAX_UNPACKED = 2 * 1024**3
MAX_RATIO = 200
"""A file that unpacks to more than this, or to more than this many times its size, is refused.

The tightest of the published files that the shipped recipes name unpacks to 41 times its size.
"""
_BLOCK = 1 << 20


def open_raw(path: Path) -> BinaryIO:
    """Open a raw file for reading its content, whatever its compression."""
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    if path.suffix == ".xz":
        return cast("BinaryIO", lzma.open(path, "rb"))
    return path.open("rb")


def read_raw(source: str, path: Path) -> bytes:
    """Read the whole content of a raw file, within bounds of size and ratio.

    Raises:
        MalformedSource: The file is cut short, damaged, or unpacks to too much.
    """
    most = min(MAX_UNPACKED, max(path.stat().st_size, 1024) * MAX_RATIO)
    parts: list[bytes] = []
    total = 0
    try:
        with open_raw(path) as stream:
            while block := stream.read(_BLOCK):
                parts.append(block)
                total += len(block)
                if total > most:
                    raise MalformedSource(source, path.name, f"unpacks to over {most} bytes")
    except (EOFError, OSError, lzma.LZMAError, zlib.error) as error:
        raise MalformedSource(source, path.name, f"cannot be unpacked ({error})") from error
    return b"".join(parts)


def read_text(source: str, path: Path) -> str:
    """Read the whole content of a raw file as UTF-8, with or without a byte order mark.

    Raises:
        MalformedSource: The file is damaged or is not UTF-8; the first such line is named.
    """
    content = read_raw(source, path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise MalformedSource(source, path.name, f"is not UTF-8 ({error})", row) from error


def read_table(
    source: str, path: Path, columns: tuple[str, ...], separator: str = "\t"
) -> pd.DataFrame:
    """Read a delimited file as text and make sure that its columns and cells are there.

    Raises:
        MalformedSource: The file is not UTF-8, is cut short, or lacks a column or a cell.
    """
    rows = _rows(source, path, separator)
    header = rows[0]
    if len(set(header)) != len(header):
        raise MalformedSource(source, path.name, f"a column stands twice in {header}")
    missing = [column for column in columns if column not in header]
    if missing:
        raise MalformedSource(source, path.name, f"columns {missing} are missing; found {header}")
    for number, row in enumerate(rows, start=1):
        if row and len(row) != len(header):
            reason = f"has {len(row)} cells where the header has {len(header)}"
            raise MalformedSource(source, path.name, reason, number)
    return pd.DataFrame([row for row in rows[1:] if row], columns=header, dtype=str)


class _Tabbed(csv.Dialect):
    """Cells between tabs, in which a quotation mark is a letter like any other."""

    delimiter = "\t"
    quoting = csv.QUOTE_NONE
    lineterminator = "\n"
    strict = True


class _Comma(csv.excel):
    """Cells between commas, quoted where they hold one."""

    strict = True


_DIALECTS: Mapping[str, type[csv.Dialect]] = {"\t": _Tabbed, ",": _Comma}


def _rows(source: str, path: Path, separator: str) -> list[list[str]]:
    """Take a delimited file apart; only a file that is not tab-separated has quoted cells."""
    text = read_text(source, path)
    reader = csv.reader(StringIO(text), dialect=_DIALECTS[separator])
    try:
        rows = list(reader)
    except csv.Error as error:
        raise MalformedSource(source, path.name, str(error), reader.line_num) from error
    if not rows:
        raise MalformedSource(source, path.name, "is empty")
    if not text.endswith("\n"):
        raise MalformedSource(source, path.name, "its last line is cut short", len(rows))
    return rows
