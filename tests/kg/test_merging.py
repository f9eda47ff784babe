"""Descriptions of one problem become one finding; different problems stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Evidence, Severity
from kg.screening.documented import ADVICE
from kg.screening.effects import (
    LOST_EFFICACY,
    LOWERED_EXPOSURE,
    RAISED_EFFECT,
    RAISED_EXPOSURE,
    TOXICITY,
    UNNAMED,
    EffectFamilies,
)
from kg.screening.finding import Finding, FindingKind, Mechanism, Modifier, Step
from kg.screening.merging import merge, no_pairs
from ontologies.curie import Curie
from ontologies.vocabulary import AgentType, KnowledgeLevel
from tests.tiny import BLEEDING, CLARITHROMYCIN, RHABDOMYOLYSIS, SIMVASTATIN, TORSADE, said

SEIZURE = Curie("HP", "0001250")
BUPROPION, TRAMADOL = Curie("RXCUI", "42347"), Curie("RXCUI", "10689")
INHIBITION, INDUCTION = "enzyme_inhibition", "enzyme_induction"


def stated(
    effect: Curie,
    kind: str | None = None,
    severity: Severity | None = Severity.MAJOR,
    pair: tuple[Curie, Curie] = (CLARITHROMYCIN, SIMVASTATIN),
) -> Finding:
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=severity,
        precipitants=pair,
        affected=(),
        evidence=(said(severity, statement=f"{kind} {effect}"),),
        effect=effect,
        mechanism=Mechanism(f"stated {kind}", kind),
    )


def derived(
    effect: Curie = RAISED_EXPOSURE,
    kind: str = INHIBITION,
    severity: Severity = Severity.MODERATE,
    enzyme: str = "CYP3A4",
    pair: tuple[Curie, Curie] = (CLARITHROMYCIN, SIMVASTATIN),
) -> Finding:
    precipitant, affected = pair
    entailed = Evidence(
        source="infores:coprescribe",
        knowledge_level=KnowledgeLevel.LOGICAL_ENTAILMENT,
        agent_type=AgentType.AUTOMATED_AGENT,
        severity=severity,
        statement=f"{enzyme} {precipitant} {affected} {effect}",
    )
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=severity,
        precipitants=(precipitant,),
        affected=(affected,),
        evidence=(entailed,),
        effect=effect,
        mechanism=Mechanism(f"{enzyme} inhibition", kind, (Step("a", "inhibits", enzyme),)),
        recommendation="Lower the dose.",
    )


FINDINGS = (
    stated(RHABDOMYOLYSIS, INHIBITION, Severity.CONTRAINDICATED),
    stated(BLEEDING, None, None),
    stated(RAISED_EXPOSURE, INHIBITION, Severity.MINOR),
    derived(),
    derived(enzyme="P-gp", severity=Severity.MINOR),
    derived(pair=(SIMVASTATIN, CLARITHROMYCIN)),
    derived(LOWERED_EXPOSURE, INDUCTION),
    derived(LOST_EFFICACY, pair=(BUPROPION, TRAMADOL)),
    stated(SEIZURE, "unknown", pair=(BUPROPION, TRAMADOL)),
)


def test_a_statement_takes_in_the_mechanism_that_explains_it() -> None:
    statement = stated(RHABDOMYOLYSIS, INHIBITION, Severity.CONTRAINDICATED)
    (merged,) = merge([statement, derived()])
    assert (merged.severity, merged.effect) == (Severity.CONTRAINDICATED, RHABDOMYOLYSIS)
    assert (merged.precipitants, merged.affected) == ((CLARITHROMYCIN,), (SIMVASTATIN,))
    assert merged.mechanism == derived().mechanism
    assert merged.evidence == (*statement.evidence, *derived().evidence)
    assert merged.recommendation == "Lower the dose."


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (Severity.CONTRAINDICATED, Severity.CONTRAINDICATED),
        (Severity.MINOR, Severity.MODERATE),
        (None, Severity.MODERATE),
    ],
)
def test_the_worse_of_what_is_stated_and_what_is_derived_counts(
    severity: Severity | None, expected: Severity
) -> None:
    (merged,) = merge([stated(BLEEDING, INHIBITION, severity), derived()])
    assert merged.severity is expected
    assert [said.severity for said in merged.evidence] == [severity, Severity.MODERATE]


def guessed(effect: Curie) -> Finding:
    kind = FindingKind.PREDICTED_EFFECT
    pair = (CLARITHROMYCIN, SIMVASTATIN)
    evidence = Evidence(
        "infores:coprescribe", KnowledgeLevel.PREDICTION, AgentType.COMPUTATIONAL_MODEL
    )
    return Finding(kind, None, pair, (), (evidence,), effect, probability=0.4)


def test_a_guess_of_what_is_stated_or_concluded_anyway_is_dropped() -> None:
    findings = [stated(BLEEDING), derived(), guessed(BLEEDING), guessed(RAISED_EXPOSURE)]
    assert len(merge(findings)) == 2
    assert guessed(TORSADE) in merge([*findings, guessed(TORSADE)])


def test_a_statement_without_mechanism_takes_one_of_the_same_general_effect() -> None:
    assert len(merge([stated(RAISED_EXPOSURE, None), derived()])) == 1
    assert len(merge([stated(RAISED_EXPOSURE, "unknown"), derived()])) == 1


def test_a_harm_without_mechanism_stays_apart_from_a_mechanism() -> None:
    assert len(merge([stated(BLEEDING, None), derived()])) == 2


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ({SIMVASTATIN: "muscle"}, 1),
        ({SIMVASTATIN: "muscle", CLARITHROMYCIN: "muscle"}, 2),
        ({CLARITHROMYCIN: "muscle"}, 2),
        ({SIMVASTATIN: "bleeding"}, 2),
    ],
)
def test_a_harm_without_mechanism_comes_of_more_of_the_one_drug_that_does_it_by_itself(
    does: dict[Curie, str], told: int
) -> None:
    families = EffectFamilies({RHABDOMYOLYSIS: "muscle"})
    harm = stated(RHABDOMYOLYSIS, "unknown", Severity.CONTRAINDICATED)
    found = merge(
        [harm, derived()], families, harms=lambda drug: frozenset({does.get(drug, "nothing")})
    )
    assert len(found) == told
    if told == 1:
        assert (found[0].effect, found[0].severity) == (RHABDOMYOLYSIS, Severity.CONTRAINDICATED)
        assert (found[0].precipitants, found[0].affected) == ((CLARITHROMYCIN,), (SIMVASTATIN,))
        assert found[0].mechanism == derived().mechanism


def test_a_statement_that_names_no_effect_takes_that_of_its_mechanism() -> None:
    (merged,) = merge([stated(UNNAMED, INHIBITION), derived()])
    assert (merged.effect, merged.severity) == (RAISED_EXPOSURE, Severity.MAJOR)
    other_way = derived(pair=(SIMVASTATIN, CLARITHROMYCIN))
    found = merge([stated(UNNAMED, INHIBITION), derived(), other_way])
    assert {f.effect for f in found} <= {RAISED_EXPOSURE, UNNAMED}


def test_the_advice_of_the_gravest_statement_is_given() -> None:
    mild = replace(stated(RAISED_EXPOSURE, INHIBITION, Severity.MINOR), recommendation="Mind it.")
    (merged,) = merge([mild, derived(severity=Severity.MAJOR)])
    assert merged.recommendation == derived().recommendation


def test_a_harm_of_another_mechanism_stays_apart() -> None:
    assert len(merge([stated(TORSADE, "additive_pharmacodynamic"), derived()])) == 2


@pytest.mark.parametrize("kind", [None, "unknown", "additive_pharmacodynamic", INHIBITION])
def test_a_seizure_never_takes_the_lost_efficacy_of_a_prodrug(kind: str | None) -> None:
    pair = (BUPROPION, TRAMADOL)
    seizure = stated(SEIZURE, kind, pair=pair)
    lost = derived(LOST_EFFICACY, enzyme="CYP2D6", pair=pair)
    assert set(merge([seizure, lost])) == {seizure, lost}


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (LOST_EFFICACY, RAISED_EXPOSURE),
        (LOWERED_EXPOSURE, RAISED_EFFECT),
        (RAISED_EXPOSURE, LOWERED_EXPOSURE),
        (RAISED_EFFECT, LOST_EFFICACY),
    ],
)
def test_less_of_a_drug_is_never_explained_by_more_of_it(effect: Curie, expected: Curie) -> None:
    assert len(merge([stated(effect, INHIBITION), derived(expected)])) == 2


def test_a_stated_loss_takes_the_prodrug_that_stays_inactive() -> None:
    (merged,) = merge([stated(LOST_EFFICACY, INHIBITION), derived(LOST_EFFICACY)])
    assert merged.affected == (SIMVASTATIN,)


def test_an_inducer_explains_a_harm_that_comes_of_too_little() -> None:
    rejection = Curie("coprescribe", "transplant_rejection")
    findings = [stated(rejection, INDUCTION), derived(LOWERED_EXPOSURE, INDUCTION)]
    assert [f.effect for f in merge(findings)] == [rejection]


def test_mechanisms_of_one_pair_and_effect_become_one_with_both_names() -> None:
    weaker = derived(enzyme="P-gp", severity=Severity.MINOR)
    (merged,) = merge([weaker, derived()])
    assert merged.mechanism is not None
    assert merged.mechanism.name == "CYP3A4 inhibition and P-gp inhibition"
    assert merged.severity is Severity.MODERATE
    assert len(merged.evidence) == len(merged.mechanism.path) == 2


def test_what_each_of_two_drugs_does_to_the_other_stays_two_findings() -> None:
    back = derived(pair=(SIMVASTATIN, CLARITHROMYCIN))
    assert set(merge([derived(), back])) == {derived(), back}


def test_a_statement_that_is_explained_one_way_does_not_hide_the_other_way() -> None:
    back = derived(LOWERED_EXPOSURE, INDUCTION, pair=(SIMVASTATIN, CLARITHROMYCIN))
    merged = merge([stated(RHABDOMYOLYSIS, INHIBITION), derived(), back])
    assert len(merged) == 2
    assert back in merged


def test_a_statement_does_not_hide_what_it_contradicts_or_leaves_unexplained() -> None:
    lowered = derived(LOWERED_EXPOSURE, INDUCTION, enzyme="UGT1A1")
    merged = merge([stated(RHABDOMYOLYSIS, INHIBITION), derived(), lowered])
    assert len(merged) == 2
    assert lowered in merged


def test_where_each_drug_acts_on_the_other_both_ways_are_shown_and_nobody_is_blamed() -> None:
    back = derived(enzyme="P-gp", pair=(SIMVASTATIN, CLARITHROMYCIN))
    statement = stated(RAISED_EXPOSURE, INHIBITION)
    (merged,) = merge([statement, derived(), back])
    assert (merged.precipitants, merged.affected) == (statement.precipitants, ())
    assert merged.mechanism is not None
    assert merged.mechanism.name == "CYP3A4 inhibition and P-gp inhibition"
    assert len(merged.mechanism.path) == 2
    assert set(merged.evidence) == {*statement.evidence, *derived().evidence, *back.evidence}


def test_rules_that_state_one_effect_of_a_pair_are_one_finding_of_the_worst() -> None:
    factor = Modifier("dose forte", None)
    findings = [
        replace(stated(BLEEDING, None, Severity.MINOR), modifiers=(factor,)),
        stated(BLEEDING, "antagonism", Severity.MAJOR),
        stated(BLEEDING, "absorption", None),
    ]
    (merged,) = merge(findings)
    assert merged.severity is Severity.MAJOR
    assert len(merged.evidence) == 3
    assert merged.modifiers == (factor,)


def test_different_effects_of_a_pair_are_different_findings() -> None:
    assert len(merge([stated(BLEEDING), stated(TORSADE)])) == 2


def test_a_named_harm_takes_in_more_of_the_drug_by_the_same_mechanism() -> None:
    general = stated(RAISED_EXPOSURE, INHIBITION, Severity.MAJOR)
    (merged,) = merge([general, stated(RHABDOMYOLYSIS, INHIBITION, Severity.MINOR)])
    assert (merged.effect, merged.severity) == (RHABDOMYOLYSIS, Severity.MAJOR)
    assert len(merged.evidence) == 2


def test_a_named_harm_takes_in_two_ways_to_say_more_of_the_drug() -> None:
    harm = stated(RHABDOMYOLYSIS, INHIBITION)
    level, effect = stated(RAISED_EXPOSURE, INHIBITION), stated(RAISED_EFFECT, INHIBITION)
    (finding,) = merge([harm, level, effect])
    assert finding.effect == RHABDOMYOLYSIS
    assert set(finding.evidence) == {*harm.evidence, *level.evidence, *effect.evidence}


def test_a_named_harm_by_another_mechanism_leaves_more_of_the_drug_apart() -> None:
    general = stated(RAISED_EXPOSURE, INHIBITION)
    assert len(merge([general, stated(TORSADE, "additive_pharmacodynamic")])) == 2


def test_other_pairs_and_a_finding_of_a_condition_stay_apart() -> None:
    other = stated(RHABDOMYOLYSIS, INHIBITION, pair=(BUPROPION, TRAMADOL))
    condition = replace(other, kind=FindingKind.DRUG_CONDITION)
    assert set(merge([other, condition, derived()])) == {other, condition, derived()}


def test_what_nobody_grades_goes_to_what_somebody_does() -> None:
    loose = stated(RAISED_EXPOSURE, INHIBITION, None)
    harm = stated(TORSADE, "additive_pharmacodynamic", None)
    (merged,) = merge([stated(BLEEDING, None, Severity.MINOR), loose, harm])
    assert (merged.effect, merged.severity) == (BLEEDING, Severity.MINOR)
    assert len(merged.evidence) == 3


def test_a_harm_that_nobody_grades_is_still_named_beside_a_graded_level() -> None:
    level, harm = stated(RAISED_EXPOSURE, INHIBITION), stated(TORSADE, "antagonism", None)
    assert {f.effect for f in merge([level, harm])} == {RAISED_EXPOSURE, TORSADE}


def test_a_lower_level_and_a_weaker_effect_of_one_drug_are_one_problem() -> None:
    level = derived(LOWERED_EXPOSURE, INDUCTION)
    weaker = stated(LOST_EFFICACY, None, Severity.MINOR)
    (merged,) = merge([level, weaker])
    assert merged.affected == (SIMVASTATIN,)
    assert merged.severity is Severity.MODERATE


def test_a_level_that_opposes_an_action_stays_apart_from_one_that_is_lowered() -> None:
    opposed = stated(LOST_EFFICACY, "antagonism")
    assert len(merge([opposed, derived(LOWERED_EXPOSURE, INDUCTION)])) == 2


def test_a_transporter_explains_a_harm_that_is_said_to_come_of_metabolism() -> None:
    (merged,) = merge([stated(RHABDOMYOLYSIS, INHIBITION), derived(kind="transporter")])
    assert merged.affected == (SIMVASTATIN,)


def test_a_mechanism_that_explains_keeps_what_modifies_it() -> None:
    factor = Modifier("narrow therapeutic index", present=True)
    mechanism = replace(derived(), modifiers=(factor,))
    (merged,) = merge([stated(RHABDOMYOLYSIS, INHIBITION), mechanism])
    assert merged.modifiers == (factor,)


def test_one_problem_of_another_kind_keeps_the_evidence_of_all_who_tell_it() -> None:
    one = replace(stated(TORSADE), kind=FindingKind.DRUG_CONDITION)
    other = replace(one, evidence=(said(Severity.MINOR),), severity=Severity.MINOR)
    (merged,) = merge([other, one])
    assert merged.severity is Severity.MAJOR
    assert set(merged.evidence) == {*one.evidence, *other.evidence}


def test_one_finding_said_twice_is_one() -> None:
    assert merge([stated(BLEEDING), stated(BLEEDING)]) == (stated(BLEEDING),)


def test_nothing_merges_to_nothing() -> None:
    assert merge([]) == ()


@given(st.permutations(FINDINGS))
def test_the_order_of_findings_does_not_matter(findings: Sequence[Finding]) -> None:
    def told(merged: Sequence[Finding]) -> list[tuple[str, Severity | None, frozenset[Evidence]]]:
        return sorted((f.id, f.severity, frozenset(f.evidence)) for f in merged)

    assert told(merge(findings)) == told(merge(FINDINGS))


@given(st.lists(st.sampled_from(FINDINGS)))
def test_no_evidence_is_lost_and_no_problem_stands_twice(findings: list[Finding]) -> None:
    merged = merge(findings)
    assert {e for f in findings for e in f.evidence} == {e for f in merged for e in f.evidence}
    assert len({f.id for f in merged}) == len(merged)


@pytest.mark.parametrize(
    ("stated_advice", "expected"),
    [
        (ADVICE[Severity.MAJOR], "Keep 4 hours between."),
        (f"{ADVICE[Severity.MODERATE]} « Later. »", "Keep 4 hours between. « Later. »"),
        (ADVICE[Severity.CONTRAINDICATED], ADVICE[Severity.CONTRAINDICATED]),
        ("Choose another drug.", "Choose another drug."),
    ],
)
def test_how_to_space_two_drugs_takes_the_place_of_general_words(
    stated_advice: str, expected: str
) -> None:
    told = replace(
        stated(LOWERED_EXPOSURE, "absorption"),
        evidence=(said(Severity.MAJOR, recommendation="Later."),),
        recommendation=stated_advice,
    )
    rule = replace(derived(LOWERED_EXPOSURE, "absorption"), recommendation="Keep 4 hours between.")
    (finding,) = merge([told, rule])
    assert finding.recommendation == expected


def test_what_the_kidney_excretes_by_a_transporter_is_told_once() -> None:
    """Toxicity says that there is more of a drug, and not what comes of it."""
    (finding,) = merge([stated(TOXICITY, "renal_excretion"), derived(kind="transporter")])
    assert (finding.effect, finding.severity) == (TOXICITY, Severity.MAJOR)
    assert finding.affected == (SIMVASTATIN,)
    (finding,) = merge([stated(RHABDOMYOLYSIS, "renal_excretion"), derived(kind="transporter")])
    assert finding.affected == (SIMVASTATIN,)


def test_a_rule_without_a_direction_does_not_take_it_from_a_mechanism() -> None:
    aimless = replace(
        derived(RHABDOMYOLYSIS), precipitants=(CLARITHROMYCIN, SIMVASTATIN), affected=()
    )
    (finding,) = merge([stated(RHABDOMYOLYSIS, INHIBITION), derived(), aimless])
    assert (finding.precipitants, finding.affected) == ((CLARITHROMYCIN,), (SIMVASTATIN,))


@pytest.mark.parametrize(("text", "expected"), [("Why.", ADVICE[Severity.MAJOR]), (None, "Watch.")])
def test_a_level_that_is_only_listed_asks_for_what_our_own_rule_says(
    text: str | None, expected: str
) -> None:
    told = replace(
        stated(RHABDOMYOLYSIS, INHIBITION),
        evidence=(replace(said(Severity.MAJOR), text=text),),
        recommendation=ADVICE[Severity.MAJOR],
    )
    (finding,) = merge([told, replace(derived(), recommendation="Watch.")])
    assert (finding.severity, finding.recommendation) == (Severity.MAJOR, expected)


def test_what_was_joined_for_one_list_is_found_again_by_the_very_same_findings() -> None:
    told = no_pairs()
    parts = [stated(BLEEDING, INHIBITION), derived()]
    (first,) = merge(parts, told=told)
    (again,) = merge(parts, told=told)
    assert again is first
    (changed,) = merge([replace(parts[0], severity=Severity.MINOR), parts[1]], told=told)
    assert (first.severity, changed.severity) == (Severity.MAJOR, Severity.MODERATE)
    assert merge(parts, told=told) == (first,)
