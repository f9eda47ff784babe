"""The tables of this room: code systems, routes, statuses, words for what is absent, units."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from api.fhir.elements import Coding, codings
from kg.rules.rows import rows_of

__all__ = ["Standing", "absent", "curie_of", "fact_of", "factor_of", "route_of", "standing_of"]

_FOLDER = Path(__file__).parent


class Standing(NamedTuple):
    """What a status means for a medicine list, and the words for it.

    ``kind`` is taken, noted (counted, with a note), draft, past or void.
    """

    kind: str
    words: str


@lru_cache(maxsize=1)
def _systems() -> Mapping[str, str]:
    rows = rows_of(_FOLDER, "systems.tsv", ("system", "prefix", "reference"), ("system",))
    return {row["system"]: row["prefix"] for _, row in rows}


@lru_cache(maxsize=1)
def _routes() -> Mapping[tuple[str, str], str]:
    columns = ("system", "code", "route", "reference")
    rows = rows_of(_FOLDER, "route_codes.tsv", columns, ("system", "code"))
    return {(row["system"], row["code"]): row["route"] for _, row in rows}


@lru_cache(maxsize=1)
def _statuses() -> Mapping[tuple[str, str], Standing]:
    columns = ("kind", "status", "standing", "words", "reference")
    rows = rows_of(_FOLDER, "statuses.tsv", columns, ("kind", "status"))
    return {(r["kind"], r["status"]): Standing(r["standing"], r["words"]) for _, r in rows}


@lru_cache(maxsize=1)
def _absences() -> frozenset[tuple[str, str]]:
    rows = rows_of(_FOLDER, "absences.tsv", ("system", "code", "reference"), ("system", "code"))
    return frozenset((row["system"], row["code"]) for _, row in rows)


@lru_cache(maxsize=1)
def _facts() -> Mapping[str, str]:
    rows = rows_of(_FOLDER, "observation_codes.tsv", ("loinc", "fact", "reference"), ("loinc",))
    return {row["loinc"]: row["fact"] for _, row in rows}


@lru_cache(maxsize=1)
def _units() -> Mapping[tuple[str, str], float]:
    rows = rows_of(_FOLDER, "units.tsv", ("fact", "unit", "factor", "reference"), ("fact", "unit"))
    return {(row["fact"], row["unit"].casefold()): float(row["factor"]) for _, row in rows}


def curie_of(coding: Coding) -> str:
    """Write a code of a known system as a CURIE; empty for another system.

    >>> curie_of(Coding("http://www.nlm.nih.gov/research/umls/rxnorm", "197604", ""))
    'RXCUI:197604'
    """
    prefix = _systems().get(coding.system.rstrip("/"))
    is_plain = coding.code and not any(c.isspace() for c in coding.code)
    return f"{prefix}:{coding.code}" if prefix and is_plain else ""


def route_of(concept: object) -> str:
    """Give the route that a concept means: our word for its code, else its own; empty for none."""
    told = tuple(codings(concept))
    known = (_routes().get((each.system.rstrip("/"), each.code)) for each in told)
    return next((route for route in known if route), "")


def standing_of(kind: str, status: str) -> Standing:
    """Give what a status of a resource means; one that FHIR does not have is counted, and told."""
    stated = repr(status[:40]) if status else "no status"
    unknown = Standing("noted", f"has {'the status ' if status else ''}{stated}")
    return _statuses().get((kind, status), unknown)


def absent(concept: object) -> bool:
    """Tell whether a concept says that there is nothing, or that nothing is known."""
    return any((each.system.rstrip("/"), each.code) in _absences() for each in codings(concept))


def fact_of(loinc: str) -> str:
    """Give the field of our patient that a LOINC code means; empty where it means none."""
    return _facts().get(loinc, "")


def factor_of(fact: str, unit: str) -> float | None:
    """Give what a value in a unit is to be multiplied by; ``None`` for a unit that is not read."""
    return _units().get((fact, unit.casefold()))
