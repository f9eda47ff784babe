"""A source is a value: who it is, which files it reads, and one function that reads them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from pathlib import Path

import pandas as pd

NODE_FIELDS = ("id", "category", "name", "synonym", "xref", "language")
STATEMENT_FIELDS = (
    "knowledge_level",
    "agent_type",
    "severity",
    "severity_as_stated",
    "statement",
    "text",
    "condition",
    "recommendation",
    "publications",
    "reference",
    "file",
)
EDGE_FIELDS = ("subject", "predicate", "object", "qualifiers", *STATEMENT_FIELDS)
PAIR_FIELDS = ("drug_a", "drug_b", "predicate", "effect", "mechanism", *STATEMENT_FIELDS)


class ChunkKind(StrEnum):
    """What the rows of a chunk are."""

    NODES = "nodes"
    EDGES = "edges"
    PAIRS = "pairs"


FIELDS = {ChunkKind.NODES: NODE_FIELDS, ChunkKind.EDGES: EDGE_FIELDS, ChunkKind.PAIRS: PAIR_FIELDS}
"""Columns of each kind of chunk: text, lists joined with ``|``, empty where left out.

``effect`` of a pair may be empty: assembly then grounds ``text`` and ``recommendation``. ``file``
is the raw file that said it (its licence goes with the row). ``language`` of a node's name is
``en`` unless said.
"""


class MalformedSource(ValueError):
    """A source file is not what its adapter can read; names the file and, if known, the row."""

    def __init__(self, source: str, file: str, reason: str, row: int | None = None) -> None:
        place = f"{file}, row {row}" if row is not None else file
        super().__init__(f"source {source!r}, {place}: {reason}")
        self.source, self.file, self.row = source, file, row


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of one kind, in the source's own identifiers."""

    kind: ChunkKind
    frame: pd.DataFrame

    @classmethod
    def of(cls, kind: ChunkKind, frame: pd.DataFrame) -> Chunk:
        """Complete a frame with the columns that it leaves out, and put them in order."""
        unknown = set(frame.columns) - set(FIELDS[kind])
        if unknown:
            raise KeyError(f"a {kind} chunk has no column {sorted(unknown)}")
        full = frame.reindex(columns=list(FIELDS[kind]), fill_value="").fillna("").astype(str)
        return cls(kind, full)


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Who a source is; version and licence of each file are the recipe's to say."""

    name: str
    infores: str
    homepage: str
    citation: str


@dataclass(frozen=True, slots=True)
class Source:
    """One upstream: its face, the raw files it needs by name, the function that reads them."""

    info: SourceInfo
    files: tuple[str, ...]
    read: Callable[[Mapping[str, Path]], Iterator[Chunk]]


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
    try:
        text = path.read_text(encoding="utf-8")
        lines = StringIO(text)
        rows = list(csv.reader(lines, dialect=_DIALECTS[separator]))
    except (UnicodeDecodeError, csv.Error) as error:
        raise MalformedSource(source, path.name, str(error)) from error
    if not rows:
        raise MalformedSource(source, path.name, "is empty")
    if not text.endswith("\n"):
        raise MalformedSource(source, path.name, "its last line is cut short", len(rows))
    return rows
