"""How fast a server starts and answers, how it sheds what is too much, and what its workers share.

``python -m benchmarks.bench_serving [--home HOME] [--model ID|none] [--seconds 10]`` starts
``coprescribe serve`` over the preferred graph under ``COPRESCRIBE_HOME`` (``artifacts`` when unset)
and asks it from another process, each pinned to a processor of its own where there are two. Every
question is of another patient: ten drugs and one more, drawn from all covered drugs, from those
that most people are prescribed (`api.drug_use`), and from the 150 of which most pairs are stated.

Written to ``benchmarks/results/serving.md``. Seconds of the processor are told beside those of the
wall, which other work on the machine makes longer.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from api.drug_use import drug_use
from api.state import NO_MODEL, State, open_state
from benchmarks.bench_screening import SEED, busiest
from ontologies.vocabulary import Category

RESULTS = Path(__file__).parent / "results" / "serving.md"
PORT = 8943
N_BODIES = 3000
_TICKS = os.sysconf("SC_CLK_TCK")
_CORES = sorted(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its processes, and how long it took to be ready."""

    supervisor: int
    crew: int
    workers: tuple[int, ...]
    ready_seconds: float
    port: int = PORT


def main() -> None:
    """Measure, and write the figures."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--home", type=Path, default=Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
    )
    parser.add_argument("--model", help="a model by name, or none; else the newest that fits")
    parser.add_argument("--seconds", type=float, default=10.0)
    told = parser.parse_args()
    state = open_state(told.home, None, told.model)
    options = ("--home", str(told.home), "--model", state.bundle.id if state.bundle else NO_MODEL)
    with tempfile.TemporaryDirectory() as folder:
        files = bodies(state, Path(folder))
        graph, model = state.graph.id, options[3]
        parts = [
            _heading(graph, model, told.seconds),
            _start_and_memory(options),
            _speed(options, files, told.seconds),
        ]
    RESULTS.write_text("\n".join(parts), encoding="utf-8")
    sys.stdout.write("\n".join(parts))


def _heading(graph: str, model: str, seconds: float) -> str:
    load = os.getloadavg()[0]
    return (
        "# Serving\n\nBy `python -m benchmarks.bench_serving`, which says what is measured.\n\n"
        f"Graph `{graph}`, model `{model}`, Python {platform.python_version()}, {len(_CORES)} "
        f"processors, {seconds:.0f} s a line. Load of the machine at the start, by other work: "
        f"{load:.1f}.\n"
    )


def bodies(state: State, folder: Path) -> Mapping[str, Path]:
    """Write a file of questions for each pool of drugs."""
    drugs = covered(state)
    chance, files = random.Random(SEED), {}  # noqa: S311
    used = {each.drug for each in drug_use()}
    prescribed = [drug for drug in drugs if drug in used]
    pools = {"covered": drugs, "prescribed": prescribed, "busiest": busiest(drugs, state)}
    for name, pool in pools.items():
        files[name] = folder / f"{name}.ndjson"
        lines = (json.dumps(question(chance, pool)) for _ in range(N_BODIES))
        files[name].write_text("\n".join(lines), encoding="utf-8")
    return files


def covered(state: State) -> list[str]:
    """The drugs of which a source says how they interact."""
    nodes = state.graph.nodes(Category.DRUG)
    return sorted(str(node.curie) for node in nodes if state.graph.covers(node.curie))


def question(chance: random.Random, pool: Sequence[str]) -> dict[str, Any]:
    """A question of another patient: ten drugs and one more."""
    first, *others = chance.sample(pool, 11)
    patient = {
        "age_years": chance.randint(18, 95),
        "sex": chance.choice(["female", "male"]),
        "egfr_ml_min": chance.randint(15, 110),
    }
    return {"add": first, "taking": others, "patient": patient}


@contextmanager
def serving(*options: str, port: int = PORT) -> Iterator[Running]:
    """A server on the first processor, ready."""
    command = [sys.executable, "-c", "from api.cli.main import run; run()", "serve", "-q"]
    began = time.perf_counter()
    with subprocess.Popen([*command, "--port", str(port), *options]) as process:  # noqa: S603
        try:
            os.sched_setaffinity(process.pid, _CORES[:1])
            _await(port, process)
            seconds = time.perf_counter() - began
            (crew,) = _children(process.pid)
            yield Running(process.pid, crew, _children(crew), seconds, port)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.01)
        finally:
            connection.close()
    raise ChildProcessError(f"the server ended with {process.returncode}")


def _children(parent: int) -> tuple[int, ...]:
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(file.parent.name))
    return tuple(sorted(found))


def cpu_seconds(process: int) -> float:
    """What a process has taken of the processor."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def megabytes(process: int, part: str = "Pss") -> float:
    """Memory of a process, what it shares with others divided among them (``Pss``)."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == part:
            return int(value.split()[0]) / 1024
    return 0.0


def ask(server: Running, file: Path, *options: str) -> tuple[dict[str, Any], float]:
    """Ask from the last processor; gives what was seen, and milliseconds of each worker a question.

    Those are of the processor.
    """
    before = sum(map(cpu_seconds, server.workers))
    command = [sys.executable, "-m", "benchmarks.load", str(server.port), str(file), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asker:  # noqa: S603
        os.sched_setaffinity(asker.pid, _CORES[-1:])
        out, _ = asker.communicate()
    seen = json.loads(out)
    spent = sum(map(cpu_seconds, server.workers)) - before
    return seen, 1000 * spent / max(1, sum(each["count"] for each in seen.values()))


def _start_and_memory(options: Sequence[str]) -> str:
    lines = [
        "## Start and memory\n",
        "| workers | ready after | processor | supervisor | crew | each worker | all |",
        "|---|---|---|---|---|---|---|",
    ]
    for workers in (1, 1, 4):
        with serving(*options, "--workers", str(workers)) as server:
            time.sleep(1)
            spent = cpu_seconds(server.supervisor) + cpu_seconds(server.crew)
            memory = [megabytes(each) for each in (server.supervisor, server.crew)]
            of_workers = [megabytes(each) for each in server.workers]
            total = sum(memory) + sum(of_workers)
            lines.append(
                f"| {workers} | {server.ready_seconds:.2f} s | {spent:.2f} s | {memory[0]:.0f} MB "
                f"| {memory[1]:.0f} MB | {max(of_workers):.0f} MB | {total:.0f} MB |"
            )
    return "\n".join([*lines, ""])


_LOADS = (
    ("one after the other", ("--connections", "1")),
    ("4 at a time", ("--connections", "4")),
    ("100 a second", ("--connections", "16", "--rate", "100")),
    ("64 callers without a pause", ("--connections", "64")),
    ("256 callers without a pause", ("--connections", "256")),
)


def _speed(options: Sequence[str], files: Mapping[str, Path], seconds: float) -> str:
    lines = [
        "## One worker\n",
        "| drugs | load | answered/s | p50 ms | p95 ms | p99 ms | refused/s | processor ms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    with serving(*options) as server:
        for name, file in files.items():
            ask(server, file, "--connections", "2", "--seconds", "3")
            for load, how in _LOADS:
                seen, spent = ask(server, file, *how, "--seconds", str(seconds))
                lines.append(f"| {name} | {load} | {_figures(seen)} | {spent:.2f} |")
    return "\n".join([*lines, ""])


def _figures(seen: Mapping[str, Any]) -> str:
    good = seen.get("200", {"per_second": 0.0, "p50": 0.0, "p95": 0.0, "p99": 0.0})
    shed = seen.get("503", {"per_second": 0.0})["per_second"]
    others = {
        status: each["count"] for status, each in seen.items() if status not in {"200", "503"}
    }
    told = [good["per_second"], good["p50"], good["p95"], good["p99"], shed]
    return " | ".join(map(str, told)) + (f" and {others}" if others else "")


if __name__ == "__main__":
    main()
