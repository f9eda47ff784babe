"""What a change of the list does to each finding: created, worsened, improved, resolved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    improved; neither is resolved.
    """
    earlier, later = _by_problem(before, families), _by_problem(after, families)
    new = [finding for key, finding in later.items() if key not in earlier]
    gone = [finding for key, finding in earlier.items() if key not in later]
    were = [f for f in earlier.values() if _is_burden(f)]
    are = [f for f in later.values() if _is_burden(f)]
    changed = [ChangedFinding(f, _change(earlier[k], f)) for k, f in later.items() if k in earlier]
    changed += [ChangedFinding(f, _of_new(f, gone, were, families)) for f in new]
    lost = (f for f in gone if not _goes_on(f, new, are, families))
    return changed + [ChangedFinding(finding, Change.RESOLVED) for finding in lost]


def _by_problem(findings: Iterable[Finding], families: EffectFamilies) -> Mapping[Problem, Finding]:
    problems: dict[Problem, Finding] = {}
    for finding in findings:
        key = _problem(finding, families)
        problems[(*key, finding.id) if key in problems else key] = finding
    return problems


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
    burdens: Sequence[Finding],
    families: EffectFamilies,
) -> Change:
    if any(_holds(finding, smaller, families) for smaller in gone):
        return Change.WORSENED
    if any(_holds(larger, finding, families) for larger in gone):
        return Change.IMPROVED
    return Change.UNCHANGED if _was_in(finding, burdens) else Change.CREATED


def _goes_on(
    finding: Finding,
    new: Sequence[Finding],
    burdens: Sequence[Finding],
    families: EffectFamilies,
) -> bool:
    """Tell whether a finding that is gone is part of another one, or another one of it."""
    held = (_holds(f, finding, families) or _holds(finding, f, families) for f in new)
    return any(held) or _was_in(finding, burdens)


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


def _was_in(finding: Finding, burdens: Iterable[Finding]) -> bool:
    """Tell whether a statement that names no effect is counted in a burden of its drugs."""
    return finding.effect == UNNAMED and any(
        set(burden.drugs).issuperset(finding.drugs) for burden in burdens
    )


def _is_burden(finding: Finding) -> bool:
    return finding.kind is FindingKind.ADDITIVE_EFFECT
