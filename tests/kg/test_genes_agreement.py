"""The comparison of gene results with the tables: it counts what agrees and names what does not."""

from __future__ import annotations

import pytest

from benchmarks.genes import compared_pypgx, compared_tables, reached
from benchmarks.genes_pypgx import holds, pypgx_rows
from kg.graph import KnowledgeGraph
from kg.screening.genotype import Genotypes
from tests.kg.pgx_graph import SAMPLE, graph_of


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    return graph_of()


@pytest.fixture(scope="module")
def genotypes(graph: KnowledgeGraph) -> Genotypes:
    return Genotypes(graph)


def row(diplotype: str, phenotype: str, score: str = "n/a") -> dict[str, str]:
    return {"diplotype": diplotype, "generesult": phenotype, "activityScore": score}


def test_a_row_agrees_by_phenotype_and_score(genotypes: Genotypes) -> None:
    rows = [
        ("CYP2D6", row("*1/*4", "Intermediate Metabolizer", "1.0")),
        ("CYP2D6", row("*1/*4", "Intermediate Metabolizer", "0.5")),
        ("CYP2C19", row("*1/*1", "Poor Metabolizer")),
        ("CYP2C19", row("*1/*999", "Poor Metabolizer")),
    ]
    told = compared_tables(genotypes, rows)
    assert (told["rows"], told["agree"], len(told["wrong"])) == (4, 1, 3)
    assert "*999" in told["wrong"][2]


def test_the_tables_of_pypgx_agree_with_themselves(genotypes: Genotypes) -> None:
    told = compared_pypgx(genotypes, pypgx_rows(SAMPLE))
    assert {"CYP2C19", "CYP2D6", "DPYD"} <= set(told)
    assert {gene: counted["share"] for gene, counted in told.items()} == dict.fromkeys(told, 1.0)


def test_what_differs_is_shown(genotypes: Genotypes) -> None:
    rows = [
        ("CYP2C19", "*1/*1", "Poor Metabolizer"),
        ("CYP2C19", "*1/*12", "Poor Metabolizer"),
        ("CYP2C19", "*1/*999", "Poor Metabolizer"),
    ]
    assert compared_pypgx(genotypes, rows) == {
        "CYP2C19": {
            "differ": 1,
            "undecided": 1,
            "unknown": 1,
            "share": 0.0,
            "examples": ["*1/*1: PyPGx Poor Metabolizer"],
        }
    }


def test_every_recommendation_of_the_sample_is_reached(
    graph: KnowledgeGraph, genotypes: Genotypes
) -> None:
    told = reached(graph, genotypes, [])
    assert told["recommendations"] > 5
    assert told["missed"] == []


@pytest.mark.parametrize(
    ("equation", "score", "met"),
    [
        ("0.25 <= score < 1.25", 1.25, False),
        ("2 == score", 2.0, True),
        ("2.5 <= score", 2.0, False),
    ],
)
def test_an_equation_is_read(equation: str, score: float, *, met: bool) -> None:
    assert holds(equation, score) is met
