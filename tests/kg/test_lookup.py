"""Whether a result of a gene is the one that a recommendation looks up."""

from __future__ import annotations

import pytest

from kg.graph import KnowledgeGraph
from kg.model import Edge, Evidence, Qualifier
from kg.screening.genotype import GenePhenotype
from kg.screening.lookup import GeneLookup, gene_lookups, most_specific
from ontologies.curie import Curie
from ontologies.vocabulary import AgentType, KnowledgeLevel, Predicate
from tests.kg.pgx_graph import graph_of

GENE, DRUG = Curie("HGNC.SYMBOL", "CYP2C9"), Curie("RXCUI", "11289")


def result(
    phenotype: str, score: float | None = None, diplotype: str | None = None
) -> GenePhenotype:
    return GenePhenotype(GENE, "CYP2C9", phenotype, score, diplotype=diplotype)


def advice(reference: str, **qualifiers: str) -> Edge:
    evidence = Evidence(
        "infores:x",
        KnowledgeLevel.KNOWLEDGE_ASSERTION,
        AgentType.MANUAL_AGENT,
        reference=reference,
    )
    stated = tuple(Qualifier(key, value) for key, value in sorted(qualifiers.items()))
    return Edge(GENE, Predicate.AFFECTS_RESPONSE_TO, DRUG, stated, (evidence,))


@pytest.fixture
def pgx() -> KnowledgeGraph:
    return graph_of()


@pytest.mark.parametrize(("score", "holds"), [(0.25, True), (0.75, True), (1.0, False), (0, False)])
def test_a_score_must_lie_in_the_closed_range(score: float, *, holds: bool) -> None:
    lookup = GeneLookup("CYP2C9", "Poor Metabolizer", score_min=0.25, score_max=0.75)
    assert lookup.holds(result("Poor Metabolizer", score)) is holds


def test_an_open_range_has_no_highest_score() -> None:
    lookup = GeneLookup("CYP2D6", "Ultrarapid Metabolizer", score_min=3)
    assert lookup.holds(result("Ultrarapid Metabolizer", 6))


def test_a_score_that_nobody_knows_is_not_held_against_the_phenotype() -> None:
    lookup = GeneLookup("CYP2C9", "Poor Metabolizer", score_min=0.5, score_max=0.5)
    assert lookup.holds(result("Poor Metabolizer"))
    assert not lookup.holds(result("Normal Metabolizer"))


def test_a_diplotype_is_unordered_and_must_be_known() -> None:
    lookup = GeneLookup("CYP2C9", diplotype="*1/*3")
    assert lookup.holds(result("Intermediate Metabolizer", 1.0, "*3/*1"))
    assert not lookup.holds(result("Intermediate Metabolizer", 1.0, "*2/*2"))
    assert not lookup.holds(result("Intermediate Metabolizer"))


def test_capitals_and_the_name_of_the_gene_make_no_difference() -> None:
    assert GeneLookup("G6PD", "Deficient").holds(
        GenePhenotype(Curie("HGNC.SYMBOL", "G6PD"), "G6PD", "G6PD deficient")
    )


def test_one_result_of_several_is_enough() -> None:
    assert GeneLookup("HLA-B", "*57:01 positive").holds(
        GenePhenotype(GENE, "HLA-B", "*15:02 negative; *57:01 positive")
    )


def test_a_lookup_that_asks_nothing_holds_for_nobody() -> None:
    assert not GeneLookup("CYP4F2").holds(result("Poor Metabolizer"))


def test_the_second_gene_has_its_own_range(pgx: KnowledgeGraph) -> None:
    edge = advice(
        "g",
        phenotype="Poor Metabolizer",
        gene2="HGNC.SYMBOL:CYP2D6",
        phenotype2="Intermediate Metabolizer",
        score_min2="0.5",
        score_max2="1",
    )
    assert gene_lookups(pgx, edge)[1] == GeneLookup(
        "CYP2D6", "Intermediate Metabolizer", score_min=0.5, score_max=1.0
    )


def test_a_guideline_that_names_the_diplotype_is_heard_for_it_alone() -> None:
    general = advice("dpwg", phenotype="Intermediate Metabolizer")
    narrow = advice("dpwg", diplotype="*1/*3")
    other = advice("cpic", phenotype="Intermediate Metabolizer", gene2="HGNC.SYMBOL:VKORC1")
    assert most_specific([general, narrow, other]) == (narrow, other)
    assert most_specific([general, other]) == (general, other)
