"""The default view folds what is minor, and what one source says without grade or advice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kg.model import Evidence, Severity
from kg.screening.finding import Finding, FindingKind
from kg.screening.folding import is_slight
from tests.tiny import CLARITHROMYCIN, SIMVASTATIN, said

OURS = said(source="infores:coprescribe")
LISTED = said()
OTHER = Evidence("infores:label", LISTED.knowledge_level, LISTED.agent_type)


def finding(
    severity: Severity | None,
    evidence: Sequence[Evidence],
    kind: FindingKind = FindingKind.DRUG_DRUG,
) -> Finding:
    return Finding(kind, severity, (CLARITHROMYCIN, SIMVASTATIN), (), tuple(evidence))


@pytest.mark.parametrize(
    ("severity", "evidence", "expected"),
    [
        (Severity.MINOR, (LISTED, OTHER), True),
        (Severity.MODERATE, (LISTED,), False),
        (None, (LISTED,), True),
        (None, (LISTED, OURS), True),
        (None, (LISTED, OTHER), False),
        (None, (said(recommendation="Record an ECG."),), False),
    ],
)
def test_what_nobody_grades_folds_where_one_source_states_it_without_advice(
    severity: Severity | None, evidence: Sequence[Evidence], expected: bool
) -> None:
    assert is_slight(finding(severity, evidence)) is expected


@pytest.mark.parametrize("kind", [FindingKind.DRUG_GENE, FindingKind.PREDICTED_EFFECT])
def test_a_finding_of_another_kind_does_not_fold_for_want_of_a_severity(kind: FindingKind) -> None:
    assert not is_slight(finding(None, (LISTED,), kind))
