"""``stats``, ``sources``, ``validate`` and ``use``: look at a built graph, and choose one."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.options import GraphOption, HomeOption, JsonOption, QuietOption, VerboseOption
from api.cli.tables import grid, manifest_json, manifest_text, sources_text
from api.cli.voice import Voice
from api.errors import BAD_DATA
from api.pictures import check_suffix, write_picture
from api.settings import find_home
from kg.artifact import STORE, Artifact, check_nested, choose_graph, find_graph, open_artifact

PlotOption = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        metavar="FILE.svg|png",
        help="Draw which kinds of nodes there are and what leads from one to another.",
        dir_okay=False,
    ),
]


def stats(
    *,
    plot: PlotOption = None,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Count what a graph holds, and list what it was made from."""
    del verbose
    artifact = open_artifact(find_graph(find_home(home), graph))
    voice, value = Voice(as_json, quiet), manifest_json(artifact)
    if plot is not None:
        value["metagraph"] = _plotted(artifact, plot)
        voice.progress(f"the picture is in {plot}")
    voice.result(value, manifest_text(artifact))


def sources(
    *,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """List the sources of a graph with version and licence."""
    del verbose
    artifact = open_artifact(find_graph(find_home(home), graph))
    value = {
        "id": artifact.id,
        "sources": artifact.manifest["sources"],
        "left_out": artifact.manifest.get("left_out", []),
    }
    Voice(as_json, quiet).result(value, sources_text(artifact))


def validate(
    *,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Check every file and every invariant of a graph.

    Each file is held against its digest, and the store against the SHACL shapes; it ends with 3
    when something is broken.
    """
    from kg.tables import read_co_reports, read_tables
    from kg.validate import shape_problems
    from kg.validate import validate as problems_of

    del verbose
    artifact = open_artifact(find_graph(find_home(home), graph))
    check_nested(artifact)
    co_reports = read_co_reports(artifact.folder)
    tables = replace(read_tables(artifact.folder), co_reports=co_reports)
    problems = problems_of(tables, artifact.releases)
    if artifact.holds(STORE):
        problems += shape_problems(artifact.folder / STORE)
    rows = [(p.check, p.subject, p.detail, p.fatal) for p in problems]
    keys = ("check", "subject", "detail", "fatal")
    value = {
        "id": artifact.id,
        "sound": not any(p.fatal for p in problems),
        "problems": [dict(zip(keys, row, strict=True)) for row in rows],
    }
    text = grid(keys, rows) if rows else Text(_sound(artifact))
    Voice(as_json, quiet).result(value, text)
    if not value["sound"]:
        raise typer.Exit(BAD_DATA)


def use(
    graph_id: Annotated[str, typer.Argument(metavar="ID", help="Name of a built graph.")],
    *,
    home: HomeOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Make a graph the one that is opened when none is named."""
    del verbose
    folder = find_home(home)
    open_artifact(find_graph(folder, graph_id))
    choose_graph(folder, graph_id)
    Voice(as_json, quiet).result({"id": graph_id}, f"graph {graph_id} is used from now on")


def _plotted(artifact: Artifact, plot: Path) -> dict[str, Any]:
    """Draw the metagraph of a graph into a file; gives its counts."""
    # Imported here so that the other commands start without pandas.
    from kg.exports.metagraph import metagraph_of

    check_suffix(plot)
    found = metagraph_of(artifact.folder)
    write_picture(found.svg(f"graph {artifact.id}"), plot)
    return asdict(found)


def _sound(artifact: Artifact) -> str:
    counts = artifact.manifest["counts"]
    return (
        f"graph {artifact.id} is sound: {counts['nodes']:,} nodes, {counts['edges']:,} edges, "
        f"{counts['evidence']:,} pieces of evidence; no invariant is broken"
    )
