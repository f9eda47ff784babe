"""How far the sources agree on the severity of the pairs that both of them grade.

Of each source a pair has the worst severity that it states anywhere, whatever the condition.
Kappa is weighted by the square of the distance on minor, moderate, major, contraindicated; 1 is
full agreement, 0 is chance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from sklearn.metrics import cohen_kappa_score

from benchmarks.screening_graphs import graded
from kg.model import Severity
from kg.tables import Tables

RANKS = {severity.value: severity.rank for severity in Severity}
FEWEST_PAIRS = 50
"""Pairs that two sources must share for a figure."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two sources on the pairs that both grade: kappa, and the shares of equal and near grades."""

    sources: tuple[str, str]
    pairs: int
    kappa: float
    equal: float
    within_one: float
    second_graver: float


def agreements(tables: Tables) -> list[Agreement]:
    """Compare every two sources that grade enough pairs in common, by their names."""
    rows = graded(tables)
    by_source: dict[str, dict[str, int]] = defaultdict(dict)
    for pair, source, severity in zip(rows["pair"], rows["source"], rows["severity"], strict=True):
        grades = by_source[source]
        grades[pair] = max(grades.get(pair, 0), RANKS[severity])
    found = []
    for first, second in combinations(sorted(by_source), 2):
        shared = sorted(by_source[first].keys() & by_source[second].keys())
        if len(shared) >= FEWEST_PAIRS:
            both = [(by_source[first][pair], by_source[second][pair]) for pair in shared]
            found.append(_agreement((first, second), both))
    return found


def agreement_table(found: Iterable[Agreement]) -> str:
    """The measured agreement as Markdown."""
    lines = [
        "| sources | pairs of both | weighted kappa | same severity | at most one level apart | "
        "the second graver |",
        "|---|---|---|---|---|---|",
    ]
    for one in found:
        names = " and ".join(source.removeprefix("infores:") for source in one.sources)
        lines.append(
            f"| {names} | {one.pairs} | {one.kappa:.2f} | {one.equal:.0%} "
            f"| {one.within_one:.0%} | {one.second_graver:.0%} |"
        )
    return "\n".join(lines) + "\n"


def _agreement(sources: tuple[str, str], grades: list[tuple[int, int]]) -> Agreement:
    first, second = zip(*grades, strict=True)
    kappa = cohen_kappa_score(first, second, labels=sorted(RANKS.values()), weights="quadratic")
    return Agreement(
        sources=sources,
        pairs=len(grades),
        kappa=float(kappa),
        equal=sum(a == b for a, b in grades) / len(grades),
        within_one=sum(abs(a - b) <= 1 for a, b in grades) / len(grades),
        second_graver=sum(b > a for a, b in grades) / len(grades),
    )
