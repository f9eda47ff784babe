"""The source pypgx: what it reads, what it makes of it, what it refuses."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from kg.phenotype_rules import NOT_TESTED, compressed
from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.pypgx import COLUMNS, PYPGX
from ontologies.vocabulary import Category, Predicate
from tests.kg.pgx_graph import SAMPLE, chunks_of


@pytest.fixture(scope="module")
def edges() -> pd.DataFrame:
    return chunks_of(SAMPLE)[ChunkKind.EDGES].frame


@pytest.fixture(scope="module")
def nodes() -> pd.DataFrame:
    return chunks_of(SAMPLE)[ChunkKind.NODES].frame.set_index("id")


@pytest.fixture(scope="module")
def real(open_home: Path) -> Path:
    folder = open_home / "raw" / "pypgx" / "0.27.0"
    if not all((folder / file).is_file() for file in PYPGX.files):
        pytest.skip(f"the raw tables of pypgx 0.27.0 are not in {folder}")
    return folder


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "raw"))


def of(edges: pd.DataFrame, predicate: Predicate) -> pd.DataFrame:
    return edges[edges["predicate"] == predicate.value]


def test_a_drug_bears_its_rxnorm_number_and_its_english_name(nodes: pd.DataFrame) -> None:
    assert nodes.loc["RXCUI:32968", "name"] == "clopidogrel"
    assert nodes.loc["RXCUI:32968", "category"] == Category.DRUG.value


def test_a_gene_bears_its_symbol(nodes: pd.DataFrame) -> None:
    assert nodes.loc["HGNC.SYMBOL:CYP2C19", "name"] == "CYP2C19"
    assert nodes.loc["HGNC.SYMBOL:CYP2C19", "category"] == Category.GENE.value


def test_every_end_of_every_edge_is_a_node(nodes: pd.DataFrame, edges: pd.DataFrame) -> None:
    assert set(edges["subject"]) | set(edges["object"]) == set(nodes.index)


def test_an_allele_says_what_it_does_and_how_much(edges: pd.DataFrame) -> None:
    alleles = of(edges, Predicate.IS_ALLELE_OF).set_index("subject")["qualifiers"]
    assert alleles["coprescribe:allele/CYP2D6*10"] == (
        "activity=0.25|allele=*10|function=Decreased Function"
    )
    assert alleles["coprescribe:allele/CYP2C19*1"].endswith("reference=yes")


def test_an_allele_name_with_blanks_and_signs_makes_a_safe_identifier(edges: pd.DataFrame) -> None:
    subjects = of(edges, Predicate.IS_ALLELE_OF)["subject"]
    assert "coprescribe:allele/DPYDc.1905+1G%3EA%20(*2A)" in set(subjects)


def test_an_equation_becomes_bounds(edges: pd.DataFrame) -> None:
    rules = of(edges, Predicate.HAS_PHENOTYPE_RULE)
    bounds = set(rules.loc[rules["file"] == "equation-table.csv", "qualifiers"])
    assert (
        "phenotype=Intermediate Metabolizer|score_max=1.25|score_max_inclusive=no"
        "|score_min=0.25|score_min_inclusive=yes"
    ) in bounds
    assert "phenotype=Ultrarapid Metabolizer|score_min=2.5|score_min_inclusive=yes" in bounds
    assert (
        "phenotype=Normal Metabolizer|score_max=2|score_max_inclusive=yes"
        "|score_min=2|score_min_inclusive=yes"
    ) in bounds


def test_diplotypes_that_agree_become_one_rule_of_their_functions(edges: pd.DataFrame) -> None:
    rules = of(edges, Predicate.HAS_PHENOTYPE_RULE)
    poor = rules[
        rules["qualifiers"]
        == "function_a=No Function|function_b=No Function|phenotype=Poor Metabolizer"
    ]
    assert poor["statement"].tolist() == ["CYP2C19: No Function with No Function (2 diplotypes)"]
    assert poor["knowledge_level"].tolist() == ["logical_entailment"]


def test_mixed_outcomes_of_an_incomplete_pair_stay_diplotypes(edges: pd.DataFrame) -> None:
    rules = of(edges, Predicate.HAS_PHENOTYPE_RULE)
    mitochondrial = rules[
        (rules["subject"] == "HGNC.SYMBOL:MT-RNR1") & rules["qualifiers"].str.contains("diplotype=")
    ]
    assert len(mitochondrial) == 2


def test_a_complete_pair_of_functions_keeps_its_exceptions() -> None:
    functions = {("G", allele): "unknown" for allele in "ab"}
    table = {("G", "a/a"): "low", ("G", "a/b"): "low", ("G", "b/b"): "high"}
    general, exception = sorted(
        compressed(functions, table), key=lambda rule: rule.functions is None
    )
    assert (general.functions, general.phenotype) == (("unknown", "unknown"), "low")
    assert (exception.diplotype, exception.phenotype) == ("b/b", "high")


def test_a_recommendation_carries_text_guideline_and_papers(edges: pd.DataFrame) -> None:
    rows = of(edges, Predicate.AFFECTS_RESPONSE_TO)
    row = rows[
        (rows["object"] == "RXCUI:32968") & (rows["qualifiers"] == "phenotype=Poor Metabolizer")
    ].iloc[0]
    assert row["subject"] == "HGNC.SYMBOL:CYP2C19"
    assert row["recommendation"].startswith("Avoid clopidogrel")
    assert row["statement"] == "clopidogrel: CYP2C19 Poor Metabolizer (CPIC level A, final)"
    assert row["publications"] == "PMID:21716271|PMID:23698643|PMID:35034351"
    assert row["reference"] == (
        "https://cpicpgx.org/guidelines/guideline-for-clopidogrel-and-cyp2c19/"
    )


def test_the_written_word_none_is_no_recommendation(edges: pd.DataFrame) -> None:
    rows = of(edges, Predicate.AFFECTS_RESPONSE_TO)
    silent = rows[rows["qualifiers"].str.contains("recommendation=none", regex=False)]
    assert len(silent) == 2
    assert set(silent["recommendation"]) == {""}


def test_a_recommendation_on_two_genes_names_the_second(edges: pd.DataFrame) -> None:
    stated = set(of(edges, Predicate.AFFECTS_RESPONSE_TO)["qualifiers"])
    assert (
        "gene2=HGNC.SYMBOL:CYP2D6|phenotype=Poor Metabolizer|phenotype2=Normal Metabolizer"
    ) in stated
    assert (
        f"gene2=HGNC.SYMBOL:CYP2D6|phenotype={NOT_TESTED}|phenotype2=Poor Metabolizer"
    ) in stated


def test_a_drug_that_is_a_whole_group_is_that_group(nodes: pd.DataFrame) -> None:
    assert nodes.loc["ATC:G03A", "name"] == "hormonal contraceptives for systemic use"


def test_a_drug_without_any_number_keeps_its_name(nodes: pd.DataFrame) -> None:
    assert nodes.loc["coprescribe:drugname/novelgene-only%20drug", "name"] == "novelgene-only drug"


def test_a_code_of_a_combination_is_no_membership(edges: pd.DataFrame) -> None:
    members = of(edges, Predicate.SUBCLASS_OF).groupby("subject")["object"].apply(list)
    assert members["RXCUI:2670"] == ["ATC:R05DA04"]
    assert members["RXCUI:704"] == ["ATC:N06AA09"]


@pytest.mark.parametrize(
    ("file", "line", "place"),
    [
        ("equation-table.csv", "CYP2D6,Odd Metabolizer,score is 3", "equation-table.csv, row 9"),
        ("equation-table.csv", "CYP2D6,Odd Metabolizer,score", "equation-table.csv, row 9"),
        ("diplotype-table.csv", "CYP2C19,*1,Normal Metabolizer", "diplotype-table.csv, row 20"),
        ("diplotype-table.csv", "CYP2C19,*1/*1,Poor Metabolizer", "diplotype-table.csv, row 20"),
        ("phenotype-table.csv", "CYP2C19", "phenotype-table.csv, row 19"),
        ("allele-table.csv", "CYP2D6,*9,much,x,,,,,FALSE", "allele-table.csv, row 23"),
        ("cpic-table.csv", "F5,thing,12x,,,C,Provisional,1A,,", "cpic-table.csv, row 9"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(copied: Path, file: str, line: str, place: str) -> None:
    path = copied / file
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(MalformedSource, match=place):
        chunks_of(copied)


@pytest.mark.parametrize("file", sorted(COLUMNS))
def test_a_file_without_its_header_is_refused(copied: Path, file: str) -> None:
    (copied / file).write_text("something else\n", "utf-8")
    with pytest.raises(MalformedSource, match=file):
        chunks_of(copied)


def test_a_file_that_is_not_text_is_refused(copied: Path) -> None:
    (copied / "gene-table.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MalformedSource, match=r"gene-table\.csv"):
        chunks_of(copied)


def test_every_recommendation_of_the_real_table_becomes_an_edge(real: Path) -> None:
    edges = of(chunks_of(real)[ChunkKind.EDGES].frame, Predicate.AFFECTS_RESPONSE_TO)
    assert len(edges) == 724
    assert edges["qualifiers"].str.contains("recommendation=none", regex=False).sum() == 133
    assert not edges["object"].str.startswith("coprescribe:drugname/").any()
    assert set(edges.loc[~edges["object"].str.startswith("RXCUI:"), "object"]) == {"ATC:G03A"}


def test_the_rules_say_the_same_as_every_row_of_the_real_diplotype_table(real: Path) -> None:
    def rows(file: str) -> list[dict[str, str]]:
        with (real / file).open(encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text))

    functions = {(r["Gene"], r["StarAllele"]): r["Function"] for r in rows("allele-table.csv")}
    table = {(r["Gene"], r["Diplotype"]): r["Phenotype"] for r in rows("diplotype-table.csv")}
    rules = compressed(functions, table)
    pairs = {(r.gene, *r.functions): r.phenotype for r in rules if r.functions}
    single = {(r.gene, r.diplotype): r.phenotype for r in rules if r.diplotype}

    def said(gene: str, diplotype: str) -> str | None:
        left, right = sorted(functions.get((gene, a), "") for a in diplotype.split("/"))
        return single.get((gene, diplotype)) or pairs.get((gene, left, right))

    assert len(table) == 23_301
    assert len(rules) < 600
    assert [key for key, phenotype in table.items() if said(*key) != phenotype] == []
