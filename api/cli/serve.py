"""``coprescribe serve``: the HTTP door."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import GraphOption, HomeOption, ModelOption, QuietOption, VerboseOption
from api.cli.voice import complain
from api.errors import BAD_DATA
from api.failures import sentence
from api.settings import (
    ADMIN_TOKEN_VARIABLE,
    CDS_TRUST_VARIABLE,
    IN_FLIGHT_VARIABLE,
    MAX_IN_FLIGHT,
    ORIGINS_VARIABLE,
    TOKEN_VARIABLE,
    Secrets,
    Settings,
    find_home,
    origins_of,
)


def serve(
    *,
    host: Annotated[str, typer.Option(metavar="H", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="P", min=0, max=65535, help="Port.")] = 8000,
    workers: Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Processes.")] = 1,
    max_in_flight: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            envvar=IN_FLIGHT_VARIABLE,
            help="Most questions at a time, per process.",
        ),
    ] = MAX_IN_FLIGHT,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            envvar=ORIGINS_VARIABLE,
            help="Site whose pages may read answers (CORS), or '*'; repeats. None by default.",
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=f"Token that every caller must send; else {TOKEN_VARIABLE}."
        ),
    ] = None,
    admin_token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=f"Token for POST /admin/reload; else {ADMIN_TOKEN_VARIABLE}."
        ),
    ] = None,
    cds_trust: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar=CDS_TRUST_VARIABLE,
            help="Whose signed tokens (JWT) the CDS Hooks routes ask for; a TOML file.",
        ),
    ] = None,
    model: ModelOption = None,
    home: HomeOption = None,
    graph: GraphOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Serve the HTTP interface on this machine.

    SIGHUP, or POST /admin/reload, has the newest graph served without a pause. A damaged graph ends
    the start with exit 3; while no graph is built, questions are answered with 503.
    """
    # Imported here so that the other commands start without a web server.
    from api.log import log_config
    from api.serving.run import run

    place = find_home(home).absolute()
    origins = origins_of(origin or ())
    settings = Settings(place, graph, model, max_in_flight, origins, workers)
    secrets = Secrets(token_file, admin_token_file, cds_trust)
    try:
        ended = run(settings, secrets, (host, port), log_config(verbose=verbose, quiet=quiet))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        complain(f"{sentence(error)}; --port P names another port")
        raise typer.Exit(BAD_DATA) from error
    if ended.sentence is not None:
        complain(ended.sentence)
    raise typer.Exit(ended.exit_code)
