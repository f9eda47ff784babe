"""``coprescribe export``: a graph in a format that other tools read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from api.cli.options import GraphOption, HomeOption, JsonOption, QuietOption, VerboseOption
from api.cli.tables import grid
from api.cli.voice import Voice
from api.settings import find_home
from kg.artifact import find_graph, open_artifact


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; new or empty.")],
    *,
    format: Annotated[  # noqa: A002
        Literal["kgx", "nquads", "turtle", "graphml", "parquet"],
        typer.Option("--format", help="How to write it."),
    ],
    licence: Annotated[
        Literal["any", "stated", "commercial"],
        typer.Option(
            help="any leaves out what may not be passed on; stated also what nobody grants in "
            "words; commercial also what does not allow such use."
        ),
    ] = "any",
    force: Annotated[bool, typer.Option("--force", help="Replace an older export.")] = False,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Write a graph for other tools, with its sources and their terms beside it.

    A source whose terms do not allow it to be passed on is left out and named.
    """
    # Imported here so that the other commands start without what writes a graph.
    from kg.exports.export import ExportRequest
    from kg.exports.export import export as write_export
    from kg.exports.selection import Terms

    del verbose
    voice = Voice(as_json, quiet)
    artifact = open_artifact(find_graph(find_home(home), graph))
    request = ExportRequest(format, folder, Terms(licence), force)
    manifest = write_export(artifact, request, voice.progress)
    value = {"folder": str(folder), **manifest}
    voice.result(value, str(folder) if quiet else Group(*_text(value)))


def _text(told: dict[str, Any]) -> Iterator[RenderableType]:
    yield Text(f"graph {told['graph']} as {told['format']} in {told['folder']}", style="bold")
    yield grid(("what", "count"), told["counts"].items())
    yield Text(f"{len(told['sources'])} sources; README.md lists them with their terms")
    if told["left_out"]:
        yield Text("\nleft out:", style="yellow")
        columns = ("source", "version", "reason", "rows")
        yield grid(columns, ([row[name] for name in columns] for row in told["left_out"]))
