"""Diplotypes and written phenotypes: what is concluded, how, and what is refused."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from kg.screening.finding import Step
from kg.screening.genotype import (
    ConflictingGenotype,
    Genotypes,
    MalformedDiplotype,
    UncountedCopies,
    UnknownAllele,
    UnknownGene,
    UnknownPhenotype,
)
from kg.screening.patient import Patient
from kg.sources.pypgx import PYPGX
from ontologies.vocabulary import Category, Predicate
from tests.kg.pgx_graph import SAMPLE, graph_of, stated_edge


@pytest.fixture(scope="module")
def genotypes() -> Genotypes:
    abacavir = stated_edge(
        "HGNC.SYMBOL:HLA-B",
        Predicate.AFFECTS_RESPONSE_TO,
        "RXCUI:190521",
        "phenotype=*57:01 negative",
    )
    return Genotypes(graph_of(SAMPLE, [abacavir], [("HGNC.SYMBOL:HLA-B", Category.GENE, "HLA-B")]))


@pytest.fixture(scope="module")
def raw(open_home: Path) -> Path:
    folder = open_home / "raw" / "pypgx" / "0.27.0"
    if not all((folder / file).is_file() for file in PYPGX.files):
        pytest.skip(f"the raw tables of pypgx 0.27.0 are not in {folder}")
    return folder


@pytest.fixture(scope="module")
def real(raw: Path) -> Genotypes:
    return Genotypes(graph_of(raw))


@pytest.mark.parametrize(
    ("gene", "diplotype", "phenotype"),
    [
        ("CYP2C19", "*1/*1", "Normal Metabolizer"),
        ("CYP2C19", "*2/*2", "Poor Metabolizer"),
        ("CYP2C19", "*17/*1", "Rapid Metabolizer"),
        ("CYP2C19", " *2 / *1 ", "Intermediate Metabolizer"),
        ("cyp2c19", "CYP2C19*2/CYP2C19*3", "Poor Metabolizer"),
        ("CYP2C19", "*2.001/*3", "Poor Metabolizer"),
        ("ABCG2", "Reference/rs2231142", "Decreased Function"),
        ("ABCG2", "rs2231142 reference (G)/rs2231142 variant (T)", "Decreased Function"),
        ("F5", "Leiden/Reference", "Unfavorable Response"),
        ("MT-RNR1", "1555A>G", "Increased Risk of Aminoglycoside-Induced Hearing Loss"),
        ("MT-RNR1", "m.1555A>G", "Increased Risk of Aminoglycoside-Induced Hearing Loss"),
        ("DPYD", "*1/*2A", "Intermediate Metabolizer"),
        ("DPYD", "Reference/c.1905+1G>A", "Intermediate Metabolizer"),
        ("DPYD", "c.1905+1G>A (*2A)/c.1905+1G>A (*2A)", "Poor Metabolizer"),
    ],
)
def test_a_diplotype_gives_its_phenotype(
    genotypes: Genotypes, gene: str, diplotype: str, phenotype: str
) -> None:
    assert genotypes.phenotype(gene, diplotype).phenotype == phenotype


@pytest.mark.parametrize(
    ("diplotype", "score", "phenotype"),
    [
        ("*4/*4", 0.0, "Poor Metabolizer"),
        ("*4/*10", 0.25, "Intermediate Metabolizer"),
        ("*1/*4", 1.0, "Intermediate Metabolizer"),
        ("*1/*10", 1.25, "Normal Metabolizer"),
        ("*1x2/*1", 3.0, "Ultrarapid Metabolizer"),
        ("*1x≥3/*4", 3.0, "Ultrarapid Metabolizer"),
        ("*4x2/*1", 1.0, "Intermediate Metabolizer"),
        ("*36+*10/*4", 0.25, "Intermediate Metabolizer"),
        ("*1x2+*10/*4", 2.25, "Normal Metabolizer"),
        ("*1x>=3/*4", 3.0, "Ultrarapid Metabolizer"),
        ("*1 x 2/*1", 3.0, "Ultrarapid Metabolizer"),
        ("*1X2/*1", 3.0, "Ultrarapid Metabolizer"),
        ("*1\u00d72/*1", 3.0, "Ultrarapid Metabolizer"),
        ("*4xN/*1", 1.0, "Intermediate Metabolizer"),
        ("*4/*4xN", 0.0, "Poor Metabolizer"),
    ],
)
def test_copies_and_tandems_add_up_to_an_activity_score(
    genotypes: Genotypes, diplotype: str, score: float, phenotype: str
) -> None:
    found = genotypes.phenotype("CYP2D6", diplotype)
    assert (found.activity_score, found.phenotype) == (score, phenotype)


@pytest.mark.parametrize("diplotype", ["*1/*1xN", "*1xn/*1", "CYP2D6*1xN/CYP2D6*1x2", "*1xN/*1xN"])
def test_uncounted_copies_tell_the_phenotype_where_each_number_gives_it(
    genotypes: Genotypes, diplotype: str
) -> None:
    found = genotypes.phenotype("CYP2D6", diplotype)
    assert found.phenotype == "Ultrarapid Metabolizer"
    assert found.activity_score is None
    assert "or more" in found.how[-1].predicate


def test_uncounted_copies_that_decide_are_refused_with_what_they_may_mean(
    genotypes: Genotypes,
) -> None:
    with pytest.raises(UncountedCopies, match="Normal Metabolizer or Ultrarapid") as caught:
        genotypes.phenotype("CYP2D6", "*1xN/*4")
    assert "'*1xN/*4' of CYP2D6" in str(caught.value)
    assert "such as *1x2/*4" in str(caught.value)


@pytest.mark.parametrize(
    ("gene", "diplotype"),
    [
        ("CYP2C19", "*1xN/*1"),
        ("CYP2D6", "*1/*22"),
        ("CYP2C19", "*1/*12"),
        ("CYP2C19", "*12/*12"),
        ("CYP2C19", "*1x2/*1"),
        ("VKORC1", "Reference/rs9923231"),
        ("MT-RNR1", "Reference/m.1555A>G"),
        ("DPYD", "*1x2/*1"),
    ],
)
def test_what_no_rule_decides_is_indeterminate_and_never_normal(
    genotypes: Genotypes, gene: str, diplotype: str
) -> None:
    found = genotypes.phenotype(gene, diplotype)
    assert found.phenotype == "Indeterminate"
    assert not found.is_determined


def test_the_answer_tells_how_it_was_found(genotypes: Genotypes) -> None:
    found = genotypes.phenotype("CYP2D6", "*1/*4")
    assert found.how == (
        Step("CYP2D6 *1", "has", "Normal Function (activity 1)"),
        Step("CYP2D6 *4", "has", "No Function (activity 0)"),
        Step("CYP2D6 *1/*4", "with activity score 1 gives", "Intermediate Metabolizer"),
    )
    assert str(found.gene) == "HGNC.SYMBOL:CYP2D6"


def test_an_hla_diplotype_is_positive_for_what_it_carries(genotypes: Genotypes) -> None:
    carried = genotypes.phenotype("HLA-B", "*57:01/*58:01")
    assert carried.results == ("*57:01 positive", "*58:01 positive")
    longer = genotypes.phenotype("HLA-B", "HLA-B*07:02:01G/B*58:01")
    assert longer.results == ("*07:02 positive", "*58:01 positive", "*57:01 negative")


def test_an_hla_gene_without_any_rule_is_still_read(genotypes: Genotypes) -> None:
    found = genotypes.phenotype("HLA-A", "*31:01/*02:01")
    assert found.results == ("*31:01 positive", "*02:01 positive")


@pytest.mark.parametrize(
    ("gene", "diplotype"),
    [
        ("CYP2C19", "*1"),
        ("CYP2C19", "*1/"),
        ("CYP2C19", "*1/*2/*3"),
        ("CYP2C19", ""),
        ("HLA-B", "57/58"),
    ],
)
def test_what_is_no_diplotype_is_quoted_with_what_is_accepted(
    genotypes: Genotypes, gene: str, diplotype: str
) -> None:
    with pytest.raises(MalformedDiplotype, match="two alleles with a slash between") as caught:
        genotypes.phenotype(gene, diplotype)
    assert repr(diplotype) in str(caught.value)


def test_an_allele_that_nobody_knows_is_quoted(genotypes: Genotypes) -> None:
    with pytest.raises(UnknownAllele, match=r"CYP2C19 has no allele '\*999'"):
        genotypes.phenotype("CYP2C19", "*1/*999")


def test_a_gene_that_nobody_knows_is_quoted_with_those_like_it(genotypes: Genotypes) -> None:
    with pytest.raises(UnknownGene, match=r"'CYP2C91'; known: .*CYP2C19"):
        genotypes.phenotype("CYP2C91", "*1/*1")


@pytest.mark.parametrize(
    ("gene", "text", "phenotype"),
    [
        ("CYP2C19", "PM", "Poor Metabolizer"),
        ("CYP2C19", "likely PM", "Likely Poor Metabolizer"),
        ("CYP2C19", "IM", "Intermediate Metabolizer"),
        ("CYP2C19", "em", "Normal Metabolizer"),
        ("CYP2C19", "extensive metaboliser", "Normal Metabolizer"),
        ("CYP2C19", "RM", "Rapid Metabolizer"),
        ("CYP2C19", "Ultra-Rapid Metaboliser", "Ultrarapid Metabolizer"),
        ("CYP2D6", "CYP2D6 Poor  Metabolizer", "Poor Metabolizer"),
        ("CYP2D6", "poor", "Poor Metabolizer"),
        ("ABCG2", "decreased function", "Decreased Function"),
        ("F5", "unfavorable", "Unfavorable Response"),
        ("HLA-B", "*57:01 Positive", "*57:01 positive"),
    ],
)
def test_a_written_phenotype_is_read_in_its_usual_forms(
    genotypes: Genotypes, gene: str, text: str, phenotype: str
) -> None:
    assert genotypes.stated(gene, text).phenotype == phenotype


@pytest.mark.parametrize(
    ("text", "phenotype", "score"),
    [
        ("1.5", "Normal Metabolizer", 1.5),
        ("activity score 0", "Poor Metabolizer", 0.0),
        ("AS = 1", "Intermediate Metabolizer", 1.0),
        ("Intermediate Metabolizer (activity score 1.0)", "Intermediate Metabolizer", 1.0),
        ("UM, activity score ≥3.0", "Ultrarapid Metabolizer", 3.0),
    ],
)
def test_an_activity_score_stands_for_the_phenotype_or_behind_it(
    genotypes: Genotypes, text: str, phenotype: str, score: float
) -> None:
    found = genotypes.stated("CYP2D6", text)
    assert (found.phenotype, found.activity_score) == (phenotype, score)


@pytest.mark.parametrize("text", ["-1", "99", "wobbly 2", "1.5.2", "NM -1"])
def test_a_score_that_nobody_has_is_quoted(genotypes: Genotypes, text: str) -> None:
    with pytest.raises(UnknownPhenotype, match="an activity score from 0 to 20") as caught:
        genotypes.stated("CYP2D6", text)
    assert repr(text) in str(caught.value)


def test_a_gene_without_scores_has_none(genotypes: Genotypes) -> None:
    with pytest.raises(UnknownPhenotype, match=r"CYP2C19 has no phenotype '1\.0'"):
        genotypes.stated("CYP2C19", "1.0")


def test_a_score_contradicts_another_phenotype_and_another_score(genotypes: Genotypes) -> None:
    with pytest.raises(ConflictingGenotype):
        genotypes.stated("CYP2D6", "Normal Metabolizer (activity score 0)")
    with pytest.raises(ConflictingGenotype):
        genotypes.agreed("CYP2D6", "*1/*4", "Intermediate Metabolizer (activity score 0.5)")
    assert genotypes.agreed("CYP2D6", None, "IM, activity score 1").activity_score == 1.0
    assert genotypes.agreed("CYP2D6", "*1/*4", "IM").activity_score == 1.0


def test_a_phenotype_that_the_gene_cannot_have_is_quoted_with_those_it_can(
    genotypes: Genotypes,
) -> None:
    with pytest.raises(UnknownPhenotype, match=r"ABCG2 has no phenotype 'PM'; .*Poor Function"):
        genotypes.stated("ABCG2", "PM")


def test_two_results_that_agree_are_one(genotypes: Genotypes) -> None:
    patient = Patient(diplotypes=(("CYP2C19", "*2/*2"),), phenotypes=(("CYP2C19", "PM"),))
    (found,) = genotypes.of_patient(patient)
    assert (found.phenotype, found.diplotype) == ("Poor Metabolizer", "*2/*2")


def test_two_results_that_disagree_are_refused(genotypes: Genotypes) -> None:
    patient = Patient(diplotypes=(("CYP2C19", "*1/*1"),), phenotypes=(("cyp2c19", "PM"),))
    with pytest.raises(ConflictingGenotype, match="'Normal Metabolizer' and 'Poor Metabolizer'"):
        genotypes.of_patient(patient)


def test_a_stated_phenotype_settles_an_indeterminate_diplotype(genotypes: Genotypes) -> None:
    patient = Patient(diplotypes=(("CYP2D6", "*1/*22"),), phenotypes=(("CYP2D6", "NM"),))
    (found,) = genotypes.of_patient(patient)
    assert (found.phenotype, found.diplotype) == ("Normal Metabolizer", "*1/*22")


def test_results_of_different_hla_alleles_stand_together(genotypes: Genotypes) -> None:
    told = (("HLA-B", "*57:01 negative"), ("HLA-B", "*15:02 positive"))
    (found,) = genotypes.of_patient(Patient(phenotypes=told))
    assert found.results == ("*57:01 negative", "*15:02 positive")
    with pytest.raises(ConflictingGenotype):
        genotypes.of_patient(Patient(phenotypes=(*told, ("HLA-B", "*57:01 positive"))))


def test_every_row_of_the_real_diplotype_table_is_reproduced(raw: Path, real: Genotypes) -> None:
    with (raw / "diplotype-table.csv").open(encoding="utf-8", newline="") as text:
        rows = [tuple(row.values()) for row in csv.DictReader(text)]
    wrong = [
        (gene, diplotype)
        for gene, diplotype, phenotype in rows
        if real.phenotype(gene, diplotype).phenotype != phenotype
    ]
    assert len(rows) == 23_301
    assert wrong == []


def test_a_gene_on_x_may_stand_with_one_allele(real: Genotypes) -> None:
    found = real.phenotype("G6PD", "A- 202A_376G")
    assert (found.phenotype, found.diplotype) == ("G6PD Deficient", "A- 202A_376G/MALE")


@pytest.mark.shared
@pytest.mark.parametrize(
    "gene", ["CYP2B6", "CYP2C19", "CYP3A5", "NUDT15", "SLCO1B1", "TPMT", "UGT1A1"]
)
def test_diplotypes_agree_with_cpic_where_the_alleles_do(
    shared_data: Path, real: Genotypes, gene: str
) -> None:
    path = shared_data / "pgx" / "phenotype" / f"{gene}.json.gz"
    cpic = json.loads(gzip.decompress(path.read_bytes()))
    ours = {name: allele.function.casefold() for name, allele in real.rules(gene).alleles.items()}
    same = {n for n, function in cpic["haplotypes"].items() if ours.get(n) == function.casefold()}
    compared = [row for row in cpic["diplotypes"] if same.issuperset(row["diplotypekey"])]
    wrong = [
        row["diplotype"]
        for row in compared
        if real.phenotype(gene, row["diplotype"]).phenotype != row["generesult"]
    ]
    assert compared
    assert wrong == []
