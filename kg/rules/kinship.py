"""Reads the tables behind alternatives: ATC groups and drugs out of use."""

from __future__ import annotations

import re
from pathlib import Path

from kg.rules.routes import load_routes
from kg.rules.strengths import MalformedRule
from kg.screening.kinship import KinRules
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie, MalformedCurie

__all__ = ["load_kin_rules"]

ROUTES = "atc_routes.tsv"
MIXED = "atc_mixed.tsv"
WITHDRAWN = "withdrawn.tsv"
_GROUP = re.compile(r"[A-V](\d\d([A-Z]([A-Z](\d\d)?)?)?)?")


def load_kin_rules(folder: Path = FOLDER) -> KinRules:
    """Read ``atc_routes.tsv``, ``atc_mixed.tsv``, ``withdrawn.tsv`` and ``routes.tsv``.

    Raises:
        MalformedRule: A group is no ATC group or stands twice, a drug is no CURIE, or a route is
            none.
        MalformedSource: A file lacks a column.
    """
    routes = _groups(folder / ROUTES, ("group", "route", "reference"))
    mixed = _groups(folder / MIXED, ("group", "reference"))
    drugs = _rows(folder / WITHDRAWN, ("drug_id", "drug", "reference"))
    return KinRules(
        routes={group: row["route"] for group, row in routes.items()},
        mixed=frozenset(mixed),
        withdrawn=frozenset(_drug(number, row["drug_id"]) for number, row in drugs),
        local=load_routes(folder).local,
    )


def _groups(path: Path, columns: tuple[str, ...]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for number, row in _rows(path, columns):
        if not _GROUP.fullmatch(row["group"]) or row["group"] in found:
            raise MalformedRule(path.name, number, row["group"], "an ATC group, given once")
        found[row["group"]] = row
    return found


def _drug(number: int, text: str) -> Curie:
    try:
        return Curie.parse(text)
    except MalformedCurie:
        raise MalformedRule(WITHDRAWN, number, text, "a CURIE") from None


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    records = read_table("curated", path, columns)[list(columns)].to_dict("records")
    return [(n, {str(k): str(v) for k, v in row.items()}) for n, row in enumerate(records, 2)]
