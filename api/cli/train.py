"""``coprescribe train``: learn link prediction on a graph and publish a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import GraphOption, HomeOption, JsonOption, QuietOption, VerboseOption
from api.cli.voice import Voice


def train(
    *,
    config: Annotated[str, typer.Option(metavar="NAME", help="Named training settings.")] = "fast",
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of everything random.")] = 0,
    split: Annotated[
        str, typer.Option(metavar="random|pair|cold|file:F|cold:F", help="What is held out.")
    ] = "random",
    exclude: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE.tsv",
            help="Facts never used in training; repeats.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Train also when the same model stands already.")
    ] = False,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Train a model, or return at once when it stands; print it beside the baselines."""
