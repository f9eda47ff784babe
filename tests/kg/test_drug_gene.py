"""Drug-gene findings: for whom, how bad, why, and when nothing is said."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from kg.model import Severity
from kg.rules.gene_severity import load_gene_severity_rules
from kg.rules.rows import MalformedRule
from kg.screening.drug_gene import DrugGene
from kg.screening.effects import LOST_EFFICACY, LOWERED_EXPOSURE, RAISED_EFFECT, RAISED_EXPOSURE
from kg.screening.finding import Finding, FindingKind, Step
from kg.screening.genotype import ConflictingGenotype, Genotypes
from kg.screening.patient import Patient, Regimen
from kg.sources.curated import FOLDER
from kg.sources.pypgx import PYPGX
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate
from tests.kg.pgx_graph import SAMPLE, graph_of, stated_edge

CLOPIDOGREL, OMEPRAZOLE = Curie("RXCUI", "32968"), Curie("RXCUI", "7646")
CODEINE, AMITRIPTYLINE = Curie("RXCUI", "2670"), Curie("RXCUI", "704")
ABACAVIR, ETHINYLESTRADIOL = Curie("RXCUI", "190521"), Curie("RXCUI", "4124")
TACROLIMUS = Curie("RXCUI", "42316")


def detector_of(folder: Path) -> DrugGene:
    def substrate(drug: Curie, gene: str, qualifiers: str) -> dict[str, str]:
        return stated_edge(str(drug), Predicate.SUBSTRATE_OF, f"HGNC.SYMBOL:{gene}", qualifiers)

    graph = graph_of(
        folder,
        [
            substrate(CLOPIDOGREL, "CYP2C19", "activates=yes|strength=moderate"),
            substrate(OMEPRAZOLE, "CYP2C19", "activates=no|strength=sensitive"),
            substrate(CODEINE, "CYP2D6", "activates=yes"),
            substrate(TACROLIMUS, "CYP3A5", "activates=no"),
            stated_edge(
                "HGNC.SYMBOL:HLA-B",
                Predicate.AFFECTS_RESPONSE_TO,
                str(ABACAVIR),
                "phenotype=*57:01 positive",
                "Abacavir is not recommended.",
            ),
            stated_edge(str(ETHINYLESTRADIOL), Predicate.SUBCLASS_OF, "ATC:G03AA01"),
        ],
        [
            ("HGNC.SYMBOL:HLA-B", Category.GENE, "HLA-B"),
            (str(ABACAVIR), Category.DRUG, "abacavir"),
            (str(ETHINYLESTRADIOL), Category.DRUG, "ethinylestradiol"),
        ],
    )
    return DrugGene(graph, Genotypes(graph), load_gene_severity_rules())


@pytest.fixture(scope="module")
def detector() -> DrugGene:
    return detector_of(SAMPLE)


@pytest.fixture(scope="module")
def raw(open_home: Path) -> Path:
    folder = open_home / "raw" / "pypgx" / "0.27.0"
    if not all((folder / file).is_file() for file in PYPGX.files):
        pytest.skip(f"the raw tables of pypgx 0.27.0 are not in {folder}")
    return folder


@pytest.fixture(scope="module")
def real(raw: Path) -> DrugGene:
    return detector_of(raw)


def findings(
    detector: DrugGene, drugs: tuple[Curie, ...], diplotypes: dict[str, str]
) -> tuple[Finding, ...]:
    patient = Patient(diplotypes=tuple(diplotypes.items()))
    return tuple(detector.detect(Regimen.of(drugs), patient))


def test_a_prodrug_in_a_poor_metabolizer_loses_its_effect(detector: DrugGene) -> None:
    (found,) = findings(detector, (CLOPIDOGREL,), {"CYP2C19": "*2/*2"})
    assert found.kind is FindingKind.DRUG_GENE
    assert found.severity is Severity.MAJOR
    assert (found.precipitants, found.affected) == ((), (CLOPIDOGREL,))
    assert [str(gene) for gene in found.genes] == ["HGNC.SYMBOL:CYP2C19"]
    assert found.effect == LOST_EFFICACY
    assert found.recommendation is not None
    assert found.recommendation.startswith("Avoid clopidogrel")


def test_the_finding_shows_the_way_from_diplotype_to_drug(detector: DrugGene) -> None:
    (found,) = findings(detector, (CLOPIDOGREL,), {"CYP2C19": "*2/*2"})
    assert found.mechanism is not None
    assert (found.mechanism.name, found.mechanism.kind) == ("CYP2C19 Poor Metabolizer", "genotype")
    assert found.mechanism.path == (
        Step("CYP2C19 *2", "has", "No Function"),
        Step("CYP2C19 *2/*2", "gives", "Poor Metabolizer"),
        Step("CYP2C19 Poor Metabolizer", "affects sensitivity to", "clopidogrel"),
        Step("CYP2C19", "activates", "clopidogrel"),
    )


def test_the_guideline_is_quoted_and_the_severity_is_ours(detector: DrugGene) -> None:
    (found,) = findings(detector, (CLOPIDOGREL,), {"CYP2C19": "*2/*2"})
    ours, stated = found.evidence
    assert (ours.source, ours.severity) == ("infores:coprescribe", Severity.MAJOR)
    assert (stated.source, stated.severity) == ("infores:cpic", None)
    assert [str(paper) for paper in stated.publications] == [
        "PMID:21716271",
        "PMID:23698643",
        "PMID:35034351",
    ]
    assert len(ours.derived_from) == 1


def test_one_problem_keeps_its_name_whatever_the_alleles(detector: DrugGene) -> None:
    (first,) = findings(detector, (CLOPIDOGREL,), {"CYP2C19": "*2/*2"})
    (second,) = findings(detector, (CLOPIDOGREL,), {"CYP2C19": "*2/*3"})
    assert first.id == second.id


@pytest.mark.parametrize(
    ("drug", "diplotypes", "severity", "effect"),
    [
        (OMEPRAZOLE, {"CYP2C19": "*17/*17"}, Severity.MODERATE, LOWERED_EXPOSURE),
        (OMEPRAZOLE, {"CYP2C19": "*2/*2"}, Severity.MINOR, RAISED_EXPOSURE),
        (CODEINE, {"CYP2D6": "*1x2/*1"}, Severity.MAJOR, RAISED_EFFECT),
        (CODEINE, {"CYP2D6": "*4/*4"}, Severity.MAJOR, LOST_EFFICACY),
    ],
)
def test_more_or_less_function_tells_the_effect(
    detector: DrugGene, drug: Curie, diplotypes: dict[str, str], severity: Severity, effect: Curie
) -> None:
    (found,) = findings(detector, (drug,), diplotypes)
    assert (found.severity, found.effect) == (severity, effect)


@pytest.mark.parametrize(
    "diplotypes",
    [
        {"CYP2C19": "*1/*1"},
        {"CYP2C19": "*1/*12"},
        {"CYP2D6": "*4/*4"},
        {},
    ],
)
def test_standard_dosing_no_recommendation_and_other_genes_are_silent(
    detector: DrugGene, diplotypes: dict[str, str]
) -> None:
    assert findings(detector, (CLOPIDOGREL,), diplotypes) == ()


def test_two_genes_decide_together(detector: DrugGene) -> None:
    (found,) = findings(detector, (AMITRIPTYLINE,), {"CYP2C19": "*2/*2", "CYP2D6": "*1/*1"})
    assert found.severity is Severity.MAJOR
    assert found.mechanism is not None
    assert found.mechanism.name == "CYP2C19 Poor Metabolizer + CYP2D6 Normal Metabolizer"
    assert len(found.genes) == 2
    (milder,) = findings(detector, (AMITRIPTYLINE,), {"CYP2C19": "*1/*1", "CYP2D6": "*1/*4"})
    assert milder.severity is Severity.MODERATE


def test_a_gene_that_was_not_tested_is_no_obstacle_where_the_guideline_says_so(
    detector: DrugGene,
) -> None:
    (found,) = findings(detector, (AMITRIPTYLINE,), {"CYP2D6": "*4/*4"})
    assert found.mechanism is not None
    assert found.mechanism.name == "CYP2D6 Poor Metabolizer"
    assert [str(gene) for gene in found.genes] == ["HGNC.SYMBOL:CYP2D6"]


def test_a_carried_hla_allele_is_found_and_another_is_not(detector: DrugGene) -> None:
    (found,) = findings(detector, (ABACAVIR,), {"HLA-B": "*57:01/*08:01"})
    assert found.mechanism is not None
    assert (found.severity, found.mechanism.name) == (Severity.MAJOR, "HLA-B *57:01 positive")
    assert findings(detector, (ABACAVIR,), {"HLA-B": "*07:02/*08:01"}) == ()


def test_a_recommendation_on_a_class_reaches_the_drugs_of_the_class(detector: DrugGene) -> None:
    (found,) = findings(detector, (ETHINYLESTRADIOL,), {"F5": "Reference/Leiden"})
    assert (found.affected, found.severity) == ((ETHINYLESTRADIOL,), Severity.MAJOR)


def test_a_wording_that_no_rule_knows_has_no_severity() -> None:
    graph = graph_of(
        SAMPLE,
        [
            stated_edge(
                "HGNC.SYMBOL:CYP2C19",
                Predicate.AFFECTS_RESPONSE_TO,
                str(CODEINE),
                "phenotype=Poor Metabolizer",
                "Something new.",
            )
        ],
    )
    detector = DrugGene(graph, Genotypes(graph), load_gene_severity_rules())
    (found,) = findings(detector, (CODEINE,), {"CYP2C19": "*2/*2"})
    assert (found.severity, found.recommendation) == (None, "Something new.")


def test_a_guideline_says_what_to_do_where_a_table_of_associations_only_warns(
    detector: DrugGene,
) -> None:
    advice = "Reduce starting dose by 50%."
    warning = "No dosage has proven safe in poor metabolizers."
    edge = next(e.edge for e in detector.recommendations.about(CLOPIDOGREL))
    (evidence, *_) = edge.evidence
    guideline = replace(evidence, source="infores:cpic", recommendation=advice, severity=None)
    table = replace(evidence, source="infores:fda-pgx", recommendation=warning, severity=None)
    both = replace(edge, evidence=(table, guideline))
    assert detector.asks_for(both) == (advice, Severity.MAJOR)
    assert detector.asks_for(replace(edge, evidence=(table,))) == (warning, Severity.MAJOR)


def test_contradicting_results_stop_the_screening(detector: DrugGene) -> None:
    patient = Patient(diplotypes=(("CYP2C19", "*1/*1"),), phenotypes=(("CYP2C19", "PM"),))
    with pytest.raises(ConflictingGenotype):
        tuple(detector.detect(Regimen.of((CLOPIDOGREL,)), patient))


def test_every_rule_cites_a_reference_that_is_listed() -> None:
    listed = {
        line.split("\t")[0]
        for path in FOLDER.glob("references*.tsv")
        for line in path.read_text("utf-8").splitlines()[1:]
    }
    assert {rule.reference for rule in load_gene_severity_rules()} <= listed


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("10\tavoid\tawful\twhy\tref", "'awful'"),
        ("10\t(avoid\tmajor\twhy\tref", r"'\(avoid'"),
        ("first\tavoid\tmajor\twhy\tref", "'first'"),
    ],
)
def test_a_rule_that_cannot_be_read_is_quoted(tmp_path: Path, line: str, value: str) -> None:
    header = "order\tpattern\tseverity\twhy\treference\n"
    (tmp_path / "gene_severity.tsv").write_text(f"{header}{line}\n", "utf-8")
    with pytest.raises(MalformedRule, match=rf"gene_severity\.tsv, row 2: {value}"):
        load_gene_severity_rules(tmp_path)


def test_only_a_text_that_says_contraindicated_is_contraindicated_and_one_that_a_label_does(
    raw: Path, real: DrugGene
) -> None:
    with (raw / "recommendation-table.csv").open(encoding="utf-8", newline="") as text:
        texts = {row["Recommendation"] for row in csv.DictReader(text)} - {"None"}
    rules = {text: real.severity_rule(text) for text in texts}
    assert [text for text, rule in rules.items() if rule is None] == []
    worst = {t for t, r in rules.items() if r and r.severity is Severity.CONTRAINDICATED}
    fluoropyrimidine = "Avoid use of 5-fluorouracil or 5-fluorouracil prodrug-based regimens."
    assert fluoropyrimidine in worst, "the European labels contraindicate what the guideline avoids"
    said = [("relatively contraindicated in persons" in t) for t in worst - {fluoropyrimidine}]
    assert said == [True]


@pytest.mark.parametrize(
    ("drug", "diplotypes", "severity", "effect"),
    [
        ("32968", {"CYP2C19": "*2/*2"}, Severity.MAJOR, LOST_EFFICACY),
        ("32968", {"CYP2C19": "*1/*2"}, Severity.MAJOR, LOST_EFFICACY),
        ("32968", {"CYP2C19": "*1/*17"}, None, None),
        ("7646", {"CYP2C19": "*17/*17"}, Severity.MODERATE, LOWERED_EXPOSURE),
        ("2670", {"CYP2D6": "*4/*5"}, Severity.MAJOR, LOST_EFFICACY),
        ("2670", {"CYP2D6": "*1/*2x2"}, Severity.MAJOR, RAISED_EFFECT),
        ("36567", {"SLCO1B1": "*5/*5"}, Severity.MODERATE, None),
        ("36567", {"SLCO1B1": "*1/*1"}, None, None),
        ("1256", {"TPMT": "*3A/*3A", "NUDT15": "*1/*1"}, Severity.MAJOR, None),
        ("1256", {"TPMT": "*3A/*3A"}, Severity.MAJOR, None),
        ("1256", {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, Severity.MODERATE, None),
        ("1256", {"TPMT": "*1/*1", "NUDT15": "*1/*1"}, None, None),
        ("4492", {"DPYD": "*2A/*2A"}, Severity.CONTRAINDICATED, None),
        ("4492", {"DPYD": "Reference/*2A"}, Severity.MODERATE, None),
        ("42316", {"CYP3A5": "*1/*3"}, Severity.MODERATE, LOWERED_EXPOSURE),
        ("42316", {"CYP3A5": "*3/*3"}, None, None),
        ("10154", {"RYR1": "Reference/c.487C>T", "CACNA1S": "Reference/Reference"},
         Severity.CONTRAINDICATED, None),
        ("10154", {"RYR1": "Reference/c.487C>T"}, Severity.CONTRAINDICATED, None),
        ("10154", {"RYR1": "Reference/c.487C>T", "CACNA1S": "Reference/c.520C>T"},
         Severity.CONTRAINDICATED, None),
        ("10154", {"RYR1": "Reference/Reference"}, None, None),
    ],
)  # fmt: skip
def test_the_real_tables_give_what_the_guideline_means(
    real: DrugGene,
    drug: str,
    diplotypes: dict[str, str],
    severity: Severity | None,
    effect: Curie | None,
) -> None:
    found = findings(real, (Curie("RXCUI", drug),), diplotypes)
    assert [(f.severity, f.effect) for f in found] == ([(severity, effect)] if severity else [])
