"""Words that mean several medicines whatever a graph holds: the pill, vitamin D, a brand family."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from ontologies.fold import fold

SEVERAL_MEANINGS_TABLE = files("ontologies") / "data" / "several_meanings.tsv"
"""A written name, CURIEs and names of what it may mean, usual first; for a brand, the labels."""


@lru_cache(maxsize=1)
def several_meanings() -> Mapping[str, tuple[str, ...]]:
    """Give the CURIEs of the medicines that each listed name, folded, may mean.

    A brand stands here that is given to unlike medicines, in one country or in two (Benadryl), and
    a plain word of patients where a source would give it to one chemical (COC to cocaine).
    """
    lines = SEVERAL_MEANINGS_TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {fold(row["name"]): tuple(row["curies"].split("|")) for row in rows}
