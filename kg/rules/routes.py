"""Reads ``routes.tsv``: the routes of the rules, how they are written, and which act in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.rules.rows import MalformedRule, one_of, rows_of
from kg.sources.curated import FOLDER

__all__ = ["Routes", "load_routes"]

_FILE = "routes.tsv"
_ANSWERS = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Routes:
    """The route of the rules by each way to write it, in lower case.

    By a ``local`` route a drug acts where it is applied and, as a rule, little of it reaches the
    rest of the body. The rectum is no such place: suppositories are given for the whole body too.
    """

    words: Mapping[str, str]
    local: frozenset[str]

    def read(self, written: str) -> str | None:
        """Give the route that a word means; ``None`` where it means none."""
        return self.words.get(written.strip().casefold())


def load_routes(folder: Path = FOLDER) -> Routes:
    """Read ``routes.tsv``.

    Raises:
        MalformedRule: A way of writing stands twice, or a route is local in one row and not in
            another, or neither.
        MalformedSource: The file lacks a column.
    """
    columns = ("written", "route", "local", "reference")
    words: dict[str, str] = {}
    local: dict[str, str] = {}
    for number, row in rows_of(folder, _FILE, columns, ("written",)):
        answer = one_of(_FILE, number, row["local"], _ANSWERS)
        if local.setdefault(row["route"], answer) != answer:
            raise MalformedRule(_FILE, number, answer, "what the other rows of the route say")
        words[row["written"]] = row["route"]
    return Routes(words, frozenset(route for route, answer in local.items() if answer == "yes"))
