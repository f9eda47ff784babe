"""Rules are judged for each finding only where its drugs can change the answer."""

from __future__ import annotations

import pytest

from kg.screening.background import Background
from kg.screening.factors import parse_terms
from kg.screening.finding import Finding, FindingKind
from kg.screening.judging import Judge
from kg.screening.laboratory import LabTests
from kg.screening.modifiers import LOWERS, RAISES, ModifierRule
from kg.screening.patient import Entry, Patient, Regimen
from ontologies.curie import Curie
from tests import tiny
from tests.tiny import AMIODARONE, CITALOPRAM, CLARITHROMYCIN, SIMVASTATIN, WARFARIN

THE_THREE = (WARFARIN, SIMVASTATIN, CITALOPRAM)


def rule(when: str, direction: str = RAISES) -> ModifierRule:
    return ModifierRule(when, parse_terms(when), direction, f"{when}.", "ref")


def pair(*drugs: Curie) -> Finding:
    return Finding(FindingKind.DRUG_DRUG, None, drugs, (), (tiny.said(None),))


def judge(patient: Patient, *entries: Entry) -> Judge:
    background = Background.of(tiny.graph_of(*tiny.EDGES), LabTests(()))
    return Judge(background.situation(patient, Regimen.written(entries)))


def lines(*drugs: Curie, route: str | None = None) -> tuple[Entry, ...]:
    return tuple(Entry(drug, str(drug), route) for drug in drugs)


def test_what_the_patient_decides_is_one_answer_for_all_findings() -> None:
    asked = (rule("age>=65"), rule("egfr<30"), rule("pregnant"))
    known = judge(Patient(age_years=70, egfr_ml_min=90), *lines(*THE_THREE))
    answer = known.present(asked, pair(WARFARIN, SIMVASTATIN))
    assert answer == (True, False, None)
    assert known.present(asked, pair(WARFARIN, CITALOPRAM)) is answer


@pytest.mark.parametrize(
    ("drugs", "expected"),
    [((WARFARIN, SIMVASTATIN), False), ((WARFARIN, CITALOPRAM), True)],
)
def test_what_else_is_taken_is_asked_of_each_finding(
    drugs: tuple[Curie, ...], expected: bool
) -> None:
    """The drug that a finding is about is not what is taken beside it."""
    known = judge(Patient(), *lines(*THE_THREE))
    assert known.present((rule(f"taking:{SIMVASTATIN}"),), pair(*drugs)) == (expected,)


def test_several_drugs_that_a_rule_asks_for_are_more_than_a_finding_can_be_about() -> None:
    asked = (rule("taking:liability:qt_prolongation"),)
    known = judge(Patient(), *lines(CITALOPRAM, AMIODARONE, CLARITHROMYCIN))
    assert known.present(asked, pair(CITALOPRAM, AMIODARONE)) == (True,)
    without = judge(Patient(), *lines(CITALOPRAM, AMIODARONE))
    assert without.present(asked, pair(CITALOPRAM, AMIODARONE)) == (False,)


def test_nobody_takes_what_is_not_in_the_list() -> None:
    known = judge(Patient(), *lines(WARFARIN, SIMVASTATIN))
    assert known.present((rule(f"taking:{CITALOPRAM}"),), pair(WARFARIN)) == (False,)


def test_a_route_counts_for_the_findings_of_its_drug() -> None:
    asked = (rule("route=topical", LOWERS),)
    known = judge(Patient(), *lines(WARFARIN, route="topical"), *lines(SIMVASTATIN, CITALOPRAM))
    assert known.present(asked, pair(WARFARIN)) == (True,)
    assert known.present(asked, pair(CITALOPRAM)) == (None,)
    assert judge(Patient(), *lines(*THE_THREE)).present(asked, pair(WARFARIN)) == (None,)


def test_a_patient_who_is_known_not_to_fit_settles_a_rule_whatever_is_taken() -> None:
    asked = (rule(f"age>=65 & taking:{SIMVASTATIN}"),)
    known = judge(Patient(age_years=30), *lines(*THE_THREE))
    answer = known.present(asked, pair(WARFARIN, CITALOPRAM))
    assert answer == (False,)
    assert known.present(asked, pair(SIMVASTATIN, CITALOPRAM)) is answer
