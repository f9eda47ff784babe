"""One gene finding per drug and problem: a guideline on two genes takes in one on either. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kg.model import worst
from kg.screening.finding import Finding

__all__ = ["folded"]


def folded(findings: Iterable[Finding]) -> list[Finding]:
    """Let a finding about more genes of a drug take in those about fewer, of one kind and effect.

    The wider finding keeps its advice; the worse severity counts, and all evidence stays.
    """
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: -len(set(f.genes))):
        place = next((i for i, wider in enumerate(kept) if _takes_in(wider, finding)), None)
        if place is None:
            kept.append(finding)
        else:
            kept[place] = _joined(kept[place], finding)
    return kept


def _takes_in(wider: Finding, narrow: Finding) -> bool:
    return (
        set(narrow.genes) < set(wider.genes)
        and (narrow.kind, narrow.affected, narrow.effect)
        == (wider.kind, wider.affected, wider.effect)
        and set(narrow.precipitants) <= set(wider.precipitants)
    )


def _joined(wider: Finding, narrow: Finding) -> Finding:
    return replace(
        wider,
        severity=worst((wider.severity, narrow.severity)),
        evidence=tuple(dict.fromkeys((*wider.evidence, *narrow.evidence))),
    )
