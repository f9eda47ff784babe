"""The options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.voice import set_verbosity

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Where artifacts lie; else COPRESCRIBE_HOME, else the platform's data directory.",
        file_okay=False,
    ),
]
GraphOption = Annotated[
    str | None, typer.Option("--graph", metavar="ID", help="The graph to open; else the preferred.")
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="ID|none", help="The model to use; else the newest that fits."),
]
AllowLossOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-loss",
        metavar="SOURCE",
        help="A source that may lose more than 5 % of its edges; repeats.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Write the result as JSON, alone on standard output.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but the result.")]
VerboseOption = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        callback=set_verbosity,
        is_eager=True,
        show_default=False,
        help="Say what takes how long; twice shows the traceback of an error too.",
    ),
]
