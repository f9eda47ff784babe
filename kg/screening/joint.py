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
    for joint in filter(is_joint, tuple(findings)):
        parts = [finding for finding in findings if _is_part(finding, joint)]
        gone = {id(part) for part in (joint, *parts)}
        findings = [finding for finding in findings if id(finding) not in gone]
        findings.append(_whole(joint, sorted(parts, key=order)))
    return findings


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
