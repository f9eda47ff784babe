"""``coprescribe drugs``: what a written name or code means to the graph."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from api.cli.options import GraphOption, HomeOption, JsonOption, QuietOption, VerboseOption
from api.cli.tables import grid
from api.cli.voice import Voice
from api.convert import resolution_json
from api.settings import find_home
from api.state import open_lexicon
from ontologies.lexicon import Resolution

NOT_ONE_DRUG = 2
"""Exit code where `screen` would refuse to add what was written; the candidates are shown."""


def drugs(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="A name, a brand, a CURIE or an RxCUI.")
    ],
    *,
    limit: Annotated[int, typer.Option(min=1, max=50, help="Most candidates to show.")] = 5,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Look up a drug as `screen` would, with what else it may mean; 2 unless it is one drug."""
    del verbose
    resolution = open_lexicon(find_home(home), graph).lookup(text, limit)
    Voice(as_json, quiet).result(resolution_json(resolution), _text(resolution))
    if resolution.candidate is None:
        raise typer.Exit(NOT_ONE_DRUG)


def _text(resolution: Resolution) -> RenderableType:
    found = resolution.candidate
    if found is not None:
        head = f"{resolution.query!r} is {found.name} ({found.curie})"
    elif resolution.status == "ambiguous" and len(resolution.candidates) > 1:
        head = f"{resolution.query!r} may be several drugs"
    else:
        head = f"{resolution.query!r} is not a drug that this graph knows"
    rows = [(c.name, c.curie, c.matched, f"{c.score:.1f}") for c in resolution.candidates]
    others = (
        [grid(("candidate", "curie", "matched", "score"), rows)]
        if len(rows) > (found is not None)
        else []
    )
    return Group(Text(head), *others)
