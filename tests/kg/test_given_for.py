"""Purposes of drugs: what stands in for what, what a patient means, and what advice names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from kg.graph import KnowledgeGraph
from kg.model import Edge, Severity
from kg.rules.kinship import load_kin_rules
from kg.rules.rows import MalformedRule
from kg.screening.advised import is_advised
from kg.screening.alternatives import Alternative, alternatives
from kg.screening.detector import Detector
from kg.screening.engine import Question, screen
from kg.screening.finding import Finding, FindingKind
from kg.screening.given_for import Choice, GivenFor, Member, Purpose
from kg.screening.kin_rules import KinRules
from kg.screening.kinship import Kinship, Relatives
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.targets import Targets
from kg.sources.curated import FOLDER
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests import tiny
from tests.tiny import BLEEDING, WARFARIN, said

BOTH, HEART, MOOD = (Curie("RXCUI", str(n)) for n in (910001, 910002, 910003))
SELDOM, HALF, UNSTATED = (Curie("RXCUI", str(n)) for n in (910004, 910005, 910006))
PRESSURE, BLUES = Curie("DOID", "10763"), Curie("DOID", "1596")
PURPOSES = (
    Purpose("heart", conditions=frozenset({PRESSURE})),
    Purpose("mood", aside=True, conditions=frozenset({BLUES})),
    Purpose("birth", whole=True, any_route=True),
)
MEMBERS = (
    Member("heart", str(BOTH)),
    Member("mood", str(BOTH)),
    Member("heart", str(HEART), Choice.FIRST),
    Member("mood", str(MOOD)),
    Member("heart", str(SELDOM), Choice.RARE),
    Member("heart", str(HALF), Choice.PARTNER),
)
RULES = KinRules({}, purposes=PURPOSES, members=MEMBERS)
DRUGS = (BOTH, HEART, MOOD, SELDOM, HALF, UNSTATED)


def with_warfarin(drug: Curie) -> list[Edge]:
    return tiny.interaction(drug, WARFARIN, BLEEDING, None, said(Severity.MINOR))


def graph_of() -> KnowledgeGraph:
    held = tiny.NAMES
    tiny.NAMES = {**held, **{drug: f"drug{drug.identifier}" for drug in DRUGS}}
    try:
        return tiny.graph_of(
            *(edge for drug in DRUGS for edge in with_warfarin(drug)),
            *(
                tiny.edge(d, Predicate.SUBCLASS_OF, Curie("ATC", "C02AA"))
                for d in (BOTH, MOOD, HALF, UNSTATED)
            ),
        )
    finally:
        tiny.NAMES = held


def offer(
    adding: Sequence[Entry],
    conditions: tuple[Curie, ...] = (),
    rules: KinRules = RULES,
    panel: Sequence[Detector] = (),
) -> list[Alternative]:
    graph = graph_of()
    question = Question(Regimen.of([WARFARIN]), tuple(adding), (), Patient(conditions=conditions))
    ask = partial(screen, graph=graph, panel=[*tiny.panel_of(graph), *panel])
    return list(alternatives(question, ask(question), Relatives(Targets(graph), rules), ask))


def test_drugs_for_nothing_in_common_are_no_relatives_and_named_ones_need_no_group() -> None:
    found = {r.drug: r.kinship for r in Relatives(Targets(graph_of()), RULES).of(HEART)}
    assert found == {BOTH: Kinship.PURPOSE, SELDOM: Kinship.PURPOSE}


def test_the_main_purpose_counts_unless_the_patient_has_another_condition() -> None:
    added = [Entry(BOTH, "both")]
    assert [a.drug for a in offer(added)] == [HEART, UNSTATED]
    assert [a.drug for a in offer(added, (PRESSURE,))] == [HEART]
    assert MOOD in {a.drug for a in offer(added, (BLUES,))}
    assert HEART not in {a.drug for a in offer(added, (BLUES,))}


def test_a_rare_choice_is_offered_where_there_is_no_other() -> None:
    members = tuple(member for member in MEMBERS if member.drug != HEART)
    added = [Entry(BOTH, "both")]
    found = offer(added, (PRESSURE,), replace(RULES, members=members))
    assert [a.drug for a in found] == [SELDOM]


def test_a_partner_in_products_is_never_offered() -> None:
    assert HALF not in {a.drug for a in offer([Entry(BOTH, "both")])}


def test_a_product_is_replaced_as_a_whole_where_one_drug_does_what_it_does() -> None:
    members = (
        Member("birth", str(HALF), Choice.PARTNER),
        Member("birth", str(BOTH), Choice.FIRST),
        Member("birth", str(HEART), Choice.FIRST),
    )
    rules = replace(RULES, members=members)
    pill = [Entry(HALF, "Pill"), Entry(BOTH, "pill")]
    (found,) = [a for a in offer(pill, rules=rules) if a.drug == HEART]
    assert (found.instead_of, found.replaces) == (BOTH, (BOTH, HALF))


def test_what_is_said_of_the_drug_leads_with_the_drugs_that_it_names() -> None:
    class Advises:
        def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
            kind, text = FindingKind.DRUG_CONDITION, "Avoid it. Use drug910004 instead."
            if BOTH in regimen.drugs:
                yield Finding(kind, Severity.MAJOR, (), (BOTH,), (said(),), recommendation=text)

    first, *others = offer([Entry(BOTH, "both")], panel=[Advises()])
    assert (first.drug, first.is_advised) == (SELDOM, True)
    assert not any(each.is_advised for each in others)


@pytest.mark.parametrize("groups", [("ATC:N05C", "ATC:N05CA"), ("ATC:N05CA", "ATC:N05C")])
def test_of_two_groups_the_narrower_says_how_soon_a_drug_is_thought_of(
    groups: tuple[str, ...],
) -> None:
    class OfGroups(Targets):
        def of(self, drug: Curie) -> frozenset[str]:
            del drug
            # A tuple stands for the order in which one process or another meets the groups.
            return groups  # type: ignore[return-value]

    members = (Member("sleep", "ATC:N05C"), Member("sleep", "ATC:N05CA", Choice.RARE))
    given = GivenFor(OfGroups(tiny.graph_of()), {"sleep": Purpose("sleep")}, members)
    assert given.of(BOTH) == {"sleep": Choice.RARE}


def test_a_second_drug_of_one_class_is_not_offered() -> None:
    class Doubles:
        def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
            kind, drugs = FindingKind.DUPLICATION, (HEART, WARFARIN)
            if HEART in regimen.drugs:
                yield Finding(kind, Severity.MODERATE, drugs, (), (said(),))

    assert HEART not in {a.drug for a in offer([Entry(BOTH, "both")], panel=[Doubles()])}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Avoid it. Use prasugrel or ticagrelor at standard dose.", True),
        ("Consider another antidepressant not changed by CYP2D6 (e.g., ticagrelor).", True),
        ("Use another method: an implant, or the depot of ticagrelor.", True),
        ("Replace it by ticagrelor.", True),
        ("Do not use ticagrelor.", False),
        ("Use with ticagrelor only under control.", False),
        ("Use clopidogrel rather than ticagrelor.", False),
        ("Avoid ticagrelor; use clopidogrel.", False),
        ("Ticagrelor works less.", False),
    ],
)
def test_advice_names_a_drug_only_as_one_to_use(text: str, *, named: bool) -> None:
    assert is_advised("ticagrelor", [text]) is named


def test_the_tables_are_sorted_cited_and_know_their_purposes() -> None:
    rules = load_kin_rules()
    used = {member.purpose for member in rules.members}
    assert used == {purpose.name for purpose in rules.purposes}
    references = (FOLDER / "references.tsv").read_text(encoding="utf-8").splitlines()
    listed = {line.split("\t")[0] for line in references}
    for name in ("purposes.tsv", "purpose_drugs.tsv"):
        rows = (FOLDER / name).read_text(encoding="utf-8").splitlines()[1:]
        assert rows == sorted(rows)
        assert {row.split("\t")[-1] for row in rows} <= listed


@pytest.mark.parametrize(
    ("file", "row"),
    [
        ("purposes.tsv", "x\tx\tmaybe\tno\tno\t\twho-atc"),
        ("purposes.tsv", "x\tx\tno\tno\tno\tnowhere\twho-atc"),
        ("purpose_drugs.tsv", "mood\tRXCUI:1\tx\tfirst\twho-atc"),
        ("purpose_drugs.tsv", "pain\tanything\tx\tfirst\twho-atc"),
        ("purpose_drugs.tsv", "pain\tRXCUI:1\tx\tbest\twho-atc"),
    ],
)
def test_a_malformed_row_is_quoted(tmp_path: Path, file: str, row: str) -> None:
    for path in FOLDER.glob("*.tsv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / file).open("a", encoding="utf-8") as table:
        table.write(row + "\n")
    with pytest.raises(MalformedRule, match=file):
        load_kin_rules(tmp_path)
