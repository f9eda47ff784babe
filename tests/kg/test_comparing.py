"""A problem that grows is worse and one that shrinks is better, in whatever form it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from kg.model import Severity
from kg.screening.comparing import compare
from kg.screening.detector import Detector
from kg.screening.double_rules import DoubleRule, DoubleRules
from kg.screening.duplication import Duplications
from kg.screening.effects import RAISED_EXPOSURE, UNNAMED, EffectFamilies
from kg.screening.engine import Known, Question, Screening, screen
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.targets import Targets
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests.tiny import (
    AMIODARONE,
    BLEEDING,
    CITALOPRAM,
    CLARITHROMYCIN,
    DRUGS,
    EDGES,
    LEVOTHYROXINE,
    SIMVASTATIN,
    STATINS,
    TORSADE,
    WARFARIN,
    edge,
    graph_of,
    interaction,
    panel_of,
    said,
)

LONG_QT = Curie("HP", "0001657")
ATORVASTATIN = Curie("RXCUI", "83367")
FAMILIES = EffectFamilies({TORSADE: "qt", LONG_QT: "qt"}, frozenset({TORSADE}))
GRAPH = graph_of(
    *EDGES,
    edge(ATORVASTATIN, Predicate.SUBCLASS_OF, STATINS),
    *interaction(AMIODARONE, CITALOPRAM, TORSADE, None, said(Severity.CONTRAINDICATED)),
    *interaction(CLARITHROMYCIN, CITALOPRAM, LONG_QT, None, said(None)),
    *interaction(AMIODARONE, CLARITHROMYCIN, UNNAMED, None, said(Severity.MODERATE)),
    *interaction(AMIODARONE, WARFARIN, BLEEDING, None, said(Severity.MAJOR)),
    *interaction(AMIODARONE, WARFARIN, RAISED_EXPOSURE, None, said(None)),
    *interaction(ATORVASTATIN, SIMVASTATIN, UNNAMED, None, said(Severity.MINOR)),
)
RULE = DoubleRule("ATC:C10AA", "ATC:C10AA", "statin", Severity.MODERATE, "Keep one.", "ref")
PANEL: tuple[Detector, ...] = (
    *panel_of(GRAPH)[:-1],
    Duplications(Targets(GRAPH), DoubleRules((RULE,))),
)
ALL = (*sorted(DRUGS), ATORVASTATIN)
LISTS = st.lists(st.sampled_from(ALL), max_size=8)


def entries(drugs: Sequence[Curie]) -> tuple[Entry, ...]:
    return tuple(Entry(drug, str(drug)) for drug in drugs)


def ask(
    taking: Sequence[Curie],
    adding: Sequence[Curie] = (),
    stopping: Sequence[Curie] = (),
    known: Known | None = None,
) -> Screening:
    question = Question(Regimen.written(entries(taking)), entries(adding), tuple(stopping))
    return screen(question, GRAPH, PANEL, FAMILIES, known)


def told(answer: Screening) -> list[tuple[FindingKind, frozenset[Curie], Change]]:
    found = [(c.finding.kind, frozenset(c.finding.drugs), c.change) for c in answer.findings]
    return sorted(found, key=str)


def only(answer: Screening) -> tuple[Finding, Change]:
    (changed,) = answer.findings
    return changed.finding, changed.change


def test_a_stated_pair_that_becomes_a_burden_of_three_is_worsened() -> None:
    before, _ = only(ask([AMIODARONE, CITALOPRAM]))
    assert before.kind is FindingKind.DRUG_DRUG
    after, change = only(ask([AMIODARONE, CITALOPRAM], [CLARITHROMYCIN]))
    assert (after.kind, change) == (FindingKind.ADDITIVE_EFFECT, Change.WORSENED)
    assert set(after.drugs) == {AMIODARONE, CITALOPRAM, CLARITHROMYCIN}
    assert after.severity is Severity.CONTRAINDICATED


def test_a_burden_of_three_that_becomes_a_pair_is_improved() -> None:
    three = [AMIODARONE, CITALOPRAM, CLARITHROMYCIN]
    finding, change = only(ask(three, stopping=[CLARITHROMYCIN]))
    assert (finding.kind, change) == (FindingKind.DRUG_DRUG, Change.IMPROVED)


def test_a_statement_without_effect_that_a_burden_takes_in_is_not_resolved() -> None:
    finding, change = only(ask([AMIODARONE, CLARITHROMYCIN], [CITALOPRAM]))
    assert (set(finding.drugs), change) == (
        {AMIODARONE, CITALOPRAM, CLARITHROMYCIN},
        Change.WORSENED,
    )


def test_a_statement_without_effect_is_resolved_with_its_drug() -> None:
    answer = ask([ATORVASTATIN, SIMVASTATIN], stopping=[ATORVASTATIN])
    assert {change for _, _, change in told(answer)} == {Change.RESOLVED}


def test_a_third_drug_of_a_class_worsens_the_doubling() -> None:
    rules = DoubleRules((RULE,))
    third = Curie("RXCUI", "42463")
    graph = graph_of(*(edge(d, Predicate.SUBCLASS_OF, STATINS) for d in (*ALL[-2:], third)))
    detector = Duplications(Targets(graph), rules)
    two = Question(Regimen.of(ALL[-2:]), (Entry(third, "pravastatin"),))
    finding, change = only(screen(two, graph, (detector,)))
    assert (len(finding.drugs), change) == (3, Change.WORSENED)


def advice(
    drug: Curie, *mechanisms: str, kind: FindingKind = FindingKind.DUPLICATION
) -> list[Finding]:
    """Findings of one problem that differ in their ids."""
    conditions = [Curie("HP", name) for name in mechanisms]
    return [
        Finding(kind, Severity.MINOR, (drug, drug), (), (), conditions=(condition,))
        for condition in conditions
    ]


def test_of_several_findings_of_one_problem_each_is_compared_with_itself() -> None:
    first, second, third = advice(WARFARIN, "1", "2", "3")
    assert first.problem == second.problem
    graver = replace(second, severity=Severity.MAJOR)
    changes = [(c.finding.id, c.change) for c in compare([first, second], [graver], FAMILIES)]
    assert changes == [(second.id, Change.WORSENED), (first.id, Change.RESOLVED)]
    changes = [(c.finding.id, c.change) for c in compare([second], [first, second], FAMILIES)]
    assert changes == [(second.id, Change.UNCHANGED), (first.id, Change.CREATED)]
    told = compare([], [first, second, third], FAMILIES)
    assert [c.finding for c in told] == [first, second, third]


def test_a_change_of_exposure_that_a_converted_gene_took_in_is_not_new_by_itself() -> None:
    gene = Curie("HGNC", "2621")
    sides = ((CLARITHROMYCIN,), (SIMVASTATIN,), ())
    pair = Finding(FindingKind.DRUG_DRUG, Severity.MINOR, *sides, effect=RAISED_EXPOSURE)
    converted = replace(pair, kind=FindingKind.DRUG_DRUG_GENE, genes=(gene,))
    by_another = replace(converted, precipitants=(AMIODARONE,))
    after = compare([converted], [by_another, pair], FAMILIES)
    assert {c.finding.id: c.change for c in after}[pair.id] is Change.UNCHANGED
    before = compare([by_another, pair], [converted], FAMILIES)
    assert Change.RESOLVED not in {c.change for c in before}
    assert compare([by_another], [pair], FAMILIES)[0].change is Change.CREATED


@dataclass(frozen=True)
class Advises:
    """A detector of two recommendations about one drug, gene and condition that share a key."""

    told: tuple[Finding, ...]

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        del patient
        yield from (f for f in self.told if set(f.affected) <= set(regimen.drugs))


def test_two_findings_of_one_key_are_both_told() -> None:
    kind = FindingKind.DRUG_DRUG_GENE
    two = tuple(
        Finding(kind, None, (), (WARFARIN,), (said(),), effect=effect)
        for effect in (BLEEDING, TORSADE)
    )
    answer = screen(Question(Regimen.of([WARFARIN])), GRAPH, (Advises(two),))
    assert {c.finding.effect for c in answer.findings} == {BLEEDING, TORSADE}


@given(LISTS, LISTS, st.randoms())
def test_the_order_of_drugs_does_not_matter(
    taking: list[Curie], adding: list[Curie], dice: Random
) -> None:
    one = ask(taking, adding)
    dice.shuffle(taking)
    dice.shuffle(adding)
    other = ask(taking, adding)
    assert (other.findings, other.pairs) == (one.findings, one.pairs)


@given(LISTS, LISTS)
def test_one_more_drug_never_resolves_or_improves_anything(
    taking: list[Curie], adding: list[Curie]
) -> None:
    happened = {change for _, _, change in told(ask(taking, adding))}
    assert not happened & {Change.RESOLVED, Change.IMPROVED}


@given(LISTS, LISTS)
def test_stopping_what_was_added_only_resolves_and_improves(
    taking: list[Curie], more: list[Curie]
) -> None:
    new = [drug for drug in dict.fromkeys(more) if drug not in taking]
    happened = {change for _, _, change in told(ask([*taking, *new], stopping=new))}
    assert not happened & {Change.CREATED, Change.WORSENED}


@given(LISTS, LISTS)
def test_findings_about_unchanged_drugs_alone_are_unchanged(
    taking: list[Curie], adding: list[Curie]
) -> None:
    new = set(adding) - set(taking)
    for _, drugs, change in told(ask(taking, adding)):
        assert change is Change.UNCHANGED or drugs & new


@given(LISTS)
def test_a_drug_without_any_edge_changes_nothing(taking: list[Curie]) -> None:
    listed = [drug for drug in taking if drug != LEVOTHYROXINE]
    assert told(ask(listed, [LEVOTHYROXINE])) == told(ask(listed))


@given(LISTS, LISTS)
def test_an_entry_repeated_changes_nothing(taking: list[Curie], adding: list[Curie]) -> None:
    assert ask(taking + taking[:2], adding + adding[:2]) == ask(taking, adding)


@given(LISTS, LISTS)
def test_adding_and_then_stopping_gives_the_first_answer_back(
    taking: list[Curie], more: list[Curie]
) -> None:
    new = [drug for drug in more if drug not in taking]
    first = Regimen.written(entries(taking))
    back = first.changed(entries(new), ()).changed((), new)
    assert screen(Question(back), GRAPH, PANEL, FAMILIES) == ask(taking)


@given(LISTS, LISTS)
def test_what_is_known_of_other_questions_changes_no_answer(
    taking: list[Curie], adding: list[Curie]
) -> None:
    known = Known()
    for drug in ALL:
        ask(taking, [drug], known=known)
    assert ask(taking, adding, known=known) == ask(taking, adding)
