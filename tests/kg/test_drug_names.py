"""A second node of a drug, of which nothing is said, leads to the drug; a name never guesses."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from kg.graph import KnowledgeGraph
from kg.serving.drug_names import drug_names
from ontologies.curie import Curie
from ontologies.lexicon import Lexicon
from ontologies.vocabulary import Category, Predicate
from tests import tiny

MORE = {
    "WIKIDATA:Q1": "acenowarfarin",
    "CHEMBL.COMPOUND:CHEMBL1": "WF-1234",
    "CHEMBL.COMPOUND:CHEMBL2": "coumafene",
    "CHEMBL.COMPOUND:CHEMBL3": "simvastatin sodium (CHEMBL3)",
    "CHEMBL.COMPOUND:CHEMBL4": "(+)-simvastatin",
    "RXCUI:900101": "SIMVASTATIN LIPOSOME",
    "RXCUI:900102": "acenowarfarin sodium",
}
SYNONYMS = "acenowarfarin|WF-1234|coumafene"


PACK = Curie("RXCUI", "900201")
HOLDS = Predicate.HAS_ACTIVE_INGREDIENT
EDGES = (
    *tiny.EDGES,
    tiny.edge(PACK, HOLDS, tiny.SIMVASTATIN),
    tiny.edge(PACK, HOLDS, tiny.WARFARIN),
)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    tables = tiny.tables_of(EDGES, tiny.NAMES)
    is_warfarin = tables.nodes["id"] == str(tiny.WARFARIN)
    is_pack = tables.nodes["id"] == str(PACK)
    synonyms = tables.nodes["synonym"].mask(is_warfarin, f"{SYNONYMS}|Corvastol")
    held = tables.nodes.assign(synonym=synonyms.mask(is_pack, "Corvastol|coumafene plus"))
    rows = [
        {"id": curie, "category": Category.DRUG.value, "name": name, "synonym": "", "xref": ""}
        for curie, name in MORE.items()
    ]
    nodes = pd.concat([held, pd.DataFrame(rows)], ignore_index=True).fillna("")
    ordered = nodes.sort_values("id", ignore_index=True)
    graph = KnowledgeGraph("tiny", replace(tables, nodes=ordered), tiny.RELEASES)
    return Lexicon.from_names(drug_names(graph))


@pytest.mark.parametrize(
    ("text", "drug"),
    [
        ("acenowarfarin", tiny.WARFARIN),
        ("WIKIDATA:Q1", tiny.WARFARIN),
        ("WF-1234", tiny.WARFARIN),
        ("acenowarfarin sodium", tiny.WARFARIN),
        ("simvastatin sodium (CHEMBL3)", tiny.SIMVASTATIN),
        ("Simvastatin liposome", tiny.SIMVASTATIN),
        ("RXCUI:900101", tiny.SIMVASTATIN),
        ("simvastatin", tiny.SIMVASTATIN),
    ],
)
def test_a_second_node_of_a_drug_means_the_drug(lexicon: Lexicon, text: str, drug: object) -> None:
    found = lexicon.lookup(text).candidate
    assert found is not None
    assert found.curie == str(drug)


def test_a_mirror_image_stays_itself(lexicon: Lexicon) -> None:
    found = lexicon.lookup("(+)-simvastatin").candidate
    assert found is not None
    assert found.curie == "CHEMBL.COMPOUND:CHEMBL4"


def test_a_substance_whose_name_is_a_synonym_of_another_is_not_guessed(lexicon: Lexicon) -> None:
    found = lexicon.lookup("coumafene")
    assert found.status == "ambiguous"
    assert {hit.curie for hit in found.candidates} == {
        "CHEMBL.COMPOUND:CHEMBL2",
        str(tiny.WARFARIN),
    }


def test_a_brand_filed_under_a_combination_and_a_part_of_it_is_the_combination(
    lexicon: Lexicon,
) -> None:
    found = lexicon.lookup("Corvastol")
    assert found.candidate is not None
    assert (found.candidate.curie, len(found.candidates)) == (str(PACK), 1)


def test_a_shipped_brand_finds_an_ingredient_of_another_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = Curie("RXCUI", "900301")
    monkeypatch.setattr(tiny, "NAMES", {other: "citalopram"})
    graph = KnowledgeGraph("tiny", tiny.tables_of((), [other]), tiny.RELEASES)
    candidate = Lexicon.from_names(drug_names(graph)).lookup("Celexa").candidate
    assert candidate is not None
    assert candidate.curie == str(other)


def test_a_usual_name_means_the_node_that_bears_its_code_beside_another() -> None:
    tables = tiny.tables_of(EDGES, tiny.NAMES)
    rows = [
        {"id": "RXCUI:8308", "name": "phylloquinone", "xref": "DRUGBANK:DB01022"},
        {"id": "RXCUI:11258", "name": "vitamin k", "xref": ""},
    ]
    more = pd.DataFrame(rows).assign(category=Category.DRUG.value, synonym="")
    nodes = pd.concat([tables.nodes, more], ignore_index=True).fillna("")
    ordered = nodes.sort_values("id", ignore_index=True)
    graph = KnowledgeGraph("tiny", replace(tables, nodes=ordered), tiny.RELEASES)
    found = Lexicon.from_names(drug_names(graph))
    for text in ("vitamin K", "Phytomenadione", "konakion"):
        candidate = found.lookup(text).candidate
        assert candidate is not None
        assert candidate.curie == "RXCUI:8308", text
