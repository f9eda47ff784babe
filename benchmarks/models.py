"""Train named configurations on a split and write what they reach, a row each.

``python -m benchmarks.models best --split file:split-valid.tsv.xz`` trains on the preferred graph
under ``COPRESCRIBE_HOME`` (``artifacts`` when unset), judges on the facts of the file, which
training never saw, and appends a row to ``benchmarks/results/embeddings.md``. The model stays under
the home. Seconds are those of the processor from the facts to the stored model, judging included.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embeddings.run import TrainingRequest, train_model
from kg.artifact import find_graph, open_graph

HOME = Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
RESULTS = Path("benchmarks/results/embeddings.md")
PROTOCOLS = ("uniform", "corrupt", "known-pairs")
METRICS = ("auroc", "auprc", "ap50", "p50")


def main() -> None:
    """Train, judge, and append the rows of the model and, if asked, of counting."""
    told = _arguments()
    graph = open_graph(HOME, find_graph(HOME, told.graph).name)
    request = TrainingRequest(told.config, told.seed, told.split, force=True, resume=told.resume)
    began = time.process_time()
    bundle = train_model(graph, HOME, request, _say)
    seconds = time.process_time() - began
    held_out = told.split.partition(":")[2]
    split = told.split.replace(held_out, Path(held_out).name) if held_out else told.split
    command = f"`{told.config} --seed {told.seed} --split {split}`"
    rows = [_row(command, f"{seconds:.0f}", _of_model(bundle.metrics), _errors(bundle.metrics))]
    if told.counting:
        names = bundle.metrics["protocols"]["uniform"]["baselines"]
        rows += [_row(name, "", _of_counting(bundle.metrics, name), "") for name in names]
    with told.results.open("a", encoding="utf-8") as results:
        results.writelines(rows)
    sys.stdout.write(f"model {bundle.id}\n{''.join(rows)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("config", help="as coprescribe train --config takes it")
    parser.add_argument("--split", required=True, help="as coprescribe train --split takes it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--graph")
    parser.add_argument("--counting", action="store_true", help="rows of every baseline, too")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")


def _of_model(metrics: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [metrics["protocols"][protocol]["model"] for protocol in PROTOCOLS]


def _of_counting(metrics: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [metrics["protocols"][protocol]["baselines"][name] for protocol in PROTOCOLS]


def _errors(metrics: Mapping[str, Any]) -> str:
    even, natural = (metrics["calibration"][name] for name in ("one_to_one", "natural"))
    won = metrics["protocols"]["uniform"]["effects_won_over_effect_degree"]
    return f"{even['brier']:.4f}, {even['ece15']:.4f}; {natural['ece15']:.4f}; {won:.1%}"


def _row(what: str, seconds: str, judged: list[Mapping[str, Any]], errors: str) -> str:
    cells = ["/".join(f"{one[metric]['mean']:.4f}" for metric in METRICS) for one in judged]
    return f"| {' | '.join([what, seconds, *cells, errors])} |\n"


if __name__ == "__main__":
    main()
