"""The index of a published graph, kept in files that a process maps instead of reading.

Opening costs no decoding, and processes that serve one graph share its pages. The files are Arrow
IPC files, not compressed, one table each, in the folder ``index/`` beside the tables they are made
from. What is torn or has other columns is noticed here, what has changed within by its digest
(:func:`kg.artifact.graph_of`). A published file is never written to again: a newer graph of the
same name takes the place of the whole folder, and who has mapped the older one keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa

from kg.serving.index import COLUMNS, GraphIndex, index_of
from kg.tables import Tables, read_to_serve

INDEX = "index"
"""Name of the folder of an index, in the folder of its graph."""
LAYOUT = {b"layout": b"1"}
"""What each file says of itself; raised whenever the columns of an index or their meaning change.

An index of another layout is not read, and the graph is indexed in memory in its place.
"""


class DamagedIndex(ValueError):
    """A file of an index is missing or cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the index file {path.name!r} in {path.parent} is damaged: {reason}")
        self.path, self.reason = path, reason


@dataclass(frozen=True, slots=True)
class Served:
    """An index, and the tables it was made from, which are read when they are asked for."""

    index: GraphIndex
    read_tables: Callable[[], Tables]


def served(tables: Tables) -> Served:
    """Index tables in memory."""
    return Served(index_of(tables), lambda: tables)


def open_served(folder: Path) -> Served:
    """Open the index of a graph's folder; one without it, or with an older one, is indexed anew.

    Raises:
        DamagedIndex: A file of the index is missing or cannot be read.
        DamagedTable: There is no index, and a table cannot be read.
    """
    index = read_index(folder / INDEX)
    if index is None:
        index = index_of(read_to_serve(folder))
    return Served(index, lambda: read_to_serve(folder))


def write_index(index: GraphIndex, folder: Path) -> None:
    """Write an index into a folder, which is made; the same index gives the same bytes."""
    folder.mkdir()
    for part in fields(index):
        batch: pa.RecordBatch = getattr(index, part.name).replace_schema_metadata(LAYOUT)
        path = str(folder / f"{part.name}.arrow")
        with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_batch(batch)


def read_index(folder: Path) -> GraphIndex | None:
    """Map the files of an index; ``None`` where there is none, or one of another layout.

    Raises:
        DamagedIndex: A file is missing or cannot be read.
    """
    if not folder.is_dir():
        return None
    parts = {part.name: _mapped(folder / f"{part.name}.arrow") for part in fields(GraphIndex)}
    if any(batch.schema.metadata != LAYOUT for batch in parts.values()):
        return None
    for name, batch in parts.items():
        _check_columns(folder / f"{name}.arrow", batch, COLUMNS[name])
    return GraphIndex(**parts)


def _mapped(path: Path) -> pa.RecordBatch:
    try:
        batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
        batch.validate()
        return batch
    except (OSError, pa.ArrowException) as error:
        raise DamagedIndex(path, str(error)) from error


def _check_columns(path: Path, batch: pa.RecordBatch, columns: tuple[str, ...]) -> None:
    if tuple(batch.schema.names) != columns:
        raise DamagedIndex(path, f"its columns are {batch.schema.names}")
