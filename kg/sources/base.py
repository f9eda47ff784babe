"""A source is a value: who it is, which files it reads, and one function that reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pandas as pd

NODE_FIELDS = ("id", "category", "name", "synonym", "xref", "language", "drawing")
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


CO_REPORT_FIELDS = ("drug_a", "drug_b", "effect", "file")


class ChunkKind(StrEnum):
    """What the rows of a chunk are."""

    NODES = "nodes"
    EDGES = "edges"
    PAIRS = "pairs"
    CO_REPORTS = "co_reports"


FIELDS = {
    ChunkKind.NODES: NODE_FIELDS,
    ChunkKind.EDGES: EDGE_FIELDS,
    ChunkKind.PAIRS: PAIR_FIELDS,
    ChunkKind.CO_REPORTS: CO_REPORT_FIELDS,
}
"""Columns of each kind of chunk: text, lists joined with ``|``, empty where left out.

The ``predicate`` of a pair is what it says of the effect: stated as an interaction
(``contributes_to``) unless it says otherwise. Its ``effect`` may be empty: assembly then grounds
``text`` and ``recommendation``. ``file`` is the raw file that said it (its licence goes with the
row). Co-reports, which come by the million, say only which effect was reported under which two
drugs, and keep their columns as categories. ``language`` of a node's name is ``en`` unless said.
The ``drawing`` of a node is what :func:`ontologies.heavy_atoms.drawing` makes of its structure.
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
        if kind is ChunkKind.CO_REPORTS:
            return cls(kind, frame[list(FIELDS[kind])].astype("category"))
        full = frame.reindex(columns=list(FIELDS[kind]), fill_value="")
        # A column without any text is one of numbers to pandas, which no text can fill.
        bare = dict.fromkeys(full.select_dtypes("number").columns, object)
        return cls(kind, full.astype(bare).fillna("").astype(str))


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Who a source is; version and licence of each file are the recipe's to say."""

    name: str
    infores: str
    homepage: str
    citation: str


@dataclass(frozen=True, slots=True)
class Source:
    """One upstream: its face, the raw files it reads by name, the function that reads them.

    Any of the files in ``optional`` may be missing, alone or with others: the function then says
    less. A source whose files are all optional needs one of them.
    """

    info: SourceInfo
    files: tuple[str, ...]
    read: Callable[[Mapping[str, Path]], Iterator[Chunk]]
    optional: frozenset[str] = frozenset()
