"""What the default view folds though it is new: what is minor, or what only a list has. Pure."""

from __future__ import annotations

from kg.model import Severity
from kg.screening.effects import UNNAMED
from kg.screening.entailment import OWN_SOURCE
from kg.screening.finding import Finding, FindingKind


def is_slight(finding: Finding) -> bool:
    """Tell whether a finding is minor, or an interaction of which too little is stated.

    That is one that nobody grades and one source states, or one that one source alone grades
    moderate without saying what it does. There is no advice either. Our own facts beside it are no
    second source, for they do not say how large the effect is.
    """
    if finding.severity is Severity.MINOR or finding.kind is not FindingKind.DRUG_DRUG:
        return finding.severity is Severity.MINOR
    if any(evidence.recommendation for evidence in finding.evidence):
        return False
    stating = {e.source for e in finding.evidence} - {OWN_SOURCE}
    grading = {e.source for e in finding.evidence if e.severity}
    if finding.severity is None:
        return len(stating) <= 1
    is_bare = finding.severity is Severity.MODERATE and finding.effect == UNNAMED
    return is_bare and len(grading) <= 1
