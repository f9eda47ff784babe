"""Our own advice on genes: its words, its references, and what it makes of a patient."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from kg.artifact import MANIFEST, open_graph
from kg.build import graph_name
from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.recipe import load_recipe
from kg.rules.gene_severity import load_gene_severity_rules
from kg.screening.drug_gene import DrugGene
from kg.screening.effects import RAISED_EXPOSURE
from kg.screening.finding import Finding
from kg.screening.gene_coverage import Unused, UnusedGene, unused_genes
from kg.screening.genotype import Genotypes
from kg.screening.patient import Patient, Regimen
from kg.sources.base import Chunk, ChunkKind, MalformedSource
from kg.sources.curated import CURATED, FOLDER
from kg.sources.curated_genes import GENOTYPES, RECOMMENDATIONS, TABLES, gene_chunks
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate
from tests.kg.pgx_graph import graph_of, stated_edge

NOT_READ = {"ema-zebinix"}
"""References of recommendations that could not be read; every other one was."""
SYMBOLS = {"CYP2C9", "DPYD", "G6PD", "HLA-A", "HLA-B", "MT-RNR1", "VKORC1"}
WARFARIN, ABACAVIR, CLOPIDOGREL = (Curie("RXCUI", n) for n in ("11289", "190521", "32968"))


def table(file: str) -> list[dict[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE))


def chunks_of(rows: list[dict[str, str]], titles: dict[str, str]) -> list[Chunk]:
    genotypes = pd.DataFrame(columns=[*TABLES[GENOTYPES], "reference"], dtype=str)
    return list(gene_chunks({RECOMMENDATIONS: pd.DataFrame(rows), GENOTYPES: genotypes}, titles))


ROW = {
    "drug_id": "RXCUI:190521",
    "drug": "abacavir",
    "gene": "HLA-B",
    "phenotype": "*57:01 positive",
    "recommendation": "Do not give it.",
    "severity": "contraindicated",
    "reference": "one|two",
}
TITLES = {"one": "First paper. PMID:11", "two": "Second paper. PharmGKB:PA1 PMID:22"}


@pytest.fixture(scope="module")
def real(open_home: Path) -> KnowledgeGraph:
    graph_id = graph_name(load_recipe("open"))
    if not (open_home / "kg" / graph_id / MANIFEST).is_file():
        pytest.skip(f"the graph {graph_id} of these tables is not built under {open_home}")
    return open_graph(open_home, graph_id)


@pytest.fixture(scope="module")
def genotypes(real: KnowledgeGraph) -> Genotypes:
    return Genotypes(real)


@pytest.fixture(scope="module")
def detector(real: KnowledgeGraph, genotypes: Genotypes) -> DrugGene:
    return DrugGene(real, genotypes, load_gene_severity_rules())


def patient_of(
    diplotypes: dict[str, str] | None = None, phenotypes: dict[str, str] | None = None
) -> Patient:
    return Patient(
        diplotypes=tuple((diplotypes or {}).items()), phenotypes=tuple((phenotypes or {}).items())
    )


def findings(detector: DrugGene, drug: Curie, patient: Patient) -> tuple[Finding, ...]:
    return tuple(detector.detect(Regimen.of((drug,)), patient))


def test_the_words_of_the_table_are_closed() -> None:
    rows = table(RECOMMENDATIONS)
    assert {row["severity"] for row in rows} <= set(Severity)
    assert {row["gene"] for row in rows} == SYMBOLS
    assert all(row["drug_id"].removeprefix("RXCUI:").isdigit() for row in rows)
    keys = [(row["drug"], row["gene"], row["phenotype"]) for row in rows]
    assert keys == sorted(set(keys))


def test_every_reference_is_listed_and_was_read() -> None:
    rows = [*table(RECOMMENDATIONS), *table(GENOTYPES)]
    cited = {reference for row in rows for reference in row["reference"].split("|")}
    status = {row["id"]: row["status"] for row in table("references.tsv")}
    unread = {reference for reference in cited if status.get(reference) != "seen"}
    assert unread == NOT_READ
    assert {status.get(reference) for reference in unread} == {"unseen"}


def test_only_what_a_label_or_a_guideline_forbids_is_contraindicated() -> None:
    worst = {
        (row["drug"], row["gene"])
        for row in table(RECOMMENDATIONS)
        if row["severity"] == "contraindicated"
    }
    assert worst == {
        ("abacavir", "HLA-B"),
        ("allopurinol", "HLA-B"),
        ("carbamazepine", "HLA-B"),
        ("methylene blue", "G6PD"),
        ("pegloticase", "G6PD"),
        ("primaquine", "G6PD"),
        ("rasburicase", "G6PD"),
        ("tafenoquine", "G6PD"),
    }


def test_the_source_lists_both_tables() -> None:
    assert set(TABLES) <= set(CURATED.files)


def test_a_row_becomes_an_edge_that_states_its_severity() -> None:
    nodes, edges, _ = chunks_of([ROW], TITLES)
    assert nodes.kind is ChunkKind.NODES
    assert set(nodes.frame["id"]) == {"RXCUI:190521", "HGNC.SYMBOL:HLA-B"}
    (edge,) = edges.frame.to_dict("records")
    assert (edge["subject"], edge["object"]) == ("HGNC.SYMBOL:HLA-B", "RXCUI:190521")
    assert edge["predicate"] == Predicate.AFFECTS_RESPONSE_TO.value
    assert edge["qualifiers"] == "phenotype=*57:01 positive"
    assert (edge["severity"], edge["recommendation"]) == ("contraindicated", "Do not give it.")
    assert edge["publications"] == "PMID:11|PMID:22"
    assert edge["text"] == "First paper. PMID:11; Second paper. PharmGKB:PA1 PMID:22"


@pytest.mark.parametrize(
    ("change", "said"),
    [({"severity": "awful"}, "awful"), ({"reference": "one|three"}, "three")],
)
def test_a_row_that_cannot_stand_is_quoted(change: dict[str, str], said: str) -> None:
    with pytest.raises(MalformedSource, match=rf"gene_recommendations\.tsv: .*'{said}'"):
        chunks_of([ROW | change], TITLES)


@pytest.mark.parametrize(
    ("text", "stated", "severity"),
    [
        ("Avoid it.", "contraindicated", Severity.CONTRAINDICATED),
        ("Initiate therapy with recommended standard dose.", "minor", Severity.MINOR),
        ("Avoid it.", "", Severity.MAJOR),
    ],
)
def test_a_severity_that_the_evidence_states_comes_before_our_rules(
    text: str, stated: str, severity: Severity
) -> None:
    predicate = Predicate.AFFECTS_RESPONSE_TO
    qualifiers = "phenotype=*57:01 positive"
    edge = stated_edge("HGNC.SYMBOL:HLA-B", predicate, str(ABACAVIR), qualifiers, text)
    graph = graph_of(
        edges=[edge | {"severity": stated}],
        nodes=[
            ("HGNC.SYMBOL:HLA-B", Category.GENE, "HLA-B"),
            (str(ABACAVIR), Category.DRUG, "abacavir"),
        ],
    )
    detector = DrugGene(graph, Genotypes(graph), load_gene_severity_rules())
    (found,) = findings(detector, ABACAVIR, patient_of({"HLA-B": "*57:01/*08:01"}))
    assert found.severity is severity
    assert len(found.evidence) == (1 if stated else 2)


def test_a_result_that_nothing_can_use_is_told() -> None:
    graph = graph_of()
    detector = DrugGene(graph, Genotypes(graph), load_gene_severity_rules())
    patient = patient_of({"CYP2C19": "*1/*12", "CYP2D6": "*4/*4", "HLA-C": "*04:01/*07:01"})
    assert unused_genes(patient, detector, Regimen.of((CLOPIDOGREL,))) == (
        UnusedGene("CYP2C19", "Indeterminate", Unused.INDETERMINATE),
        UnusedGene("HLA-C", "*04:01 positive; *07:01 positive", Unused.NO_ADVICE),
    )


def test_every_phenotype_is_one_that_a_patient_can_have(genotypes: Genotypes) -> None:
    for row in table(RECOMMENDATIONS):
        found = genotypes.stated(row["gene"], row["phenotype"])
        assert found.results == (row["phenotype"],)


@pytest.mark.parametrize("row", table(GENOTYPES), ids=lambda row: str(row["diplotype"]))
def test_every_diplotype_gives_its_phenotype(genotypes: Genotypes, row: dict[str, str]) -> None:
    assert genotypes.phenotype(row["gene"], row["diplotype"]).phenotype == row["phenotype"]


def test_every_drug_is_the_drug_of_that_name(real: KnowledgeGraph) -> None:
    for row in table(RECOMMENDATIONS):
        assert real.name(Curie.parse(row["drug_id"])).lower() == row["drug"]


@pytest.mark.parametrize(
    ("number", "diplotypes", "severity"),
    [
        ("190521", {"HLA-B": "*57:01/*58:01"}, Severity.CONTRAINDICATED),
        ("190521", {"HLA-B": "*07:02/*58:01"}, None),
        ("519", {"HLA-B": "*07:02/*58:01"}, Severity.CONTRAINDICATED),
        ("2002", {"HLA-B": "*15:02/*40:01"}, Severity.CONTRAINDICATED),
        ("2002", {"HLA-A": "*31:01/*02:01"}, Severity.MAJOR),
        ("8183", {"HLA-B": "*15:02/*40:01"}, Severity.MAJOR),
        ("283821", {"G6PD": "A- 202A_376G"}, Severity.CONTRAINDICATED),
        ("283821", {"G6PD": "B (reference)/A- 202A_376G"}, Severity.MODERATE),
        ("283821", {"G6PD": "B (reference)"}, None),
        ("1596450", {"MT-RNR1": "m.1555A>G"}, Severity.MAJOR),
        ("1596450", {"MT-RNR1": "Reference"}, None),
        ("11289", {"VKORC1": "rs9923231 variant (T)/rs9923231 variant (T)"}, Severity.MODERATE),
        ("11289", {"VKORC1": "Reference/rs9923231"}, None),
    ],
)
def test_the_patient_hears_of_it(
    detector: DrugGene, number: str, diplotypes: dict[str, str], severity: Severity | None
) -> None:
    found = findings(detector, Curie("RXCUI", number), patient_of(diplotypes))
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_a_poor_metabolizer_has_more_warfarin(detector: DrugGene) -> None:
    (found,) = findings(detector, WARFARIN, patient_of(phenotypes={"CYP2C9": "PM"}))
    assert (found.severity, found.effect) == (Severity.MAJOR, RAISED_EXPOSURE)
    (evidence,) = found.evidence
    assert evidence.source == "infores:coprescribe"
    assert Curie("PMID", "28198005") in evidence.publications


@pytest.mark.parametrize(
    ("phenotypes", "drug", "reasons"),
    [
        ({"G6PD": "G6PD Indeterminate"}, "283821", []),
        ({"G6PD": "G6PD Indeterminate"}, "36567", [Unused.INDETERMINATE]),
        ({"G6PD": "G6PD Deficient"}, "36567", []),
        ({"HLA-B": "*57:01 positive"}, "36567", []),
    ],
)
def test_a_gene_that_matters_for_no_drug_of_the_list_is_not_told(
    detector: DrugGene,
    phenotypes: dict[str, str],
    drug: str,
    reasons: list[Unused],
) -> None:
    regimen = Regimen.of((Curie("RXCUI", drug),))
    found = unused_genes(patient_of(phenotypes=phenotypes), detector, regimen)
    assert [gene.reason for gene in found] == reasons
