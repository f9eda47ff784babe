"""Chunks of several sources become one graph, whatever their order, and no evidence is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.assemble import Assembled, SourceChunk, assemble
from kg.effects import EffectPattern
from kg.graph import KnowledgeGraph
from kg.grounding import UNNAMED_EFFECT
from kg.report import build_report, problem_rows
from kg.screening.documented import DocumentedInteractions
from kg.screening.patient import Patient, Regimen
from kg.sources.base import CO_REPORT_FIELDS, Chunk, ChunkKind
from kg.tables import COLUMNS, Tables
from kg.validate import Problem, validate
from ontologies.curie import Curie
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

PATTERNS = (
    EffectPattern(
        1, re.compile("saignement"), "mechanism", "HP:0001892", "Abnormal bleeding", None
    ),
    EffectPattern(
        2, re.compile("taux"), "mechanism", "UMLS:C0151599", "Drug level increased", None
    ),
    EffectPattern(3, re.compile("inhibition"), "mechanism", None, None, "enzyme_inhibition"),
)
STATED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
}
DRUG, EFFECT = Category.DRUG.value, Category.PHENOTYPIC_FEATURE.value


def chunk(source: str, kind: ChunkKind, *rows: dict[str, str]) -> SourceChunk:
    licences = {"open.tsv": "CC0-1.0", "closed.tsv": "terms not stated"}
    made = Chunk.of(kind, pd.DataFrame(rows))
    return SourceChunk(source, f"infores:{source}", "1", licences, made)


def named(curie: str, name: str, category: str = DRUG, xref: str = "") -> dict[str, str]:
    return {"id": curie, "name": name, "category": category, "xref": xref}


def pair(first: str, second: str, text: str = "", **cells: str) -> dict[str, str]:
    stated = {"drug_a": first, "drug_b": second, "text": text, "file": "closed.tsv"}
    return stated | {"statement": f"{first} / {second}"} | STATED | cells


def subclass(drug: str, group: str) -> dict[str, str]:
    ends = {"subject": drug, "object": group, "predicate": Predicate.SUBCLASS_OF.value}
    return ends | STATED | {"file": "open.tsv"}


CHUNKS = (
    chunk(
        "curated",
        ChunkKind.NODES,
        named("RXCUI:11289", "warfarin"),
        named("RXCUI:703", "amiodarone"),
        named("HP:0001892", "Abnormal bleeding", EFFECT),
        named("UMLS:C0151599", "Drug level increased", EFFECT),
        named("ATC:B01AA", "vitamin K antagonists", Category.DRUG_CLASS.value),
    ),
    chunk("ansm", ChunkKind.NODES, named("ANSM.SUBSTANCE:w", "warfarine", xref="RXCUI:11289")),
    chunk(
        "ansm",
        ChunkKind.PAIRS,
        pair("ANSM.SUBSTANCE:w", "RXCUI:703", "Risque de saignement par inhibition ; taux."),
        pair("RXCUI:703", "ANSM.SUBSTANCE:w", "Rien de connu.", severity="minor"),
        pair("RXCUI:11289", "ANSM.SUBSTANCE:w", "Deux fois le même."),
    ),
    chunk("other", ChunkKind.PAIRS, pair("RXCUI:703", "RXCUI:11289", effect="HP:0001892")),
    chunk("ansm", ChunkKind.EDGES, subclass("ANSM.SUBSTANCE:w", "ATC:B01AA")),
    chunk("curated", ChunkKind.EDGES, subclass("RXCUI:11289", "ATC:B01AA")),
)
PAIR = "pair:RXCUI.11289--RXCUI.703"


@pytest.fixture(scope="module")
def assembled() -> Assembled:
    return assemble(CHUNKS, PATTERNS)


def facts(assembled: Assembled) -> pd.DataFrame:
    edges = assembled.tables.edges
    return edges[edges["predicate"] == Predicate.CONTRIBUTES_TO.value]


def evidence_of(assembled: Assembled, target: str) -> pd.DataFrame:
    frame = facts(assembled)
    ids = frame.loc[frame["object"] == target, "id"]
    return assembled.tables.evidence[assembled.tables.evidence["edge_id"].isin(ids)]


def test_the_tables_have_their_columns_and_are_sound(assembled: Assembled) -> None:
    for name, columns in COLUMNS.items():
        assert tuple(getattr(assembled.tables, name).columns) == columns
    assert validate(assembled.tables) == []


def test_a_pair_is_one_node_under_the_preferred_names_of_its_drugs(assembled: Assembled) -> None:
    nodes = assembled.tables.nodes.set_index("id")
    assert nodes.loc[PAIR, "name"] == "warfarin + amiodarone"
    assert nodes.loc[PAIR, "provided_by"] == "ansm|other"
    assert list(nodes.index[nodes["category"] == Category.DRUG_PAIR.value]) == [PAIR]


def test_a_pair_leads_to_both_drugs_by_every_source_that_states_it(assembled: Assembled) -> None:
    tables = assembled.tables
    parts = tables.edges[tables.edges["predicate"] == Predicate.HAS_PARTICIPANT.value]
    assert sorted(parts["object"]) == ["RXCUI:11289", "RXCUI:703"]
    said = tables.evidence[tables.evidence["edge_id"].isin(parts["id"])]
    assert sorted(said["source"]) == [
        "infores:ansm",
        "infores:ansm",
        "infores:other",
        "infores:other",
    ]
    assert set(said["knowledge_level"]) == {KnowledgeLevel.LOGICAL_ENTAILMENT.value}


def test_a_text_is_grounded_in_its_effects_the_first_of_them_primary(assembled: Assembled) -> None:
    stated = facts(assembled).set_index("object")["qualifiers"]
    assert set(stated["HP:0001892"]) == {"mechanism=enzyme_inhibition", ""}
    assert stated["UMLS:C0151599"] == "mechanism=enzyme_inhibition"
    assert evidence_of(assembled, "HP:0001892")["primary"].tolist() == [True, True]
    assert evidence_of(assembled, "UMLS:C0151599")["primary"].tolist() == [False]


def test_an_effect_that_a_source_names_itself_is_kept(assembled: Assembled) -> None:
    assert "infores:other" in set(evidence_of(assembled, "HP:0001892")["source"])


def test_a_text_that_no_pattern_knows_states_an_interaction_without_a_named_effect(
    assembled: Assembled,
) -> None:
    (row,) = evidence_of(assembled, UNNAMED_EFFECT[0]).to_dict("records")
    assert (row["text"], row["severity"]) == ("Rien de connu.", "minor")
    assert list(assembled.ungrounded["text"]) == ["Rien de connu."]


def test_a_pair_of_one_drug_under_two_names_is_dropped_and_counted(assembled: Assembled) -> None:
    assert assembled.self_pairs == 1
    assert "Deux fois le même." not in set(assembled.tables.evidence["text"])


def test_a_fact_that_two_sources_state_is_one_edge_with_two_evidences(
    assembled: Assembled,
) -> None:
    edges = assembled.tables.edges
    (edge,) = edges[edges["predicate"] == Predicate.SUBCLASS_OF.value]["id"]
    said = assembled.tables.evidence
    assert sorted(said[said["edge_id"] == edge]["source"]) == ["infores:ansm", "infores:curated"]


def test_the_licence_of_the_file_goes_with_the_row(assembled: Assembled) -> None:
    said = assembled.tables.evidence.set_index("text")["licence"]
    assert said["Rien de connu."] == "terms not stated"
    assert set(assembled.tables.evidence["licence"]) == {"terms not stated", "CC0-1.0"}


def test_the_ends_of_a_symmetric_edge_are_put_in_one_order() -> None:
    ends = {"subject": "RXCUI:703", "object": "RXCUI:11289"}
    stated = STATED | {"predicate": Predicate.RELATED_TO.value, "file": "open.tsv"}
    relation = ends | stated
    turned = relation | {"subject": "RXCUI:11289", "object": "RXCUI:703"}
    edges = [chunk("one", ChunkKind.EDGES, relation), chunk("two", ChunkKind.EDGES, turned)]
    tables = assemble([*CHUNKS, *edges], PATTERNS).tables
    found = tables.edges[tables.edges["predicate"] == Predicate.RELATED_TO.value]
    (row,) = found.to_dict("records")
    assert (row["subject"], row["object"]) == ("RXCUI:11289", "RXCUI:703")
    assert validate(tables) == []


def test_an_edge_between_two_names_of_one_thing_is_dropped() -> None:
    loop = subclass("ANSM.SUBSTANCE:w", "RXCUI:11289")
    tables = assemble([*CHUNKS, chunk("one", ChunkKind.EDGES, loop)], PATTERNS).tables
    assert validate(tables) == []


def test_the_order_in_which_qualifiers_are_written_makes_no_second_edge() -> None:
    ends = {"subject": "RXCUI:703", "object": "HP:0001892"} | STATED
    stated = ends | {"predicate": Predicate.PREDISPOSES_TO.value}
    edges = [
        chunk(source, ChunkKind.EDGES, stated | {"qualifiers": qualifiers})
        for source, qualifiers in (("one", "group=g|grade=low"), ("two", "grade=low|group=g"))
    ]
    tables = assemble([*CHUNKS, *edges], PATTERNS).tables
    found = tables.edges[tables.edges["predicate"] == Predicate.PREDISPOSES_TO.value]
    assert found["qualifiers"].tolist() == ["grade=low|group=g"]


def test_an_effect_stands_under_its_preferred_name() -> None:
    effect = chunk("one", ChunkKind.NODES, named("HP:0001892", "Bleeding", EFFECT, "UMLS:C0019080"))
    fact = chunk("one", ChunkKind.PAIRS, pair("RXCUI:703", "RXCUI:11289", effect="UMLS:C0019080"))
    tables = assemble([*CHUNKS, effect, fact], PATTERNS).tables
    assert validate(tables) == []
    assert "UMLS:C0019080" not in set(tables.edges["object"])


@settings(max_examples=15)
@given(st.permutations(CHUNKS))
def test_the_order_of_chunks_does_not_matter(chunks: Sequence[SourceChunk]) -> None:
    one, other = assemble(CHUNKS, PATTERNS).tables, assemble(chunks, PATTERNS).tables
    for name in COLUMNS:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("kinds", [{ChunkKind.NODES}, {ChunkKind.NODES, ChunkKind.EDGES}])
def test_sources_that_state_no_pair_still_make_a_graph(kinds: set[ChunkKind]) -> None:
    found = assemble([item for item in CHUNKS if item.chunk.kind in kinds], PATTERNS)
    assert validate(found.tables) == []
    assert found.self_pairs == 0
    assert build_report(found)["pairs"] == 0


def co_report(*files: str) -> SourceChunk:
    """Reports of bleeding under amiodarone and simvastatin, one from each file."""
    ends = {"drug_a": "RXCUI:703", "drug_b": "RXCUI:36567", "effect": "HP:0001892"}
    frame = pd.DataFrame([ends | {"file": file} for file in files], columns=list(CO_REPORT_FIELDS))
    licences = {"open.tsv": "CC0-1.0", "closed.tsv": "terms not stated"}
    made = Chunk.of(ChunkKind.CO_REPORTS, frame)
    return SourceChunk("reports", "infores:reports", "1", licences, made)


SIMVASTATIN_NODE = chunk("curated", ChunkKind.NODES, named("RXCUI:36567", "simvastatin"))
REPORTED = "pair:RXCUI.36567--RXCUI.703"


def with_reports(*files: str) -> Tables:
    return assemble([*CHUNKS, SIMVASTATIN_NODE, co_report(*files)], PATTERNS).tables


def test_a_co_reported_pair_has_a_pair_node_and_two_participants() -> None:
    tables = with_reports("open.tsv")
    node = tables.nodes.set_index("id").loc[REPORTED]
    assert (node["category"], node["provided_by"]) == (Category.DRUG_PAIR.value, "reports")
    leaving = tables.edges[tables.edges["subject"] == REPORTED]
    assert set(leaving["predicate"]) == {Predicate.HAS_PARTICIPANT.value}
    assert sorted(leaving["object"]) == ["RXCUI:36567", "RXCUI:703"]
    assert len(tables.co_reports) == 1
    assert validate(tables) == []


def test_a_co_reported_pair_is_not_covered_and_gives_no_documented_finding() -> None:
    graph = KnowledgeGraph("g", with_reports("open.tsv"), ())
    amiodarone, simvastatin = Curie("RXCUI", "703"), Curie("RXCUI", "36567")
    assert graph.has(Curie.parse(REPORTED))
    assert not graph.covers(simvastatin)
    assert graph.covers(amiodarone), "an interaction with warfarin is stated of it"
    regimen = Regimen.of([amiodarone, simvastatin])
    assert list(DocumentedInteractions(graph).detect(regimen, Patient())) == []


def test_each_co_report_has_the_licence_of_its_own_file() -> None:
    reports = with_reports("open.tsv", "closed.tsv").co_reports
    assert reports["licence"].tolist() == ["CC0-1.0", "terms not stated"]


def test_a_chunk_without_any_co_report_adds_nothing() -> None:
    tables = with_reports()
    assert tables.co_reports.empty
    assert REPORTED not in set(tables.nodes["id"])


def test_the_report_counts_what_was_built(assembled: Assembled) -> None:
    report = build_report(assembled)
    assert report["pairs"] == report["pairs_with_rxcui_on_both_sides"] == 1
    assert report["pairs_with_a_named_effect"] == 1
    assert report["pair_effect_facts"] == len(facts(assembled)) == 4
    assert report["statements_without_effect"] == 1
    assert report["severities"] == {"minor": 1, "not stated": 3}
    assert report["pairs_of_one_drug_with_itself_dropped"] == 1


def test_problems_stand_one_in_a_line_under_a_header(assembled: Assembled) -> None:
    text = problem_rows(assembled, [Problem("check", "a\tb", "two\nlines", fatal=False)])
    lines = text.splitlines()
    assert lines[0] == "check\tsubject\tdetail"
    assert "check\ta b\ttwo lines" in lines
    assert any(line.startswith("no_effect\t") for line in lines)
    assert text.endswith("\n")


def test_what_is_said_of_a_form_is_said_of_its_drug_which_the_form_stays_a_kind_of() -> None:
    lithium, carbonate, aspirin = "RXCUI:6448", "RXCUI:42351", "RXCUI:1191"
    nodes = chunk(
        "a",
        ChunkKind.NODES,
        named(lithium, "lithium"),
        named(carbonate, "lithium carbonate"),
        named(aspirin, "aspirin"),
    )
    stated = chunk("a", ChunkKind.PAIRS, pair(carbonate, aspirin, "taux"))
    wider = chunk("a", ChunkKind.EDGES, subclass(carbonate, lithium))
    edges = assemble([nodes, stated, wider], PATTERNS).tables.edges
    ends = edges[edges["predicate"] == Predicate.HAS_PARTICIPANT.value]["object"]
    assert set(ends) == {lithium, aspirin}
    forms = edges[edges["predicate"] == Predicate.SUBCLASS_OF.value]
    assert list(zip(forms["subject"], forms["object"], strict=True)) == [(carbonate, lithium)]
