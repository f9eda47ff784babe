"""A product leads to its ingredients, a salt to its base, and the answer says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from api.contents import Contents
from api.errors import NotTaken
from api.service import answer
from api.state import State
from kg.artifact import Artifact
from kg.rules.patients import open_patient_rules
from kg.screening.drug_gene import DrugGene
from kg.screening.genotype import Genotypes
from kg.serving.drug_names import drug_names
from ontologies.curie import Curie
from ontologies.lexicon import Lexicon
from ontologies.vocabulary import Predicate
from tests import tiny

PACK, TABLET = Curie("RXCUI", "900001"), Curie("RXCUI", "900002")
SALT, RELATIVE, INERT = Curie("RXCUI", "900003"), Curie("RXCUI", "900004"), Curie("RXCUI", "900005")
NAMES = {
    PACK: "Corvastol",
    TABLET: "Simvastatin 20 MG Oral Tablet",
    SALT: "warfarin sodium",
    RELATIVE: "dihydrowarfarin",
    INERT: "Inert Ingredients",
}
HOLDS = Predicate.HAS_ACTIVE_INGREDIENT
EDGES = (
    *tiny.EDGES,
    tiny.edge(PACK, HOLDS, TABLET),
    tiny.edge(PACK, HOLDS, SALT),
    tiny.edge(PACK, HOLDS, INERT),
    tiny.edge(TABLET, HOLDS, tiny.SIMVASTATIN, "route=oral"),
    tiny.edge(SALT, Predicate.SUBCLASS_OF, tiny.WARFARIN),
    tiny.edge(RELATIVE, Predicate.SUBCLASS_OF, tiny.WARFARIN),
    tiny.edge(tiny.CLARITHROMYCIN, HOLDS, INERT),
)


@pytest.fixture(scope="module")
def products() -> State:
    """The tiny graph with a pack, a tablet, a salt and a relative of a drug."""
    held = tiny.NAMES
    tiny.NAMES = {**held, **NAMES}
    try:
        graph = tiny.graph_of(*EDGES)
    finally:
        tiny.NAMES = held
    genotypes = Genotypes(graph)
    return State(
        artifact=Artifact(Path("tiny"), {}),
        graph=graph,
        lexicon=Lexicon.from_names(drug_names(graph)),
        genotypes=genotypes,
        patient_rules=open_patient_rules(graph),
        panel=(*tiny.panel_of(graph), DrugGene(graph, genotypes, ())),
        bundle=None,
    )


def pairs(told: dict[str, Any]) -> set[frozenset[str]]:
    return {frozenset(pair["drugs"]) for pair in told["coverage"]["pairs"]}


def test_a_pack_is_checked_by_its_ingredients_and_named_as_written(
    products: State, answer_schema: dict[str, Any]
) -> None:
    told = answer({"taking": ["corvastol"], "add": "clarithromycin"}, products)
    jsonschema.validate(told, answer_schema)
    assert told["taking"][0]["curie"] == str(PACK)
    assert told["taking"][0]["name"] == "Corvastol"
    first = told["findings"][0]
    assert (first["change"], first["severity"]) == ("created", "contraindicated")
    assert told["coverage"]["not_covered"] == []
    assert "Corvastol holds simvastatin and warfarin." in told["notes"]


def test_the_route_of_a_product_is_said(products: State) -> None:
    told = answer({"taking": ["RXCUI:900002"]}, products)
    assert f"{NAMES[TABLET]} holds simvastatin (route: oral)." in told["notes"]


def test_an_ingredient_under_two_names_is_a_duplication(products: State) -> None:
    told = answer({"taking": ["Corvastol"], "add": "simvastatin"}, products)
    assert any(finding["kind"] == "duplication" for finding in told["findings"])
    assert "simvastatin is already taken; it would be taken twice." in told["notes"]


def test_ending_a_product_ends_its_ingredients_and_says_what_else_ends(products: State) -> None:
    body = {"taking": ["Corvastol", "simvastatin", "clarithromycin"], "stop": ["Corvastol"]}
    told = answer(body, products)
    assert {f["change"] for f in told["findings"] if f["kind"] == "documented"} <= {"resolved"}
    assert (
        "Ending Corvastol ends its ingredients under every name: simvastatin as well."
        in told["notes"]
    )


def test_a_product_of_which_one_ingredient_is_not_taken_cannot_be_ended(products: State) -> None:
    with pytest.raises(NotTaken):
        answer({"taking": ["simvastatin"], "stop": ["Corvastol"]}, products)


def test_a_relative_and_a_drug_that_is_covered_stand_for_themselves(products: State) -> None:
    told = answer({"taking": ["dihydrowarfarin", "clarithromycin"]}, products)
    assert told["coverage"]["not_covered"] == [str(RELATIVE)]
    assert not any("holds" in note or "was checked as" in note for note in told["notes"])


def test_what_a_pack_holds_is_named_and_no_pair_of_the_list(products: State) -> None:
    told = answer({"taking": ["Corvastol"], "add": "clarithromycin"}, products)
    assert frozenset(map(str, (tiny.SIMVASTATIN, tiny.WARFARIN))) not in pairs(told)
    assert told["coverage"]["names"][str(tiny.WARFARIN)] == "warfarin"


def test_a_combination_of_which_something_is_said_still_holds_its_ingredients() -> None:
    holds = (tiny.edge(tiny.AMIODARONE, HOLDS, part) for part in (tiny.WARFARIN, tiny.CITALOPRAM))
    graph = tiny.graph_of(*tiny.EDGES, *holds)
    contents = Contents(graph, Lexicon.from_names(drug_names(graph)))
    assert set(contents.drugs(tiny.AMIODARONE)) == {tiny.WARFARIN, tiny.CITALOPRAM}


def test_a_combination_of_which_alone_something_is_said_stands_for_itself() -> None:
    parts = (tiny.WARFARIN, tiny.LEVOTHYROXINE)
    graph = tiny.graph_of(*tiny.EDGES, *(tiny.edge(tiny.AMIODARONE, HOLDS, p) for p in parts))
    contents = Contents(graph, Lexicon.from_names(drug_names(graph)))
    assert contents.drugs(tiny.AMIODARONE) == (tiny.AMIODARONE,)
