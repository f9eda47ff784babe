"""The answer compares the list with the change to the list without it, and says what it omits."""

from __future__ import annotations

import builtins
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.engine import Question, Screening, screen
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.patient import Entry, Patient, Regimen
from ontologies.curie import Curie
from tests.tiny import (
    AMIODARONE,
    BLEEDING,
    CITALOPRAM,
    CLARITHROMYCIN,
    CLOPIDOGREL,
    CYP3A4,
    DRUGS,
    EDGES,
    LEVOTHYROXINE,
    OMEPRAZOLE,
    RHABDOMYOLYSIS,
    SIMVASTATIN,
    TORSADE,
    WARFARIN,
    cleared_by,
    graph_of,
    inhibits,
    panel_of,
    said,
)

GRAPH = graph_of(*EDGES)
LISTS = st.lists(st.sampled_from(sorted(DRUGS)), max_size=8)


def entries(*drugs: Curie) -> tuple[Entry, ...]:
    return tuple(Entry(drug, DRUGS.get(drug, str(drug))) for drug in drugs)


def ask(
    taking: Sequence[Curie],
    adding: Sequence[Curie] = (),
    stopping: Sequence[Curie] = (),
    graph: KnowledgeGraph = GRAPH,
) -> Screening:
    question = Question(Regimen.written(entries(*taking)), entries(*adding), tuple(stopping))
    return screen(question, graph, panel_of(graph))


def changes(answer: Screening) -> dict[Curie | None, Change]:
    return {changed.finding.effect: changed.change for changed in answer.findings}


def findings(answer: Screening) -> dict[str, Finding]:
    return {changed.finding.id: changed.finding for changed in answer.findings}


# What the change does


def test_what_the_added_drug_brings_is_created() -> None:
    answer = ask([SIMVASTATIN, WARFARIN], adding=[CLARITHROMYCIN])
    assert changes(answer) == {RHABDOMYOLYSIS: Change.CREATED, BLEEDING: Change.CREATED}


def test_the_stated_pair_is_told_once_with_the_enzyme_that_explains_it() -> None:
    (changed,) = ask([SIMVASTATIN], adding=[CLARITHROMYCIN]).findings
    finding = changed.finding
    assert finding.severity is Severity.CONTRAINDICATED
    assert (finding.precipitants, finding.affected) == ((CLARITHROMYCIN,), (SIMVASTATIN,))
    assert finding.mechanism is not None
    assert finding.mechanism.name == "CYP3A4 inhibition"
    assert {said.source for said in finding.evidence} == {"infores:ansm", "infores:coprescribe"}


def test_what_was_there_before_is_unchanged() -> None:
    answer = ask([CLOPIDOGREL, OMEPRAZOLE], adding=[LEVOTHYROXINE])
    assert set(changes(answer).values()) == {Change.UNCHANGED}
    assert len(answer.findings) == 1


def test_a_third_drug_of_one_liability_worsens_what_two_had() -> None:
    answer = ask([CLARITHROMYCIN, CITALOPRAM], adding=[AMIODARONE])
    assert changes(answer) == {TORSADE: Change.WORSENED}
    assert answer.findings[0].finding.severity is Severity.MAJOR


def test_more_points_at_the_same_severity_are_worse() -> None:
    answer = ask([AMIODARONE, CITALOPRAM, CLARITHROMYCIN], adding=[], stopping=[CLARITHROMYCIN])
    assert changes(answer) == {TORSADE: Change.IMPROVED}


def test_stopping_the_cause_resolves_a_finding() -> None:
    answer = ask([SIMVASTATIN, CLARITHROMYCIN], stopping=[CLARITHROMYCIN])
    assert changes(answer) == {RHABDOMYOLYSIS: Change.RESOLVED}


def test_replacing_is_stopping_and_adding_in_one_question() -> None:
    answer = ask([SIMVASTATIN, CLARITHROMYCIN], adding=[LEVOTHYROXINE], stopping=[CLARITHROMYCIN])
    assert changes(answer) == {RHABDOMYOLYSIS: Change.RESOLVED}
    assert answer.not_covered == (LEVOTHYROXINE,)


