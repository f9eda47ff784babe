"""The default view folds what is minor, and what one source says without grade or advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from kg.model import Evidence, Severity
from kg.screening.effects import UNNAMED
from kg.screening.finding import Finding, FindingKind
from kg.screening.folding import is_slight
from ontologies.curie import Curie
from tests.tiny import CLARITHROMYCIN, RHABDOMYOLYSIS, SIMVASTATIN, said

OURS = said(source="infores:coprescribe")
LISTED = said()
OTHER = Evidence("infores:label", LISTED.knowledge_level, LISTED.agent_type)
GRADED = replace(OTHER, severity=Severity.MODERATE)


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


@pytest.mark.parametrize(
    ("severity", "effect", "evidence", "expected"),
    [
        (Severity.MODERATE, UNNAMED, (said(Severity.MODERATE), OTHER, OURS), True),
        (Severity.MODERATE, RHABDOMYOLYSIS, (said(Severity.MODERATE),), False),
        (Severity.MAJOR, UNNAMED, (said(Severity.MAJOR),), False),
        (Severity.MODERATE, UNNAMED, (said(Severity.MODERATE, recommendation="Watch."),), False),
        (Severity.MODERATE, UNNAMED, (said(Severity.MODERATE), GRADED), False),
    ],
    ids=["bare", "an effect is named", "graver", "with advice", "graded twice"],
)
def test_what_one_source_grades_moderate_folds_where_nothing_more_is_known(
    severity: Severity, effect: Curie, evidence: Sequence[Evidence], expected: bool
) -> None:
    assert is_slight(replace(finding(severity, evidence), effect=effect)) is expected


@pytest.mark.parametrize("kind", [FindingKind.DRUG_GENE, FindingKind.PREDICTED_EFFECT])
def test_a_finding_of_another_kind_does_not_fold_for_want_of_a_severity(kind: FindingKind) -> None:
    assert not is_slight(finding(None, (LISTED,), kind))
