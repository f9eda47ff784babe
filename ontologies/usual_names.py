"""What a written name usually means where sources would leave it open: a hand-kept table."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

USUAL_NAMES_TABLE = files("ontologies") / "data" / "usual_names.tsv"


@lru_cache(maxsize=1)
def usual_names() -> Mapping[str, str]:
    """Give the CURIE of the ingredient that each listed name means; names are lower-case.

    Inorganic salts stand here because no rule may take them for their ingredient (potassium
    chloride is given for its potassium, lithium chloride is no medicine).
    """
    lines = USUAL_NAMES_TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["name"]: row["curie"] for row in rows}
