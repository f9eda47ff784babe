"""Reads the tables behind alternatives: ATC groups and drugs out of use."""

from __future__ import annotations

import re
from pathlib import Path

from kg.rules.routes import load_routes
from kg.rules.rows import MalformedRule, curie_of, rows_of
from kg.screening.kinship import KinRules
from kg.sources.curated import FOLDER

__all__ = ["load_kin_rules"]

ROUTES = "atc_routes.tsv"
MIXED = "atc_mixed.tsv"
APART = "atc_apart.tsv"
WITHDRAWN = "withdrawn.tsv"
_GROUP = re.compile(r"[A-V](\d\d([A-Z]([A-Z](\d\d)?)?)?)?")


def load_kin_rules(folder: Path = FOLDER) -> KinRules:
    """Read ``atc_routes.tsv``, ``atc_mixed.tsv``, ``atc_apart.tsv``, ``withdrawn.tsv``, routes.

    Raises:
        MalformedRule: A group is no ATC group or stands twice, a drug is no CURIE, or a route is
            none.
        MalformedSource: A file lacks a column.
    """
    routes = _groups(folder, ROUTES, ("group", "route", "reference"))
    mixed = _groups(folder, MIXED, ("group", "reference"))
    drugs = rows_of(folder, WITHDRAWN, ("drug_id", "drug", "reference"))
    return KinRules(
        routes={group: row["route"] for group, row in routes.items()},
        mixed=frozenset(mixed),
        apart=frozenset(_groups(folder, APART, ("group", "reference"))),
        withdrawn=frozenset(curie_of(WITHDRAWN, number, row["drug_id"]) for number, row in drugs),
        local=load_routes(folder).local,
    )


def _groups(folder: Path, file: str, columns: tuple[str, ...]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for number, row in rows_of(folder, file, columns, ("group",)):
        if not _GROUP.fullmatch(row["group"]):
            raise MalformedRule(file, number, row["group"], "an ATC group such as B01AA")
        found[row["group"]] = row
    return found
