"""One harm of several pairs that share a drug is told once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kg.model import Severity
from kg.screening.documented import WEIGH, WEIGH_MANY
from kg.screening.effects import UNNAMED, EffectFamilies
from kg.screening.finding import Finding, FindingKind
from kg.screening.joining import (
    combined,
    is_only_listed,
    kind_of,
    order,
    own_advice,
    rank,
    taken_in,
)

_ADDED = frozenset({None, "additive_pharmacodynamic"})
"""Mechanisms by which the same harm of several pairs is one: what adds up, and what is unknown."""


def gathered(findings: Iterable[Finding], families: EffectFamilies) -> tuple[Finding, ...]:
    """Make one burden of undirected pairs and burdens with one harm that hang together by drugs.

    ``families`` says of which harms. A minor or ungraded one stays by itself, so that it adds no
    drug to what is shown. The gravest names the whole; a pair that is graver than the rest is named
    with its own advice. A harm of two drugs, of unknown mechanism and not graver, goes to what it
    follows from where the same two do that too. A pair of which only a list has a level, and no
    effect, goes to a burden as grave in which both share.
    """
    by_family: dict[str, list[Finding]] = {}
    told: list[Finding] = []
    for finding in findings:
        if finding.effect in families.gathering and _adds_up(finding):
            by_family.setdefault(families.of(finding.effect), []).append(finding)
        else:
            told.append(finding)
    for group in by_family.values():
        told += (_whole(part, families) for part in _connected(group))
    return tuple(_with_listed(_with_causes(told, families)))


def _adds_up(finding: Finding) -> bool:
    if rank(finding) <= Severity.MINOR.rank:
        return False
    if finding.kind is FindingKind.ADDITIVE_EFFECT:
        return True
    is_pair = finding.kind is FindingKind.DRUG_DRUG and not finding.affected
    return is_pair and kind_of(finding) in _ADDED


def _connected(findings: Sequence[Finding]) -> Iterator[list[Finding]]:
    """Part findings so that those of different parts have no drug in common."""
    waiting = list(findings)
    while waiting:
        part = [waiting.pop(0)]
        drugs = set(part[0].drugs)
        while near := [f for f in waiting if not drugs.isdisjoint(f.drugs)]:
            part += near
            drugs.update(drug for f in near for drug in f.drugs)
            waiting = [f for f in waiting if not any(f is other for other in near)]
        yield part


def _with_causes(told: Sequence[Finding], families: EffectFamilies) -> list[Finding]:
    followed = frozenset(families.follows.values())
    causes: dict[tuple[str, str], int] = {}
    following: list[tuple[int, str]] = []
    for place, finding in enumerate(told):
        family = families.of(finding.effect)
        if family in followed and not finding.affected:
            causes[family, finding.among] = place
        if family in families.follows and _is_bare(finding):
            following.append((place, families.follows[family]))
    kept = list(told)
    gone = set()
    for place, cause in following:
        finding = told[place]
        home = causes.get((cause, finding.among))
        if home is not None and rank(finding) <= rank(told[home]):
            kept[home] = taken_in(kept[home], [finding])
            gone.add(place)
    return [finding for place, finding in enumerate(kept) if place not in gone]


def _with_listed(findings: Sequence[Finding]) -> list[Finding]:
    burdens = [
        (place, set(finding.drugs), rank(finding))
        for place, finding in enumerate(findings)
        if finding.kind is FindingKind.ADDITIVE_EFFECT and rank(finding) > Severity.MINOR.rank
    ]
    kept, taken = list(findings), set()
    for place, finding in enumerate(findings) if burdens else ():
        if finding.effect == UNNAMED and _is_bare(finding) and is_only_listed(finding):
            drugs, own = set(finding.drugs), rank(finding)
            homes = (at for at, held, grade in burdens if drugs <= held and own <= grade)
            home = next(homes, None)
            if home is not None:
                kept[home] = taken_in(kept[home], [finding])
                taken.add(place)
    return [finding for place, finding in enumerate(kept) if place not in taken]


def _is_bare(finding: Finding) -> bool:
    """Tell whether two drugs are said to do harm without a word of how."""
    return finding.kind is FindingKind.DRUG_DRUG and kind_of(finding) is None


def _whole(part: Sequence[Finding], families: EffectFamilies) -> Finding:
    if len(part) == 1:
        return part[0]
    ordered = sorted(part, key=order)
    grave = [f for f in ordered if rank(f) == rank(ordered[0])]
    burdens = [f for f in ordered if f.kind is FindingKind.ADDITIVE_EFFECT]
    home = next(iter(burdens), ordered[0])
    leading = (f.effect for f in grave if f.effect in families.leading)
    return replace(
        taken_in(home, [f for f in ordered if f is not home]),
        kind=FindingKind.ADDITIVE_EFFECT,
        precipitants=tuple(sorted({drug for f in ordered for drug in f.drugs})),
        effect=next(leading, grave[0].effect),
        mechanism=combined(ordered),
        recommendation=_advice(home, ordered),
        points=sum(max(f.points, 1) for f in ordered),
    )


def _advice(home: Finding, ordered: Sequence[Finding]) -> str | None:
    """What to do about what is graver, then about the whole, each advice once with its drugs.

    Where the home has general words alone, what a rule advises of others as grave is told too. A
    burden of many drugs names in its own advice the pairs that are graver than it, so that its
    drugs are not named in front of it again.
    """
    graver: dict[str, list[str]] = {}
    for finding in ordered:
        is_graver = rank(finding) > min(rank(home), rank(ordered[-1]))
        if finding.recommendation and (is_graver or _says_more(finding, home)):
            graver.setdefault(finding.recommendation, []).extend(_names(finding))
    own = home.recommendation if rank(home) == rank(ordered[-1]) else None
    if own and len({drug for finding in ordered for drug in finding.drugs}) > 2:
        own = own.replace(WEIGH, WEIGH_MANY)
    if not graver:
        return own
    told = (f"{', '.join(names)}: {text}" if names else text for text, names in graver.items())
    said = " ".join(filter(None, (*told, own)))
    return said[:1].upper() + said[1:]


def _says_more(finding: Finding, home: Finding) -> bool:
    """Tell whether a rule advises something of one of two findings that are as grave."""
    is_as_grave = finding is not home and rank(finding) == rank(home)
    return is_as_grave and own_advice(home) is None and own_advice(finding) is not None


def _names(finding: Finding) -> Iterator[str]:
    """The names of a pair, as one; nothing of more drugs."""
    path = finding.mechanism.path if finding.mechanism else ()
    if len(finding.drugs) <= 2:
        yield " with ".join(dict.fromkeys(name for s in path for name in s.subject.split(" + ")))
