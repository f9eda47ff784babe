"""Each invariant holds on a sound graph and fails on one that is broken in its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from kg.artifact import open_artifact
from kg.model import edge_id
from kg.tables import CO_REPORT_COLUMNS, Tables, read_co_reports, read_tables
from kg.validate import CHECKS, MAX_LISTED, InvalidGraph, Problem, validate
from ontologies.vocabulary import AgentType, KnowledgeLevel, Predicate
from tests.tiny import (
    CLARITHROMYCIN,
    CYP3A4,
    LEVOTHYROXINE,
    RELEASES,
    RHABDOMYOLYSIS,
    SIMVASTATIN,
    STATINS,
    WARFARIN,
)

Breaking = Callable[[Tables], Tables]
HAS_PARTICIPANT, SUBCLASS_OF = Predicate.HAS_PARTICIPANT.value, Predicate.SUBCLASS_OF.value
BARE = {"qualifiers": ""}
REPORTED = (str(CLARITHROMYCIN), str(SIMVASTATIN), str(RHABDOMYOLYSIS))
CO_REPORTED = {
    "knowledge_level": KnowledgeLevel.STATISTICAL_ASSOCIATION.value,
    "agent_type": AgentType.DATA_ANALYSIS_PIPELINE.value,
}


def with_nodes(tables: Tables, **cells: str) -> Tables:
    row = tables.nodes.iloc[[0]].assign(**cells)
    return replace(tables, nodes=pd.concat([tables.nodes, row], ignore_index=True))


def with_edges(tables: Tables, **cells: str) -> Tables:
    """One more edge, made of the first, with evidence of its own."""
    row = tables.edges.iloc[[0]].assign(**cells)
    stated = row[["subject", "predicate", "object", "qualifiers"]].iloc[0]
    name = edge_id(*stated)
    row["id"] = name
    said = tables.evidence.iloc[[0]].assign(edge_id=name)
    edges = pd.concat([tables.edges, row], ignore_index=True)
    evidence = pd.concat([tables.evidence, said], ignore_index=True)
    return replace(tables, edges=edges, evidence=evidence)


def with_evidence(tables: Tables, **cells: str) -> Tables:
    row = tables.evidence.iloc[[0]].assign(**cells)
    return replace(tables, evidence=pd.concat([tables.evidence, row], ignore_index=True))


def without_a_drug(tables: Tables) -> Tables:
    return replace(tables, nodes=tables.nodes[tables.nodes["id"] != str(SIMVASTATIN)])


def looped(tables: Tables) -> Tables:
    return with_edges(tables, subject=str(CYP3A4), object=str(CYP3A4))


def of_a_strange_prefix(tables: Tables) -> Tables:
    return with_nodes(tables, id="DRUGBNAK:DB00641")


def without_anything_before_the_colon(tables: Tables) -> Tables:
    return with_nodes(tables, id=":641")


def of_a_strange_form(tables: Tables) -> Tables:
    return with_nodes(tables, id="DRUGBANK:641")


def in_another_spelling(tables: Tables) -> Tables:
    return with_nodes(tables, id="rxnorm:36568")


def without_prefix(tables: Tables) -> Tables:
    return with_nodes(tables, id="simvastatin")


def without_evidence(tables: Tables) -> Tables:
    return replace(tables, evidence=tables.evidence.iloc[1:])


def without_its_edge(tables: Tables) -> Tables:
    return with_evidence(tables, edge_id="no-such-edge")


def graded_guess(tables: Tables) -> Tables:
    return with_evidence(
        tables,
        knowledge_level=KnowledgeLevel.PREDICTION.value,
        agent_type=AgentType.COMPUTATIONAL_MODEL.value,
        severity="major",
    )


def wrong_way_round(tables: Tables) -> Tables:
    ends = {"subject": str(SIMVASTATIN), "object": str(RHABDOMYOLYSIS)}
    return with_edges(tables, predicate=Predicate.INTERACTS_WITH.value, **ends)


def named_twice(tables: Tables) -> Tables:
    return with_nodes(tables, name="again")


def stated_twice(tables: Tables) -> Tables:
    row = tables.edges.iloc[[0]].assign(qualifiers="role=other")
    return replace(tables, edges=pd.concat([tables.edges, row], ignore_index=True))


def of_a_strange_word(column: str) -> Breaking:
    def broken(tables: Tables) -> Tables:
        if column == "category":
            return with_nodes(tables, id="RXCUI:1", category="biolink:Frog")
        if column == "predicate":
            return with_edges(tables, predicate="biolink:eats")
        return with_evidence(tables, **{column: "somewhat"})

    return broken


def cited_as(publications: str) -> Breaking:
    return lambda tables: with_evidence(tables, publications=publications)


def qualified_as(qualifiers: str) -> Breaking:
    return lambda tables: with_edges(tables, qualifiers=qualifiers)


def of_another_name(tables: Tables) -> Tables:
    row = tables.edges.iloc[[0]].assign(id="0" * 20)
    said = tables.evidence.iloc[[0]].assign(edge_id="0" * 20)
    return replace(
        tables,
        edges=pd.concat([tables.edges, row], ignore_index=True),
        evidence=pd.concat([tables.evidence, said], ignore_index=True),
    )


def derived_from_nothing(tables: Tables) -> Tables:
    return with_evidence(tables, derived_from="no-such-edge")


def without_a_participant(tables: Tables) -> Tables:
    parts = tables.edges.index[tables.edges["predicate"] == Predicate.HAS_PARTICIPANT.value]
    gone = tables.edges.loc[parts[0], "id"]
    return replace(
        tables,
        edges=tables.edges.drop(parts[0]),
        evidence=tables.evidence[tables.evidence["edge_id"] != gone],
    )


def with_a_third_participant(tables: Tables) -> Tables:
    parts = tables.edges[tables.edges["predicate"] == Predicate.HAS_PARTICIPANT.value]
    ends = {"subject": parts["subject"].iloc[0], "object": str(CYP3A4)}
    return with_edges(tables, predicate=Predicate.HAS_PARTICIPANT.value, qualifiers="", **ends)


def of_other_drugs(tables: Tables) -> Tables:
    """The pair of simvastatin and clarithromycin has warfarin in the place of simvastatin."""
    parts = tables.edges["predicate"] == Predicate.HAS_PARTICIPANT.value
    wrong = parts & (tables.edges["object"] == str(SIMVASTATIN))
    (pair,) = tables.edges.loc[wrong, "subject"]
    changed = with_edges(
        tables, subject=pair, predicate=HAS_PARTICIPANT, object=str(WARFARIN), **BARE
    )
    gone = set(tables.edges.loc[wrong, "id"])
    return replace(
        changed,
        edges=changed.edges[~changed.edges["id"].isin(gone)],
        evidence=changed.evidence[~changed.evidence["edge_id"].isin(gone)],
    )


def in_a_circle(*members: str) -> Breaking:
    def broken(tables: Tables) -> Tables:
        for narrow, wide in pairwise((*members, members[0])):
            tables = with_edges(tables, subject=narrow, predicate=SUBCLASS_OF, object=wide, **BARE)
        return tables

    return broken


def without_a_name(name: str) -> Breaking:
    def broken(tables: Tables) -> Tables:
        named = tables.nodes["name"].where(tables.nodes["id"] != str(SIMVASTATIN), name)
        return replace(tables, nodes=tables.nodes.assign(name=named))

    return broken


def also_known_as(xref: str) -> Breaking:
    return lambda tables: replace(tables, nodes=tables.nodes.assign(xref=xref))


def said_twice(tables: Tables) -> Tables:
    return with_evidence(tables)


def of_no_release(column: str) -> Breaking:
    return lambda tables: with_evidence(tables, **{column: ""})


def of_a_strange_co_report(tables: Tables) -> Tables:
    frame = co_reported(REPORTED)(tables).co_reports
    return replace(tables, co_reports=frame.assign(knowledge_level="somewhat"))


def co_reported(*rows: tuple[str, str, str]) -> Breaking:
    """Co-reports of one source, beside the graph as it stands."""
    cells = {"source": "infores:ansm", "version": "1", "licence": "none", **CO_REPORTED}
    frame = pd.DataFrame(
        [{"drug_a": a, "drug_b": b, "effect": effect, **cells} for a, b, effect in rows],
        columns=list(CO_REPORT_COLUMNS),
    )
    return lambda tables: replace(tables, co_reports=frame.astype("category"))


BROKEN: tuple[tuple[str, Breaking], ...] = (
    ("misnamed_pairs", of_other_drugs),
    ("cyclic_hierarchies", in_a_circle(str(STATINS), str(WARFARIN))),
    ("nameless_nodes", without_a_name("")),
    ("nameless_nodes", without_a_name(" ")),
    ("nameless_nodes", without_a_name(str(SIMVASTATIN))),
    ("malformed_xrefs", also_known_as("CHEBI:9150|UMLS:0189573")),
    ("malformed_xrefs", also_known_as("CHBI:9150")),
    ("repeated_evidence", said_twice),
    ("unstated_origins", of_no_release("source")),
    ("unstated_origins", of_no_release("version")),
    ("unstated_origins", of_no_release("licence")),
    ("co_report_ends", co_reported((*REPORTED[:2], "HP:0000001"))),
    ("co_report_ends", co_reported((str(LEVOTHYROXINE), str(SIMVASTATIN), REPORTED[2]))),
    ("co_report_order", co_reported((*REPORTED[1::-1], REPORTED[2]))),
    ("repeated_co_reports", co_reported(REPORTED, REPORTED)),
    ("unknown_words", of_a_strange_co_report),
    ("dangling_ends", without_a_drug),
    ("self_loops", looped),
    ("unknown_prefixes", of_a_strange_prefix),
    ("unknown_prefixes", without_anything_before_the_colon),
    ("malformed_curies", of_a_strange_form),
    ("malformed_curies", in_another_spelling),
    ("malformed_curies", without_prefix),
    ("missing_evidence", without_evidence),
    ("missing_evidence", without_its_edge),
    ("graded_predictions", graded_guess),
    ("symmetric_order", wrong_way_round),
    ("duplicate_names", named_twice),
    ("duplicate_names", stated_twice),
    ("unknown_words", of_a_strange_word("category")),
    ("unknown_words", of_a_strange_word("predicate")),
    ("unknown_words", of_a_strange_word("severity")),
    ("unknown_words", of_a_strange_word("knowledge_level")),
    ("unknown_words", of_a_strange_word("agent_type")),
    ("malformed_publications", cited_as("PMID:12|Smith 2010")),
    ("malformed_publications", cited_as("PMDI:12")),
    ("malformed_publications", cited_as("PMID:12b")),
    ("malformed_qualifiers", qualified_as("strong")),
    ("malformed_qualifiers", qualified_as("role=inhibitor|")),
    ("malformed_qualifiers", qualified_as("strength=")),
    ("malformed_qualifiers", qualified_as("role=inhibitor|role=inducer")),
    ("malformed_qualifiers", qualified_as("strength=strong|role=inhibitor")),
    ("wrong_edge_ids", of_another_name),
    ("wrong_edge_ids", qualified_as("strength=strong|role=inhibitor")),
    ("unknown_grounds", derived_from_nothing),
    ("lone_participants", without_a_participant),
    ("lone_participants", with_a_third_participant),
)


ALSO = {
    "without_anything_before_the_colon": ["malformed_curies"],
    "without_prefix": ["unknown_prefixes"],
    "stated_twice": ["wrong_edge_ids"],
    "qualified_as": ["malformed_qualifiers", "wrong_edge_ids"],
}
"""What cannot be broken without breaking another invariant as well."""


def test_a_sound_graph_has_no_problem(tables: Tables) -> None:
    assert validate(tables) == []


@pytest.mark.parametrize(("check", "breaking"), BROKEN)
def test_an_invariant_fails_on_a_graph_that_breaks_it(
    check: str, breaking: Breaking, tables: Tables
) -> None:
    found = {problem.check for problem in validate(breaking(tables))}
    assert check in found
    assert found <= {check, *ALSO.get(breaking.__qualname__.partition(".")[0], ())}


def test_every_invariant_has_a_graph_that_breaks_it() -> None:
    assert {check.__name__ for check in CHECKS} == {check for check, _ in BROKEN}


def test_the_ends_of_a_symmetric_edge_in_order_are_sound(tables: Tables) -> None:
    ends = {"subject": str(RHABDOMYOLYSIS), "object": str(SIMVASTATIN)}
    sound = with_edges(tables, predicate=Predicate.INTERACTS_WITH.value, **ends)
    assert validate(sound) == []


def test_a_prediction_without_severity_is_sound(tables: Tables) -> None:
    level = KnowledgeLevel.PREDICTION.value
    assert validate(with_evidence(tables, knowledge_level=level, severity="")) == []


def test_a_cycle_is_named_with_its_members_and_no_other(tables: Tables) -> None:
    circle = in_a_circle(str(WARFARIN), str(STATINS), str(CYP3A4))
    (problem,) = validate(circle(tables))
    assert problem.subject == (
        "ATC:C10AA is a kind of HGNC:2637 is a kind of RXCUI:11289 is a kind of ATC:C10AA"
    )
    assert not problem.fatal, "two sources may disagree which of two drugs is the wider"


def test_two_cycles_are_named_each_although_one_leads_into_the_other(tables: Tables) -> None:
    first = in_a_circle(str(WARFARIN), str(CYP3A4))(tables)
    both = in_a_circle(str(STATINS), str(LEVOTHYROXINE))(first)
    linked = with_edges(
        both, subject=str(CYP3A4), predicate=SUBCLASS_OF, object="ATC:C10AA", **BARE
    )
    assert [problem.subject for problem in validate(linked)] == [
        "ATC:C10AA is a kind of RXCUI:10582 is a kind of ATC:C10AA",
        "HGNC:2637 is a kind of RXCUI:11289 is a kind of HGNC:2637",
    ]


def test_a_thing_with_two_wider_ones_is_no_cycle(tables: Tables) -> None:
    once = with_edges(
        tables, subject=str(WARFARIN), predicate=SUBCLASS_OF, object="ATC:C10AA", **BARE
    )
    twice = with_edges(
        once, subject=str(WARFARIN), predicate=SUBCLASS_OF, object=str(SIMVASTATIN), **BARE
    )
    assert validate(twice) == []


def test_a_drug_without_a_name_is_listed_but_does_not_stop_the_build(tables: Tables) -> None:
    (problem,) = validate(without_a_name("")(tables))
    assert problem == Problem("nameless_nodes", str(SIMVASTATIN), "has no name", fatal=False)


def test_a_slip_in_a_cross_reference_is_listed_but_does_not_stop_the_build(
    tables: Tables,
) -> None:
    (problem,) = validate(also_known_as("UMLS:0189573")(tables))
    assert (problem.subject, problem.fatal) == ("UMLS:0189573", False)


def test_co_reports_of_nodes_in_their_order_are_sound(tables: Tables) -> None:
    assert validate(co_reported(REPORTED)(tables)) == []


def test_a_release_that_nobody_lists_is_named(tables: Tables) -> None:
    assert validate(tables, RELEASES) == []
    wrong = with_evidence(co_reported(REPORTED)(tables), version="2021-01")
    assert [(problem.check, problem.subject) for problem in validate(wrong, RELEASES)] == [
        ("unlisted_releases", "infores:ansm at '1'"),
        ("unlisted_releases", "infores:ansm at '2021-01'"),
    ]


def test_a_problem_quotes_what_is_wrong_and_is_fatal(tables: Tables) -> None:
    (problem,) = validate(looped(tables))
    assert problem == Problem("self_loops", "HGNC:2637", "has an edge to itself", fatal=True)


def test_the_refusal_quotes_the_first_problem_and_counts_the_rest(tables: Tables) -> None:
    problems = validate(without_a_drug(looped(tables)))
    assert len(problems) == 2
    assert str(InvalidGraph(problems)) == (
        "the graph was not published: dangling_ends: RXCUI:36567: "
        "stands in an edge but is not a node (and 1 more)"
    )


def test_a_long_list_of_one_problem_is_cut_and_still_counted(tables: Tables) -> None:
    broken = tables
    for number in range(MAX_LISTED + 10):
        broken = with_evidence(broken, edge_id=f"no-such-edge-{number}")
    problems = validate(broken)
    assert len(problems) == MAX_LISTED + 1
    assert (problems[-1].subject, problems[-1].count) == ("10 more", 10)
    assert f"(and {MAX_LISTED + 9} more)" in str(InvalidGraph(problems))


def test_a_prefix_is_asked_for_by_itself_whatever_the_form_of_its_identifiers(
    tables: Tables,
) -> None:
    checks = {problem.check for problem in validate(of_a_strange_form(tables))}
    assert checks == {"malformed_curies"}


def test_a_publication_with_a_known_prefix_is_sound(tables: Tables) -> None:
    assert validate(with_evidence(tables, publications="PMID:12|DOI:10.1000/a:b")) == []


def test_the_graph_that_was_built_is_sound(open_home: Path) -> None:
    folders = sorted(open_home.glob("kg/open-*"), key=lambda path: path.stat().st_mtime)
    if not folders:
        pytest.skip("the graph of the recipe open is not built")
    tables = replace(read_tables(folders[-1]), co_reports=read_co_reports(folders[-1]))
    releases = open_artifact(folders[-1]).releases
    assert [problem for problem in validate(tables, releases) if problem.fatal] == []
