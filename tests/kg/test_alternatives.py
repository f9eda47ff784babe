"""Alternatives: who stands in for whom, what each would leave, and who is never offered."""

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
from kg.screening.alternatives import MOST_SCREENED, MOST_SHOWN, Alternative, alternatives
from kg.screening.engine import Question, Screening, screen
from kg.screening.finding import Finding, FindingKind
from kg.screening.kinship import KinRules, Kinship, Relatives
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.targets import Targets
from kg.sources.curated import FOLDER
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests import tiny
from tests.tiny import BLEEDING, CLARITHROMYCIN, RHABDOMYOLYSIS, SIMVASTATIN, WARFARIN, said

PRAVASTATIN, LOVASTATIN = Curie("RXCUI", "42463"), Curie("RXCUI", "6472")
CERIVASTATIN, UNHEARD = Curie("RXCUI", "596723"), Curie("RXCUI", "900001")
SALT, PAIR = Curie("RXCUI", "900002"), Curie("RXCUI", "900003")
EZETIMIBE, EYE_DROPS = Curie("RXCUI", "341248"), Curie("RXCUI", "900004")
ROSUVASTATIN = Curie("RXCUI", "301542")
CHOLESTEROL, GOUT = Curie("DOID", "1168"), Curie("DOID", "13189")
NAMES = {
    PRAVASTATIN: "pravastatin",
    LOVASTATIN: "lovastatin",
    ROSUVASTATIN: "rosuvastatin",
    CERIVASTATIN: "cerivastatin",
    UNHEARD: "unheardstatin",
    SALT: "pravastatin sodium",
    PAIR: "simvastatin / ezetimibe",
    EZETIMIBE: "ezetimibe",
    EYE_DROPS: "eyestatin",
}
TABLES = ("atc_routes.tsv", "atc_mixed.tsv", "atc_apart.tsv", "withdrawn.tsv")
LOCAL = frozenset({"ophthalmic", "topical"})
RULES = KinRules({"S01": "ophthalmic"}, frozenset({"C10"}), frozenset({CERIVASTATIN}), LOCAL)


def in_group(drug: Curie, code: str) -> Edge:
    return tiny.edge(drug, Predicate.SUBCLASS_OF, Curie("ATC", code))


def with_warfarin(drug: Curie, severity: Severity = Severity.MINOR) -> list[Edge]:
    return tiny.interaction(drug, WARFARIN, BLEEDING, None, said(severity))


EDGES = (
    *tiny.EDGES,
    *with_warfarin(SIMVASTATIN),
    *with_warfarin(PRAVASTATIN),
    *with_warfarin(ROSUVASTATIN, Severity.MODERATE),
    *with_warfarin(LOVASTATIN),
    *with_warfarin(CERIVASTATIN),
    *with_warfarin(SALT),
    *with_warfarin(PAIR),
    *with_warfarin(EZETIMIBE),
    *with_warfarin(EYE_DROPS),
    *tiny.interaction(
        CLARITHROMYCIN, LOVASTATIN, RHABDOMYOLYSIS, None, said(Severity.CONTRAINDICATED)
    ),
    *(in_group(d, "C10AA") for d in (PRAVASTATIN, CERIVASTATIN, UNHEARD, SALT, PAIR)),
    in_group(LOVASTATIN, "C10AA02"),
    in_group(ROSUVASTATIN, "C10AA07"),
    in_group(SIMVASTATIN, "S01XA"),
    in_group(EYE_DROPS, "S01XA"),
    in_group(EZETIMIBE, "C10AX"),
)


@pytest.fixture(scope="module")
def graph() -> Iterator[KnowledgeGraph]:
    """The tiny graph with more statins."""
    held = tiny.NAMES
    tiny.NAMES = {**held, **NAMES}
    try:
        yield tiny.graph_of(*EDGES)
    finally:
        tiny.NAMES = held