def test_two_drugs_that_raise_each_other_are_two_findings_of_one_answer() -> None:
    pair = (CLARITHROMYCIN, SIMVASTATIN)
    graph = graph_of(
        *(inhibits(drug, CYP3A4, "strong") for drug in pair),
        *(cleared_by(drug, CYP3A4, "sensitive") for drug in pair),
    )
    answer = ask([SIMVASTATIN], adding=[CLARITHROMYCIN], graph=graph)
    assert {c.finding.affected for c in answer.findings} == {(drug,) for drug in pair}


def test_stopping_what_is_not_taken_changes_nothing() -> None:
    assert ask([WARFARIN, CLARITHROMYCIN], stopping=[AMIODARONE]) == ask([WARFARIN, CLARITHROMYCIN])


def test_an_empty_list_has_an_empty_answer() -> None:
    assert ask([]) == Screening((), (), ())


# The order of the answer


@dataclass(frozen=True)
class Told:
    """A detector that tells some findings of one drug as soon as the drug is there."""

    drug: Curie
    told: tuple[Finding, ...]

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        del patient
        yield from self.told if self.drug in regimen.drugs else ()


def told(severity: Severity | None, number: int, probability: float | None = None) -> Finding:
    kind = FindingKind.PREDICTED_EFFECT if probability else FindingKind.DRUG_CONDITION
    effect = Curie("HP", f"{number:07}")
    return Finding(
        kind, severity, (WARFARIN,), (), (said(severity),), effect, probability=probability
    )


def test_created_findings_come_first_then_the_worst_then_predictions_by_probability() -> None:
    new = (
        told(None, 1, 0.2),
        told(None, 2),
        told(Severity.MINOR, 3),
        told(Severity.CONTRAINDICATED, 4),
        told(None, 5, 0.7),
    )
    old = told(Severity.CONTRAINDICATED, 6)
    panel = (Told(WARFARIN, new), Told(SIMVASTATIN, (old,)), Told(CITALOPRAM, (told(None, 7),)))
    taking = Regimen.of([SIMVASTATIN, CITALOPRAM])
    question = Question(taking, entries(WARFARIN), (CITALOPRAM,))
    answer = screen(question, GRAPH, panel)
    numbers = [int(c.finding.effect.identifier) for c in answer.findings if c.finding.effect]
    assert numbers == [4, 3, 2, 5, 1, 6, 7]


# What the answer is silent about


def test_each_pair_is_said_to_have_a_finding_or_none_or_no_data() -> None:
    answer = ask([SIMVASTATIN, CLARITHROMYCIN, WARFARIN, LEVOTHYROXINE])
    status = {frozenset(pair.drugs): pair.status for pair in answer.pairs}
    assert len(answer.pairs) == 6
    assert status[frozenset((SIMVASTATIN, CLARITHROMYCIN))] == "finding"
    assert status[frozenset((SIMVASTATIN, WARFARIN))] == "none_found"
    assert status[frozenset((LEVOTHYROXINE, WARFARIN))] == "not_covered"


def test_every_pair_of_an_additive_finding_has_a_finding() -> None:
    answer = ask([CLARITHROMYCIN, CITALOPRAM, AMIODARONE])
    assert {pair.status for pair in answer.pairs} == {"finding"}


def test_a_prediction_alone_says_nothing_in_the_coverage_of_a_pair() -> None:
    guess = replace(told(None, 1, 0.4), precipitants=(WARFARIN, SIMVASTATIN))
    taking = Regimen.of([WARFARIN, SIMVASTATIN])
    answer = screen(Question(taking), GRAPH, (Told(WARFARIN, (guess,)),))
    assert len(answer.findings) == 1
    assert [pair.status for pair in answer.pairs] == ["none_found"]


def test_a_drug_the_graph_does_not_know_is_named_rather_than_passed_over() -> None:
    unknown = Curie("RXCUI", "999")
    answer = ask([WARFARIN, unknown])
    assert answer.not_covered == (unknown,)
    assert answer.pairs[0].status == "not_covered"


