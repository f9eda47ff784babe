"""What a change of the list does to each finding: created, worsened, improved, resolved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.screening.effects import MORE, UNNAMED, EffectFamilies
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.joint import is_joint

Problem = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class ChangedFinding:
    """A finding, and what the change of regimen does to it."""

    finding: Finding
    change: Change


def compare(
    before: Iterable[Finding], after: Iterable[Finding], families: EffectFamilies
) -> list[ChangedFinding]:
    """Tell what becomes of the findings of one list in the other.

    A problem of some drugs that goes on as one of more drugs is worsened, and the other way round
    improved; neither is resolved. What another finding took in goes on when it is told by itself.
    """
    earlier, later = _by_problem(before, families), _by_problem(after, families)
    pairs = [pair for key, told in later.items() for pair in _paired(earlier.get(key, ()), told)]
    kept = {id(was) for was, _ in pairs if was}
    new = [now for was, now in pairs if was is None]
    gone = [f for told in earlier.values() for f in told if id(f) not in kept]
    were = [f for told in earlier.values() for f in told]
    are = [f for told in later.values() for f in told]
    changed = [ChangedFinding(now, _change(was, now)) for was, now in pairs if was]
    changed += [ChangedFinding(f, _of_new(f, gone, were, families)) for f in new]
    lost = (f for f in gone if not _goes_on(f, new, are, families))
    return changed + [ChangedFinding(finding, Change.RESOLVED) for finding in lost]


def _by_problem(
    findings: Iterable[Finding], families: EffectFamilies
) -> Mapping[Problem, Sequence[Finding]]:
    problems: dict[Problem, list[Finding]] = {}
    for finding in findings:
        problems.setdefault(_problem(finding, families), []).append(finding)
    return problems


def _paired(
    before: Sequence[Finding], after: Sequence[Finding]
) -> Iterator[tuple[Finding | None, Finding]]:
    """Pair what is told of one problem: what is the same finding first, then one after another."""
    same = {finding.id for finding in before} & {finding.id for finding in after}
    by_id = {finding.id: finding for finding in before}
    others = iter([finding for finding in before if finding.id not in same])
    for finding in after:
        yield (by_id[finding.id] if finding.id in same else next(others, None)), finding


def _problem(finding: Finding, families: EffectFamilies) -> Problem:
    if finding.kind is FindingKind.ADDITIVE_EFFECT:
        return (finding.kind, families.of(finding.effect))
    return finding.problem


def _change(earlier: Finding, later: Finding) -> Change:
    was, now = _burden(earlier), _burden(later)
    if now == was:
        return Change.UNCHANGED
    return Change.WORSENED if now > was else Change.IMPROVED


def _burden(finding: Finding) -> tuple[int, int]:
    return (finding.severity.rank if finding.severity else 0, finding.points)


def _of_new(
    finding: Finding,
    gone: Sequence[Finding],
    before: Sequence[Finding],
    families: EffectFamilies,
) -> Change:
    if any(_holds(finding, smaller, families) for smaller in gone):
        return Change.WORSENED
    if any(_holds(larger, finding, families) for larger in gone):
        return Change.IMPROVED
    return Change.UNCHANGED if _is_in(finding, before) else Change.CREATED


def _goes_on(
    finding: Finding,
    new: Sequence[Finding],
    after: Sequence[Finding],
    families: EffectFamilies,
) -> bool:
    """Tell whether a finding that is gone is part of another one, or another one of it."""
    held = (_holds(f, finding, families) or _holds(finding, f, families) for f in new)
    return any(held) or _is_in(finding, after)


def _holds(larger: Finding, smaller: Finding, families: EffectFamilies) -> bool:
    """Tell whether one finding is the problem of the other with more drugs in it."""
    kinds = (FindingKind.ADDITIVE_EFFECT, FindingKind.DRUG_DRUG)
    if is_joint(larger):
        return _is_of_joint(smaller, larger, families)
    return (
        larger.kind is kinds[0]
        and smaller.kind in kinds
        and set(larger.drugs) > set(smaller.drugs)
        and families.of(larger.effect) == families.of(smaller.effect)
    )


def _is_of_joint(finding: Finding, joint: Finding, families: EffectFamilies) -> bool:
    """Tell whether a pair or a smaller group slows the same drug with the same outcome."""
    return (
        finding.kind is joint.kind
        and finding.affected == joint.affected
        and set(finding.precipitants) < set(joint.precipitants)
        and (finding.effect in MORE or families.of(finding.effect) == families.of(joint.effect))
    )


def _is_in(finding: Finding, others: Iterable[Finding]) -> bool:
    """Tell whether a finding is told within another one of the list.

    A burden counts what names no effect of its drugs, and a converted phenotype the same change of
    exposure without the gene.
    """
    if finding.effect == UNNAMED:
        burdens = (f for f in others if f.kind is FindingKind.ADDITIVE_EFFECT)
        return any(set(burden.drugs).issuperset(finding.drugs) for burden in burdens)
    if finding.kind is not FindingKind.DRUG_DRUG:
        return False
    converted = (f for f in others if f.kind is FindingKind.DRUG_DRUG_GENE)
    return any(
        finding.effect == f.effect
        and finding.affected == f.affected
        and set(finding.precipitants) <= set(f.precipitants)
        for f in converted
    )
