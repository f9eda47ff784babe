"""``coprescribe train``: learn link prediction on a graph and publish a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from api.cli.options import GraphOption, HomeOption, JsonOption, QuietOption, VerboseOption
from api.cli.tables import grid
from api.cli.voice import Voice, write
from api.errors import MissingExtra
from api.settings import find_home
from kg.artifact import open_graph
from kg.graph import KnowledgeGraph

if TYPE_CHECKING:
    from embeddings.run import TrainingRequest

_Told: TypeAlias = tuple[dict[str, Any], RenderableType]
_FIGURES = ("value", "uniform", "known-pairs")
_METRICS = ("auroc", "auprc", "ap50", "p50")


def train(
    *,
    config: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Named training settings: counts (no torch); fast, distmult, complex, simple, "
            "tucker, pair, multi (learned with PyKEEN); best (learned, beside counting). "
            "NAME,field=number changes some. Else counts where the graph has co-reports, and fast "
            "where it has none.",
        ),
    ] = None,
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
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint of this training.")
    ] = False,
    checkpoint: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=0.0, help="Least time between two checkpoints."),
    ] = 60.0,
    search: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Try N settings of the configuration instead; no model is made.",
        ),
    ] = None,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Train a model and print its figures beside the baselines.

    It returns at once when the same model stands already. With --search it prints the settings
    that did best on validation facts, as --config takes them.
    """
    # Imported here so that the other commands start without what learns.
    from embeddings.learned_facts import usual_config
    from embeddings.run import TrainingRequest, leads
    from embeddings.triples import aliases_of, read_facts

    del verbose
    voice = Voice(as_json, quiet or not leads())
    folder = find_home(home)
    opened = open_graph(folder, graph)
    aliases = aliases_of(opened.tables)
    left_out = tuple(read_facts(path, aliases) for path in exclude or ())
    named = config or usual_config(opened, folder)
    request = TrainingRequest(named, seed, split, left_out, force, resume, checkpoint)
    try:
        told = (
            _trained(opened, folder, request, voice)
            if search is None
            else _searched(opened, folder, request, search, voice)
        )
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "torch", "train") from error
    if leads():
        value, text = told
        voice.result(value, "" if quiet else text)
        if search is not None and not as_json:
            # In one line however long, to be copied.
            write(f"--config {value['best']}\n")


def _trained(graph: KnowledgeGraph, home: Path, request: TrainingRequest, voice: Voice) -> _Told:
    from embeddings.run import train_model

    bundle = train_model(graph, home, request, voice.progress)
    value = {"id": bundle.id, "trained_on": bundle.graph_id, "metrics": bundle.metrics}
    return value, _text(bundle.id, bundle.graph_id, bundle.metrics)


def _searched(
    graph: KnowledgeGraph, home: Path, request: TrainingRequest, count: int, voice: Voice
) -> _Told:
    from embeddings.training.search import search

    found = search(graph, home, request, count, voice.progress)
    rows = [trial.as_row() for trial in found.trials]
    shown = [
        (
            *("–" if row[name] is None else f"{row[name]:.4f}" for name in _FIGURES),
            f"{row['seconds']:.0f}",
            row["state"],
            " ".join(f"{field}={number:g}" for field, number in trial.settings.items()),
        )
        for trial, row in zip(found.trials, rows, strict=True)
    ]
    text = grid((*_FIGURES, "seconds", "state", "settings"), shown)
    table = str(found.folder / "trials.tsv")
    return {"table": table, "best": found.best, "trials": rows}, text


def _text(model_id: str, graph_id: str, metrics: Mapping[str, Any]) -> RenderableType:
    head = (
        f"model {model_id}, trained on {graph_id}: judged on {metrics['n_facts']:,} held-out facts "
        f"of {metrics['n_effects']} effects (mean over effects)"
    )
    rows = []
    for protocol, judged in sorted(metrics["protocols"].items()):
        rows.append((protocol, "the model", *_figures(judged["model"])))
        baselines = sorted(judged["baselines"].items())
        rows += [("", name, *_figures(figures)) for name, figures in baselines]
    used = (
        "predict, screen and serve take the newest model of their graph unless --model names one. "
        f"To forget this one, remove models/{model_id} from the home."
    )
    table = grid(("protocol", "scorer", *_METRICS), rows)
    return Group(Text(head, style="bold"), table, Text(f"\n{used}"))


def _figures(summary: Mapping[str, Any]) -> list[str]:
    return [f"{summary[name]['mean']:.3f}" for name in _METRICS]
