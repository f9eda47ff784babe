"""Several drugs on one: what they block together, and what pulls both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Edge, Severity
from kg.rules.exposure import load_exposure_classes, load_exposure_rules, load_margin_rules
from kg.screening.effects import LOWERED_EXPOSURE, RAISED_EXPOSURE
from kg.screening.exposure import ExposureTables, Margin, Measurement, joint_ratio
from kg.screening.finding import Finding
from kg.screening.mechanism import ExposureChanges
from kg.screening.patient import Patient, Regimen
from ontologies.curie import Curie
from tests.tiny import (
    AMIODARONE,
    CITALOPRAM,
    CLARITHROMYCIN,
    CYP2C19,
    CYP3A4,
    OMEPRAZOLE,
    SIMVASTATIN,
    cleared_by,
    graph_of,
    inhibits,
)

CYP2D6 = Curie("HGNC", "2625")
TWO_ROUTES = (
    cleared_by(CITALOPRAM, CYP3A4, "moderate"),
    cleared_by(CITALOPRAM, CYP2C19, "moderate"),
)
BOTH_BLOCKED = (
    *TWO_ROUTES,
    inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
    inhibits(OMEPRAZOLE, CYP2C19, "strong"),
)
RATIOS = st.lists(st.floats(1.0, 20.0), max_size=4)


def found(*edges: Edge, known: ExposureTables | None = None) -> list[Finding]:
    tables = known or ExposureTables(classes=load_exposure_classes())
    detector = ExposureChanges(graph_of(*edges), load_exposure_rules(), tables)
    return list(detector.detect(Regimen.of({edge.subject for edge in edges}), Patient()))


def joint(*edges: Edge, known: ExposureTables | None = None) -> list[Finding]:
    return [f for f in found(*edges, known=known) if len(f.precipitants) > 1]


def test_two_routes_blocked_together_count_more_than_either() -> None:
    (finding,) = joint(*BOTH_BLOCKED)
    assert finding.precipitants == tuple(sorted((CLARITHROMYCIN, OMEPRAZOLE)))
    assert finding.affected == (CITALOPRAM,)
    assert (finding.effect, finding.severity) == (RAISED_EXPOSURE, Severity.MAJOR)
    assert {f.severity for f in found(*BOTH_BLOCKED)} == {Severity.MODERATE, Severity.MAJOR}
    assert finding.mechanism is not None
    assert finding.mechanism.name == "CYP2C19 and CYP3A4 inhibited together"
    assert finding.evidence[0].reference == "fda-ddi-guidance-2020|rowland-matin-1973"
    assert len(finding.evidence[0].derived_from) == 4


def test_two_inhibitors_of_one_route_are_not_counted_together() -> None:
    again = inhibits(AMIODARONE, CYP3A4, "strong")
    assert joint(*TWO_ROUTES, BOTH_BLOCKED[2], again) == []


def test_a_weaker_inhibitor_counts_with_the_route_that_nobody_stronger_blocks() -> None:
    """CYP3A4 is left to one and CYP2C19 to the other: 3.3 at least, where the worse gives 2."""
    shared = (
        inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
        inhibits(AMIODARONE, CYP3A4, "moderate"),
        inhibits(AMIODARONE, CYP2C19, "moderate"),
    )
    (finding,) = joint(*TWO_ROUTES, *shared)
    assert set(finding.precipitants) == {CLARITHROMYCIN, AMIODARONE}
    assert finding.severity is Severity.MODERATE
    assert finding.mechanism is not None
    assert finding.mechanism.name == "CYP2C19 and CYP3A4 inhibited together"


def test_where_one_alone_gives_the_worst_class_nothing_is_added() -> None:
    strongest = (cleared_by(CITALOPRAM, CYP3A4, "sensitive"), TWO_ROUTES[1], *BOTH_BLOCKED[2:])
    assert joint(*strongest) == []


def test_two_small_parts_do_not_make_a_large_one() -> None:
    """The least ratio of each class counts: 1.25 and 1.25 are 1.7 together."""
    small = (
        inhibits(CLARITHROMYCIN, CYP3A4, "moderate"),
        inhibits(OMEPRAZOLE, CYP2C19, "moderate"),
    )
    assert joint(*TWO_ROUTES, *small) == []


def test_measured_ratios_are_added_where_they_are_known() -> None:
    known = ExposureTables(
        classes=load_exposure_classes(),
        measured=(
            Measurement(CLARITHROMYCIN, CITALOPRAM, 1.9, "", "ref"),
            Measurement(OMEPRAZOLE, CITALOPRAM, 1.8, "", "ref"),
        ),
    )
    (finding,) = joint(*BOTH_BLOCKED, known=known)
    assert finding.severity is Severity.MAJOR


def test_a_narrow_margin_that_made_each_major_leaves_nothing_to_add() -> None:
    known = ExposureTables(
        classes=load_exposure_classes(),
        margins=(Margin(CITALOPRAM, "narrow", "ref"),),
        margin_rules=load_margin_rules(),
    )
    assert joint(*BOTH_BLOCKED, known=known) == []


def test_the_fewest_that_reach_the_worst_class_are_named() -> None:
    third = (cleared_by(CITALOPRAM, CYP2D6, "sensitive"), inhibits(AMIODARONE, CYP2D6, "weak"))
    (finding,) = joint(*BOTH_BLOCKED, *third)
    assert AMIODARONE not in finding.precipitants


@given(RATIOS, RATIOS)
def test_together_is_never_less_than_alone(parallel: list[float], in_series: list[float]) -> None:
    ratio = joint_ratio(parallel, in_series)
    assert ratio is None or ratio >= max((*parallel, *in_series, 1.0)) * (1 - 1e-6)


@given(st.floats(1.0, 20.0), st.floats(1.0, 20.0))
def test_steps_in_series_never_give_more_than_parallel_routes(one: float, other: float) -> None:
    series, parallel = joint_ratio([one], [other]), joint_ratio([one, other])
    assert series is not None
    assert parallel is None or series <= parallel * (1 + 1e-6)


# Inhibitor and inducer at once


def both_ways() -> dict[Curie, Finding]:
    edges = (
        cleared_by(SIMVASTATIN, CYP3A4, "sensitive"),
        inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
        inhibits(AMIODARONE, CYP3A4, "moderate", "inducer"),
    )
    return {finding.precipitants[0]: finding for finding in found(*edges)}


def test_an_inhibitor_and_an_inducer_are_not_cancelled() -> None:
    findings = both_ways()
    assert findings[CLARITHROMYCIN].effect == RAISED_EXPOSURE
    assert findings[CLARITHROMYCIN].severity is Severity.MAJOR
    assert findings[AMIODARONE].effect == LOWERED_EXPOSURE
    assert findings[AMIODARONE].severity is Severity.MODERATE


def test_a_finding_that_something_else_opposes_says_that_of_the_list_it_is_in() -> None:
    """One detector answers for many lists, and what it keeps of one is not told of another."""
    edges = (
        cleared_by(SIMVASTATIN, CYP3A4, "sensitive"),
        inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
        inhibits(AMIODARONE, CYP3A4, "moderate", "inducer"),
        inhibits(OMEPRAZOLE, CYP3A4, "moderate", "inducer"),
    )
    detector = ExposureChanges(graph_of(*edges), load_exposure_rules())

    def of_clarithromycin(*others: Curie) -> Finding:
        regimen = Regimen.of((SIMVASTATIN, CLARITHROMYCIN, *others))
        told = detector.detect(regimen, Patient())
        return next(f for f in told if f.precipitants == (CLARITHROMYCIN,))

    alone, opposed = of_clarithromycin(), of_clarithromycin(AMIODARONE)
    more = of_clarithromycin(AMIODARONE, OMEPRAZOLE)
    assert alone.modifiers == ()
    assert "through amiodarone at" in opposed.modifiers[0].factor
    assert "through amiodarone and omeprazole at" in more.modifiers[0].factor
    assert of_clarithromycin() == alone
    assert of_clarithromycin(AMIODARONE) is opposed


@pytest.mark.parametrize(
    ("drug", "said"),
    [
        (CLARITHROMYCIN, "less simvastatin through amiodarone at the same time"),
        (AMIODARONE, "more simvastatin through clarithromycin at the same time"),
    ],
)
def test_each_says_that_the_net_effect_is_undetermined(drug: Curie, said: str) -> None:
    finding = both_ways()[drug]
    (modifier,) = finding.modifiers
    assert modifier.factor == f"{said}; the net effect is undetermined"
    assert modifier.present is True
    assert finding.recommendation is not None
    assert finding.recommendation.endswith("the net effect is undetermined.")


def test_an_inhibitor_alone_says_nothing_of_a_net_effect() -> None:
    (finding,) = found(
        cleared_by(SIMVASTATIN, CYP3A4, "sensitive"), inhibits(CLARITHROMYCIN, CYP3A4, "strong")
    )
    assert finding.modifiers == ()
