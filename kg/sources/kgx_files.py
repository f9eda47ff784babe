"""Reading the nodes and edges of KGX files, TSV or JSON Lines, as columns of text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from kg.sources.base import MalformedSource
from kg.sources.base_blocks import read_blocks
from kg.sources.base_large import CHUNK_ROWS, read_rows

NAME = "kgx"


def read_records(
    path: Path, needed: tuple[str, ...], wished: tuple[str, ...]
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield the number in the file of the first row of a part, and the part.

    Every column of ``needed`` and ``wished`` is there, a list joined with ``|``; what the file
    lacks of ``wished`` is empty.

    Raises:
        MalformedSource: The file is damaged, or a record lacks what is needed.
    """
    parts = _json_lines(path) if path.suffix == ".jsonl" else _tsv(path, needed, wished)
    for first, part in parts:
        frame = part.reindex(columns=[*needed, *wished], fill_value="").fillna("")
        blank = (frame[list(needed)] == "").any(axis="columns")
        if blank.any():
            place = int(blank.to_numpy().argmax())
            raise MalformedSource(NAME, path.name, f"lacks one of {needed}", place + first)
        yield first, frame.reset_index(drop=True)


def _tsv(
    path: Path, needed: tuple[str, ...], wished: tuple[str, ...]
) -> Iterator[tuple[int, pd.DataFrame]]:
    first = next(read_blocks(NAME, path)).partition(b"\n")[0]
    heading = first.decode("utf-8", errors="replace").removesuffix("\r")
    header = next(csv.reader(StringIO(heading), delimiter="\t", quoting=csv.QUOTE_NONE), [])
    there = tuple(column for column in wished if column in header)
    for rows in read_rows(NAME, path, (*needed, *there), "\t").chunks():
        yield rows.first, rows.frame()


def _json_lines(path: Path) -> Iterator[tuple[int, pd.DataFrame]]:
    records: list[dict[str, str]] = []
    first = number = 1
    for number, line in enumerate(_lines(path), start=1):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise MalformedSource(NAME, path.name, f"not JSON ({error})", number) from error
        if not isinstance(record, dict):
            raise MalformedSource(NAME, path.name, "expected a record", number)
        records.append({key: _cell(value) for key, value in record.items()})
        if len(records) == CHUNK_ROWS:
            yield first, pd.DataFrame(records, dtype=str)
            records, first = [], number + 1
    if records:
        yield first, pd.DataFrame(records, dtype=str)


def _lines(path: Path) -> Iterator[bytes]:
    rest = b""
    for block in read_blocks(NAME, path):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    if rest:
        raise MalformedSource(NAME, path.name, "its last line is cut short")


def _cell(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return "|".join(
        str(item).replace("|", "/") for item in values if item is not None and item != ""
    )
