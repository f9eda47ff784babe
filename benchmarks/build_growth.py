"""How long a build takes, how much memory it needs, where the time goes, and how both grow.

Every row is a build in a process and a home of its own, from raw files that lie there already to a
published graph; nothing that was parsed before is used. The rows at 25 and 50 % hold every fourth
and every second row of Decagon's pairs. Peak memory is that of the whole process up to the end of
a phase. ``tables`` is the time from raw files to published tables; the index is published with
them and the store after them. ``tables cpu`` is the processor time of that, which other work on
the machine changes less. ``store cpu`` is the same of the store, ``quads`` what it then holds; the
last columns are median milliseconds of two queries of ``benchmarks/store_queries.py`` to it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.store_queries import direct_ms
from kg.artifact import STORE
from kg.build import BuildRequest, build
from kg.fetch import fetch_all
from kg.rdf import open_store
from kg.recipe import Recipe, load_recipe
from kg.sources.decagon import COMBO
from kg.sources.registry import find_source

CASES = (("decagon", 25), ("decagon", 50), ("decagon", 100), ("full", 100))
QUERIES = ("effects of a pair", "pairs of a drug, counted")
PHASES = {
    "reading sources": "reading",
    "assembling": "assembling",
    "writing tables": "writing tables",
    "writing the index": "index",
    "writing the store": "store",
}
"""What a build says as a phase begins, and how the phase is called here."""


def main() -> None:
    """Measure every case, or the one that ``--one`` names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the source files")
    parser.add_argument("--one", nargs=2, metavar=("RECIPE", "PERCENT"), help="only this case")
    parser.add_argument("--home", type=Path, help="keep raw files here between runs")
    parsed = parser.parse_args()
    if parsed.one:
        with tempfile.TemporaryDirectory() as folder:
            recipe, percent = parsed.one
            told = _measured(recipe, int(percent), parsed.data, parsed.home, Path(folder))
            sys.stdout.write(json.dumps(told) + "\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        home = parsed.home or Path(folder)
        sys.stdout.write(
            _line(
                "recipe", "rows", *_columns(), "GB", "quads", *(f"{name}, ms" for name in QUERIES)
            )
        )
        for recipe, percent in CASES:
            row = _of_case(recipe, percent, parsed.data, home)
            seconds = [f"{row['seconds'].get(name, 0):.1f}" for name in _columns()]
            cells = [f"{row['rows']:,}", *seconds, f"{row['gigabytes']:.1f}", f"{row['quads']:,}"]
            asked = [f"{row['ms'][name]:.3f}" for name in QUERIES]
            sys.stdout.write(_line(f"{recipe} {percent} %", *cells, *asked))
            sys.stdout.flush()


def _columns() -> tuple[str, ...]:
    phases = ("parse pairs", "reading", "assembling", "writing tables", "index", "store")
    return (*phases, "tables", "tables cpu", "store cpu")


def _line(*cells: str) -> str:
    return f"{cells[0]:15}" + "".join(f"{cell:>16}" for cell in cells[1:]) + "\n"


def _of_case(recipe: str, percent: int, data: Path, home: Path) -> Any:
    command = [sys.executable, __file__, "--data", str(data), "--home", str(home)]
    command += ["--one", recipe, str(percent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return json.loads(done.stdout.splitlines()[-1])


def _measured(
    name: str, percent: int, data: Path, raw_home: Path | None, home: Path
) -> dict[str, Any]:
    """Bring the raw files, cut the pairs, parse them alone, then build."""
    whole = load_recipe(name)
    brought = raw_home or home
    fetch_all(whole, brought, _silent, None, data)
    if brought != home:
        shutil.copytree(brought / "raw", home / "raw", copy_function=os.link)
    recipe = _cut(whole, home, percent)
    started = time.perf_counter()
    n_rows = sum(_pairs(recipe, home))
    parsed = time.perf_counter() - started
    clock = _Clock()
    folder = build(BuildRequest(recipe, home, data=data), clock).folder / STORE
    seconds = {**clock.phases(), "parse pairs": parsed}
    return {
        "seconds": seconds,
        "rows": n_rows,
        "gigabytes": clock.tables_gigabytes,
        "quads": len(open_store(folder)),
        "ms": {name: direct_ms(folder, name) for name in QUERIES},
    }


class _Clock:
    """Notes when each phase begins, and the memory at the end of the tables."""

    def __init__(self) -> None:
        self._began: list[tuple[str, float, float]] = []
        self.tables_gigabytes = 0.0

    def __call__(self, said: str) -> None:
        if said in PHASES:
            self._began.append((PHASES[said], time.perf_counter(), time.process_time()))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            self.tables_gigabytes = max(self.tables_gigabytes, peak)

    def phases(self) -> dict[str, float]:
        """Seconds of each phase, of all before the store, and of the processor for both."""
        ended_cpu = time.process_time()
        ends = [*(at for _, at, _ in self._began[1:]), time.perf_counter()]
        took = {n: end - at for (n, at, _), end in zip(self._began, ends, strict=True)}
        (_, began, cpu_began), (_, ended, cpu_ended) = self._began[0], self._began[-1]
        return {
            **took,
            "tables": ended - began,
            "tables cpu": cpu_ended - cpu_began,
            "store cpu": ended_cpu - cpu_ended,
        }


def _silent(said: str) -> None:
    del said


def _cut(recipe: Recipe, home: Path, percent: int) -> Recipe:
    """Leave every so many rows of Decagon's pairs, and pin the file as it is then."""
    if percent == 100:
        return recipe
    (file,) = (f for f in recipe.files if f.name == COMBO)
    path = file.path(home)
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        header, *rows = lines.readlines()
    path.unlink()
    with lzma.open(path, "wt", encoding="utf-8", preset=0) as cut:
        cut.writelines([header, *rows[:: 100 // percent]])
    pinned = replace(file, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    files = tuple(pinned if f == file else f for f in recipe.files)
    return replace(recipe, files=files)


def _pairs(recipe: Recipe, home: Path) -> Iterator[int]:
    """Rows of each chunk of Decagon's pairs, as they are parsed."""
    files = {file.name: file.path(home) for file in recipe.files_of("decagon")}
    for chunk in find_source("decagon").read(files):
        if chunk.kind.value == "co_reports":
            yield len(chunk.frame)


if __name__ == "__main__":
    main()