@pytest.fixture(scope="module")
def relatives(graph: KnowledgeGraph) -> Relatives:
    return Relatives(Targets(graph), RULES)


def entry(drug: Curie, route: str | None = None) -> Entry:
    return Entry(drug, str(drug), route)


def offer(
    relatives: Relatives,
    taking: Sequence[Curie],
    adding: Sequence[Curie] = (),
    stopping: Sequence[Curie] = (),
) -> tuple[Alternative, ...]:
    graph = relatives.graph
    question = Question(Regimen.of(taking), tuple(map(entry, adding)), tuple(stopping))
    ask = partial(screen, graph=graph, panel=tiny.panel_of(graph))
    return alternatives(question, ask(question), relatives, ask)


def test_only_single_ingredients_in_use_of_which_enough_is_known_are_relatives(
    relatives: Relatives,
) -> None:
    found = {r.drug: (r.kinship, r.shared_class) for r in relatives.of(SIMVASTATIN)}
    assert found == {
        PRAVASTATIN: (Kinship.SUBGROUP, "ATC:C10AA"),
        ROSUVASTATIN: (Kinship.SUBGROUP, "ATC:C10AA"),
        LOVASTATIN: (Kinship.SUBGROUP, "ATC:C10AA"),
        EZETIMIBE: (Kinship.GROUP, "ATC:C10A"),
    }


def test_edges_to_a_node_are_counted(graph: KnowledgeGraph) -> None:
    pairs = graph.edges_to(SIMVASTATIN, Predicate.HAS_PARTICIPANT)
    assert graph.count_to(SIMVASTATIN, Predicate.HAS_PARTICIPANT) == len(pairs) == 2
    assert graph.count_to(Curie("RXCUI", "0"), Predicate.HAS_PARTICIPANT) == 0
    assert graph.count_to(SIMVASTATIN, Predicate.SENSITIVITY) == 0


def test_relatives_act_where_the_drug_is_given(relatives: Relatives) -> None:
    assert [r.drug for r in relatives.of(SIMVASTATIN, "ophthalmic")] == [EYE_DROPS]
    assert relatives.of(PRAVASTATIN, "topical") == ()


def test_a_group_of_unlike_purposes_makes_no_relatives(graph: KnowledgeGraph) -> None:
    mixed = Relatives(Targets(graph), KinRules({}, frozenset({"C10A"})))
    assert EZETIMIBE not in {r.drug for r in mixed.of(SIMVASTATIN)}


def test_those_given_for_other_things_are_left_out(graph: KnowledgeGraph) -> None:
    stated = (
        tiny.edge(SIMVASTATIN, Predicate.TREATS, CHOLESTEROL),
        tiny.edge(EZETIMIBE, Predicate.TREATS, GOUT),
    )
    other = Relatives(Targets(tiny.graph_of(*EDGES, *stated)), RULES)
    assert EZETIMIBE not in {r.drug for r in other.of(SIMVASTATIN)}


def test_drugs_of_one_purpose_are_relatives_where_atc_gives_few(graph: KnowledgeGraph) -> None:
    edges = [
        *with_warfarin(SIMVASTATIN),
        *with_warfarin(EZETIMIBE),
        in_group(SIMVASTATIN, "C10AA"),
        in_group(EZETIMIBE, "B01AA"),
        *(
            tiny.edge(d, Predicate.TREATS, x)
            for d in (SIMVASTATIN, EZETIMIBE)
            for x in (GOUT, CHOLESTEROL)
        ),
    ]
    (found,) = Relatives(Targets(tiny.graph_of(*edges)), RULES).of(SIMVASTATIN)
    assert (found.drug, found.kinship, found.shared_class) == (EZETIMIBE, Kinship.INDICATION, None)


