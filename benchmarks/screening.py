"""What screening finds, how far its sources agree, and how much it says.

``python -m benchmarks.screening --home HOME --data DIR --cases DIR [--write docs/screening.md]``
measures on the preferred graph under ``HOME`` (a ``full`` one is meant) and prints tables:

- ``burden``: findings shown per answer, on the FHIR patients of ``--cases``;
- ``agreement``: weighted kappa between the sources that grade pairs;
- ``recall``: pairs of a left-out source that the other sources still find. ``DIR`` holds the files
  of the recipe ``full``. Two graphs are assembled in memory, one after the other; what adapters
  parse lies in a temporary home, which is deleted at the end.

``--parts`` measures some of it; ``--answers FILE`` writes the answers of ``burden`` for a reader;
``--write FILE`` puts the tables between the markers of that file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from api.state import open_state
from benchmarks.screening_agreement import agreement_table, agreements
from benchmarks.screening_burden import answers_text, burden, burden_table
from benchmarks.screening_graphs import ANSM, COLUMNS, DDINTER
from benchmarks.screening_recall import Recall, recall_table, recalls
from kg.artifact import find_graph
from kg.tables import read_tables

PARTS = ("burden", "agreement", "recall")


class NoMarkers(ValueError):
    """A file lacks the two comments between which a table is to be written."""

    def __init__(self, path: Path, part: str) -> None:
        super().__init__(f"{path} has no <!-- {part} --> with <!-- /{part} --> behind it")


def main() -> None:
    """Print the tables that are asked for, and write them where a file is named."""
    arguments = _arguments()
    home: Path = arguments.home
    graph = find_graph(home, arguments.graph)
    for part in arguments.parts:
        table = f"Graph `{graph.name}`.\n\n{_measured(part, arguments, graph)}"
        sys.stdout.write(f"## {part}\n\n{table}\n")
        sys.stdout.flush()
        if arguments.write:
            write_between(arguments.write, part, table)


def write_between(path: Path, part: str, table: str) -> None:
    """Put a table between ``<!-- part -->`` and ``<!-- /part -->``.

    Raises:
        NoMarkers: The file does not have them.
    """
    opening, closing = f"<!-- {part} -->", f"<!-- /{part} -->"
    before, found, rest = path.read_text(encoding="utf-8").partition(opening)
    _, ended, after = rest.partition(closing)
    if not found or not ended:
        raise NoMarkers(path, part)
    text = f"{before}{opening}\n\n{table}\n{closing}{after}"
    path.write_text(text, encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder that holds kg/ and raw/")
    parser.add_argument("--graph", help="graph by name; the preferred one when left out")
    parser.add_argument("--data", type=Path, help="folder with the files of the recipe full")
    parser.add_argument("--cases", type=Path, help="folder with FHIR bundles")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--answers", type=Path, help="file for the answers of burden")
    parser.add_argument("--write", type=Path, help="file with markers for the tables")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    for part, needed in (("burden", "cases"), ("recall", "data")):
        if part in arguments.parts and getattr(arguments, needed) is None:
            parser.error(f"{part} needs --{needed}")
    return arguments


def _measured(part: str, arguments: argparse.Namespace, graph: Path) -> str:
    if part == "burden":
        found = burden(arguments.cases, open_state(arguments.home, graph.name, "none"))
        if arguments.answers:
            arguments.answers.write_text(answers_text(found), encoding="utf-8")
        return burden_table(found)
    if part == "agreement":
        return agreement_table(agreements(read_tables(graph, COLUMNS)))
    return recall_table(_recalls(arguments, graph))


def _recalls(arguments: argparse.Namespace, graph: Path) -> Iterator[Recall]:
    with tempfile.TemporaryDirectory() as folder:
        _lend(arguments.home, Path(folder))
        places = (Path(folder), arguments.data)
        stated = read_tables(graph, COLUMNS)
        for left_out in (ANSM, DDINTER):
            yield from recalls(left_out, stated, places, _say, arguments.workers)


def _lend(home: Path, other: Path) -> None:
    """Copy what is downloaded and parsed already, so that neither is done again."""
    for name in ("raw", "cache"):
        if (home / name).is_dir():
            shutil.copytree(home / name, other / name)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
