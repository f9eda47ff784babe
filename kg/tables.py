"""The columnar form of a graph: three tables with fixed columns; same rows, same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

NODE_COLUMNS = ("id", "category", "name", "synonym", "xref", "provided_by")
EDGE_COLUMNS = ("id", "subject", "predicate", "object", "qualifiers")
EVIDENCE_COLUMNS = (
    "edge_id",
    "source",
    "version",
    "licence",
    "knowledge_level",
    "agent_type",
    "severity",
    "severity_as_stated",
    "statement",
    "primary",
    "text",
    "condition",
    "recommendation",
    "publications",
    "reference",
    "derived_from",
)
CO_REPORT_COLUMNS = (
    "drug_a",
    "drug_b",
    "effect",
    "source",
    "version",
    "licence",
    "knowledge_level",
    "agent_type",
)
"""A co-report is the edge from a pair of drugs to an effect, with its evidence, in one row.

They come by the million and are alike, so they have a table of their own, read only when asked for.
"""
COLUMNS = {"nodes": NODE_COLUMNS, "edges": EDGE_COLUMNS, "evidence": EVIDENCE_COLUMNS}
"""Columns of each table. Lists are joined with ``|``; an empty string means "not stated"."""

_REPEATING = frozenset(
    {
        "category",
        "predicate",
        "source",
        "version",
        "licence",
        "knowledge_level",
        "agent_type",
        "severity",
    }
)


class DamagedTable(ValueError):
    """A table file cannot be read or lacks a column."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the table {path.name!r} in {path.parent} is damaged: {reason}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Tables:
    """Nodes, edges and evidence of one graph; every column is text except ``primary`` (bool)."""

    nodes: pd.DataFrame
    edges: pd.DataFrame
    evidence: pd.DataFrame
    co_reports: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(CO_REPORT_COLUMNS), dtype="category")
    )

    def counts(self) -> dict[str, int]:
        """Rows per table."""
        return {name: len(getattr(self, name)) for name in (*COLUMNS, "co_reports")}


def write_tables(tables: Tables, folder: Path) -> None:
    """Write ``nodes.parquet``, ``edges.parquet`` and ``evidence.parquet`` into a folder."""
    for name, columns in COLUMNS.items():
        frame: pd.DataFrame = getattr(tables, name)
        pq.write_table(_arrow(frame, columns), folder / f"{name}.parquet", compression="zstd")
    reports = pa.Table.from_pandas(tables.co_reports, preserve_index=False)
    path = folder / "co_reports.parquet"
    pq.write_table(reports.replace_schema_metadata(None), path, compression="zstd")


def read_tables(folder: Path, columns: Mapping[str, tuple[str, ...]] = COLUMNS) -> Tables:
    """Read the three tables of a graph folder, all columns or those that are named by table.

    Raises:
        DamagedTable: A file is missing, truncated or of another layout.
    """
    return Tables(
        **{name: _read(folder / f"{name}.parquet", wanted) for name, wanted in columns.items()}
    )


def read_to_serve(folder: Path) -> Tables:
    """Read the three tables of a graph folder for look-ups, repeating columns as categories.

    It takes a third of the time and the memory of :func:`read_tables`.

    Raises:
        DamagedTable: A file is missing, truncated or of another layout.
    """
    parts = {n: _read(folder / f"{n}.parquet", c, decode=False) for n, c in COLUMNS.items()}
    return Tables(**parts)


def read_co_reports(folder: Path) -> pd.DataFrame:
    """Read the co-reports of a graph folder, their columns as categories.

    Raises:
        DamagedTable: The file is missing, truncated or of another layout.
    """
    path = folder / "co_reports.parquet"
    try:
        frame: pd.DataFrame = pq.read_table(
            path, columns=list(CO_REPORT_COLUMNS), read_dictionary=list(CO_REPORT_COLUMNS)
        ).to_pandas()
    except MemoryError:
        raise  # Arrow's own is an ArrowException too, and the file is whole.
    except (OSError, pa.ArrowException, KeyError) as error:
        raise DamagedTable(path, str(error)) from error
    return frame.astype("category")


def joined(values: tuple[str, ...] | list[str]) -> str:
    """Join a list for one cell."""
    return "|".join(values)


def split(cell: str) -> tuple[str, ...]:
    """Take a joined cell apart; an empty cell is an empty list."""
    return tuple(cell.split("|")) if cell else ()


def _arrow(frame: pd.DataFrame, columns: tuple[str, ...]) -> pa.Table:
    arrays = []
    for column in columns:
        if column == "primary":
            arrays.append(pa.array(frame[column].astype(bool), type=pa.bool_()))
            continue
        array = pa.array(frame[column].astype(object), type=pa.string())
        arrays.append(array.dictionary_encode() if column in _REPEATING else array)
    return pa.table(arrays, names=list(columns))


def _read(path: Path, columns: tuple[str, ...], *, decode: bool = True) -> pd.DataFrame:
    try:
        table = pq.read_table(path, columns=list(columns))
    except MemoryError:
        raise  # As above.
    except (OSError, pa.ArrowException) as error:
        raise DamagedTable(path, str(error)) from error
    decoded = [
        column.cast(pa.string()) if decode and pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    frame: pd.DataFrame = pa.table(decoded, names=table.column_names).to_pandas()
    if list(frame.columns) != list(columns):
        raise DamagedTable(path, f"columns are {list(frame.columns)}")
    return frame