def test_what_leaves_least_comes_first_and_nothing_contraindicated_is_offered(
    relatives: Relatives,
) -> None:
    found = offer(relatives, [CLARITHROMYCIN, WARFARIN], [SIMVASTATIN])
    assert [(a.drug, a.worst_severity, a.findings) for a in found] == [
        (PRAVASTATIN, Severity.MINOR, 1),
        (EZETIMIBE, Severity.MINOR, 1),
        (ROSUVASTATIN, Severity.MODERATE, 1),
    ]
    assert {a.instead_of for a in found} == {SIMVASTATIN}


def test_what_is_worse_than_the_drug_itself_is_no_alternative(relatives: Relatives) -> None:
    found = {a.drug for a in offer(relatives, [WARFARIN], [SIMVASTATIN])}
    assert ROSUVASTATIN not in found
    assert PRAVASTATIN in found


def test_what_nobody_graded_counts_like_the_same_with_the_drug_itself() -> None:
    def ungraded(drug: Curie) -> list[Edge]:
        advice = replace(said(), recommendation="Watch for bleeding.")
        return tiny.interaction(drug, WARFARIN, BLEEDING, None, advice)

    def offered(other: Severity) -> list[tuple[Curie, int]]:
        edges = [
            *with_warfarin(SIMVASTATIN, Severity.MAJOR),
            *with_warfarin(ROSUVASTATIN, other),
            *ungraded(PRAVASTATIN),
            *(in_group(d, "C10AA") for d in (SIMVASTATIN, ROSUVASTATIN, PRAVASTATIN)),
        ]
        relatives = Relatives(Targets(tiny.graph_of(*edges)), RULES)
        return [(a.drug, a.gravity) for a in offer(relatives, [WARFARIN], [SIMVASTATIN])]

    both = {(ROSUVASTATIN, Severity.MAJOR.rank), (PRAVASTATIN, Severity.MAJOR.rank)}
    assert set(offered(Severity.MAJOR)) == both
    assert offered(Severity.MODERATE) == [(ROSUVASTATIN, Severity.MODERATE.rank)]


def test_what_the_default_view_folds_counts_as_slight_and_nearness_decides() -> None:
    edges = [
        *with_warfarin(SIMVASTATIN, Severity.MAJOR),
        *with_warfarin(EZETIMIBE),
        *tiny.interaction(PRAVASTATIN, WARFARIN, BLEEDING, None, said()),
        *(in_group(d, "C10AA") for d in (SIMVASTATIN, PRAVASTATIN)),
        in_group(EZETIMIBE, "C10AX"),
    ]
    found = offer(Relatives(Targets(tiny.graph_of(*edges)), RULES), [WARFARIN], [SIMVASTATIN])
    assert [(a.drug, a.worst_severity) for a in found] == [
        (PRAVASTATIN, None),
        (EZETIMIBE, Severity.MINOR),
    ]
    assert [(a.gravity, a.weighty) for a in found] == [(Severity.MINOR.rank, 0)] * 2


def test_silence_on_a_drug_of_which_little_is_known_is_no_merit() -> None:
    liable = [
        tiny.edge(d, Predicate.PREDISPOSES_TO, RHABDOMYOLYSIS, "liability=myopathy|grade=high")
        for d in (SIMVASTATIN, ROSUVASTATIN)
    ]

    def offered(other: Severity) -> list[tuple[Curie, int, bool]]:
        edges = [
            *liable,
            *(tiny.cleared_by(d, tiny.CYP3A4, "minor") for d in (SIMVASTATIN, ROSUVASTATIN)),
            *with_warfarin(SIMVASTATIN, Severity.MAJOR),
            *with_warfarin(ROSUVASTATIN, other),
            *tiny.interaction(PRAVASTATIN, CLARITHROMYCIN, RHABDOMYOLYSIS, None, said()),
            *(in_group(d, "C10AA") for d in (SIMVASTATIN, ROSUVASTATIN, PRAVASTATIN)),
        ]
        found = offer(Relatives(Targets(tiny.graph_of(*edges)), RULES), [WARFARIN], [SIMVASTATIN])
        return [(a.drug, a.findings, a.relative.little_known) for a in found]

    assert offered(Severity.MODERATE) == [(ROSUVASTATIN, 1, False)]
    assert offered(Severity.MAJOR) == [(PRAVASTATIN, 0, True), (ROSUVASTATIN, 1, False)]


