"""The source phenotypes: alleles, rules in place of diplotypes, what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kg.assemble import SourceChunk, assemble
from kg.graph import KnowledgeGraph
from kg.phenotype_rules import NOT_TESTED
from kg.screening.genotype import GenePhenotype, Genotypes
from kg.screening.lookup import GeneLookup, gene_lookups
from kg.sources.base import ChunkKind, MalformedSource, Source
from kg.sources.guidelines import CPIC, DPWG
from kg.sources.phenotypes import PHENOTYPES
from ontologies.vocabulary import Predicate
from tests.kg.samples_g4 import sample_chunks, write_sample

FILE = "CYP2C19.json.gz"


@pytest.fixture
def edges(tmp_path: Path) -> pd.DataFrame:
    chunks = sample_chunks(PHENOTYPES, tmp_path)
    return next(chunk.frame for chunk in chunks if chunk.kind is ChunkKind.EDGES)


def graph_of(folder: Path, *sources: Source) -> KnowledgeGraph:
    chunks = [
        SourceChunk(source.info.name, source.info.infores, "1", dict.fromkeys(files, "CC0"), chunk)
        for source in sources
        for files in [{file: next(folder.rglob(file)) for file in source.files}]
        for chunk in source.read(files)
    ]
    return KnowledgeGraph("pgx", assemble(chunks, []).tables, [])


@pytest.fixture
def genotypes(tmp_path: Path) -> Genotypes:
    write_sample(PHENOTYPES, tmp_path)
    return Genotypes(graph_of(tmp_path, PHENOTYPES))


def rules(edges: pd.DataFrame, gene: str) -> set[str]:
    ruled = edges["predicate"] == Predicate.HAS_PHENOTYPE_RULE.value
    return set(edges.loc[ruled & (edges["subject"] == f"HGNC.SYMBOL:{gene}"), "qualifiers"])


def alleles(edges: pd.DataFrame, gene: str) -> set[str]:
    named = edges["predicate"] == Predicate.IS_ALLELE_OF.value
    return set(edges.loc[named & (edges["object"] == f"HGNC.SYMBOL:{gene}"), "qualifiers"])


def test_an_allele_says_what_it_does_and_how_much(edges: pd.DataFrame) -> None:
    assert alleles(edges, "CYP2D6") == {
        "activity=1|allele=*1|function=Normal Function",
        "activity=0|allele=*4|function=No Function",
        "activity=0.25|allele=*10|function=Decreased Function",
        "activity=3|activity_at_least=yes|allele=*1x≥3|function=Increased Function",
        "allele=*22|function=Uncertain Function",
    }


def test_a_class_of_the_who_is_written_out(edges: pd.DataFrame) -> None:
    assert "allele=Viewtown|function=Class II (Deficient)" in alleles(edges, "G6PD")


def test_scores_become_one_range_for_each_phenotype(edges: pd.DataFrame) -> None:
    assert rules(edges, "CYP2D6") == {
        "phenotype=Poor Metabolizer|score_max=0|score_min=0",
        "phenotype=Intermediate Metabolizer|score_max=1|score_min=0.25",
        "phenotype=Normal Metabolizer|score_max=2|score_min=1.25",
        "phenotype=Ultrarapid Metabolizer|score_min=4",
    }


def test_diplotypes_become_rules_by_function(edges: pd.DataFrame) -> None:
    assert rules(edges, "CYP2C19") == {
        "function_a=Normal Function|function_b=Normal Function|phenotype=Normal Metabolizer",
        "function_a=No Function|function_b=Normal Function|phenotype=Intermediate Metabolizer",
        "function_a=No Function|function_b=No Function|phenotype=Poor Metabolizer",
        "function_a=Normal Function|function_b=Uncertain Function|phenotype=Indeterminate",
    }


@pytest.mark.parametrize(
    ("gene", "diplotype", "phenotype"),
    [
        ("CYP2D6", "*1/*10", "Normal Metabolizer"),
        ("CYP2D6", "*1x≥3/*1", "Ultrarapid Metabolizer"),
        ("CYP2D6", "*1/*22", "Indeterminate"),
        ("CYP2C19", "*3/*2", "Poor Metabolizer"),
        ("G6PD", "Viewtown", "Deficient"),
        ("G6PD", "Viewtown/B (reference)", "Variable"),
        ("MT-RNR1", "m.9A>G", "increased risk of hearing loss"),
    ],
)
def test_a_diplotype_gives_the_phenotype_of_the_table(
    genotypes: Genotypes, gene: str, diplotype: str, phenotype: str
) -> None:
    assert genotypes.phenotype(gene, diplotype).phenotype == phenotype


def test_a_diplotype_that_no_score_explains_stands_by_itself(tmp_path: Path) -> None:
    name = "2024-08-27_CYP2D6.json.gz"
    files = changed(tmp_path, name, {"generesult": "Poor Metabolizer"}, at=4)
    frame = next(c.frame for c in PHENOTYPES.read(files) if c.kind is ChunkKind.EDGES)
    assert "diplotype=*1/*10|phenotype=Normal Metabolizer" not in rules(frame, "CYP2D6")
    assert "diplotype=*4/*10|phenotype=Intermediate Metabolizer" in rules(frame, "CYP2D6")


def changed(folder: Path, name: str, change: dict[str, Any], at: int) -> dict[str, Path]:
    files = write_sample(PHENOTYPES, folder)
    table = json.loads(gzip.decompress(files[name].read_bytes()))
    table["diplotypes"][at] |= change
    files[name].write_bytes(gzip.compress(json.dumps(table).encode()))
    return files


@pytest.mark.parametrize(
    "change",
    [
        {"diplotypekey": {"*1": 3}},
        {"diplotypekey": None},
        {"diplotypekey": {"*1": 2}, "generesult": "Poor Metabolizer"},
    ],
)
def test_a_diplotype_that_cannot_be_read_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(MalformedSource, match=rf"{FILE}, row 2"):
        list(PHENOTYPES.read(changed(tmp_path, FILE, change, at=1)))


def test_an_allele_without_function_is_named(tmp_path: Path) -> None:
    files = changed(tmp_path, FILE, {"diplotypekey": {"*99": 2}}, at=1)
    with pytest.raises(MalformedSource, match=r"\*99"):
        list(PHENOTYPES.read(files))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"{", b"\xff",
     b'{"gene": "G", "haplotypes": [], "activityValues": {}, "diplotypes": []}',
     b'{"gene": "G", "haplotypes": {}, "activityValues": {}, "diplotypes": [1]}'],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    files = write_sample(PHENOTYPES, tmp_path)
    files[FILE].write_bytes(gzip.compress(content))
    with pytest.raises(MalformedSource, match=FILE):
        list(PHENOTYPES.read(files))


@pytest.fixture(scope="module")
def real(shared_data: Path) -> KnowledgeGraph:
    return graph_of(shared_data / "pgx", PHENOTYPES, CPIC, DPWG)


def real_rows(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    tables = [json.loads(gzip.decompress(p.read_bytes())) for p in sorted(folder.iterdir())]
    return [(table["gene"], row) for table in tables for row in table["diplotypes"]]


def test_the_rules_say_the_same_as_every_diplotype_of_the_real_tables(
    real: KnowledgeGraph, shared_data: Path
) -> None:
    genotypes = Genotypes(real)
    rows = real_rows(shared_data / "pgx" / "phenotype")
    results = [(genotypes.phenotype(gene, row["diplotype"]), row) for gene, row in rows]
    wrong = [result for result, row in results if result.phenotype != row["generesult"]]
    assert len(rows) == 51_107
    assert wrong == []
    assert [result for result, row in results if not same_score(result, row)] == []


def same_score(result: GenePhenotype, row: dict[str, Any]) -> bool:
    stated = row.get("activityScore")
    if stated in {None, "n/a"}:
        return result.activity_score is None
    return result.activity_score == float(stated.removeprefix("≥"))


def test_every_recommendation_of_the_real_guidelines_can_be_reached(
    real: KnowledgeGraph, shared_data: Path
) -> None:
    """By a diplotype of the real tables; of an HLA gene, by carrying the allele or another one."""
    genotypes = Genotypes(real)
    results = {
        (found.symbol, found.phenotype, found.activity_score): found
        for gene, row in real_rows(shared_data / "pgx" / "phenotype")
        for found in [genotypes.phenotype(gene, row["diplotype"])]
    }

    def reached(lookup: GeneLookup) -> bool:
        if lookup.phenotype == NOT_TESTED:
            return True
        if lookup.symbol.startswith("HLA-"):
            allele, _, result = (lookup.phenotype or "").partition(" ")
            carried = allele if result == "positive" else "*99:99"
            return lookup.holds(genotypes.phenotype(lookup.symbol, f"{carried}/*99:98"))
        if lookup.diplotype:
            return lookup.holds(genotypes.phenotype(lookup.symbol, lookup.diplotype))
        return any(lookup.holds(r) for r in results.values() if r.symbol == lookup.symbol)

    edges = [edge for gene in genotypes.genes.values() for edge in gene.recommendations]
    missed = [edge for edge in edges if not all(map(reached, gene_lookups(real, edge)))]
    assert len(edges) > 1_000
    assert missed == []
