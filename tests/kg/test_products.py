"""A product of several ingredients is one medicine: accepted within itself, told once to others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from kg.model import Severity
from kg.screening.engine import Question, Screening, screen
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.products import is_accepted, lines_of
from ontologies.curie import Curie
from tests.tiny import (
    BLEEDING,
    CLARITHROMYCIN,
    EDGES,
    OMEPRAZOLE,
    RHABDOMYOLYSIS,
    SIMVASTATIN,
    TORSADE,
    WARFARIN,
    graph_of,
    panel_of,
    said,
)

GRAPH = graph_of(*EDGES)
PACK = (Entry(SIMVASTATIN, "Corvastol"), Entry(CLARITHROMYCIN, "Corvastol"))
BARE = Finding(FindingKind.DRUG_DRUG, Severity.MAJOR, (), (), (said(),))


def ask(taking: tuple[Entry, ...], *adding: Entry) -> Screening:
    return screen(Question(Regimen.written(taking), adding), GRAPH, panel_of(GRAPH))


def drugs_of(screening: Screening) -> set[frozenset[Curie]]:
    return {frozenset(each.finding.drugs) for each in screening.findings}


def test_what_the_parts_of_a_product_do_to_one_another_is_not_told() -> None:
    told = ask((), *PACK)
    assert drugs_of(told) == set()
    assert told.pairs == ()


def test_the_same_drugs_in_lines_of_their_own_are_told() -> None:
    told = ask((Entry(SIMVASTATIN, "simvastatin"),), Entry(CLARITHROMYCIN, "clarithromycin"))
    assert frozenset({SIMVASTATIN, CLARITHROMYCIN}) in drugs_of(told)


def test_a_part_that_is_taken_beside_the_product_is_not_accepted_with_it() -> None:
    told = ask((Entry(SIMVASTATIN, "Zocor"),), *PACK)
    assert frozenset({SIMVASTATIN, CLARITHROMYCIN}) in drugs_of(told)


def test_what_a_part_does_to_another_drug_is_told() -> None:
    told = ask((Entry(WARFARIN, "warfarin"),), *PACK)
    assert drugs_of(told) == {frozenset({WARFARIN, CLARITHROMYCIN})}
    assert {frozenset(pair.drugs) for pair in told.pairs} == {
        frozenset({WARFARIN, CLARITHROMYCIN}),
        frozenset({WARFARIN, SIMVASTATIN}),
    }


@pytest.mark.parametrize("kind", [FindingKind.DRUG_CONDITION, FindingKind.DRUG_DRUG_GENE])
def test_a_condition_or_a_gene_may_forbid_a_product(kind: FindingKind) -> None:
    lines = lines_of(Regimen.written(PACK))
    both = (SIMVASTATIN, CLARITHROMYCIN)
    assert is_accepted(replace(BARE, precipitants=both), lines)
    assert not is_accepted(replace(BARE, kind=kind, precipitants=both), lines)


@dataclass(frozen=True)
class Says:
    """Says what it was given, of the drugs that are in the list."""

    findings: tuple[Finding, ...]

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield the findings of drugs that are all there."""
        del patient
        yield from (f for f in self.findings if set(f.drugs) <= set(regimen.drugs))


def of(first: Curie, other: Curie, effect: Curie, severity: Severity) -> Finding:
    return replace(BARE, precipitants=(first, other), effect=effect, severity=severity)


def told_of(*findings: Finding) -> list[tuple[Change, Severity | None, frozenset[Curie]]]:
    question = Question(Regimen.written([Entry(WARFARIN, "warfarin")]), PACK)
    told = screen(question, GRAPH, [Says(findings)]).findings
    return [(c.change, c.finding.severity, frozenset(c.finding.drugs)) for c in told]


def test_one_harm_of_two_parts_with_another_drug_is_told_once() -> None:
    told = told_of(
        of(WARFARIN, SIMVASTATIN, BLEEDING, Severity.MINOR),
        of(WARFARIN, CLARITHROMYCIN, BLEEDING, Severity.MAJOR),
    )
    every = frozenset({WARFARIN, SIMVASTATIN, CLARITHROMYCIN})
    assert told == [(Change.CREATED, Severity.MAJOR, every)]


def test_two_harms_of_two_parts_stay_two() -> None:
    told = told_of(
        of(WARFARIN, SIMVASTATIN, RHABDOMYOLYSIS, Severity.MINOR),
        of(WARFARIN, CLARITHROMYCIN, BLEEDING, Severity.MAJOR),
    )
    assert len(told) == 2


def test_two_harms_of_one_part_stay_two() -> None:
    told = told_of(
        of(WARFARIN, CLARITHROMYCIN, TORSADE, Severity.MINOR),
        of(WARFARIN, CLARITHROMYCIN, BLEEDING, Severity.MAJOR),
    )
    assert len(told) == 2


def test_drugs_of_unlike_lines_are_not_joined() -> None:
    question = Question(
        Regimen.written([Entry(WARFARIN, "warfarin")]),
        (Entry(SIMVASTATIN, "Zocor"), Entry(OMEPRAZOLE, "Losec")),
    )
    findings = (
        of(WARFARIN, SIMVASTATIN, BLEEDING, Severity.MINOR),
        of(WARFARIN, OMEPRAZOLE, BLEEDING, Severity.MINOR),
    )
    assert len(screen(question, GRAPH, [Says(findings)]).findings) == 2
