"""What a written name usually means where sources would leave it open: a hand-kept table."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

USUAL_NAMES_TABLE = files("ontologies") / "data" / "usual_names.tsv"
GENERIC_NAMES_TABLE = files("ontologies") / "data" / "generic_names.tsv"
"""International nonproprietary names that differ from those used in the United States, each with
its code in the ATC/DDD Index of the WHO Collaborating Centre for Drug Statistics Methodology."""


@lru_cache(maxsize=1)
def usual_names() -> Mapping[str, str]:
    """Give the CURIE of the ingredient that each listed name means; names are lower-case.

    Inorganic salts stand here because no rule may take them for their ingredient (potassium
    chloride is given for its potassium, lithium chloride is no medicine).
    """
    lines = USUAL_NAMES_TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["name"]: row["curie"] for row in rows}


@lru_cache(maxsize=1)
def generic_names() -> tuple[str, ...]:
    """Give names that a misspelt text may mean though no drug of a graph is called so first."""
    lines = GENERIC_NAMES_TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(row["name"] for row in rows)
