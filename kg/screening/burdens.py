"""A burden of the whole list, a double treatment, and what is said of pairs in them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import combinations

from kg.screening.effects import GENERAL, UNNAMED, EffectFamilies
from kg.screening.finding import Finding, FindingKind, sorted_text
from kg.screening.joining import advice_of, combined, kind_of, order, rank, taken_in
from kg.screening.joint import is_joint
from ontologies.curie import Curie

_OF_TWO_ALIKE = frozenset({None, "additive_pharmacodynamic"})
"""Mechanisms of what two drugs of one class do to each other."""
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Places:
    """Burdens by their families: how grave each is, and which of them a drug is in."""

    ranks: Mapping[str, int]
    gravest_first: tuple[str, ...]
    by_drug: Mapping[Curie, frozenset[str]]

    @classmethod
    def of(cls, burdens: Mapping[str, Finding]) -> _Places:
        ordered = sorted(burdens, key=lambda family: order(burdens[family]))
        found: dict[Curie, set[str]] = {}
        for family, burden in burdens.items():
            for drug in burden.drugs:
                found.setdefault(drug, set()).add(family)
        return cls(
            ranks={family: rank(burden) for family, burden in burdens.items()},
            gravest_first=tuple(ordered),
            by_drug={drug: frozenset(held) for drug, held in found.items()},
        )

    def shared_by(self, drugs: Sequence[Curie]) -> frozenset[str]:
        """Families of the burdens in which all of some drugs are."""
        return frozenset.intersection(*[self.by_drug.get(drug, _NONE) for drug in drugs])


def joined_burdens(burdens: Iterable[Finding], families: EffectFamilies) -> list[Finding]:
    """Make one burden of those whose effects are one problem: sedation and slow breathing."""
    groups: dict[str, list[Finding]] = {}
    for finding in burdens:
        groups.setdefault(families.of(finding.effect), []).append(finding)
    return [_joined(sorted(group, key=order)) for _, group in sorted(groups.items())]


def _joined(ordered: Sequence[Finding]) -> Finding:
    if len(ordered) == 1:
        return ordered[0]
    return replace(
        taken_in(ordered[0], ordered[1:]),
        precipitants=tuple(dict.fromkeys(drug for f in ordered for drug in f.precipitants)),
        mechanism=combined(ordered),
        points=sum(finding.points for finding in ordered),
    )


def with_doubles(doubles: Sequence[Finding], told: Sequence[Finding]) -> list[Finding]:
    """Let each double treatment take in what is said of the same drugs and comes of their sameness.

    What one drug does to the level of the other stays apart. A burden stays apart unless it is of
    the same drugs and no graver.
    """
    homes: dict[str, int] = {}
    for place, double in enumerate(doubles):
        for drugs in (double.drugs, *combinations(double.drugs, 2)):
            homes.setdefault(sorted_text(drugs), place)
    taken: list[list[Finding]] = [[] for _ in doubles]
    left = []
    for finding in told:
        home = homes.get(finding.among)
        if home is not None and _may_double(finding) and _is_of(finding, doubles[home]):
            taken[home].append(finding)
        else:
            left.append(finding)
    return [*map(_doubled, doubles, taken), *left]


def _may_double(finding: Finding) -> bool:
    if finding.kind is FindingKind.DRUG_DRUG:
        return not finding.affected and kind_of(finding) in _OF_TWO_ALIKE
    return finding.kind is FindingKind.ADDITIVE_EFFECT


def _is_of(finding: Finding, double: Finding) -> bool:
    if finding.kind is FindingKind.DRUG_DRUG:
        return len(double.drugs) > 1
    return len(double.drugs) == len(finding.drugs) and rank(finding) <= rank(double)


def _doubled(double: Finding, taken: Sequence[Finding]) -> Finding:
    if not taken:
        return double
    ordered = sorted(taken, key=order)
    harms = (f.effect for f in ordered if f.effect not in GENERAL and f.effect != UNNAMED)
    home = taken_in(double, ordered)
    return replace(home, effect=double.effect or next(harms, None))


def with_burdens(
    burdens: Sequence[Finding], told: Iterable[Finding], families: EffectFamilies
) -> list[Finding]:
    """Let burdens and what is said of their pairs meet.

    A burden of two drugs goes to what is stated of the two with an effect of the same family; the
    graver of both names it, and of two as grave the one whose effect leads the family. A burden
    of more drugs takes in what is stated of any of them, and the recommendation names the pair
    that is graver than the whole. What names no effect, and is no graver, goes to the gravest
    burden, and so does a change of level that nobody grades and that has no direction.
    """
    by_family = {families.of(burden.effect): burden for burden in burdens}
    places = _Places.of(by_family)
    members: dict[str, list[Finding]] = {family: [] for family in by_family}
    left = []
    for finding in told:
        family = _family_in(finding, places, families)
        if family is None:
            left.append(finding)
        else:
            members[family].append(finding)
    leading = families.leading
    met = (_met(burden, members[family], leading) for family, burden in by_family.items())
    return [*left, *(finding for group in met for finding in group)]


def _family_in(finding: Finding, places: _Places, families: EffectFamilies) -> str | None:
    """The family of the burden that a finding of some of its drugs belongs to.

    What several drugs do to the level of one is no part of what all of them do.
    """
    if finding.kind is not FindingKind.DRUG_DRUG or is_joint(finding):
        return None
    if finding.effect == UNNAMED or _is_vague(finding):
        shared = places.shared_by(finding.drugs)
        held = (family for family in places.gravest_first if family in shared)
        return next((f for f in held if rank(finding) <= places.ranks[f]), None)
    family = families.of(finding.effect)
    is_home = family in places.ranks and family in places.shared_by(finding.drugs)
    return family if is_home else None


def _is_vague(finding: Finding) -> bool:
    """Tell whether nobody grades what is said, nor says which drug there is more or less of."""
    return finding.severity is None and finding.effect in GENERAL and not finding.affected


def _met(burden: Finding, members: Sequence[Finding], leading: AbstractSet[Curie]) -> list[Finding]:
    if not members:
        return [burden]
    ordered = sorted(members, key=order)
    stated = [f for f in ordered if f.effect != UNNAMED and not _is_vague(f)]
    if len(burden.drugs) > 2 or not stated:
        return [_with_members(burden, ordered)]
    home, *others = stated
    names_it = (rank(burden), burden.effect in leading) > (rank(home), home.effect in leading)
    return [_of_two(home, burden, burden.effect if names_it else home.effect), *others]


def _of_two(home: Finding, burden: Finding, effect: Curie | None) -> Finding:
    is_ours = rank(burden) >= rank(home)
    advice = burden.recommendation if is_ours else advice_of((home, burden))
    return replace(
        taken_in(home, [burden]),
        effect=effect,
        mechanism=combined((home, burden)),
        recommendation=advice or home.recommendation,
        points=burden.points,
    )


def _with_members(burden: Finding, ordered: Sequence[Finding]) -> Finding:
    whole = taken_in(burden, ordered)
    named = (f for f in (burden, *ordered) if f.effect != UNNAMED and not _is_vague(f))
    steps = (step for f in named if f.mechanism for step in f.mechanism.path)
    mechanism = burden.mechanism and replace(burden.mechanism, path=tuple(dict.fromkeys(steps)))
    return replace(whole, mechanism=mechanism, recommendation=_advice(burden, ordered))


def _advice(burden: Finding, ordered: Sequence[Finding]) -> str | None:
    """What to do about the pairs that are graver than the whole, then about it, each once."""
    pairs: dict[str, list[str]] = {}
    for finding in ordered:
        if rank(finding) > rank(burden) and finding.recommendation:
            pairs.setdefault(finding.recommendation, []).append(_names(burden, finding))
    told = (f"{', '.join(names)}: {advice}" for advice, names in pairs.items())
    said = " ".join(filter(None, (*told, burden.recommendation)))
    return said[:1].upper() + said[1:] or None


def _names(burden: Finding, finding: Finding) -> str:
    """The drugs of a finding as the path of the burden names them, one step for each at least."""
    path = burden.mechanism.path if burden.mechanism else ()
    labels = tuple(dict.fromkeys(step.subject for step in path))
    known = dict(zip(burden.precipitants, labels, strict=False))
    *names, last = (known.get(drug, str(drug)) for drug in sorted(finding.drugs))
    return f"{', '.join(names)} {'and' if len(names) > 1 else 'with'} {last}"
