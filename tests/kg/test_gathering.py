"""One harm of several pairs that hang together by their drugs is told once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.model import Severity
from kg.screening.comparing import compare
from kg.screening.documented import WEIGH, WEIGH_MANY
from kg.screening.effects import UNNAMED, EffectFamilies
from kg.screening.finding import Change, Finding, FindingKind, Mechanism, Step
from kg.screening.gathering import gathered
from ontologies.curie import Curie
from tests.tiny import AMIODARONE, BLEEDING, CITALOPRAM, CLARITHROMYCIN, TORSADE, WARFARIN, said

LONG_QT, SLOW = Curie("HP", "0001657"), Curie("HP", "0001662")
FAMILIES = EffectFamilies(
    {TORSADE: "qt", LONG_QT: "qt", SLOW: "slow"},
    frozenset({TORSADE, SLOW}),
    frozenset({TORSADE, LONG_QT, SLOW}),
    {"qt": "slow"},
)


def pair(
    one: Curie,
    other: Curie,
    effect: Curie = TORSADE,
    severity: Severity | None = Severity.MODERATE,
    kind: str | None = "additive_pharmacodynamic",
) -> Finding:
    names = f"{one.identifier} + {other.identifier}"
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=severity,
        precipitants=(one, other),
        affected=(),
        evidence=(said(severity, statement=f"{names} {effect}"),),
        effect=effect,
        mechanism=Mechanism(f"stated {kind}", kind, (Step(names, "contributes to", "harm"),)),
        recommendation=f"{severity} advice.",
    )


ONE, OTHER = pair(AMIODARONE, CITALOPRAM), pair(CITALOPRAM, CLARITHROMYCIN, LONG_QT)


def test_pairs_with_a_drug_in_common_are_one_burden_with_all_evidence() -> None:
    (whole,) = gathered([ONE, OTHER], FAMILIES)
    assert whole.kind is FindingKind.ADDITIVE_EFFECT
    assert set(whole.precipitants) == {AMIODARONE, CITALOPRAM, CLARITHROMYCIN}
    assert (whole.effect, whole.severity) == (TORSADE, Severity.MODERATE)
    assert set(whole.evidence) == {*ONE.evidence, *OTHER.evidence}
    assert whole.recommendation == "moderate advice."


def test_what_is_graver_is_named_with_its_own_advice() -> None:
    grave = replace(ONE, severity=Severity.MAJOR, recommendation="Do not.")
    (whole,) = gathered([grave, OTHER], FAMILIES)
    names = f"{AMIODARONE.identifier} with {CITALOPRAM.identifier}"
    assert whole.severity is Severity.MAJOR
    assert whole.recommendation == f"{names}: Do not."


def test_a_burden_that_names_its_pairs_is_not_named_again() -> None:
    told = "Amiodarone with citalopram: Do not. Stop one."
    burden = replace(
        ONE,
        kind=FindingKind.ADDITIVE_EFFECT,
        precipitants=(AMIODARONE, CITALOPRAM, CLARITHROMYCIN),
        severity=Severity.MAJOR,
        recommendation=told,
    )
    (whole,) = gathered([burden, pair(CITALOPRAM, WARFARIN, LONG_QT)], FAMILIES)
    assert whole.recommendation == told


def test_advice_of_a_rule_is_told_beside_general_words_and_of_all_drugs() -> None:
    raised = replace(OTHER, recommendation=f"Slow. {WEIGH} « Watch. »")
    ruled = replace(pair(CLARITHROMYCIN, WARFARIN), recommendation="Record an ECG.")
    (whole,) = gathered([raised, ruled], FAMILIES)
    names = f"{CLARITHROMYCIN.identifier} with {WARFARIN.identifier}"
    assert whole.recommendation == f"{names}: Record an ECG. Slow. {WEIGH_MANY} « Watch. »"


@pytest.mark.parametrize(
    "other",
    [
        pair(CLARITHROMYCIN, WARFARIN),
        pair(CITALOPRAM, WARFARIN, BLEEDING),
        pair(CITALOPRAM, WARFARIN, severity=Severity.MINOR),
        pair(CITALOPRAM, WARFARIN, kind="antagonism"),
        replace(pair(CITALOPRAM, WARFARIN), precipitants=(CITALOPRAM,), affected=(WARFARIN,)),
    ],
    ids=["other drugs", "another harm", "slight", "opposed", "one way"],
)
def test_what_has_no_part_in_the_harm_stays_apart(other: Finding) -> None:
    assert set(gathered([ONE, other], FAMILIES)) == {ONE, other}


def test_a_harm_that_no_family_gathers_stays_with_its_pairs() -> None:
    alone = EffectFamilies({TORSADE: "qt", LONG_QT: "qt"})
    assert gathered([ONE, OTHER], alone) == (ONE, OTHER)


def test_a_harm_goes_to_what_it_follows_from_in_the_same_two_drugs() -> None:
    slow = pair(AMIODARONE, CITALOPRAM, SLOW)
    unknown = replace(ONE, mechanism=Mechanism("mechanism not known", "unknown"))
    (whole,) = gathered([unknown, slow], FAMILIES)
    assert whole.effect == SLOW
    assert set(whole.evidence) == {*unknown.evidence, *slow.evidence}
    assert len(gathered([ONE, slow], FAMILIES)) == 2
    assert len(gathered([replace(unknown, severity=Severity.MAJOR), slow], FAMILIES)) == 2


def test_one_more_pair_of_the_same_harm_makes_it_worse_and_without_it_it_is_milder() -> None:
    before = gathered([ONE], FAMILIES)
    after = gathered([ONE, OTHER], FAMILIES)
    assert [c.change for c in compare(before, after, FAMILIES)] == [Change.WORSENED]
    assert [c.change for c in compare(after, before, FAMILIES)] == [Change.IMPROVED]
    more = gathered([ONE, OTHER, pair(AMIODARONE, CLARITHROMYCIN)], FAMILIES)
    assert [c.change for c in compare(after, more, FAMILIES)] == [Change.WORSENED]


def listed(one: Curie, other: Curie, severity: Severity = Severity.MODERATE) -> Finding:
    bare = pair(one, other, UNNAMED, severity, kind=None)
    mechanism = Mechanism(
        "mechanism not known", None, bare.mechanism.path if bare.mechanism else ()
    )
    return replace(bare, mechanism=mechanism)


def test_a_level_that_only_a_list_has_goes_to_the_burden_in_which_both_drugs_share() -> None:
    bare = listed(AMIODARONE, CLARITHROMYCIN)
    (whole,) = gathered([ONE, OTHER, bare], FAMILIES)
    assert set(bare.evidence) <= set(whole.evidence)
    assert (whole.effect, whole.recommendation) == (TORSADE, "moderate advice.")


@pytest.mark.parametrize(
    "other",
    [
        listed(AMIODARONE, WARFARIN),
        listed(AMIODARONE, CLARITHROMYCIN, Severity.MAJOR),
        replace(
            listed(AMIODARONE, CLARITHROMYCIN),
            evidence=(replace(said(Severity.MODERATE), text="It bleeds."),),
        ),
    ],
    ids=["another drug", "graver", "with a reason"],
)
def test_a_listed_level_stays_where_it_says_more_than_the_burden(other: Finding) -> None:
    assert other in gathered([ONE, OTHER, other], FAMILIES)
