"""``coprescribe build``: fetch, assemble and publish a graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.options import (
    AllowLossOption,
    HomeOption,
    JsonOption,
    QuietOption,
    VerboseOption,
)
from api.cli.tables import manifest_json, manifest_text
from api.cli.voice import Voice
from api.settings import find_home


def build(
    *,
    recipe: Annotated[
        str, typer.Option(metavar="NAME|FILE.toml", help="What the graph is made of.")
    ] = "open",
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder with the files that no package carries."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on where a build was stopped, as it does in any case."),
    ] = False,
    keep_going: Annotated[
        bool,
        typer.Option("--keep-going", help="Leave out a source that cannot be read, and say so."),
    ] = False,
    allow_loss: AllowLossOption = None,
    licence: Annotated[
        Literal["any", "commercial"],
        typer.Option(help="commercial leaves out every file that does not allow such use."),
    ] = "any",
    force: Annotated[
        bool, typer.Option("--force", help="Build also when the same graph stands already.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Build the graph of a recipe and print its report.

    It returns at once when the same graph stands already. A source that has not changed is not
    parsed again. One that lost more than 5 % of its edges since the last graph stops the build.
    """
    # Imported here so that the other commands start without what assembles a graph.
    from kg.build import BuildRequest
    from kg.build import build as build_graph
    from kg.recipe import load_recipe

    del verbose, resume
    voice = Voice(as_json, quiet)
    request = BuildRequest(
        recipe=load_recipe(recipe),
        home=find_home(home),
        commercial=licence == "commercial",
        force=force,
        data=data,
        keep_going=keep_going,
        allowed_losses=tuple(allow_loss or ()),
    )
    artifact = build_graph(request, voice.progress)
    voice.result(manifest_json(artifact), artifact.id if quiet else manifest_text(artifact))
