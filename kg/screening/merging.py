"""One finding per clinical problem: a statement takes in the mechanism that explains it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from kg.model import worst
from kg.screening.effects import (
    GENERAL,
    LOST_EFFICACY,
    LOWERED_EXPOSURE,
    RAISED_EFFECT,
    RAISED_EXPOSURE,
    UNNAMED,
)
from kg.screening.finding import Finding, FindingKind, Mechanism
from ontologies.curie import Curie
from ontologies.vocabulary import KnowledgeLevel

_MORE = frozenset({RAISED_EXPOSURE, RAISED_EFFECT})
"""General effects that a clinical harm of the drug itself makes concrete."""
_LESS = frozenset({LOWERED_EXPOSURE, LOST_EFFICACY})


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Join the findings that tell one problem.

    Mechanisms of one perpetrator on one substrate with one effect become one. A stated interaction
    of the same two drugs takes such a mechanism in: its effect stays as stated, path and direction
    come from the mechanism, and the worse severity counts; both stay in the evidence. Where each
    drug acts on the other, both paths are shown and nobody is called the perpetrator. A prediction
    is dropped where the same is stated or concluded.
    """
    pairs: dict[frozenset[Curie], list[Finding]] = {}
    others: dict[str, list[Finding]] = {}
    guesses: list[Finding] = []
    for finding in findings:
        if finding.kind is FindingKind.DRUG_DRUG:
            pairs.setdefault(frozenset(finding.drugs), []).append(finding)
        elif finding.kind is FindingKind.PREDICTED_EFFECT:
            guesses.append(finding)
        else:
            others.setdefault(finding.id, []).append(finding)
    told = [finding for group in pairs.values() for finding in _of_pair(group)]
    told += [_unite(group) for group in others.values()]
    known = {(frozenset(finding.drugs), finding.effect) for finding in told}
    return (*told, *(g for g in guesses if (frozenset(g.drugs), g.effect) not in known))


def _of_pair(group: list[Finding]) -> Iterator[Finding]:
    """Merge what is stated and concluded of one pair."""
    mechanisms: dict[tuple[object, ...], list[Finding]] = {}
    for finding in filter(_is_derived, group):
        key = (finding.precipitants, finding.affected, finding.effect)
        mechanisms.setdefault(key, []).append(finding)
    joined = [_joined(parts) for parts in mechanisms.values()]
    united = _united(finding for finding in group if not _is_derived(finding))
    stated = [_explained(finding, joined) for finding in _specific(united)]
    rest = [m for m in joined if not any(_holds(f, m) for f in stated)]
    yield from _named([*stated, *rest])


def _named(findings: list[Finding]) -> list[Finding]:
    """Let the gravest finding with a named effect take in statements that name none."""
    unnamed = [f for f in findings if f.effect == UNNAMED]
    named = [f for f in findings if f.effect != UNNAMED]
    if not unnamed or not named:
        return findings
    home = max(named, key=lambda f: (f.severity.rank if f.severity else 0, f.effect not in GENERAL))
    united = _unite([home, *unnamed])
    whole = replace(
        home,
        severity=united.severity,
        evidence=tuple(dict.fromkeys((*home.evidence, *united.evidence))),
        modifiers=united.modifiers,
        recommendation=united.recommendation or home.recommendation,
    )
    return [whole if f is home else f for f in named]


def _holds(finding: Finding, mechanism: Finding) -> bool:
    """Tell whether a statement has taken a mechanism in, by the conclusion among its evidence."""
    return mechanism.evidence[0] in finding.evidence


def _is_derived(finding: Finding) -> bool:
    return finding.evidence[0].knowledge_level is KnowledgeLevel.LOGICAL_ENTAILMENT


def _joined(group: list[Finding]) -> Finding:
    ordered = sorted(group, key=lambda f: (-(f.severity.rank if f.severity else 0), _name(f)))
    first = ordered[0]
    evidence = tuple(dict.fromkeys(e for finding in ordered for e in finding.evidence))
    return replace(first, evidence=evidence, mechanism=_combined(ordered))


def _combined(ordered: list[Finding]) -> Mechanism | None:
    first = ordered[0].mechanism
    if first is None:
        return None
    path = dict.fromkeys(
        step for finding in ordered if finding.mechanism for step in finding.mechanism.path
    )
    return Mechanism(
        " and ".join(dict.fromkeys(_name(f) for f in ordered)), first.kind, tuple(path)
    )


def _united(stated: Iterable[Finding]) -> list[Finding]:
    """Unite what several rules state of one pair with one effect."""
    effects: dict[Curie | None, list[Finding]] = {}
    for finding in stated:
        effects.setdefault(finding.effect, []).append(finding)
    return [_unite(group) for group in effects.values()]


def _unite(group: list[Finding]) -> Finding:
    ordered = sorted(group, key=lambda f: (-(f.severity.rank if f.severity else 0), _name(f)))
    evidence = tuple(dict.fromkeys(e for finding in ordered for e in finding.evidence))
    modifiers = tuple(dict.fromkeys(m for finding in ordered for m in finding.modifiers))
    severity = worst(finding.severity for finding in ordered)
    return replace(ordered[0], severity=severity, evidence=evidence, modifiers=modifiers)


def _specific(findings: list[Finding]) -> list[Finding]:
    """Let a named clinical effect take in "more of the drug" by the same mechanism on the pair."""
    general = [f for f in findings if f.effect in _MORE]
    kept = [f for f in findings if f not in general]
    for finding in general:
        homes = (i for i, other in enumerate(kept) if _takes_in(other, finding))
        place = next(homes, None)
        if place is None:
            kept.append(finding)
        else:
            kept[place] = replace(_unite([kept[place], finding]), effect=kept[place].effect)
    return kept


def _takes_in(specific: Finding, general: Finding) -> bool:
    return specific.effect not in GENERAL and _kind(specific) == _kind(general)


def _explained(finding: Finding, mechanisms: list[Finding]) -> Finding:
    fitting = [m for m in mechanisms if _fits(finding, m)]
    if not fitting:
        return finding
    fitting.sort(key=lambda m: (-(m.severity.rank if m.severity else 0), _name(m)))
    one_way = len({m.affected for m in fitting}) == 1
    evidence = dict.fromkeys(e for source in (finding, *fitting) for e in source.evidence)
    return replace(
        finding,
        severity=worst((finding.severity, *(m.severity for m in fitting))),
        precipitants=fitting[0].precipitants if one_way else finding.precipitants,
        affected=fitting[0].affected if one_way else (),
        mechanism=_combined(fitting),
        evidence=tuple(evidence),
        recommendation=finding.recommendation or fitting[0].recommendation,
    )


def _fits(finding: Finding, mechanism: Finding) -> bool:
    """Tell whether a mechanism explains what is stated: same class, or same general effect."""
    if _contradicts(finding, mechanism):
        return False
    kind = _kind(finding)
    return kind == _kind(mechanism) or (kind is None and finding.effect == mechanism.effect)


def _contradicts(finding: Finding, mechanism: Finding) -> bool:
    """Less of a drug is not more of it, and a prodrug left inactive does no harm of its own."""
    if mechanism.effect == LOST_EFFICACY:
        return finding.effect not in _LESS
    opposite = _LESS if mechanism.effect in _MORE else _MORE
    return finding.effect in opposite


def _kind(finding: Finding) -> str | None:
    kind = finding.mechanism.kind if finding.mechanism else None
    return None if kind == "unknown" else kind


def _name(finding: Finding) -> str:
    return finding.mechanism.name if finding.mechanism else ""
