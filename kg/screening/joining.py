"""How several findings become one: the worse severity counts, and no evidence is lost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kg.model import Severity, worst
from kg.screening.documented import ADVICE
from kg.screening.effects import GENERAL
from kg.screening.finding import Finding, Mechanism

Order = tuple[int, bool, str, str, tuple[str, ...]]

SLOWER = frozenset({"enzyme_inhibition", "transporter"})
"""Two ways to slow the elimination of a drug, which sources do not always tell apart."""
_ALIKE = (SLOWER, frozenset({"transporter", "renal_excretion"}))
"""Kinds of mechanism that sources do not always tell apart: the kidney excretes by transporters."""
_FORBIDS, *_LESSER = (ADVICE[severity] for severity in sorted(ADVICE, key=lambda s: -s.rank))

_RANKS: Mapping[Severity | None, int] = {None: 0} | {each: each.rank for each in Severity}


def rank(finding: Finding) -> int:
    """0 for a finding that nobody grades, 1 for minor up to 4 for contraindicated."""
    return _RANKS[finding.severity]


def kind_of(finding: Finding) -> str | None:
    """Class of the mechanism; ``None`` where it is not known."""
    kind = finding.mechanism.kind if finding.mechanism else None
    return None if kind == "unknown" else kind


def is_alike(one: str | None, other: str | None) -> bool:
    """Tell whether two kinds of mechanism may be one that sources call by two names."""
    return one == other or {one, other} in _ALIKE


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
    """Recommendation of the gravest finding that has one; of those as grave, of the first.

    Our general words for a level, unless they forbid the combination, make way for advice of ours
    or of a source where the level is only listed, and for how to space two drugs in the day. A
    source's own words stay behind that.
    """
    advising = [f for f in sorted(parts, key=lambda f: -rank(f)) if f.recommendation]
    if not advising or str(advising[0].recommendation).startswith(_FORBIDS):
        return advising[0].recommendation if advising else None
    saying = [f for f in advising if own_advice(f) or not is_only_listed(f)] or advising
    said = saying[0].recommendation or ""
    general = next((advice for advice in _LESSER if said.startswith(advice)), None)
    spacing = (own_advice(f) for f in advising if kind_of(f) == "absorption")
    instead = next(filter(None, spacing), None) if general else None
    return instead + said.removeprefix(general or "") if instead else said


def own_advice(finding: Finding) -> str | None:
    """What a rule of ours advises, without the words of a source; ``None`` for general words."""
    said = (finding.recommendation or "").split(" «")[0]
    return said if said and not said.startswith((_FORBIDS, *_LESSER)) else None


def is_only_listed(finding: Finding) -> bool:
    """Tell whether the sources of a severity list it without a word of why or what to do."""
    return not any(
        e.text or e.recommendation
        for e in finding.evidence
        if e.severity and e.severity.rank >= rank(finding)
    )


def _is_bare(finding: Finding) -> bool:
    path = finding.mechanism.path if finding.mechanism else ()
    return all(step.predicate == "contributes to" for step in path)


def _class_of(finding: Finding) -> str | None:
    kind = kind_of(finding)
    return "slower" if any(kind in alike for alike in _ALIKE) else kind


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