def test_what_serves_the_same_purpose_stands_before_what_shares_the_group_alone() -> None:
    edges = [
        *(e for d in (SIMVASTATIN, PRAVASTATIN, LOVASTATIN) for e in with_warfarin(d)),
        *(in_group(d, "C10AA") for d in (SIMVASTATIN, PRAVASTATIN, LOVASTATIN)),
        tiny.edge(SIMVASTATIN, Predicate.TREATS, CHOLESTEROL),
        tiny.edge(PRAVASTATIN, Predicate.TREATS, GOUT),
        tiny.edge(LOVASTATIN, Predicate.TREATS, CHOLESTEROL),
    ]
    found = Relatives(Targets(tiny.graph_of(*edges)), RULES).of(SIMVASTATIN)
    assert [(r.drug, r.alike) for r in found] == [(LOVASTATIN, 0.5), (PRAVASTATIN, 0.0)]


def test_one_relative_may_stand_in_for_each_of_two_drugs(relatives: Relatives) -> None:
    found = offer(relatives, [WARFARIN, CLARITHROMYCIN], [SIMVASTATIN, LOVASTATIN])
    of_each = {a.instead_of for a in found if a.drug == PRAVASTATIN}
    assert of_each == {SIMVASTATIN, LOVASTATIN}


def test_a_drug_kept_for_when_others_fail_stands_in_for_its_like_alone() -> None:
    edges = [
        *(e for d in (SIMVASTATIN, PRAVASTATIN, EZETIMIBE) for e in with_warfarin(d)),
        in_group(SIMVASTATIN, "C10AA01"),
        in_group(PRAVASTATIN, "C10AX03"),
        in_group(EZETIMIBE, "C10AX09"),
    ]
    rules = KinRules({}, apart=frozenset({"C10AX"}))
    relatives = Relatives(Targets(tiny.graph_of(*edges)), rules)
    assert relatives.of(SIMVASTATIN) == ()
    assert {r.drug for r in relatives.of(PRAVASTATIN)} == {EZETIMIBE, SIMVASTATIN}


def test_a_drug_that_was_never_approved_and_is_on_no_list_is_not_offered() -> None:
    group = Curie("DRUGBANK.CATEGORY", "group-experimental")
    edges = [
        *(e for d in (SIMVASTATIN, PRAVASTATIN) for e in with_warfarin(d)),
        *(in_group(d, "C10AA") for d in (SIMVASTATIN, PRAVASTATIN)),
        tiny.edge(group, Predicate.RELATED_TO, PRAVASTATIN),
    ]
    assert Relatives(Targets(tiny.graph_of(*edges)), RULES).of(SIMVASTATIN) == ()


def test_what_is_taken_or_added_already_is_not_offered(relatives: Relatives) -> None:
    found = {a.drug for a in offer(relatives, [PRAVASTATIN], [SIMVASTATIN, EZETIMIBE])}
    assert found.isdisjoint({PRAVASTATIN, EZETIMIBE, SIMVASTATIN})


def test_a_swap_is_compared_with_relatives_of_both_drugs(relatives: Relatives) -> None:
    found = offer(relatives, [WARFARIN, SIMVASTATIN], [LOVASTATIN], [SIMVASTATIN])
    assert {a.drug for a in found} == {PRAVASTATIN, EZETIMIBE}
    assert {a.instead_of for a in found} == {LOVASTATIN}


