"""The brand names that ship with the project: hand-kept, of single-ingredient medicines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

BRANDS_TABLE = files("ontologies") / "data" / "brands.tsv"
"""Brand, ingredient, RxCUI of the ingredient and, for brands sold over the counter, who says so."""


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand name with its one ingredient, by name and by CURIE."""

    name: str
    ingredient: str
    curie: str


def brand_names() -> Iterator[Brand]:
    """Yield each brand with its ingredient, in the order of the table."""
    lines = BRANDS_TABLE.read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        yield Brand(row["brand"], row["ingredient"], f"RXCUI:{row['rxcui']}")
