"""Says on what the curated tables rest: rows, references, and how many of them were read here.

Usage: ``python benchmarks/curated_references.py``. A reference is *seen* when its text stands in
the data at hand and supports the row, *unseen* when it is known but was not read.
"""

from __future__ import annotations

import sys

import pandas as pd

from kg.sources.curated import FOLDER

TABLES = ("enzymes.tsv", "liabilities.tsv", "gene_recommendations.tsv")


def main() -> None:
    """Print one line per table: rows, rows with a seen reference, rows with unseen ones only."""
    references = _read("references.tsv")
    seen = set(references.loc[references["status"] == "seen", "id"])
    share = len(seen) / len(references)
    sys.stdout.write(f"references: {len(references)}, seen {len(seen)} ({share:.1%})\n")
    for name in TABLES:
        rows = _read(name)
        supported = rows["reference"].map(lambda cell: bool(seen & set(cell.split("|"))))
        unseen = len(rows) - int(supported.sum())
        sys.stdout.write(f"{name}: {len(rows)} rows, {unseen} rest on unseen references only")
        sys.stdout.write(f" ({unseen / len(rows):.1%})\n")


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, sep="\t", dtype=str, keep_default_na=False, quoting=3)


if __name__ == "__main__":
    main()
