"""Parquet: the graph's own tables, as ``kg.tables`` describes them."""

from __future__ import annotations

from pathlib import Path

from kg.exports.selection import Selected
from kg.tables import write_tables


def write_parquet(selected: Selected, folder: Path) -> dict[str, int]:
    """Write nodes, edges, evidence and co-reports; gives the number of rows of each file."""
    write_tables(selected.tables, folder)
    return {f"{name}.parquet": rows for name, rows in selected.tables.counts().items()}
