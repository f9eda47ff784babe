"""The brand names that ship with the project: hand-kept, of single-ingredient medicines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files

from ontologies.name_index import NameRow

BRANDS_TABLE = files("ontologies") / "data" / "brands.tsv"


def brand_names() -> Iterator[NameRow]:
    """Yield each brand name with the RxCUI of its ingredient, in the order of the table."""
    lines = BRANDS_TABLE.read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        yield NameRow(row["brand"], f"RXCUI:{row['rxcui']}", "brand", "other")