def test_a_drug_that_is_stopped_for_another_reason_is_not_stood_in_for(
    relatives: Relatives,
) -> None:
    apart = offer(relatives, [SIMVASTATIN, CLARITHROMYCIN], [LOVASTATIN], [CLARITHROMYCIN])
    assert apart == offer(relatives, [SIMVASTATIN, CLARITHROMYCIN], [LOVASTATIN])


def test_a_stopped_drug_can_be_stood_in_for(relatives: Relatives) -> None:
    found = offer(relatives, [WARFARIN, SIMVASTATIN], [], [SIMVASTATIN])
    assert {a.instead_of for a in found} == {SIMVASTATIN}
    assert PRAVASTATIN in {a.drug for a in found}


def test_a_review_offers_nothing(relatives: Relatives) -> None:
    assert offer(relatives, [WARFARIN, SIMVASTATIN]) == ()


def test_a_drug_that_an_allergy_speaks_against_is_not_offered(relatives: Relatives) -> None:
    class Allergic:
        def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
            if PRAVASTATIN in regimen.drugs:
                worst, evidence = Severity.CONTRAINDICATED, (said(),)
                kind = FindingKind.DRUG_CONDITION
                yield Finding(kind, worst, (), (PRAVASTATIN,), evidence)

    graph = relatives.graph
    question = Question(Regimen.of([CLARITHROMYCIN]), (entry(SIMVASTATIN),))
    ask = partial(screen, graph=graph, panel=[*tiny.panel_of(graph), Allergic()])
    found = alternatives(question, ask(question), relatives, ask)
    assert PRAVASTATIN not in {a.drug for a in found}


def test_few_are_screened_and_fewer_shown(graph: KnowledgeGraph) -> None:
    drugs = [Curie("RXCUI", str(n)) for n in range(800000, 800040)]
    held = tiny.NAMES
    tiny.NAMES = {**held, **{d: f"statin{d.identifier}" for d in drugs}}
    try:
        wide = tiny.graph_of(
            *EDGES, *(e for d in drugs for e in (*with_warfarin(d), in_group(d, "C10AA")))
        )
    finally:
        tiny.NAMES = held
    asked: list[Question] = []

    def ask(question: Question) -> Screening:
        asked.append(question)
        return screen(question, wide, tiny.panel_of(wide))

    question = Question(Regimen.of([CLARITHROMYCIN]), (entry(SIMVASTATIN),))
    first = screen(question, wide, tiny.panel_of(wide))
    found = alternatives(question, first, Relatives(Targets(wide), RULES), ask)
    assert (len(asked), len(found)) == (MOST_SCREENED, MOST_SHOWN)


def test_the_tables_are_read_and_name_known_references() -> None:
    rules = load_kin_rules()
    assert rules.route("S01EC01") == "systemic"
    assert rules.route("S01ED01") == "ophthalmic"
    assert rules.route("C10AA01") == "systemic"
    assert Curie("RXCUI", "232158") in rules.withdrawn
    listed = {line.split("\t")[0] for line in lines("references.tsv")}
    for file in TABLES:
        rows = lines(file)
        assert rows[1:] == sorted(rows[1:])
        assert {row.split("\t")[-1] for row in rows[1:]} <= listed


def lines(file: str) -> list[str]:
    return (FOLDER / file).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("file", "row"),
    [
        ("atc_routes.tsv", "10C\ttopical\twho-atc"),
        ("atc_mixed.tsv", "B01A\twho-atc\nB01A\twho-atc"),
        ("atc_apart.tsv", "6AF\tx"),
        ("withdrawn.tsv", "rofecoxib\trofecoxib\tx"),
    ],
)
def test_a_row_that_cannot_be_read_is_quoted(tmp_path: Path, file: str, row: str) -> None:
    for name in TABLES:
        head = lines(name)[0]
        text = f"{head}\n{row}\n" if name == file else f"{head}\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(MalformedRule, match=row.split("\t")[0]):
        load_kin_rules(tmp_path)
