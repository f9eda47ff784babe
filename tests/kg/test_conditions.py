"""What is written of a condition leads to a node, or to nothing at all."""

from __future__ import annotations

import pytest

from kg.conditions import ConditionNames
from kg.graph import KnowledgeGraph
from kg.rules.conditions import load_conditions
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests import tiny

RARE = Curie("HP", "0003201")


@pytest.fixture(scope="module")
def names() -> ConditionNames:
    wider = tiny.edge(RARE, Predicate.SUBCLASS_OF, Curie("HP", "0003198"))
    return ConditionNames(tiny.graph_of(*tiny.EDGES, wider), load_conditions())


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("asthma", "DOID:2841"),
        ("Childhood asthma (disorder)", "DOID:2841"),
        ("History of asthma", "DOID:2841"),
        ("anaemia", "DOID:2355"),
        ("ANEMIA", "DOID:2355"),
        ("J45.909", "DOID:2841"),
        ("J45909", "DOID:2841"),
        ("ICD10CM:I50.9", "DOID:6000"),
        ("K25.9", "DOID:10808"),
        ("K25.4", "coprescribe:condition-bleeding-peptic-ulcer"),
        ("49436004", "DOID:0060224"),
        ("DOID:750", "DOID:750"),
        ("coprescribe:condition-pregnancy", "coprescribe:condition-pregnancy"),
        ("rhabdomyolysis", "HP:0003198"),
        ("HP:0003201", "HP:0003201"),
    ],
)
def test_a_name_a_code_or_a_curie_is_grounded(
    names: ConditionNames, written: str, found: str
) -> None:
    assert Curie.parse(found) in names.ground(written)


@pytest.mark.parametrize(
    "written",
    ["family history of asthma", "no asthma", "suspected asthma", "frobnicatosis", "DOID:99999999"],
)
def test_what_is_not_the_disease_of_the_patient_is_not_guessed(
    names: ConditionNames, written: str
) -> None:
    assert names.ground(written) == ()


@pytest.mark.parametrize("written", ["A01.0", "a010", "ICD-10-CM:A010"])
def test_a_code_of_the_graph_is_known_with_its_dot_and_without(written: str) -> None:
    tables = tiny.tables_of(tiny.EDGES, [RARE])
    tables.nodes.loc[tables.nodes["id"] == str(RARE), "xref"] = "ICD10CM:A01.0"
    graph = KnowledgeGraph("tiny", tables, tiny.RELEASES)
    assert ConditionNames(graph, load_conditions()).ground(written) == (RARE,)


def test_a_name_of_the_graph_is_known_beside_the_table(names: ConditionNames) -> None:
    assert names.ground("torsade de pointes")
    assert names.ground("Drug level increased") == (Curie("UMLS", "C0151599"),)
