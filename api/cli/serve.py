"""``coprescribe serve``: the HTTP door."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from api.cli.options import GraphOption, HomeOption, ModelOption, QuietOption, VerboseOption
from api.cli.voice import Voice
from api.settings import Settings, find_home
from kg.artifact import MissingGraph, find_graph, open_artifact


def serve(
    *,
    host: Annotated[str, typer.Option(metavar="H", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="P", min=0, max=65535, help="Port.")] = 8000,
    workers: Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Processes.")] = 1,
    model: ModelOption = None,
    home: HomeOption = None,
    graph: GraphOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Serve the HTTP interface on this machine.

    A damaged graph ends it with exit 3; while no graph is built, questions are answered with 503.
    """
    # Imported here so that the other commands start without a web server.
    import uvicorn

    from api.log import log_config

    settings = Settings(find_home(home).absolute(), graph, model)
    voice = Voice(quiet=quiet)
    try:
        open_artifact(find_graph(settings.home, graph))
    except MissingGraph as error:
        if graph is not None:
            raise
        voice.progress(f"{error}; every question is answered with 503 until then")
    os.environ.update(settings.to_environment())
    uvicorn.run(
        "api.app:app_from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        server_header=False,
        log_config=log_config(verbose=verbose, quiet=quiet),
    )
