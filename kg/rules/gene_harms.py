"""Reads the table of harms that a drug does to those with a certain result of a gene."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kg.rules.rows import curie_of, rows_of
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

__all__ = ["load_gene_harms"]

FILE = "gene_harms.tsv"
_KEY = ("gene", "phenotype", "drug_id")


def load_gene_harms(folder: Path = FOLDER) -> Mapping[tuple[str, Curie], Mapping[str, Curie]]:
    """Read ``gene_harms.tsv``: by symbol and drug, the effect of each phenotype.

    A phenotype of the table is the end of that which a guideline names.

    Raises:
        MalformedRule: An identifier is no CURIE, or a question is answered twice.
        MalformedSource: The file lacks a column.
    """
    found: dict[tuple[str, Curie], dict[str, Curie]] = {}
    columns = (*_KEY, "effect_id", "reference")
    for number, row in rows_of(folder, FILE, columns, _KEY):
        drug = curie_of(FILE, number, row["drug_id"])
        harms = found.setdefault((row["gene"], drug), {})
        harms[row["phenotype"]] = curie_of(FILE, number, row["effect_id"])
    return found
