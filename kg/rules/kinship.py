"""Reads the tables behind alternatives: purposes, ATC groups and drugs out of use."""

from __future__ import annotations

import re
from pathlib import Path

from kg.rules.routes import load_routes
from kg.rules.rows import MalformedRule, curie_of, one_of, rows_of, target_of
from kg.screening.given_for import Choice, Member, Purpose
from kg.screening.kin_rules import KinRules
from kg.sources.curated import FOLDER

__all__ = ["load_kin_rules"]

ROUTES = "atc_routes.tsv"
MIXED = "atc_mixed.tsv"
APART = "atc_apart.tsv"
WITHDRAWN = "withdrawn.tsv"
PURPOSES = "purposes.tsv"
DRUGS = "purpose_drugs.tsv"
_FLAGS = {"yes": True, "no": False}
_GROUP = re.compile(r"[A-V](\d\d([A-Z]([A-Z](\d\d)?)?)?)?")


def load_kin_rules(folder: Path = FOLDER) -> KinRules:
    """Read the four tables of groups and drugs out of use, the two of purposes, and the routes.

    Raises:
        MalformedRule: A group is no ATC group or stands twice, a drug is no CURIE, a route is
            none, or a purpose, a choice or a flag is not of its list.
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
        purposes=_purposes(folder),
        members=_members(folder),
    )


def _purposes(folder: Path) -> tuple[Purpose, ...]:
    columns = ("purpose", "meaning", "whole", "any_route", "aside", "conditions", "reference")
    found = []
    for number, row in rows_of(folder, PURPOSES, columns, ("purpose",)):
        whole, any_route, aside = (
            _FLAGS[one_of(PURPOSES, number, row[flag], tuple(_FLAGS), named=flag)]
            for flag in ("whole", "any_route", "aside")
        )
        written = filter(None, row["conditions"].split("|"))
        conditions = frozenset(curie_of(PURPOSES, number, text) for text in written)
        found.append(Purpose(row["purpose"], whole, any_route, aside, conditions))
    return tuple(found)


def _members(folder: Path) -> tuple[Member, ...]:
    known = {purpose.name for purpose in _purposes(folder)}
    columns = ("purpose", "target_id", "target", "choice", "reference")
    found = []
    for number, row in rows_of(folder, DRUGS, columns, ("purpose", "target_id")):
        purpose = one_of(DRUGS, number, row["purpose"], sorted(known), named="a purpose")
        target = target_of(DRUGS, number, row["target_id"])
        choice = Choice(one_of(DRUGS, number, row["choice"], tuple(Choice), named="a choice"))
        found.append(Member(purpose, target, choice))
    return tuple(found)


def _groups(folder: Path, file: str, columns: tuple[str, ...]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for number, row in rows_of(folder, file, columns, ("group",)):
        if not _GROUP.fullmatch(row["group"]):
            raise MalformedRule(file, number, row["group"], "an ATC group such as B01AA")
        found[row["group"]] = row
    return found
