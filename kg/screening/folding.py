"""What the default view folds though it is new: what is minor, or what only a list has. Pure."""

from __future__ import annotations

from kg.model import Severity
from kg.screening.entailment import OWN_SOURCE
from kg.screening.finding import Finding, FindingKind


def is_slight(finding: Finding) -> bool:
    """Tell whether a finding is minor, or an interaction that nobody grades and one source states.

    Such a source gives no advice either. Our own facts beside it are no second source, for they do
    not say how large the effect is.
    """
    if finding.severity or finding.kind is not FindingKind.DRUG_DRUG:
        return finding.severity is Severity.MINOR
    sources = {evidence.source for evidence in finding.evidence} - {OWN_SOURCE}
    return len(sources) <= 1 and not any(e.recommendation for e in finding.evidence)
