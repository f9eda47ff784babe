"""How long counting, stacked, takes to a model, part by part, and what that model reaches.

``python -m benchmarks.bench_time --split file:split-valid.tsv.xz`` trains ``counts`` without its
part for new drugs on the newest graph with co-reports under ``COPRESCRIBE_HOME`` (``artifacts``
when unset) and judges it on the facts of the file; without ``--split`` on a tenth drawn at random.
Nothing is stored. A graph without co-reports gives the effects that it states.

The model stands when it is calibrated; judging, baselines included, comes after. Seconds are of the
wall and of the processor, all threads together.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embeddings import run, store
from embeddings.counting import stack_fit
from embeddings.counting.features import CountFeatures
from embeddings.judging import calibrate
from embeddings.run import TrainingRequest, train_model
from kg.artifact import open_graph

HOME = Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
CONFIG = "counts,new_drugs=0"
PARTS: tuple[tuple[object, str, str], ...] = (
    (run, "prepared", "facts and split"),
    (CountFeatures, "fit", "weights of items"),
    (stack_fit, "features_at", "features of validation cells"),
    (stack_fit, "fit_logistic", "logistic fits"),
    (calibrate, "fit", "calibration"),
    (run, "judge", "judging"),
)
"""Functions of a training by where they are looked up; one inside another counts for the outer."""
METRICS = ("auroc", "auprc", "ap50", "p50")


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds of each part, wall and processor."""

    seconds: dict[str, tuple[float, float]] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)

    def timed(self, label: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let a function be timed, unless it runs inside another part."""

        def call(*given: Any, **named: Any) -> Any:
            if self.running:
                return function(*given, **named)
            self.running.append(label)
            began = time.perf_counter(), time.process_time()
            try:
                return function(*given, **named)
            finally:
                wall, processor = self.seconds.get(label, (0.0, 0.0))
                wall += time.perf_counter() - began[0]
                self.seconds[label] = wall, processor + time.process_time() - began[1]
                self.running.pop()

        return call


def main() -> None:
    """Train once and print the seconds of each part, and the figures."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--split", default="random", help="as coprescribe train --split takes it")
    parser.add_argument(
        "--graph", help="the newest with co-reports, else the preferred, when unset"
    )
    told = parser.parse_args()
    files = sorted(HOME.glob("kg/[!.]*/co_reports.parquet"), key=lambda path: path.stat().st_mtime)
    graph = open_graph(HOME, told.graph or (files[-1].parent.name if files else None))
    clock = Clock()
    for owner, name, label in PARTS:
        setattr(owner, name, clock.timed(label, getattr(owner, name)))
    store.save = lambda *_: Path()
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "kg").symlink_to((HOME / "kg").resolve())
        request = TrainingRequest(CONFIG, split=told.split, force=True)
        began = time.perf_counter(), time.process_time()
        metrics = train_model(graph, Path(home), request, lambda _: None).metrics
        whole = time.perf_counter() - began[0], time.process_time() - began[1]
    sys.stdout.write(_told(clock.seconds, whole, metrics))


def _told(
    seconds: Mapping[str, tuple[float, float]],
    whole: tuple[float, float],
    metrics: Mapping[str, Any],
) -> str:
    listed = [seconds[label] for *_, label in PARTS]
    rest = tuple(
        all_of - sum(part) for all_of, part in zip(whole, zip(*listed, strict=True), strict=True)
    )
    judging = seconds[PARTS[-1][-1]]
    to_a_model = tuple(all_of - last for all_of, last in zip(whole, judging, strict=True))
    rows = {
        **{label: seconds[label] for *_, label in PARTS},
        "all else": rest,
        "to a calibrated model": to_a_model,
        "judged": whole,
    }
    lines = [f"{label:30} {wall:7.1f} s {cpu:7.1f} s" for label, (wall, cpu) in rows.items()]
    for protocol, judged in metrics["protocols"].items():
        figures = "/".join(f"{judged['model'][name]['mean']:.4f}" for name in METRICS)
        lines.append(f"{protocol:30} {figures}")
    return "\n".join(["part                              wall  processor", *lines, ""])


if __name__ == "__main__":
    main()
