"""The worked queries of ``docs/queries.md`` give the rows that they show, on the graph `open`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.artifact import STORE
from kg.sparql import SparqlEndpoint, query_prefixes

PAGE = Path(__file__).resolve().parents[2] / "docs" / "queries.md"
CUT = "…"


@dataclass(frozen=True, slots=True)
class Worked:
    """A question, the query that answers it, and the columns and rows shown below it."""

    heading: str
    query: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|\n").split(" | "))


def worked_queries() -> Iterator[Worked]:
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        query = re.search(r"```sparql\n(.*?)```", section, re.DOTALL)
        if query is not None:
            shown = section.partition("First rows on `open`:")[2]
            header, _, *rows = re.findall(r"^\|.*\n", shown, re.MULTILINE) or ["", ""]
            heading = section.partition("\n")[0]
            yield Worked(heading, query[1], cells(header), tuple(map(cells, rows)))


WORKED = tuple(worked_queries())


@pytest.fixture(scope="module")
def endpoint(open_home: Path) -> Iterator[SparqlEndpoint]:
    manifests = open_home.glob("kg/open-*/manifest.json")
    store = max(manifests, key=lambda path: path.stat().st_mtime).parent / STORE
    with SparqlEndpoint(store, timeout_seconds=30) as endpoint:
        yield endpoint


def shown(cell: dict[str, str] | None) -> str:
    """A value as the page writes it: an IRI by its prefix, a text on one line."""
    if cell is None:
        return ""
    value = cell["value"]
    spaces = sorted(query_prefixes().items(), key=lambda item: -len(item[1]))
    for prefix, space in spaces if cell["type"] == "uri" else ():
        if value.startswith(space):
            return f"{prefix}:{value.removeprefix(space)}"
    return " ".join(value.split())


def fits(expected: str, found: str) -> bool:
    start, cut, _ = expected.partition(CUT)
    return found.startswith(start) if cut else found == expected


def test_ten_questions_are_worked_out_each_with_its_first_rows() -> None:
    assert len(WORKED) >= 10
    for worked in WORKED:
        assert worked.heading.endswith("?")
        assert worked.rows, worked.heading


@pytest.mark.parametrize("worked", WORKED, ids=lambda worked: worked.heading)
def test_a_worked_query_gives_the_rows_that_are_shown(
    worked: Worked, endpoint: SparqlEndpoint
) -> None:
    answer = json.loads(endpoint.query(worked.query).body)
    assert set(worked.header) == set(answer["head"]["vars"])
    found = answer["results"]["bindings"][: len(worked.rows)]
    rows = [tuple(shown(row.get(name)) for name in worked.header) for row in found]
    assert len(rows) == len(worked.rows)
    for expected, row in zip(worked.rows, rows, strict=True):
        assert all(map(fits, expected, row)), f"{expected} is shown, {row} is found"
