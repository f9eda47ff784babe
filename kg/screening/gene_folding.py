"""One gene finding per drug and problem, where guidelines say it more than once. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kg.model import Severity, worst
from kg.screening.effects import MORE
from kg.screening.finding import Finding

__all__ = ["folded"]


def folded(findings: Iterable[Finding]) -> list[Finding]:
    """Let a finding about more genes of a drug take in those about fewer, of one kind and effect.

    One that forbids the drug takes in what else is advised by the same genes. More of the drug
    beside a harm, and an effect that only the wider finding names, is no other problem. The finding
    that takes in keeps its advice; the worse severity counts, and all evidence stays.
    """
    kept: list[Finding] = []
    for finding in sorted(findings, key=_widest_first):
        place = next((i for i, wider in enumerate(kept) if _takes_in(wider, finding)), None)
        if place is None:
            kept.append(finding)
        else:
            kept[place] = _joined(kept[place], finding)
    return kept


def _takes_in(wider: Finding, narrow: Finding) -> bool:
    genes, others = set(narrow.genes), set(wider.genes)
    is_within = genes < others or (genes == others and wider.severity is Severity.CONTRAINDICATED)
    return (
        is_within
        and (narrow.kind, narrow.affected) == (wider.kind, wider.affected)
        and _is_same_problem(wider, narrow)
        and set(narrow.precipitants) <= set(wider.precipitants)
    )


def _is_same_problem(wider: Finding, narrow: Finding) -> bool:
    if narrow.effect in {wider.effect, None}:
        return True
    return narrow.effect in MORE and wider.effect is not None


def _widest_first(finding: Finding) -> tuple[int, int]:
    return -len(set(finding.genes)), -(finding.severity.rank if finding.severity else 0)


def _joined(wider: Finding, narrow: Finding) -> Finding:
    return replace(
        wider,
        severity=worst((wider.severity, narrow.severity)),
        evidence=tuple(dict.fromkeys((*wider.evidence, *narrow.evidence))),
    )
