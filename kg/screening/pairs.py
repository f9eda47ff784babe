"""What is said of the same drugs, told as few problems as it is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from kg.screening.effects import (
    GENERAL,
    LESS,
    LOST_EFFICACY,
    MORE,
    UNNAMED,
    EffectFamilies,
)
from kg.screening.finding import Finding
from kg.screening.joining import (
    advice_of,
    combined,
    instruction_of,
    is_alike,
    kind_of,
    order,
    rank,
    severity_of,
    taken_in,
    united,
)
from kg.screening.own_harms import OwnHarms, nothing_known
from ontologies.curie import Curie
from ontologies.vocabulary import KnowledgeLevel

_OPPOSED = "antagonism"
_SO_THAT_LESS = frozenset({"enzyme_induction", "absorption"})
"""Mechanisms that harm by too little of a drug."""

_IsOwn = Callable[[Finding, Finding], bool]
"""Tells whether a harm is one that the drug of which there is more does by itself."""


def told_of(
    group: Sequence[Finding], families: EffectFamilies, harms: OwnHarms = nothing_known
) -> tuple[Finding, ...]:
    """Join what is stated and concluded of the same drugs.

    Mechanisms of one precipitant on one substrate with one effect become one. A stated interaction
    takes such a mechanism in: an effect that it names stays, path and direction come from the
    mechanism, and the worse severity counts. A harm whose mechanism nobody states comes of more of
    a drug where that drug does such harm by itself and the other does not; ``harms`` tells so.
    Effects of one family are one problem, and so are a
    lower level and a weaker effect of the same drug. A harm takes in "more of the drug" that it
    comes of, and what names no effect. What nobody grades goes to what somebody does.
    """
    if len(group) == 1:
        return tuple(group)
    mechanisms = _mechanisms(filter(_is_derived, group))
    stated = _specific(_by_effect(f for f in group if not _is_derived(f)))
    is_own = partial(_is_own, families=families, harms=harms)
    explained = [_explained(finding, mechanisms, is_own) for finding in stated]
    rest = [m for m in mechanisms if not any(m.evidence[0] in f.evidence for f in explained)]
    told = _concrete(_one_of_each(sorted((*explained, *rest), key=order), families))
    return tuple(_graded(_named(told)))


def _is_derived(finding: Finding) -> bool:
    return finding.evidence[0].knowledge_level is KnowledgeLevel.LOGICAL_ENTAILMENT


def _mechanisms(derived: Iterable[Finding]) -> list[Finding]:
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in derived:
        key = (finding.precipitants, finding.affected, finding.effect)
        groups.setdefault(key, []).append(finding)
    return [_one(sorted(group, key=order)) for group in groups.values()]


def _by_effect(stated: Iterable[Finding]) -> list[Finding]:
    effects: dict[Curie | None, list[Finding]] = {}
    for finding in stated:
        effects.setdefault(finding.effect, []).append(finding)
    return [united(group) for group in effects.values()]


def _specific(findings: list[Finding]) -> list[Finding]:
    """Let a named clinical effect take in "more of the drug" by the same mechanism."""
    kept = [f for f in findings if f.effect not in MORE]
    harms = sorted((f for f in kept if f.effect not in GENERAL), key=order)
    for finding in sorted((f for f in findings if f.effect in MORE), key=order):
        home = next((h for h in harms if kind_of(h) == kind_of(finding)), None)
        if home is None:
            kept.append(finding)
        else:
            whole = taken_in(home, [finding])
            _exchange(kept, home, whole)
            _exchange(harms, home, whole)
    return kept


def _exchange(findings: list[Finding], old: Finding, new: Finding) -> None:
    findings[next(i for i, finding in enumerate(findings) if finding is old)] = new


def _explained(finding: Finding, mechanisms: list[Finding], is_own: _IsOwn) -> Finding:
    fitting = sorted((m for m in mechanisms if _fits(finding, m, is_own)), key=order)
    if not fitting:
        return finding
    directed = [mechanism for mechanism in fitting if mechanism.affected]
    ways = {mechanism.affected for mechanism in directed}
    way = directed[0] if len(ways) == 1 else None
    parts = (finding, *fitting)
    return replace(
        finding,
        severity=severity_of(parts),
        precipitants=way.precipitants if way else finding.precipitants,
        affected=way.affected if way else (),
        effect=fitting[0].effect if finding.effect == UNNAMED and len(ways) < 2 else finding.effect,
        mechanism=combined(fitting),
        evidence=tuple(dict.fromkeys(e for part in parts for e in part.evidence)),
        modifiers=tuple(dict.fromkeys(m for part in parts for m in part.modifiers)),
        recommendation=advice_of(parts),
        instruction=instruction_of(parts),
    )


def _fits(finding: Finding, mechanism: Finding, is_own: _IsOwn) -> bool:
    """Tell whether a mechanism explains what is stated: same class, same effect, or own harm."""
    if _contradicts(finding, mechanism):
        return False
    kind, cause = kind_of(finding), kind_of(mechanism)
    if is_alike(kind, cause):
        return True
    return kind is None and (finding.effect == mechanism.effect or is_own(finding, mechanism))


def _is_own(
    harm: Finding, mechanism: Finding, *, families: EffectFamilies, harms: OwnHarms
) -> bool:
    if mechanism.effect not in MORE or harm.effect in GENERAL:
        return False
    family = families.of(harm.effect)
    return any(family in harms(drug) for drug in mechanism.affected) and not any(
        family in harms(drug) for drug in mechanism.precipitants
    )


def _contradicts(finding: Finding, mechanism: Finding) -> bool:
    """Less of a drug is not more of it, and a prodrug left inactive does no harm of its own."""
    if mechanism.effect == LOST_EFFICACY:
        return finding.effect not in LESS
    opposite = LESS if mechanism.effect in MORE else MORE
    return finding.effect in opposite


def _one_of_each(findings: Sequence[Finding], families: EffectFamilies) -> list[Finding]:
    """Join effects of one family, and what says more, or less, of the same drug."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    ways = {(_sense(f), f.affected) for f in findings if f.effect in GENERAL and f.affected}
    for finding in findings:
        if finding.effect in GENERAL:
            sense = _sense(finding)
            sides = sorted(affected for told, affected in ways if told == sense)
            key: tuple[object, ...] = (sense, finding.affected or next(iter(sides), ()))
        else:
            key = (families.of(finding.effect),)
        groups.setdefault(key, []).append(finding)
    leading = families.leading
    return [
        _one(sorted(group, key=lambda f: (-rank(f), f.effect not in leading)))
        for group in groups.values()
    ]


