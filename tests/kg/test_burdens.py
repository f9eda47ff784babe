"""A burden, a double treatment and what is said of their pairs are told as one problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Evidence, Severity
from kg.screening.effects import LOST_EFFICACY, RAISED_EXPOSURE, UNNAMED, EffectFamilies
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.merging import merge
from ontologies.curie import Curie
from ontologies.vocabulary import AgentType, KnowledgeLevel
from tests.tiny import AMIODARONE, CITALOPRAM, CLARITHROMYCIN, TORSADE, WARFARIN, said

LONG_QT = Curie("HP", "0001657")
FAMILIES = EffectFamilies({TORSADE: "qt", LONG_QT: "qt"}, frozenset({TORSADE}))
ADDITIVE = "additive_pharmacodynamic"
NAMES = {AMIODARONE: "amiodarone", CITALOPRAM: "citalopram", CLARITHROMYCIN: "clarithromycin"}


def pair(
    *drugs: Curie,
    effect: Curie = TORSADE,
    severity: Severity | None = Severity.MODERATE,
    kind: str = ADDITIVE,
    affected: tuple[Curie, ...] = (),
) -> Finding:
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=severity,
        precipitants=tuple(drug for drug in sorted(drugs) if drug not in affected),
        affected=affected,
        evidence=(said(severity, statement=f"{sorted(drugs)} {effect} {kind}"),),
        effect=effect,
        mechanism=Mechanism(f"stated {kind}", kind),
        recommendation=f"{severity} advice.",
    )


def burden(
    *drugs: Curie, severity: Severity = Severity.MAJOR, effect: Curie = TORSADE, points: int = 6
) -> Finding:
    concluded = Evidence(
        "infores:coprescribe",
        KnowledgeLevel.LOGICAL_ENTAILMENT,
        AgentType.AUTOMATED_AGENT,
        severity,
        statement=f"{effect} of {len(drugs)}",
    )
    steps = tuple(Step(NAMES.get(drug, str(drug)), "predisposes to", "torsade") for drug in drugs)
    return Finding(
        kind=FindingKind.ADDITIVE_EFFECT,
        severity=severity,
        precipitants=drugs,
        affected=(),
        evidence=(concluded,),
        effect=effect,
        mechanism=Mechanism("additive: QT", ADDITIVE, steps),
        recommendation="Record an ECG.",
        points=points,
    )


def double(*drugs: Curie, severity: Severity = Severity.MAJOR) -> Finding:
    return Finding(
        kind=FindingKind.DUPLICATION,
        severity=severity,
        precipitants=drugs,
        affected=(),
        evidence=(said(severity, statement="class"),),
        mechanism=Mechanism("class taken twice: QT drug", "duplication"),
        recommendation="Keep one.",
        points=len(drugs),
    )


TWO, THREE = (AMIODARONE, CITALOPRAM), (AMIODARONE, CITALOPRAM, CLARITHROMYCIN)


def test_a_burden_of_two_drugs_goes_to_what_is_stated_of_them() -> None:
    (merged,) = merge([pair(*TWO), burden(*TWO)], FAMILIES)
    assert merged.kind is FindingKind.DRUG_DRUG
    assert (merged.severity, merged.points) == (Severity.MAJOR, 6)
    assert merged.recommendation == "Record an ECG."
    assert len(merged.evidence) == 2
    assert merged.mechanism is not None
    assert merged.mechanism.name == "additive: QT"


def test_the_graver_of_burden_and_pair_names_the_effect() -> None:
    graver = merge([pair(*TWO, effect=LONG_QT), burden(*TWO)], FAMILIES)
    milder = merge([pair(*TWO, effect=LONG_QT), burden(*TWO, severity=Severity.MINOR)], FAMILIES)
    assert [f.effect for f in (*graver, *milder)] == [TORSADE, LONG_QT]


def test_a_burden_of_more_drugs_takes_in_what_is_stated_of_any_of_them() -> None:
    first, second = pair(*TWO), pair(AMIODARONE, CLARITHROMYCIN, effect=LONG_QT)
    (merged,) = merge([first, second, burden(*THREE)], FAMILIES)
    assert merged.kind is FindingKind.ADDITIVE_EFFECT
    assert merged.precipitants == THREE
    assert set(merged.evidence) == {
        *first.evidence,
        *second.evidence,
        *burden(*THREE).evidence,
    }


def test_a_pair_that_is_graver_than_the_burden_is_named_in_its_advice() -> None:
    graver = pair(*TWO, severity=Severity.CONTRAINDICATED)
    (merged,) = merge([graver, pair(AMIODARONE, CLARITHROMYCIN), burden(*THREE)], FAMILIES)
    assert merged.severity is Severity.CONTRAINDICATED
    advice = "Citalopram with amiodarone: contraindicated advice. Record an ECG."
    assert merged.recommendation == advice


def test_a_pair_with_a_drug_outside_the_burden_stays_apart() -> None:
    outside = pair(AMIODARONE, WARFARIN)
    assert set(merge([outside, burden(*THREE)], FAMILIES)) == {outside, burden(*THREE)}


def test_an_effect_of_another_family_stays_apart() -> None:
    other = pair(*TWO, effect=Curie("HP", "0001250"))
    assert set(merge([other, burden(*THREE)], FAMILIES)) == {other, burden(*THREE)}


def test_effects_of_one_family_of_a_pair_are_one_problem_under_the_one_that_leads() -> None:
    (merged,) = merge([pair(*TWO, effect=LONG_QT), pair(*TWO)], FAMILIES)
    assert merged.effect == TORSADE
    assert len(merge([pair(*TWO, effect=LONG_QT), pair(*TWO)])) == 2


@pytest.mark.parametrize(
    ("severity", "left"), [(None, 1), (Severity.MODERATE, 1), (Severity.CONTRAINDICATED, 2)]
)
def test_what_names_no_effect_goes_to_a_burden_that_is_as_grave(
    severity: Severity | None, left: int
) -> None:
    merged = merge([pair(*TWO, effect=UNNAMED, severity=severity), burden(*THREE)], FAMILIES)
    assert len(merged) == left
    assert max(f.severity for f in merged if f.severity) in {severity, Severity.MAJOR}


def test_an_ungraded_change_of_level_without_direction_goes_to_the_burden() -> None:
    level = pair(AMIODARONE, CITALOPRAM, effect=RAISED_EXPOSURE, severity=None, kind="unknown")
    (whole,) = merge([burden(AMIODARONE, CITALOPRAM), level], FAMILIES)
    assert set(level.evidence) <= set(whole.evidence)
    graded = replace(level, severity=Severity.MODERATE)
    assert len(merge([burden(AMIODARONE, CITALOPRAM), graded], FAMILIES)) == 2


def test_burdens_of_one_family_are_one_with_all_their_drugs() -> None:
    other = burden(CITALOPRAM, CLARITHROMYCIN, severity=Severity.MINOR, effect=LONG_QT, points=3)
    (merged,) = merge([other, burden(*TWO)], FAMILIES)
    assert merged.precipitants == THREE
    assert (merged.effect, merged.severity, merged.points) == (TORSADE, Severity.MAJOR, 9)


def test_a_double_treatment_takes_in_what_comes_of_the_sameness() -> None:
    (merged,) = merge([double(*TWO), pair(*TWO), burden(*TWO)], FAMILIES)
    assert (merged.kind, merged.effect) == (FindingKind.DUPLICATION, TORSADE)
    assert len(merged.evidence) == 3


def test_what_one_drug_does_to_the_level_of_the_other_is_not_the_sameness() -> None:
    level = pair(*TWO, effect=RAISED_EXPOSURE, kind="enzyme_inhibition", affected=(CITALOPRAM,))
    assert len(merge([double(*TWO), level], FAMILIES)) == 2


def test_a_burden_with_a_third_drug_or_graver_than_the_doubling_stays_apart() -> None:
    assert len(merge([double(*TWO), burden(*THREE)], FAMILIES)) == 2
    milder = double(*TWO, severity=Severity.MINOR)
    assert len(merge([milder, burden(*TWO)], FAMILIES)) == 2


def test_one_ingredient_under_two_names_takes_nothing_in() -> None:
    same = replace(double(AMIODARONE, AMIODARONE), points=0)
    assert len(merge([same, pair(*TWO)], FAMILIES)) == 2


def test_a_converted_phenotype_takes_in_the_same_change_without_the_gene() -> None:
    loss = pair(*TWO, effect=LOST_EFFICACY, kind="enzyme_inhibition", affected=(CITALOPRAM,))
    converted = replace(
        loss, kind=FindingKind.DRUG_DRUG_GENE, genes=(Curie("HGNC", "2625"),), evidence=(said(),)
    )
    (merged,) = merge([loss, converted], FAMILIES)
    assert merged.kind is FindingKind.DRUG_DRUG_GENE
    assert set(merged.evidence) == {*loss.evidence, *converted.evidence}
    other = replace(converted, affected=(WARFARIN,))
    assert len(merge([loss, other], FAMILIES)) == 2


def test_a_guess_of_what_a_burden_of_more_drugs_tells_is_dropped() -> None:
    evidence = Evidence("infores:coprescribe", KnowledgeLevel.PREDICTION, AgentType.MANUAL_AGENT)
    guess = Finding(FindingKind.PREDICTED_EFFECT, None, TWO, (), (evidence,), LONG_QT)
    assert merge([guess, burden(*THREE)], FAMILIES) == (burden(*THREE),)


EVERYTHING = (
    pair(*TWO),
    pair(*TWO, effect=LONG_QT, severity=None),
    pair(*TWO, effect=UNNAMED, severity=Severity.MINOR),
    pair(AMIODARONE, CLARITHROMYCIN, severity=Severity.CONTRAINDICATED),
    pair(CITALOPRAM, CLARITHROMYCIN, effect=UNNAMED),
    pair(*TWO, effect=RAISED_EXPOSURE, kind="enzyme_inhibition", affected=(CITALOPRAM,)),
    burden(*THREE),
    burden(*TWO, effect=LONG_QT, severity=Severity.MINOR),
    double(*TWO),
)


@given(st.permutations(EVERYTHING))
def test_the_order_of_findings_does_not_matter(findings: Sequence[Finding]) -> None:
    def told(merged: Sequence[Finding]) -> list[tuple[str, Severity | None, frozenset[Evidence]]]:
        return sorted((f.id, f.severity, frozenset(f.evidence)) for f in merged)

    assert told(merge(findings, FAMILIES)) == told(merge(EVERYTHING, FAMILIES))


@given(st.lists(st.sampled_from(EVERYTHING)))
def test_no_evidence_is_lost_and_no_problem_stands_twice(findings: list[Finding]) -> None:
    merged = merge(findings, FAMILIES)
    assert {e for f in findings for e in f.evidence} == {e for f in merged for e in f.evidence}
    assert len({f.id for f in merged}) == len(merged)
