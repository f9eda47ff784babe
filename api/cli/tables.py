"""Small tables for the terminal: counts of a graph, its sources, drugs that a name may mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from api.notes import left_out_notes
from kg.artifact import Artifact

_SHOWN = ("recipe", "commercial", "sources", "left_out", "licences", "counts", "report")


def grid(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Make a plain table; a column of whole numbers stands to the right."""
    cells = [list(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for position, header in enumerate(headers):
        column = [row[position] for row in cells]
        number = bool(column) and all(isinstance(value, int) for value in column)
        table.add_column(header, justify="right" if number else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(f"{v:,}" if isinstance(v, int) else str(v)) for v in row))
    return table


def manifest_json(artifact: Artifact) -> dict[str, Any]:
    """What a graph says of itself, with its id first."""
    manifest = artifact.manifest
    return {"id": artifact.id, **{key: manifest[key] for key in _SHOWN if key in manifest}}


def manifest_text(artifact: Artifact) -> RenderableType:
    """The counts, the report and the sources of a graph."""
    manifest = artifact.manifest
    figures = {**manifest["counts"], **manifest.get("report", {})}
    plain = {key: value for key, value in figures.items() if not isinstance(value, Mapping)}
    nested = {key: value for key, value in figures.items() if isinstance(value, Mapping)}
    parts: list[RenderableType] = [
        Text(f"graph {artifact.id} (recipe {manifest['recipe']})", style="bold"),
        Text(f"{artifact.folder}\n", style="dim"),
        grid(("figure", "value"), ((_words(key), value) for key, value in plain.items())),
    ]
    for key, counts in nested.items():
        parts += [Text(""), grid((_words(key), "count"), counts.items())]
    return Group(*parts, Text(""), sources_text(artifact))


def sources_text(artifact: Artifact) -> RenderableType:
    """The sources of a graph with version, licence, use in trade, and those that were left out."""
    rows = (
        (_source(r.source), r.version, "yes" if r.commercial else "no", r.licence)
        for r in artifact.releases
    )
    table = grid(("source", "version", "commercial use", "licence"), rows)
    return Group(table, *(Text(note, style="yellow") for note in left_out_notes(artifact.left_out)))


def _source(infores: str) -> str:
    return infores.removeprefix("infores:")


def _words(key: str) -> str:
    return key.replace("_", " ")
