"""Which documents the curated tables cite without their having been read."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

_TABLE = files("kg") / "curated" / "references.tsv"


@cache
def unread_references() -> frozenset[str]:
    """Keys of the references that were known to exist and to say so, and were not opened."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return frozenset(row["id"] for row in rows if row["status"] == "unseen")
