"""What several drugs do to one together takes in what each of them does to it alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kg.screening.effects import GENERAL, UNNAMED
from kg.screening.finding import Finding, FindingKind
from kg.screening.joining import SLOWER, kind_of, order, rank, taken_in


def is_joint(finding: Finding) -> bool:
    """Tell whether a finding is about several drugs that act on one through different routes."""
    is_pair = finding.kind is FindingKind.DRUG_DRUG
    return is_pair and bool(finding.affected) and len(finding.precipitants) > 1


def with_joints(told: Iterable[Finding]) -> list[Finding]:
    """Let each joint finding take in the same change by one of its drugs, unless that is graver.

    A harm that is stated of one of them names what comes of the whole.
    """
    findings = list(told)
    joints = [finding for finding in findings if is_joint(finding)]
    affected = {joint.affected for joint in joints}
    near = [finding for finding in findings if finding.affected in affected] if joints else []
    gone: set[int] = set()
    for joint in joints:
        parts = [f for f in near if id(f) not in gone and _is_part(f, joint)]
        gone.update(id(part) for part in (joint, *parts))
        whole = _whole(joint, sorted(parts, key=order))
        findings.append(whole)
        near.append(whole)
    return [finding for finding in findings if id(finding) not in gone]


def _is_part(finding: Finding, joint: Finding) -> bool:
    return (
        finding.kind is FindingKind.DRUG_DRUG
        and finding.affected == joint.affected
        and set(finding.precipitants) < set(joint.precipitants)
        and kind_of(finding) in SLOWER
        and rank(finding) <= rank(joint)
    )


def _whole(joint: Finding, parts: Sequence[Finding]) -> Finding:
    harms = (part.effect for part in parts if part.effect not in GENERAL | {UNNAMED})
    return replace(taken_in(joint, parts), effect=next(harms, joint.effect))
