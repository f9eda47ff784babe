"""Reads the tables of phenoconversion: what inhibitors and inducers make of a gene result."""

from __future__ import annotations

from pathlib import Path

from kg.rules.strengths import MalformedRule
from kg.screening.phenoconversion import ConversionRule
from kg.screening.rules import ACTING
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie, MalformedCurie

__all__ = ["load_conversion_rules", "load_own_conversions"]

RULES = "phenoconversion.tsv"
OWN = "own_metabolism.tsv"
_KEY = ("gene", "role", "strength", "phenotype")
_ROLES = ("inhibitor", "inducer")


def load_conversion_rules(folder: Path = FOLDER) -> tuple[ConversionRule, ...]:
    """Read ``phenoconversion.tsv``: a row either multiplies a score or renames a phenotype.

    Raises:
        MalformedRule: A word is not of its closed list, a row says both or neither, a gene names
            two enzymes, or a question is answered twice.
        MalformedSource: The file lacks a column.
    """
    columns = (*_KEY, "enzyme", "becomes", "factor", "reference")
    rules: dict[tuple[str, ...], ConversionRule] = {}
    enzymes: dict[str, str] = {}
    for number, row in _rows(folder / RULES, columns):
        key = tuple(row[column] for column in _KEY)
        if key in rules:
            raise MalformedRule(RULES, number, " ".join(key), "a question asked once")
        if enzymes.setdefault(row["gene"], row["enzyme"]) != row["enzyme"]:
            raise MalformedRule(RULES, number, row["enzyme"], "the one enzyme of the gene")
        rules[key] = _rule(number, row)
    return tuple(rules.values())


def load_own_conversions(folder: Path = FOLDER) -> frozenset[tuple[Curie, str]]:
    """Read ``own_metabolism.tsv``: drugs with the gene whose result they change for themselves.

    The table lists drugs that inhibit or induce their own metabolism; those of which the advice of
    guidelines counts that already are left out here.

    Raises:
        MalformedRule: A drug is no CURIE, or a word is not of its closed list.
        MalformedSource: The file lacks a column.
    """
    found = set()
    for number, row in _rows(folder / OWN, ("drug_id", "gene", "effect", "converts", "reference")):
        if row["effect"] not in {"inhibits", "induces"}:
            raise MalformedRule(OWN, number, row["effect"], "an effect: inhibits or induces")
        if row["converts"] not in {"yes", "no"}:
            raise MalformedRule(OWN, number, row["converts"], "yes or no")
        if row["converts"] == "yes":
            found.add((_drug(number, row["drug_id"]), row["gene"]))
    return frozenset(found)


def _rule(number: int, row: dict[str, str]) -> ConversionRule:
    if row["role"] not in _ROLES:
        raise MalformedRule(RULES, number, row["role"], f"a role: one of {', '.join(_ROLES)}")
    if row["strength"] not in ACTING:
        expected = f"a strength: one of {', '.join(ACTING)}"
        raise MalformedRule(RULES, number, row["strength"], expected)
    if bool(row["phenotype"]) != bool(row["becomes"]):
        raise MalformedRule(RULES, number, row["becomes"], "what a named phenotype becomes")
    if bool(row["phenotype"]) == bool(row["factor"]):
        raise MalformedRule(RULES, number, row["factor"], "a factor, or else a phenotype")
    return ConversionRule(
        gene=row["gene"],
        enzyme=row["enzyme"],
        role=row["role"],
        strength=row["strength"],
        phenotype=row["phenotype"],
        becomes=row["becomes"],
        factor=_factor(number, row["factor"]) if row["factor"] else None,
        reference=row["reference"],
    )


def _factor(number: int, text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = -1.0
    if not 0 <= factor < float("inf"):
        raise MalformedRule(RULES, number, text, "a factor of 0 or more")
    return factor


def _drug(number: int, text: str) -> Curie:
    try:
        return Curie.parse(text)
    except MalformedCurie:
        raise MalformedRule(OWN, number, text, "a CURIE") from None


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    frame = read_table("curated", path, columns)
    records = frame[list(columns)].to_dict("records")
    return [(n, {str(k): str(v) for k, v in row.items()}) for n, row in enumerate(records, 2)]
