"""Reads the tables of phenoconversion: what inhibitors and inducers make of a gene result."""

from __future__ import annotations

import math
from pathlib import Path

from kg.rules.rows import MalformedRule, curie_of, number_of, one_of, rows_of
from kg.screening.phenoconversion import ConversionRule
from kg.screening.rules import ACTING
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

__all__ = ["load_conversion_rules", "load_own_conversions"]

RULES = "phenoconversion.tsv"
OWN = "own_metabolism.tsv"
_KEY = ("gene", "role", "strength", "phenotype")
_ROLES = ("inhibitor", "inducer")
_OWN_EFFECTS = ("inhibits", "induces")


def load_conversion_rules(folder: Path = FOLDER) -> tuple[ConversionRule, ...]:
    """Read ``phenoconversion.tsv``: a row either multiplies a score or renames a phenotype.

    Raises:
        MalformedRule: A word is not of its closed list, a row says both or neither, a gene names
            two enzymes, or a question is answered twice.
        MalformedSource: The file lacks a column.
    """
    columns = (*_KEY, "enzyme", "becomes", "factor", "reference")
    rules: list[ConversionRule] = []
    enzymes: dict[str, str] = {}
    for number, row in rows_of(folder, RULES, columns, _KEY):
        if enzymes.setdefault(row["gene"], row["enzyme"]) != row["enzyme"]:
            raise MalformedRule(RULES, number, row["enzyme"], "the one enzyme of the gene")
        rules.append(_rule(number, row))
    return tuple(rules)


def load_own_conversions(folder: Path = FOLDER) -> frozenset[tuple[Curie, str]]:
    """Read ``own_metabolism.tsv``: drugs with the gene whose result they change for themselves.

    The table lists drugs that inhibit or induce their own metabolism; those of which the advice of
    guidelines counts that already are left out here.

    Raises:
        MalformedRule: A drug is no CURIE, or a word is not of its closed list.
        MalformedSource: The file lacks a column.
    """
    found = set()
    columns = ("drug_id", "gene", "effect", "converts", "reference")
    for number, row in rows_of(folder, OWN, columns):
        one_of(OWN, number, row["effect"], _OWN_EFFECTS, named="an effect")
        if one_of(OWN, number, row["converts"], ("yes", "no")) == "yes":
            found.add((curie_of(OWN, number, row["drug_id"]), row["gene"]))
    return frozenset(found)


def _rule(number: int, row: dict[str, str]) -> ConversionRule:
    one_of(RULES, number, row["role"], _ROLES, named="a role")
    one_of(RULES, number, row["strength"], ACTING, named="a strength")
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
    expected = "a factor of 0 or more"
    return number_of(RULES, number, text, expected, lambda factor: 0 <= factor < math.inf)
