"""The diplotypes of PyPGx with their phenotypes: as it lists them, and by its activity scores."""

from __future__ import annotations

import csv
import operator
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations_with_replacement
from pathlib import Path

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
}
NONE = "N/A"


def pypgx_rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Gene, diplotype and phenotype of every row, then of every pair of alleles with scores.

    The tables are those of the package: ``diplotype-table.csv``, ``allele-table.csv`` and
    ``equation-table.csv``.
    """
    for row in _read(folder / "diplotype-table.csv"):
        yield row["Gene"], row["Diplotype"], row["Phenotype"]
    yield from _scored(folder)


def _scored(folder: Path) -> Iterator[tuple[str, str, str]]:
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    for row in _read(folder / "allele-table.csv"):
        if row["ActivityScore"] != NONE:
            scores[row["Gene"]][row["StarAllele"]] = float(row["ActivityScore"])
    equations: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _read(folder / "equation-table.csv"):
        equations[row["Gene"]].append((row["Phenotype"], row["Equation"]))
    for gene, ranges in equations.items():
        for one, other in combinations_with_replacement(sorted(scores[gene]), 2):
            score = scores[gene][one] + scores[gene][other]
            found = (phenotype for phenotype, equation in ranges if holds(equation, score))
            yield gene, f"{one}/{other}", next(found, "Indeterminate")


def holds(equation: str, score: float) -> bool:
    """Tell whether a score meets an equation of PyPGx.

    >>> holds("0.25 <= score < 1.25", 1.0), holds("2 == score", 1.0), holds("2.5 <= score", 3.0)
    (True, False, True)
    """
    parts = [str(score) if part == "score" else part for part in equation.split()]
    signs = zip(parts[::2], parts[1::2], parts[2::2], strict=False)
    return all(_COMPARISONS[sign](float(left), float(right)) for left, sign, right in signs)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)
