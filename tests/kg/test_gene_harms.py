"""The harms that genes are known for: the rows of the table, and what a finding is called then."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kg.rules.gene_harms import load_gene_harms
from kg.rules.gene_severity import load_gene_severity_rules
from kg.rules.rows import MalformedRule
from kg.screening.drug_gene import DrugGene
from kg.screening.effects import LOST_EFFICACY
from kg.screening.genotype import Genotypes
from kg.screening.patient import Patient, Regimen
from kg.sources.curated import FOLDER
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests.kg.pgx_graph import SAMPLE, graph_of, stated_edge

CODEINE, HARM = Curie("RXCUI", "2670"), Curie("HP", "0000001")
HEADER = "gene\tphenotype\tdrug_id\tdrug\teffect_id\teffect_name\treference\n"


def table(file: str) -> list[dict[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_row_names_a_known_reference_and_one_name_of_each_effect_and_drug() -> None:
    rows = table("gene_harms.tsv")
    assert {row["reference"] for row in rows} <= {row["id"] for row in table("references.tsv")}
    for number, name in (("effect_id", "effect_name"), ("drug_id", "drug")):
        assert len({row[number] for row in rows}) == len({(row[number], row[name]) for row in rows})


def test_the_effects_bear_the_names_that_other_tables_give_them() -> None:
    named = {row["effect_id"]: row["effect_name"] for row in table("gene_harms.tsv")}
    others = (*table("liability_rules.tsv"), *table("effects_fr.tsv"), *table("class_pairs.tsv"))
    for row in others:
        assert named.get(row["effect_id"], row["effect_name"]) == row["effect_name"]


def test_the_harm_of_a_phenotype_is_the_effect_of_its_finding() -> None:
    handled = stated_edge(
        str(CODEINE), Predicate.SUBSTRATE_OF, "HGNC.SYMBOL:CYP2D6", "activates=yes"
    )
    graph = graph_of(SAMPLE, [handled], [])
    rules, genotypes = load_gene_severity_rules(), Genotypes(graph)
    patient = Patient(diplotypes=(("CYP2D6", "*4/*4"),))
    regimen = Regimen.of((CODEINE,))
    (plain,) = DrugGene(graph, genotypes, rules).detect(regimen, patient)
    assert plain.effect == LOST_EFFICACY
    harms = {("CYP2D6", CODEINE): {"Poor Metabolizer": HARM}}
    (known,) = DrugGene(graph, genotypes, rules, harms=harms).detect(regimen, patient)
    assert known.effect == HARM
    others = {("CYP2D6", CODEINE): {"Ultrarapid Metabolizer": HARM}}
    (same,) = DrugGene(graph, genotypes, rules, harms=others).detect(regimen, patient)
    assert same.effect == LOST_EFFICACY


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        (["DPYD\tPoor\tnothing\tx\tHP:1\ty\tz"], "'nothing'"),
        (["DPYD\tPoor\tRXCUI:1\tx\tno effect\ty\tz"], "'no effect'"),
        (["DPYD\tPoor\tRXCUI:1\tx\tHP:1\ty\tz"] * 2, "'DPYD Poor RXCUI:1'"),
    ],
)
def test_a_row_that_cannot_be_read_is_quoted(tmp_path: Path, rows: list[str], value: str) -> None:
    (tmp_path / "gene_harms.tsv").write_text(HEADER + "\n".join(rows) + "\n", "utf-8")
    with pytest.raises(MalformedRule, match=value):
        load_gene_harms(tmp_path)
