"""Two inhibitors on one drug are one problem, which the second makes worse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.model import Severity
from kg.rules.exposure import load_exposure_classes, load_exposure_rules
from kg.screening.documented import DocumentedInteractions
from kg.screening.effects import RAISED_EXPOSURE
from kg.screening.engine import Question, screen
from kg.screening.exposure import ExposureTables
from kg.screening.finding import Change, Finding, FindingKind, Mechanism
from kg.screening.joint import is_joint, with_joints
from kg.screening.mechanism import ExposureChanges
from kg.screening.patient import Entry, Regimen
from ontologies.curie import Curie
from tests.tiny import (
    BLEEDING,
    CITALOPRAM,
    CLARITHROMYCIN,
    CYP2C19,
    CYP3A4,
    OMEPRAZOLE,
    TORSADE,
    WARFARIN,
    cleared_by,
    graph_of,
    inhibits,
    interaction,
    said,
)

BOTH = (OMEPRAZOLE, CLARITHROMYCIN)
EDGES = (
    cleared_by(CITALOPRAM, CYP3A4, "moderate"),
    cleared_by(CITALOPRAM, CYP2C19, "moderate"),
    inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
    inhibits(OMEPRAZOLE, CYP2C19, "strong"),
)


def slowed(
    *by: Curie,
    severity: Severity | None = Severity.MODERATE,
    effect: Curie = RAISED_EXPOSURE,
    of: Curie = CITALOPRAM,
    kind: str | None = "enzyme_inhibition",
) -> Finding:
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=severity,
        precipitants=by,
        affected=(of,),
        evidence=(said(severity, statement=f"{by} {of} {effect}"),),
        effect=effect,
        mechanism=Mechanism("inhibition", kind),
        recommendation=f"{severity} advice.",
    )


JOINT = slowed(*BOTH, severity=Severity.MAJOR)


def test_the_joint_finding_takes_in_what_each_of_its_drugs_does() -> None:
    one, other = slowed(OMEPRAZOLE), slowed(CLARITHROMYCIN)
    (whole,) = with_joints([one, other, JOINT])
    assert (whole.precipitants, whole.severity) == (BOTH, Severity.MAJOR)
    assert whole.recommendation == "major advice."
    assert set(whole.evidence) == {*one.evidence, *other.evidence, *JOINT.evidence}


def test_a_harm_that_is_stated_of_one_names_what_comes_of_both() -> None:
    (whole,) = with_joints([slowed(OMEPRAZOLE, effect=TORSADE), slowed(CLARITHROMYCIN), JOINT])
    assert whole.effect == TORSADE


@pytest.mark.parametrize(
    "other",
    [
        slowed(OMEPRAZOLE, severity=Severity.CONTRAINDICATED),
        slowed(OMEPRAZOLE, of=WARFARIN),
        slowed(WARFARIN),
        slowed(OMEPRAZOLE, kind="enzyme_induction"),
        slowed(OMEPRAZOLE, kind="unknown", effect=BLEEDING),
        replace(slowed(OMEPRAZOLE), precipitants=(OMEPRAZOLE, CITALOPRAM), affected=()),
    ],
)
def test_what_is_graver_or_another_problem_stays_apart(other: Finding) -> None:
    assert set(with_joints([other, JOINT])) == {other, JOINT}


def test_without_a_joint_finding_nothing_changes() -> None:
    pairs = [slowed(OMEPRAZOLE), slowed(CLARITHROMYCIN)]
    assert with_joints(pairs) == pairs


@pytest.mark.parametrize("effect", [RAISED_EXPOSURE, TORSADE])
def test_a_second_inhibitor_makes_the_problem_worse_and_without_it_it_is_milder(
    effect: Curie,
) -> None:
    stated = interaction(
        CITALOPRAM, OMEPRAZOLE, effect, "enzyme_inhibition", said(Severity.MODERATE)
    )
    graph = graph_of(*EDGES, *stated)
    tables = ExposureTables(classes=load_exposure_classes())
    panel = (DocumentedInteractions(graph), ExposureChanges(graph, load_exposure_rules(), tables))
    start = Regimen.of({CITALOPRAM, OMEPRAZOLE})
    more = Question(start, adding=(Entry(CLARITHROMYCIN, "clarithromycin"),))
    (worse,) = screen(more, graph, panel).findings
    assert (worse.change, is_joint(worse.finding)) == (Change.WORSENED, True)
    less = Question(more.after, stopping=(CLARITHROMYCIN,))
    (milder,) = screen(less, graph, panel).findings
    assert (milder.change, milder.finding.precipitants) == (Change.IMPROVED, (OMEPRAZOLE,))
