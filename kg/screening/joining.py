"""How several findings become one: the worse severity counts, and no evidence is lost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kg.model import worst
from kg.screening.effects import GENERAL
from kg.screening.finding import Finding, Mechanism

Order = tuple[int, bool, str, str, tuple[str, ...]]

SLOWER = frozenset({"enzyme_inhibition", "transporter"})
"""Two ways to slow the elimination of a drug, which sources do not always tell apart."""


def rank(finding: Finding) -> int:
    """0 for a finding that nobody grades, 1 for minor up to 4 for contraindicated."""
    return finding.severity.rank if finding.severity else 0


def kind_of(finding: Finding) -> str | None:
    """Class of the mechanism; ``None`` where it is not known."""
    kind = finding.mechanism.kind if finding.mechanism else None
    return None if kind == "unknown" else kind


def name_of(finding: Finding) -> str:
    """Name of the mechanism, empty where there is none."""
    return finding.mechanism.name if finding.mechanism else ""


def order(finding: Finding) -> Order:
    """Sort key by which the gravest comes first, then what names a harm, then by the alphabet."""
    sides = tuple(map(str, finding.affected))
    effect = str(finding.effect)
    return (-rank(finding), finding.effect in GENERAL, effect, name_of(finding), sides)


def united(group: Sequence[Finding]) -> Finding:
    """Make one finding of several: the first in :func:`order`, with what all the others bring."""
    if len(group) == 1:
        return group[0]
    first, *others = sorted(group, key=order)
    return taken_in(first, others)


def taken_in(home: Finding, others: Iterable[Finding]) -> Finding:
    """Let a finding take others in: effect, sides and mechanism stay as they are.

    The recommendation is that of the gravest that has one, its own where it is as grave.
    """
    parts = (home, *others)
    return replace(
        home,
        severity=worst(finding.severity for finding in parts),
        evidence=tuple(dict.fromkeys(e for finding in parts for e in finding.evidence)),
        modifiers=tuple(dict.fromkeys(m for finding in parts for m in finding.modifiers)),
        recommendation=advice_of(parts),
    )


def advice_of(parts: Sequence[Finding]) -> str | None:
    """Recommendation of the gravest finding that has one; of those as grave, of the first."""
    advising = (f for f in sorted(parts, key=lambda f: -rank(f)) if f.recommendation)
    return next((f.recommendation for f in advising), None)


def _is_bare(finding: Finding) -> bool:
    path = finding.mechanism.path if finding.mechanism else ()
    return all(step.predicate == "contributes to" for step in path)


def _class_of(finding: Finding) -> str | None:
    kind = kind_of(finding)
    return "slower" if kind in SLOWER else kind


def combined(findings: Iterable[Finding]) -> Mechanism | None:
    """Join mechanisms: all names, the kind of the first, every step once.

    One that is not known is left out where another is, and one that names its class alone where
    another of that class says through what.
    """
    every = [f for f in findings if f.mechanism]
    known = [f for f in every if kind_of(f)] or every
    shown = {_class_of(f) for f in known if not _is_bare(f)}
    known = [f for f in known if not _is_bare(f) or _class_of(f) not in shown]
    if not known:
        return None
    steps = dict.fromkeys(s for f in known if f.mechanism for s in f.mechanism.path)
    first = known[0].mechanism
    names = dict.fromkeys(map(name_of, known))
    return Mechanism(" and ".join(names), first.kind if first else None, tuple(steps))