def test_coverage_is_of_the_list_after_the_change() -> None:
    answer = ask([SIMVASTATIN, CLARITHROMYCIN], adding=[WARFARIN], stopping=[CLARITHROMYCIN])
    assert {drug for pair in answer.pairs for drug in pair.drugs} == {SIMVASTATIN, WARFARIN}


# What never matters


@given(LISTS, LISTS, st.randoms())
def test_the_order_of_drugs_does_not_matter(
    taking: list[Curie], adding: list[Curie], dice: Random
) -> None:
    one = ask(taking, adding)
    dice.shuffle(taking)
    dice.shuffle(adding)
    other = ask(taking, adding)
    assert (other.findings, other.pairs) == (one.findings, one.pairs)
    assert set(other.not_covered) == set(one.not_covered)


@given(LISTS, LISTS)
def test_an_entry_repeated_changes_nothing(taking: list[Curie], adding: list[Curie]) -> None:
    assert ask(taking + taking[:2], adding + adding[:2]) == ask(taking, adding)


@given(LISTS, LISTS)
def test_adding_what_is_taken_already_changes_nothing(
    taking: list[Curie], more: list[Curie]
) -> None:
    repeated = [drug for drug in more if drug in taking]
    assert ask(taking, repeated) == ask(taking)


@given(LISTS, LISTS)
def test_adding_and_then_stopping_gives_the_first_answer_back(
    taking: list[Curie], more: list[Curie]
) -> None:
    new = [drug for drug in more if drug not in taking]
    first = Regimen.written(entries(*taking))
    back = first.changed(entries(*new), ()).changed((), new)
    assert back == first
    assert screen(Question(back), GRAPH, panel_of(GRAPH)) == ask(taking)


@given(LISTS, LISTS)
def test_stopping_what_was_added_turns_each_change_round(
    taking: list[Curie], more: list[Curie]
) -> None:
    new = [drug for drug in dict.fromkeys(more) if drug not in taking]
    there, back = ask(taking, new), ask([*taking, *new], stopping=new)
    turned = {
        Change.CREATED: Change.RESOLVED,
        Change.WORSENED: Change.IMPROVED,
        Change.IMPROVED: Change.WORSENED,
        Change.UNCHANGED: Change.UNCHANGED,
    }
    forth = {c.finding.problem: turned[c.change] for c in there.findings}
    assert {c.finding.problem: c.change for c in back.findings} == forth


@given(LISTS, LISTS)
def test_one_more_drug_never_resolves_or_improves_anything(
    taking: list[Curie], adding: list[Curie]
) -> None:
    happened = set(changes(ask(taking, adding)).values())
    assert not happened & {Change.RESOLVED, Change.IMPROVED}


@given(LISTS)
def test_every_finding_is_about_drugs_of_the_list_and_says_who_states_it(
    taking: list[Curie],
) -> None:
    for finding in findings(ask(taking)).values():
        assert set(finding.drugs) <= set(taking)
        assert finding.evidence
        assert all(said.licence and said.version for said in finding.evidence)


def test_a_finding_keeps_its_id_when_the_list_grows() -> None:
    small = findings(ask([SIMVASTATIN, CLARITHROMYCIN]))
    large = findings(ask([WARFARIN, SIMVASTATIN, CLOPIDOGREL, CLARITHROMYCIN]))
    assert set(small) <= set(large)


def test_screening_opens_no_file_and_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> NoReturn:
        raise AssertionError(f"screening reached out for {args}")

    graph = graph_of(*EDGES)
    panel = panel_of(graph)
    with monkeypatch.context() as patched:
        patched.setattr(builtins, "open", refuse)
        patched.setattr("io.open", refuse)
        patched.setattr("os.open", refuse)
        patched.setattr(socket, "socket", refuse)
        taking = Regimen.written(entries(*DRUGS))
        answer = screen(Question(taking, entries(Curie("RXCUI", "999"))), graph, panel)
    assert len(answer.findings) == 4
