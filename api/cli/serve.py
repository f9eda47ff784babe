"""``coprescribe serve``: the HTTP door."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import GraphOption, HomeOption, ModelOption, QuietOption, VerboseOption
from api.cli.voice import Voice
from api.errors import BAD_DATA
from api.settings import MAX_IN_FLIGHT, ORIGINS_VARIABLE, Settings, find_home, origins_of
from api.state import State, open_state
from kg.artifact import MissingGraph

if TYPE_CHECKING:
    from fastapi import FastAPI


def serve(
    *,
    host: Annotated[str, typer.Option(metavar="H", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="P", min=0, max=65535, help="Port.")] = 8000,
    workers: Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Processes.")] = 1,
    max_in_flight: Annotated[
        int, typer.Option(metavar="N", min=1, help="Most questions at a time, per process.")
    ] = MAX_IN_FLIGHT,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            envvar=ORIGINS_VARIABLE,
            help="Site whose pages may read answers (CORS), or '*'; repeats. None by default.",
        ),
    ] = None,
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

    place = find_home(home).absolute()
    settings = Settings(place, graph, model, max_in_flight, origins_of(origin or ()))
    state = _opened(settings, Voice(quiet=quiet))
    os.environ.update(settings.to_environment())
    app = "api.app:app_from_environment" if workers > 1 else partial(_app_over, state, settings)
    try:
        uvicorn.run(
            app,
            factory=True,
            host=host,
            port=port,
            workers=workers,
            access_log=False,
            server_header=False,
            log_config=log_config(verbose=verbose, quiet=quiet),
        )
    except SystemExit as end:
        # uvicorn has said why it did not start; its own codes have another meaning here.
        raise typer.Exit(BAD_DATA if end.code else 0) from end


def _opened(settings: Settings, voice: Voice) -> State | None:
    """Open everything before the server starts, so that what is damaged ends it in a sentence."""
    from kg.rdf import open_store

    try:
        state = open_state(settings.home, settings.graph_id, settings.model_id)
    except MissingGraph as error:
        if settings.graph_id is not None:
            raise
        voice.progress(f"{error}; every question is answered with 503 until then")
        return None
    open_store(state.store)
    return state


def _app_over(state: State | None, settings: Settings) -> FastAPI:
    from api.app import create_app

    def provide() -> State:
        return state or open_state(settings.home, settings.graph_id, settings.model_id)

    return create_app(provide, settings.max_in_flight, settings.origins)
