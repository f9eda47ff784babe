"""How fast the RDF store answers and is written, beside Oxigraph itself and rdflib.

``python benchmarks/bench_store.py [--home HOME] [--graph ID] [--repeats N] [--only PART]`` takes a
graph under ``HOME`` (``COPRESCRIBE_HOME``, else ``artifacts``); without ``--graph`` the one that a
command would open.

``--only answers``: its store is opened, and asked directly and by way of the safe executor in turns
(``benchmarks/store_queries.py``). ``--only loading``: in turns, ``write_store`` writes a store from
the tables, text included, ``store_of_nquads`` makes one of a file that holds the same quads
already, and the rival, Oxigraph's ``bulk_load(path=...)``, loads that file; rdflib parses the head
of it. Printed are the medians of seconds by the clock and of the processor, quads in a second of
the clock, and ratios to the rival. Scratch space for three stores and the file is taken in the
folder for temporary files, and given back.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pyoxigraph
import rdflib

from benchmarks.store_queries import answer_lines
from kg.artifact import STORE, Artifact, find_graph, open_artifact
from kg.rdf import open_store, store_of_nquads, write_store
from kg.tables import Tables, read_co_reports, read_tables
from ontologies.curie import default_prefixes

CUT = 100_000
"""Quads that rdflib is given; with all of them it would take too long."""
QUADS = pyoxigraph.RdfFormat.N_QUADS


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds that one thing took, by the clock and of the processor."""

    clock: float
    processor: float


def main() -> None:
    """Print one line for each query, then one for each loader."""
    told = _arguments()
    artifact = open_artifact(find_graph(told.home, told.graph))
    sys.stdout.write(f"graph {artifact.id}\n")
    if told.only != "loading":
        for line in answer_lines(artifact.folder / STORE):
            sys.stdout.write(line)
            sys.stdout.flush()
    if told.only != "answers":
        _load(artifact, told.repeats)


def _load(artifact: Artifact, repeats: int) -> None:
    reports = read_co_reports(artifact.folder)
    tables = replace(read_tables(artifact.folder), co_reports=reports)
    with tempfile.TemporaryDirectory() as scratch:
        _compare(artifact, tables, Path(scratch), repeats)


def _compare(artifact: Artifact, tables: Tables, scratch: Path, repeats: int) -> None:
    store, file, head = scratch / "store", scratch / "all.nq", scratch / "head.nq"

    def write() -> None:
        write_store(tables, artifact.releases, store, default_prefixes())

    def load() -> None:
        rival = scratch / "rival"
        shutil.rmtree(rival, ignore_errors=True)
        pyoxigraph.Store(str(rival)).bulk_load(path=str(file), format=QUADS)

    def take() -> None:
        store_of_nquads(file, scratch / "taken")

    ours = _times(write)
    n_quads = _dump(store, file)
    theirs, taken = _times(load), _times(take)
    for _ in range(repeats - 1):
        ours += _times(write)
        theirs += _times(load)
        taken += _times(take)
    n_cut = _cut(file, head)
    cut = _times(lambda: rdflib.Dataset().parse(str(head), format="nquads"))
    size = file.stat().st_size
    sys.stdout.write(f"{n_quads:,} quads, {size:,} bytes of N-Quads\n")
    for label, n_read, times in (
        ("write_store", n_quads, ours),
        ("store_of_nquads", n_quads, taken),
        ("bulk_load of the same file", n_quads, theirs),
        (f"rdflib, {n_cut:,} quads", n_cut, cut),
    ):
        sys.stdout.write(_line(label, n_read, times) + _ratio(times, n_read, theirs, n_quads))


def _dump(store: Path, file: Path) -> int:
    found = open_store(store)
    found.dump(str(file), QUADS)
    return len(found)


def _cut(file: Path, head: Path) -> int:
    with file.open("rb") as lines, head.open("wb") as target:
        kept = list(islice(lines, CUT))
        target.writelines(kept)
    return len(kept)


def _times(work: Callable[[], object]) -> list[Times]:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return [Times(time.perf_counter() - clock, time.process_time() - processor)]


def _line(label: str, n_quads: int, times: list[Times]) -> str:
    took = _median(times)
    return (
        f"{label}: {took.clock:.1f} s, {took.processor:.1f} s of the processor, "
        f"{n_quads / took.clock:,.0f} quads/s"
    )


def _ratio(times: list[Times], n_quads: int, rival: list[Times], n_rival: int) -> str:
    """How many times the rival's time for each quad."""
    one, other = _median(times), _median(rival)
    by_clock = one.clock / n_quads / (other.clock / n_rival)
    by_processor = one.processor / n_quads / (other.processor / n_rival)
    return f"; {by_clock:.2f} times the rival's, {by_processor:.2f} of the processor\n"


def _median(times: list[Times]) -> Times:
    clock = statistics.median(one.clock for one in times)
    return Times(clock, statistics.median(one.processor for one in times))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
    parser.add_argument("--home", type=Path, default=home, help="folder that holds kg/")
    parser.add_argument("--graph", help="id of a graph")
    parser.add_argument("--repeats", type=int, default=1, help="how often each is timed")
    parser.add_argument("--only", choices=("answers", "loading"), help="only this part")
    return parser.parse_args()


if __name__ == "__main__":
    main()
