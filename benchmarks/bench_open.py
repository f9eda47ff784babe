"""How soon a graph answers in a fresh process, and what it holds: its index mapped, or made anew.

The graph under ``COPRESCRIBE_HOME`` (``artifacts`` when unset) is opened in fresh processes, in
turn from the files of its index and, as its rival, from its tables with the index made in memory.
Each screens ten covered drugs and one more, with the detectors of an answer and without a model.
Then as many processes as serve together open it at once and wait for each other: what one more
costs is their proportional share (PSS) of all that is mapped.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from api.state import standard_panel
from api.timing import kept_for_good
from kg.artifact import find_graph, graph_of, open_artifact
from kg.graph import KnowledgeGraph
from kg.rules.patients import open_patient_rules
from kg.screening.engine import Question, screen
from kg.screening.genotype import Genotypes
from kg.screening.patient import Entry, Regimen
from kg.serving.files import INDEX
from kg.tables import read_to_serve
from ontologies.curie import Curie
from ontologies.vocabulary import Category

WAYS = ("mapped", "in memory")
REPEATS = 5
TOGETHER = 4
LENGTH = 10
SEED = 1
HOME = Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))


def main() -> None:
    """Print medians of the repeats per way, then the memory of processes that serve together."""
    artifact = open_artifact(find_graph(HOME))
    if not (artifact.folder / INDEX).is_dir():
        sys.stdout.write(f"graph {artifact.id} has no index; build it again\n")
        return
    graph = graph_of(artifact)
    drugs = sorted(str(n.curie) for n in graph.nodes(Category.DRUG) if graph.covers(n.curie))
    drawn = random.Random(SEED).sample(drugs, LENGTH + 1)  # noqa: S311
    sys.stdout.write(f"graph {artifact.id}: {artifact.manifest['counts']}\n")
    runs = [(way, _alone(way, drawn)) for _ in range(REPEATS) for way in WAYS]
    for way in WAYS:
        _tell(way, [run for kind, run in runs if kind == way])
    for way in WAYS:
        shares = [run["pss_mb"] for run in _together(way, drawn)]
        sys.stdout.write(f"{way:9}: {TOGETHER} together, PSS {sum(shares):.0f} MB in all\n")


def _tell(way: str, runs: list[dict[str, float]]) -> None:
    middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    worst = max(run["open_s"] for run in runs)
    sys.stdout.write(
        f"{way:9}: verified in {middle['verify_s']:.2f} s, opened in {middle['open_s']:.3f} s "
        f"(worst {worst:.3f}), detectors in {middle['panel_s']:.2f} s, "
        f"first screening in {middle['first_s']:.2f} s, the next in {middle['next_ms']:.1f} ms, "
        f"RSS {middle['rss_mb']:.0f} MB\n"
    )


def _alone(way: str, drugs: list[str]) -> dict[str, float]:
    process = _started(way, drugs)
    found = _answer(process)
    _end(process)
    return found


def _together(way: str, drugs: list[str]) -> list[dict[str, float]]:
    """What processes hold that have all answered and none of which has ended."""
    processes = [_started(way, drugs) for _ in range(TOGETHER)]
    for process in processes:
        _answer(process)
    shares = [{"pss_mb": _memory_mb(process.pid, "Pss")} for process in processes]
    for process in processes:
        _end(process)
    return shares


def _started(way: str, drugs: list[str]) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, way, json.dumps(drugs)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603


def _answer(process: subprocess.Popen[str]) -> dict[str, float]:
    assert process.stdout is not None  # noqa: S101
    found: dict[str, float] = json.loads(process.stdout.readline())
    return found


def _end(process: subprocess.Popen[str]) -> None:
    """Let a process that waits for the end of its input go."""
    process.communicate()


def measure(way: str, drugs: list[str]) -> dict[str, float]:
    """Open the graph in this process and screen the drugs twice; seconds, and MB held."""
    taken = [time.perf_counter()]
    with kept_for_good():
        artifact = open_artifact(find_graph(HOME))
        taken.append(time.perf_counter())
        if way == "mapped":
            graph = graph_of(artifact)
        else:
            graph = KnowledgeGraph(artifact.id, read_to_serve(artifact.folder), artifact.releases)
        taken.append(time.perf_counter())
        panel = standard_panel(graph, Genotypes(graph), open_patient_rules(graph), None)
        taken.append(time.perf_counter())
    entries = [Entry(Curie.parse(drug), drug) for drug in drugs]
    question = Question(Regimen(tuple(entries[1:])), (entries[0],))
    for _ in range(2):
        screen(question, graph, panel)
        taken.append(time.perf_counter())
    spans = [after - before for before, after in pairwise(taken)]
    names = ("verify_s", "open_s", "panel_s", "first_s", "next_s")
    found = dict(zip(names, spans, strict=True))
    found["next_ms"] = found.pop("next_s") * 1000
    return found | {"rss_mb": _memory_mb(os.getpid(), "Rss")}


def _memory_mb(pid: int, kind: str) -> float:
    """Memory of a process in MB, as Linux counts it: ``Rss``, or ``Pss`` (what is shared, once)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    cells = next(line.split() for line in lines if line.startswith(f"{kind}:"))
    return int(cells[1]) * 1024 / 1e6


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(measure(sys.argv[1], json.loads(sys.argv[2]))) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    else:
        main()
