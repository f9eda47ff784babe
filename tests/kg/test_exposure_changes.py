"""Measured ratios decide before rules of strength; a therapeutic margin weighs what was decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.graph import KnowledgeGraph
from kg.model import Edge, Severity
from kg.rules.exposure import load_exposure_classes, load_exposure_rules, load_margin_rules
from kg.screening.effects import LOST_EFFICACY, LOWERED_EXPOSURE, RAISED_EXPOSURE
from kg.screening.exposure import ExposureTables, Listed, Margin, Measurement
from kg.screening.finding import Finding, Step
from kg.screening.mechanism import ExposureChanges
from kg.screening.patient import Patient, Regimen
from kg.tables import joined
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests.tiny import (
    CLARITHROMYCIN,
    CLOPIDOGREL,
    CYP2C19,
    CYP3A4,
    OMEPRAZOLE,
    RELEASES,
    SIMVASTATIN,
    WARFARIN,
    cleared_by,
    edge,
    graph_of,
    inhibits,
    tables_of,
)

P_GP = Curie("HGNC", "40")
MEETING = (inhibits(CLARITHROMYCIN, CYP3A4, "strong"), cleared_by(SIMVASTATIN, CYP3A4, "sensitive"))


def measured(ratio: float) -> Measurement:
    return Measurement(CLARITHROMYCIN, SIMVASTATIN, ratio, "500 mg twice daily", "jacobson-2004")


def tables(*ratios: float, margin: str = "", of: Curie = SIMVASTATIN) -> ExposureTables:
    return ExposureTables(
        classes=load_exposure_classes(),
        measured=tuple(measured(ratio) for ratio in ratios),
        margins=(Margin(of, margin, "label"),) if margin else (),
        margin_rules=load_margin_rules(),
    )


def found(known: ExposureTables, *edges: Edge) -> list[Finding]:
    graph = graph_of(*(edges or MEETING))
    drugs = sorted({edge.subject for edge in edges or MEETING} | {CLARITHROMYCIN, SIMVASTATIN})
    detector = ExposureChanges(graph, load_exposure_rules(), known)
    return list(detector.detect(Regimen.of(drugs), Patient()))


def test_a_role_that_a_list_names_adds_nothing_to_one_whose_strength_is_stated() -> None:
    listed = edge(CLARITHROMYCIN, Predicate.AFFECTS, CYP3A4, "role=inhibitor|protein=CYP3A")
    weak = inhibits(CLARITHROMYCIN, CYP3A4, "weak")
    sensitive = cleared_by(SIMVASTATIN, CYP3A4, "sensitive")
    assert [f.severity for f in found(tables(), listed, sensitive)] == [None]
    assert found(tables(), listed, weak, sensitive) == found(tables(), weak, sensitive)


# What was measured


@pytest.mark.parametrize(
    ("ratio", "severity"), [(10, Severity.MAJOR), (3, Severity.MODERATE), (1.3, Severity.MINOR)]
)
def test_a_measured_ratio_decides_instead_of_the_rule(ratio: float, severity: Severity) -> None:
    (finding,) = found(tables(ratio))
    assert (finding.effect, finding.severity) == (RAISED_EXPOSURE, severity)
    assert finding.recommendation is not None
    assert f"Measured AUC ratio of simvastatin with clarithromycin: {ratio:g}" in (
        finding.recommendation
    )
    evidence = finding.evidence[0]
    assert evidence.severity_as_stated == f"measured AUC ratio {ratio:g}"
    assert evidence.reference == "jacobson-2004|fda-ddi-guidance-2020"
    assert evidence.statement == "clarithromycin with simvastatin: 500 mg twice daily"


@pytest.mark.parametrize("ratio", [0.81, 1.0, 1.24])
def test_a_measured_change_without_relevance_silences_the_rule(ratio: float) -> None:
    assert found(tables(ratio)) == []


def test_a_measured_change_is_explained_by_the_roles_and_keeps_their_name() -> None:
    (finding,) = found(tables(10))
    assert finding.mechanism is not None
    assert finding.mechanism.name == "CYP3A4 inhibition"
    assert finding.mechanism.path[2] == Step(
        "clarithromycin", "changes the AUC (measured ratio 10) of", "simvastatin"
    )
    assert finding.id == found(tables())[0].id


def test_roles_of_which_the_rules_are_silent_still_explain_what_was_measured() -> None:
    weak = (inhibits(CLARITHROMYCIN, CYP3A4, "weak"), cleared_by(SIMVASTATIN, CYP3A4, "minor"))
    assert found(tables(), *weak) == []
    (finding,) = found(tables(3), *weak)
    assert finding.mechanism is not None
    assert finding.mechanism.name == "CYP3A4 inhibition"


def test_a_measured_fall_is_not_explained_by_an_inhibitor() -> None:
    (finding,) = found(tables(0.4))
    assert (finding.effect, finding.severity) == (LOWERED_EXPOSURE, Severity.MODERATE)
    assert finding.mechanism is not None
    assert (finding.mechanism.name, finding.mechanism.kind) == ("measured fall of exposure", None)


def test_a_measured_pair_without_any_role_is_found() -> None:
    (finding,) = found(tables(3), inhibits(CLARITHROMYCIN, CYP2C19, "strong"))
    assert finding.mechanism is not None
    assert finding.mechanism.name == "measured rise of exposure"
    assert finding.mechanism.kind == "enzyme_inhibition"


def test_a_measured_ratio_says_nothing_of_the_activation_of_a_prodrug() -> None:
    graph = graph_of(
        inhibits(OMEPRAZOLE, CYP2C19, "strong"), cleared_by(CLOPIDOGREL, CYP2C19, "moderate", "yes")
    )
    known = ExposureTables(
        classes=load_exposure_classes(),
        measured=(Measurement(OMEPRAZOLE, CLOPIDOGREL, 1.1, "", "ref"),),
    )
    detector = ExposureChanges(graph, load_exposure_rules(), known)
    (finding,) = detector.detect(Regimen.of([CLOPIDOGREL, OMEPRAZOLE]), Patient())
    assert finding.effect == LOST_EFFICACY


def test_a_table_knows_a_drug_by_any_of_its_identifiers() -> None:
    elsewhere = Curie("DRUGBANK", "DB00641")
    rows = tables_of(MEETING)
    rows.nodes.loc[rows.nodes["id"] == str(SIMVASTATIN), "xref"] = joined([str(elsewhere)])
    listed = Listed(KnowledgeGraph("tiny", rows, RELEASES), frozenset({elsewhere}))
    assert listed.name(SIMVASTATIN) == elsewhere
    assert listed.name(CLARITHROMYCIN) == CLARITHROMYCIN


# The therapeutic margin


@pytest.mark.parametrize(
    ("margin", "ratio", "severity"),
    [
        ("narrow", 1.5, Severity.MODERATE),
        ("narrow", 3, Severity.MAJOR),
        ("narrow", 10, Severity.MAJOR),
        ("wide", 3, Severity.MINOR),
        ("wide", 10, Severity.MODERATE),
        ("narrow", 0.4, Severity.MAJOR),
    ],
)
def test_a_narrow_margin_raises_and_a_wide_one_lowers(
    margin: str, ratio: float, severity: Severity
) -> None:
    (finding,) = found(tables(ratio, margin=margin))
    assert finding.severity is severity
    assert finding.evidence[0].severity is severity
    assert finding.mechanism is not None
    assert finding.mechanism.path[-1] == Step("simvastatin", "has", f"{margin} therapeutic margin")


def test_the_margin_is_a_modifier_where_it_changed_the_severity() -> None:
    (finding,) = found(tables(3, margin="narrow"))
    (modifier,) = finding.modifiers
    assert modifier.factor == "narrow therapeutic margin of simvastatin"
    assert (modifier.present, modifier.effect_on_severity) == (True, "major")
    assert found(tables(10, margin="narrow"))[0].modifiers == ()


def test_a_small_change_of_a_drug_with_a_wide_margin_is_no_finding() -> None:
    assert found(tables(1.5, margin="wide")) == []


def test_a_margin_weighs_the_rules_of_strength_too() -> None:
    moderate = (MEETING[0], cleared_by(SIMVASTATIN, CYP3A4, "moderate"))
    (plain,), (narrow,) = found(tables(), *moderate), found(tables(margin="narrow"), *moderate)
    assert (plain.severity, narrow.severity) == (Severity.MODERATE, Severity.MAJOR)
    assert plain.id == narrow.id


def test_the_margin_of_the_precipitant_does_not_matter() -> None:
    (finding,) = found(tables(3, margin="narrow", of=CLARITHROMYCIN))
    assert finding.severity is Severity.MODERATE


def test_a_margin_makes_no_severity_where_none_is_stated() -> None:
    unstated = (MEETING[0], cleared_by(SIMVASTATIN, CYP3A4, ""))
    (finding,) = found(tables(margin="narrow"), *unstated)
    assert (finding.severity, finding.modifiers) == (None, ())


# Transporters


def at_p_gp(acting: str, depending: str) -> list[Finding]:
    rows = tables_of((inhibits(WARFARIN, P_GP, acting), cleared_by(SIMVASTATIN, P_GP, depending)))
    rows.nodes.loc[rows.nodes["id"] == str(P_GP), "name"] = "ABCB1"
    graph = KnowledgeGraph("tiny", rows, RELEASES)
    detector = ExposureChanges(graph, load_exposure_rules())
    return list(detector.detect(Regimen.of([SIMVASTATIN, WARFARIN]), Patient()))


def test_strengths_at_a_transporter_make_a_finding_of_its_own_kind() -> None:
    (finding,) = at_p_gp("moderate", "sensitive")
    assert finding.severity is Severity.MODERATE
    assert finding.mechanism is not None
    assert finding.mechanism.kind == "transporter"
    assert "ratio" not in (finding.recommendation or "ratio")
    assert "ratio" not in (finding.evidence[0].severity_as_stated or "ratio")


@pytest.mark.parametrize(("ratio", "change"), [(3, "lower the dose"), (0.3, "raise the dose")])
def test_what_guides_the_dose_is_measured(ratio: float, change: str) -> None:
    guided = replace(
        tables(ratio), margins=(Margin(SIMVASTATIN, "narrow", "label", "the level of simvastatin"),)
    )
    (finding,) = found(guided)
    said = (
        f": {ratio:g}; measure the level of simvastatin before and in the first days, and {change}."
    )
    assert (finding.recommendation or "").endswith(said)


@pytest.mark.parametrize(("acting", "depending"), [("", "sensitive"), ("strong", ""), ("", "")])
def test_a_strength_at_a_transporter_that_nobody_states_is_silence(
    acting: str, depending: str
) -> None:
    assert at_p_gp(acting, depending) == []


@pytest.mark.parametrize(
    ("ratio", "margin", "said"),
    [
        (10, "", "10; avoid the combination: toxicity is to be expected."),
        (10, "wide", "10; watch for toxicity or adjust the dose."),
        (3, "narrow", "3; watch for toxicity or adjust the dose."),
        (0.1, "", "0.1; avoid the combination: loss of effect is to be expected."),
    ],
)
def test_the_greatest_changes_are_to_be_avoided_and_not_watched(
    ratio: float, margin: str, said: str
) -> None:
    (finding,) = found(tables(ratio, margin=margin))
    assert str(finding.recommendation).endswith(said)
