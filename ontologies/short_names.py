"""Abbreviations with which records write a medicine, for graphs whose sources do not hold them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from ontologies.fold import fold

SHORT_NAMES_TABLE = files("ontologies") / "data" / "short_names.tsv"
"""Abbreviation, CURIE and name of what it means, and who says so.

An abbreviation that means several medicines (MMF, TMP) stands in `ontologies.several`.
"""


@lru_cache(maxsize=1)
def short_names() -> Mapping[str, str]:
    """Give the CURIE of the medicine that each abbreviation, folded, stands for."""
    lines = SHORT_NAMES_TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {fold(row["name"]): row["curie"] for row in rows}
