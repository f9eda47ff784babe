"""A finding is named by what is found; a regimen holds each line once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kg.model import Severity
from kg.screening.finding import Finding, FindingKind, Mechanism
from kg.screening.patient import Entry, Regimen
from tests.tiny import (
    AMIODARONE,
    CITALOPRAM,
    CLARITHROMYCIN,
    CYP3A4,
    DRUGS,
    SIMVASTATIN,
    TORSADE,
    WARFARIN,
    said,
)

FINDING = Finding(
    kind=FindingKind.DRUG_DRUG,
    severity=Severity.MAJOR,
    precipitants=(CLARITHROMYCIN,),
    affected=(SIMVASTATIN,),
    evidence=(said(Severity.MAJOR),),
    effect=TORSADE,
    mechanism=Mechanism("CYP3A4 inhibition"),
)
ENTRIES = st.builds(Entry, st.sampled_from(sorted(DRUGS)), st.sampled_from(["A", "a", "b"]))


def test_the_id_is_of_what_is_found_and_not_of_who_says_it_or_how_badly() -> None:
    other = replace(FINDING, evidence=(said(),), severity=None, recommendation="Stop.", points=3)
    assert other.id == FINDING.id


def test_the_id_changes_with_drug_direction_gene_effect_and_mechanism() -> None:
    others = (
        replace(FINDING, affected=(WARFARIN,)),
        replace(FINDING, precipitants=FINDING.affected, affected=FINDING.precipitants),
        replace(FINDING, genes=(CYP3A4,)),
        replace(FINDING, effect=None),
        replace(FINDING, mechanism=Mechanism("P-gp inhibition")),
        replace(FINDING, kind=FindingKind.DRUG_DRUG_GENE),
    )
    assert len({FINDING.id, *(other.id for other in others)}) == len(others) + 1


def test_the_order_of_precipitants_does_not_change_the_id() -> None:
    both = replace(FINDING, precipitants=(CITALOPRAM, AMIODARONE))
    assert replace(both, precipitants=(AMIODARONE, CITALOPRAM)).id == both.id


def test_an_additive_effect_is_one_problem_however_many_drugs_share_in_it() -> None:
    two = replace(FINDING, kind=FindingKind.ADDITIVE_EFFECT, precipitants=(CITALOPRAM, AMIODARONE))
    three = replace(two, precipitants=(CITALOPRAM, AMIODARONE, CLARITHROMYCIN))
    assert two.problem == three.problem
    assert two.id != three.id
    assert replace(two, kind=FindingKind.DRUG_DRUG).problem != two.problem


def test_the_drugs_of_a_finding_are_listed_once_precipitants_first() -> None:
    assert FINDING.drugs == (CLARITHROMYCIN, SIMVASTATIN)
    assert replace(FINDING, precipitants=(WARFARIN, WARFARIN), affected=()).drugs == (WARFARIN,)


def test_a_repeated_ingredient_is_told_with_its_names() -> None:
    entries = [Entry(WARFARIN, "Coumadin"), Entry(WARFARIN, "warfarin"), Entry(CITALOPRAM, "x")]
    assert Regimen.written(entries).repeated == ((WARFARIN, ("Coumadin", "warfarin")),)


@given(st.lists(ENTRIES))
def test_a_regimen_holds_each_ingredient_and_each_line_once(entries: list[Entry]) -> None:
    regimen = Regimen.written(entries)
    assert len(set(regimen.drugs)) == len(regimen.drugs)
    assert set(regimen.drugs) == {entry.drug for entry in entries}
    assert Regimen.written(regimen.entries) == regimen


@given(st.lists(ENTRIES), st.lists(ENTRIES))
def test_what_is_stopped_is_gone_unless_it_is_added(
    entries: list[Entry], adding: list[Entry]
) -> None:
    stopping = [entry.drug for entry in entries[:2]]
    after = Regimen.written(entries).changed(adding, stopping)
    assert set(after.drugs) == ({e.drug for e in entries} - set(stopping)) | {
        e.drug for e in adding
    }
