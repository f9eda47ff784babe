"""``coprescribe evaluate``: judge a model on facts that it has not seen, beside counting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from api.cli.options import GraphOption, HomeOption, JsonOption, QuietOption, VerboseOption
from api.cli.tables import grid
from api.cli.voice import Voice
from api.settings import find_home
from kg.artifact import MissingGraph, open_graph
from kg.atomic_file import atomic_file
from kg.graph import KnowledgeGraph

_METRICS = ("auroc", "auprc", "ap50", "p50")


def evaluate(
    *,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Id of the model to judge.")],
    test: Annotated[
        Path,
        typer.Option(
            metavar="FILE.tsv[.xz]",
            help="Facts to judge by: drug, effect, drug, without a header.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ],
    protocol: Annotated[
        list[str] | None,
        typer.Option(
            metavar="uniform|corrupt|known-pairs",
            help="How negatives are drawn; repeats; else all three.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the negatives.")] = 0,
    allow_seen: Annotated[
        bool, typer.Option("--allow-seen", help="Judge by facts of the training, too.")
    ] = False,
    drop_twins: Annotated[
        bool,
        typer.Option(
            "--drop-twins", help="Leave out facts that another form of the same drug gives away."
        ),
    ] = False,
    plots: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write reliability plots (SVG) here.", file_okay=False),
    ] = None,
    per_effect: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.parquet", help="Write the metrics of each effect here.", dir_okay=False
        ),
    ] = None,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Judge a model on the facts of a file and print its figures beside the baselines.

    A file that names facts of the model's training is refused, unless they are allowed.
    """
    # Imported here so that the other commands start without what judges.
    from embeddings.judging.judge import EvaluationRequest, judge_bundle
    from embeddings.learned_facts import co_reported_effects
    from embeddings.store import load
    from embeddings.triples import Facts, aliases_of, read_facts
    from embeddings.twins import twins_of

    del verbose
    voice, folder = Voice(as_json, quiet), find_home(home)
    bundle = load(folder, model)
    opened = _graph(folder, graph, bundle.graph_id)
    aliases = aliases_of(opened.tables)
    asked = read_facts(test, aliases)
    stated = (Facts.from_tables(opened.tables), co_reported_effects(opened, folder, 0).facts)
    request = EvaluationRequest(
        protocols=tuple(dict.fromkeys(protocol)) if protocol else EvaluationRequest().protocols,
        seed=seed,
        allow_seen=allow_seen,
        twins=twins_of(opened, folder, bundle.train.drugs, aliases),
        drop_twins=drop_twins,
    )
    voice.progress(f"judging model {bundle.id} on {len(asked):,} facts")
    found = judge_bundle(bundle, asked, stated, request)
    if per_effect is not None:
        _write_rows(found.per_effect, per_effect)
    if plots is not None:
        from embeddings.judging.figures import write_plots

        write_plots(found.reliability, plots)
    voice.result(found.figures, "" if quiet else evaluation_text(found.figures))


def evaluation_text(figures: Mapping[str, Any]) -> RenderableType:
    """The figures of ``evaluate --json`` as tables: the model first, then each way of counting."""
    head = (
        f"model {figures['model']}: {figures['n_facts']:,} facts of {figures['n_effects']} effects "
        f"(mean over effects); {figures['seen']:,} seen in training, {figures['twins']:,} readable "
        f"through twins, {figures['not_in_model']:,} not in the model"
    )
    rows = [row for name, one in figures["protocols"].items() for row in _rows(name, one)]
    ranks = figures["ranks"]
    ranked = ", ".join(f"{name} {ranks[name]:.3f}" for name in ("mrr", "hits1", "hits3", "hits10"))
    errors = "; ".join(
        f"{words} Brier {figures['calibration'][name]['brier']:.4f}, "
        f"ECE {figures['calibration'][name]['ece15']:.4f}"
        for name, words in (("one_to_one", "at 1:1"), ("natural", "at natural prevalence"))
    )
    return Group(
        Text(head, style="bold"),
        grid(("negatives", "scorer", *_METRICS, "won"), rows),
        Text(f"\nfiltered realistic ranks among drugs: {ranked}"),
        Text(f"probabilities: {errors}"),
    )


def _write_rows(frame: pd.DataFrame, target: Path) -> None:
    """Write a table as Parquet, whole or not at all."""
    rows = pa.Table.from_pandas(frame, preserve_index=False)
    with atomic_file(target) as unfinished:
        pq.write_table(rows, unfinished, compression="zstd")


def _rows(name: str, judged: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    won = judged["effects_won_over_effect_degree"]
    yield (name, "the model", *_means(judged["model"]), f"{won:.1%}")
    for baseline, summary in judged["baselines"].items():
        yield ("", baseline, *_means(summary), "")
    for stratum, part in judged.get("strata", {}).items():
        yield from _rows(f"{name}, {stratum} ({part['n_facts']:,})".replace("_", " "), part)


def _means(summary: Mapping[str, Any]) -> Iterable[str]:
    means = (summary[name]["mean"] for name in _METRICS)
    return ["–" if mean is None else f"{mean:.4f}" for mean in means]


def _graph(home: Path, wanted: str | None, of_model: str) -> KnowledgeGraph:
    """Open the graph that is asked for, else the model's own, else the preferred one."""
    if wanted is not None:
        return open_graph(home, wanted)
    try:
        return open_graph(home, of_model)
    except MissingGraph:
        return open_graph(home)
