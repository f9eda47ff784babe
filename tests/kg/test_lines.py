"""One drug in several lines of a list: none is lost, and the worst of them counts."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from kg.model import Edge, Severity
from kg.rules.routes import load_routes
from kg.rules.rows import MalformedRule
from kg.screening.background import Background
from kg.screening.context import Context
from kg.screening.documented import DocumentedInteractions
from kg.screening.duplication import Duplications
from kg.screening.factors import parse_terms
from kg.screening.finding import Finding
from kg.screening.kinship import KinRules, Relatives
from kg.screening.laboratory import LabTests
from kg.screening.modifier_index import ModifierIndex
from kg.screening.modifiers import ModifierRule
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.stated_conditions import StatedConditions
from kg.screening.targets import Targets, precision
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests import tiny
from tests.tiny import CLARITHROMYCIN, SIMVASTATIN, STATINS, WARFARIN

GRAPH = tiny.graph_of(*tiny.EDGES)
BACKGROUND = Background.of(GRAPH, LabTests())
ORAL = Entry(WARFARIN, "warfarin", "oral")
SKIN = Entry(WARFARIN, "warfarin", "topical")
UNTOLD = Entry(WARFARIN, "Warfarin")
OTHER = Entry(CLARITHROMYCIN, "clarithromycin", "oral")


def on_route(name: str, direction: str, when: str, pair: tuple[str, ...] = ()) -> ModifierRule:
    kind = "" if pair else "drug_drug"
    return ModifierRule(name, parse_terms(when), direction, f"{name}.", "ref", kind, pair)


LOWER = on_route("skin", "lower", "route=topical")
RAISE = on_route("gel", "raise", f"route:{WARFARIN}=topical")


def judged(
    entries: tuple[Entry, ...], *rules: ModifierRule, patient: Patient | None = None
) -> Finding:
    regimen, patient = Regimen.written(entries), patient or Patient()
    context = Context(ModifierIndex(BACKGROUND, rules), StatedConditions(GRAPH, ()))
    findings = DocumentedInteractions(GRAPH).detect(regimen, patient)
    (finding,) = context.apply(findings, regimen, patient)
    return finding


def test_lines_that_differ_in_route_or_duration_stay_apart() -> None:
    short = Entry(WARFARIN, "warfarin", "oral", 3)
    entries = Regimen.written((ORAL, SKIN, UNTOLD, short, Entry(WARFARIN, "WARFARIN", "oral")))
    assert entries.entries == (ORAL, SKIN, UNTOLD, short)


def test_one_name_in_two_lines_is_no_second_name() -> None:
    assert Regimen.written((ORAL, SKIN, UNTOLD)).repeated == ()
    twice = Regimen.written((ORAL, SKIN, Entry(WARFARIN, "Coumadin")))
    assert twice.repeated == ((WARFARIN, ("warfarin", "Coumadin")),)


@pytest.mark.parametrize(
    ("lines", "severity"),
    [
        ((SKIN,), Severity.MINOR),
        ((SKIN, ORAL), Severity.MODERATE),
        ((SKIN, UNTOLD), Severity.MODERATE),
    ],
)
def test_a_harmless_route_lowers_nothing_beside_another_of_the_same_drug(
    lines: tuple[Entry, ...], severity: Severity
) -> None:
    for entries in permutations((*lines, OTHER)):
        assert judged(entries, LOWER).severity is severity


def test_what_raises_needs_one_line_alone() -> None:
    for entries in permutations((SKIN, ORAL, OTHER)):
        assert judged(entries, RAISE).severity is Severity.MAJOR
    assert judged((ORAL, OTHER), RAISE).severity is Severity.MODERATE


AGED = ModifierRule("old", parse_terms("age>=65"), "raise", "old.", "ref", "drug_drug")


@pytest.mark.parametrize(
    ("direction", "severity"),
    [("lower", Severity.MODERATE), ("local", Severity.MINOR), ("spare", Severity.MINOR)],
)
def test_what_raises_in_general_is_not_heard_where_a_drug_acts_in_one_place(
    direction: str, severity: Severity
) -> None:
    rule = on_route("skin", direction, f"route:{WARFARIN}=topical")
    finding = judged((SKIN, OTHER), rule, AGED, patient=Patient(age_years=80))
    assert finding.severity is severity
    assert ("old." in {m.factor for m in finding.modifiers}) == (direction == "lower")
    said = "skin." if direction != "lower" else None
    assert (finding.recommendation == said) == (direction != "lower")


def test_what_raises_by_the_route_itself_is_heard() -> None:
    rule = on_route("skin", "local", "route=topical")
    assert judged((SKIN, OTHER), rule, RAISE).severity is Severity.MODERATE


def test_an_added_line_by_mouth_takes_the_harmless_route_away() -> None:
    after = Regimen.written((SKIN, OTHER)).changed((ORAL,), ())
    assert after.entries == (SKIN, OTHER, ORAL)
    assert judged(after.entries, LOWER).severity is Severity.MODERATE


@pytest.mark.parametrize(
    ("lines", "severity"),
    [
        ((SKIN, Entry(WARFARIN, "Coumadin")), Severity.MODERATE),
        ((ORAL, SKIN, Entry(WARFARIN, "Coumadin", "topical")), Severity.MODERATE),
        ((ORAL, SKIN, Entry(WARFARIN, "Coumadin", "oral")), Severity.MAJOR),
    ],
)
def test_of_an_ingredient_taken_twice_one_line_may_act_in_the_body(
    lines: tuple[Entry, ...], severity: Severity
) -> None:
    rule = ModifierRule("d", parse_terms("route=topical"), "lower", "d.", "ref", "duplication")
    regimen = Regimen.written(lines)
    context = Context(ModifierIndex(BACKGROUND, (rule,)), StatedConditions(GRAPH, ()))
    findings = Duplications(Targets(GRAPH)).detect(regimen, Patient())
    (finding,) = context.apply(findings, regimen, Patient())
    assert finding.severity is severity


def class_edges() -> tuple[Edge, ...]:
    return (tiny.edge(SIMVASTATIN, Predicate.SUBCLASS_OF, STATINS),)


def test_of_two_pairs_that_ask_one_thing_the_narrower_speaks_whatever_their_order() -> None:
    codes = ("ATC:J", "ATC:J01", "ATC:J01F", "ATC:J01FA")
    links = (tiny.edge(CLARITHROMYCIN, Predicate.SUBCLASS_OF, Curie("ATC", "J01FA")),)
    background = Background.of(tiny.graph_of(*tiny.EDGES, *links), LabTests())
    ends = (*codes, str(CLARITHROMYCIN))
    rules = [on_route(f"p{n}", "raise", "age>=65", (e, str(WARFARIN))) for n, e in enumerate(ends)]
    finding = next(
        f
        for f in DocumentedInteractions(background.targets.graph).detect(
            Regimen.of([CLARITHROMYCIN, WARFARIN]), Patient()
        )
    )
    for kept in range(1, len(rules) + 1):
        for order in (rules[:kept], rules[:kept][::-1]):
            (found,) = ModifierIndex(background, tuple(order)).about(finding)
            assert found.id == f"p{kept - 1}"


def test_a_drug_is_narrower_than_any_class_and_a_class_than_what_holds_it() -> None:
    targets = ("RXCUI:1", "ATC:B01AA", "ATC:B01A", "ATC:B", "liability:qt:high", "liability:qt")
    told = [precision(target) for target in targets]
    assert told == sorted(told, reverse=True)
    assert len(set(told)) >= len(told) - 1


def test_the_ear_is_a_route_and_local_as_eye_and_skin_are_and_the_rectum_is_not() -> None:
    routes = load_routes()
    assert {routes.read(word) for word in ("Ear ", "otic", "auricular")} == {"otic"}
    assert {"otic", "ophthalmic", "topical"} <= routes.local
    assert routes.local.isdisjoint({"oral", "rectal", "transdermal", "intravenous"})
    assert routes.read("frobnicated") is None


def test_a_route_that_the_table_calls_local_has_relatives_of_its_place_alone() -> None:
    graph = tiny.graph_of(*tiny.EDGES, *class_edges())
    rules = KinRules({"S01": "ophthalmic"}, local=load_routes().local)
    assert Relatives(Targets(graph), rules).of(SIMVASTATIN, "otic") == ()


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ("eye\tophthalmic\tperhaps\tr\n", "perhaps"),
        ("ear\totic\tyes\tr\notic\totic\tno\tr\n", "no"),
        ("ear\totic\tyes\tr\near\totic\tyes\tr\n", "ear"),
    ],
)
def test_a_route_that_cannot_be_read_is_quoted(tmp_path: Path, rows: str, value: str) -> None:
    (tmp_path / "routes.tsv").write_text("written\troute\tlocal\treference\n" + rows)
    with pytest.raises(MalformedRule) as refusal:
        load_routes(tmp_path)
    assert refusal.value.value == value