def _sense(finding: Finding) -> str:
    if finding.effect in MORE:
        return "more"
    return _OPPOSED if kind_of(finding) == _OPPOSED else "less"


def _one(ordered: Sequence[Finding]) -> Finding:
    """Join findings, the gravest first; they have a direction where all that have one agree."""
    if len(ordered) == 1:
        return ordered[0]
    first = ordered[0]
    directed = [f for f in ordered if f.affected]
    agree = len({f.affected for f in directed}) == 1
    sides = directed[0] if agree else next((f for f in ordered if not f.affected), None)
    everyone = tuple(sorted({drug for f in ordered for drug in f.drugs}))
    return replace(
        taken_in(first, ordered[1:]),
        precipitants=sides.precipitants if sides else everyone,
        affected=sides.affected if sides else (),
        mechanism=combined(ordered),
    )


def _concrete(findings: list[Finding]) -> list[Finding]:
    """Let a harm take in "more of the drug", or "less", where it comes of just that."""
    harms = [f for f in findings if f.effect not in GENERAL and f.effect != UNNAMED]
    taken: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.effect in GENERAL:
            homes = (i for i, harm in enumerate(harms) if _comes_of(harm, finding))
            taken.setdefault(next(homes, -1), []).append(finding)
    kept = [f for f in findings if f.effect == UNNAMED] + taken.pop(-1, [])
    return [taken_in(h, taken[i]) if i in taken else h for i, h in enumerate(harms)] + kept


def _comes_of(harm: Finding, general: Finding) -> bool:
    """Tell whether one mechanism explains both, or nothing speaks against it."""
    derived = (
        e for e in general.evidence if e.knowledge_level is KnowledgeLevel.LOGICAL_ENTAILMENT
    )
    if any(evidence in harm.evidence for evidence in derived):
        return True
    kind, cause = kind_of(harm), kind_of(general)
    if _is_derived(general):
        return False
    if general.effect in MORE:
        return cause is None and kind not in {*_SO_THAT_LESS, _OPPOSED}
    return cause == kind and cause in _SO_THAT_LESS


def _named(findings: list[Finding]) -> list[Finding]:
    """Let the gravest finding with a named effect take in statements that name none."""
    unnamed = [f for f in findings if f.effect == UNNAMED]
    named = [f for f in findings if f.effect != UNNAMED]
    if not unnamed or not named:
        return findings
    home = min(named, key=order)
    return [taken_in(home, unnamed) if f is home else f for f in named]


def _graded(findings: list[Finding]) -> Iterator[Finding]:
    """Let what somebody grades take in what nobody does.

    A harm takes in everything; "more of the drug" no harm, for that would no longer be named.
    """
    home = min(findings, key=_as_home)
    is_harm = home.effect not in GENERAL and home.effect != UNNAMED
    loose = [
        f
        for f in findings
        if f is not home
        and not rank(f)
        and (f.effect in GENERAL or (is_harm and rank(home)))
        and (is_harm or not _speak_against(home, f))
    ]
    yield taken_in(home, loose) if loose else home
    yield from (f for f in findings if f is not home and not any(f is other for other in loose))


def _as_home(finding: Finding) -> tuple[bool, bool, object]:
    return (not rank(finding), finding.effect in GENERAL, order(finding))


def _speak_against(one: Finding, other: Finding) -> bool:
    return (one.effect in MORE) != (other.effect in MORE) or bool(
        one.affected and other.affected and one.affected != other.affected
    )
