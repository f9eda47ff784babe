"""Phenoconversion: which drugs change which result, what is then said, and when nothing is."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from kg.model import Severity
from kg.rules.gene_severity import load_gene_severity_rules
from kg.rules.phenoconversion import load_conversion_rules, load_own_conversions
from kg.rules.rows import MalformedRule
from kg.screening.drug_gene import DrugGene
from kg.screening.effects import LOST_EFFICACY
from kg.screening.finding import Finding, FindingKind, Step
from kg.screening.gene_coverage import MissingTest, conversions_of, missing_tests
from kg.screening.gene_folding import folded
from kg.screening.genotype import Genotypes
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.phenoconversion import Phenoconversions
from kg.sources.curated import FOLDER
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate
from tests.kg.pgx_graph import SAMPLE, graph_of, stated_edge

CODEINE, CLOPIDOGREL = Curie("RXCUI", "2670"), Curie("RXCUI", "32968")
AMITRIPTYLINE, OMEPRAZOLE = Curie("RXCUI", "704"), Curie("RXCUI", "7646")
PAROXETINE, BUPROPION = Curie("RXCUI", "32937"), Curie("RXCUI", "42347")
DULOXETINE, SERTRALINE = Curie("RXCUI", "72625"), Curie("RXCUI", "36437")
FLUVOXAMINE, RIFAMPIN = Curie("RXCUI", "42355"), Curie("RXCUI", "9384")
LOCAL = frozenset({"topical"})
ROLES = [
    (PAROXETINE, "paroxetine", "CYP2D6", "inhibitor", "strong"),
    (BUPROPION, "bupropion", "CYP2D6", "inhibitor", "strong"),
    (DULOXETINE, "duloxetine", "CYP2D6", "inhibitor", "moderate"),
    (SERTRALINE, "sertraline", "CYP2D6", "inhibitor", "weak"),
    (FLUVOXAMINE, "fluvoxamine", "CYP2C19", "inhibitor", "strong"),
    (OMEPRAZOLE, "omeprazole", "CYP2C19", "inhibitor", "moderate"),
    (RIFAMPIN, "rifampin", "CYP2C19", "inducer", "strong"),
]


def detector_with(own: frozenset[tuple[Curie, str]] = frozenset()) -> DrugGene:
    roles = [
        stated_edge(
            str(drug),
            Predicate.AFFECTS,
            f"HGNC.SYMBOL:{gene}",
            f"role={role}|strength={strength}",
        )
        for drug, _, gene, role, strength in ROLES
    ]
    handled = [
        stated_edge(str(CODEINE), Predicate.SUBSTRATE_OF, "HGNC.SYMBOL:CYP2D6", "activates=yes")
    ]
    names = [(str(drug), Category.DRUG, name) for drug, name, *_ in ROLES]
    graph = graph_of(SAMPLE, [*roles, *handled], names)
    genotypes = Genotypes(graph)
    conversions = Phenoconversions(graph, genotypes, load_conversion_rules(), own, LOCAL)
    return DrugGene(graph, genotypes, load_gene_severity_rules(), conversions)


@pytest.fixture(scope="module")
def detector() -> DrugGene:
    return detector_with()


def patient_of(phenotypes: dict[str, str] | None = None, **diplotypes: str) -> Patient:
    return Patient(
        diplotypes=tuple(diplotypes.items()), phenotypes=tuple((phenotypes or {}).items())
    )


def findings(detector: DrugGene, patient: Patient, *drugs: Curie) -> tuple[Finding, ...]:
    return tuple(detector.detect(Regimen.of(drugs), patient))


def phenotypes(detector: DrugGene, patient: Patient, *drugs: Curie) -> list[str]:
    conversions = conversions_of(patient, detector, Regimen.of(drugs))
    return [f"{found.before.phenotype} > {found.after.phenotype}" for found in conversions]


def test_a_strong_inhibitor_makes_a_poor_metabolizer_of_a_normal_one(detector: DrugGene) -> None:
    (found,) = findings(detector, patient_of(CYP2D6="*1/*1"), CODEINE, PAROXETINE)
    assert found.kind is FindingKind.DRUG_DRUG_GENE
    assert (found.precipitants, found.affected) == ((PAROXETINE,), (CODEINE,))
    assert [str(gene) for gene in found.genes] == ["HGNC.SYMBOL:CYP2D6"]
    assert (found.severity, found.effect) == (Severity.MAJOR, LOST_EFFICACY)
    assert found.recommendation == (
        "CYP2D6 Normal Metabolizer counting as Poor Metabolizer with paroxetine: "
        "Avoid codeine use because of possibility of diminished analgesia."
    )


def test_both_phenotypes_and_the_drug_between_them_stand_in_the_path(detector: DrugGene) -> None:
    (found,) = findings(detector, patient_of(CYP2D6="*1/*1"), CODEINE, PAROXETINE)
    assert found.mechanism is not None
    assert found.mechanism.kind == "phenoconversion"
    assert found.mechanism.path[2:5] == (
        Step("paroxetine", "inhibits (strong)", "CYP2D6"),
        Step(
            "CYP2D6 Normal Metabolizer (activity score 2)",
            "counts as",
            "Poor Metabolizer (activity score 0)",
        ),
        Step("CYP2D6 Poor Metabolizer", "affects sensitivity to", "codeine"),
    )


def test_the_rule_is_cited_and_walks_back_to_the_role(detector: DrugGene) -> None:
    (found,) = findings(detector, patient_of(CYP2D6="*1/*1"), CODEINE, PAROXETINE)
    (rule,) = (e for e in found.evidence if e.reference == "cicali-2021-phenoconversion")
    (role,) = detector.graph.edges_from(PAROXETINE, Predicate.AFFECTS)
    assert (rule.source, rule.derived_from) == ("infores:coprescribe", (role.id,))
    assert rule.severity is None


@pytest.mark.parametrize(
    ("diplotype", "drug", "outcome"),
    [
        ("*1/*1", DULOXETINE, ["Normal Metabolizer > Intermediate Metabolizer"]),
        ("*1x2/*1", DULOXETINE, ["Ultrarapid Metabolizer > Normal Metabolizer"]),
        ("*1x2/*1", PAROXETINE, ["Ultrarapid Metabolizer > Poor Metabolizer"]),
        ("*1/*4", DULOXETINE, ["Intermediate Metabolizer > Intermediate Metabolizer"]),
        ("*1/*1", SERTRALINE, []),
        ("*4/*4", PAROXETINE, []),
        ("*1/*22", PAROXETINE, []),
    ],
)
def test_the_activity_score_falls_by_the_strength(
    detector: DrugGene, diplotype: str, drug: Curie, outcome: list[str]
) -> None:
    assert phenotypes(detector, patient_of(CYP2D6=diplotype), CODEINE, drug) == outcome


@pytest.mark.parametrize(
    ("stated", "drug", "outcome"),
    [
        ("NM", DULOXETINE, ["Normal Metabolizer > Intermediate Metabolizer"]),
        ("IM", DULOXETINE, []),
        ("UM", PAROXETINE, ["Ultrarapid Metabolizer > Poor Metabolizer"]),
        ("activity score 1.5", DULOXETINE, ["Normal Metabolizer > Intermediate Metabolizer"]),
        ("Indeterminate", PAROXETINE, []),
    ],
)
def test_a_phenotype_without_a_score_moves_by_the_table(
    detector: DrugGene, stated: str, drug: Curie, outcome: list[str]
) -> None:
    assert phenotypes(detector, patient_of({"CYP2D6": stated}), CODEINE, drug) == outcome


@pytest.mark.parametrize(
    ("drugs", "outcome"),
    [
        ((OMEPRAZOLE,), ["Normal Metabolizer > Intermediate Metabolizer"]),
        ((FLUVOXAMINE,), ["Normal Metabolizer > Poor Metabolizer"]),
        ((OMEPRAZOLE, FLUVOXAMINE), ["Normal Metabolizer > Poor Metabolizer"]),
        ((RIFAMPIN,), ["Normal Metabolizer > Ultrarapid Metabolizer"]),
        ((RIFAMPIN, FLUVOXAMINE), []),
    ],
)
def test_the_strongest_decides_and_opposites_leave_it_open(
    detector: DrugGene, drugs: tuple[Curie, ...], outcome: list[str]
) -> None:
    told = {
        tuple(phenotypes(detector, patient_of(CYP2C19="*1/*1"), CLOPIDOGREL, *order)[:1])
        for order in permutations(drugs)
    }
    assert told == {tuple(outcome)}


def test_an_inducer_gives_nothing_to_those_who_lack_the_enzyme(detector: DrugGene) -> None:
    assert phenotypes(detector, patient_of(CYP2C19="*2/*2"), CLOPIDOGREL, RIFAMPIN) == []


def test_nothing_new_is_said_where_the_advice_stays(detector: DrugGene) -> None:
    patient = patient_of(CYP2D6="*4/*4")
    alone = findings(detector, patient, CODEINE)
    assert findings(detector, patient, CODEINE, PAROXETINE) == alone
    assert [found.kind for found in alone] == [FindingKind.DRUG_GENE]


def test_without_a_result_nothing_is_converted(detector: DrugGene) -> None:
    assert findings(detector, Patient(), CODEINE, PAROXETINE) == ()
    assert findings(detector, patient_of(CYP2C19="*1/*1"), CODEINE, PAROXETINE) == ()


def test_a_finding_that_the_conversion_answers_is_gone(detector: DrugGene) -> None:
    patient = patient_of(CYP2D6="*1x2/*1")
    assert [f.kind for f in findings(detector, patient, CODEINE)] == [FindingKind.DRUG_GENE]
    assert findings(detector, patient, CODEINE, DULOXETINE) == ()


def test_two_drugs_that_convert_are_one_problem(detector: DrugGene) -> None:
    patient = patient_of(CYP2D6="*1/*1")
    (one,) = findings(detector, patient, CODEINE, PAROXETINE)
    (both,) = findings(detector, patient, CODEINE, PAROXETINE, BUPROPION)
    assert set(both.precipitants) == {PAROXETINE, BUPROPION}
    assert (one.problem, one.points) == (both.problem, both.points)


def test_two_genes_are_closed_by_two_drugs(detector: DrugGene) -> None:
    patient = patient_of(CYP2D6="*1/*1", CYP2C19="*1/*1")
    found = findings(detector, patient, AMITRIPTYLINE, FLUVOXAMINE)
    assert [(f.precipitants, f.points) for f in found] == [((FLUVOXAMINE,), 1)]


def test_a_drug_changes_no_result_for_itself_unless_a_row_says_so(detector: DrugGene) -> None:
    patient = patient_of(CYP2C19="*17/*17")
    alone = findings(detector, patient, OMEPRAZOLE)
    assert [found.kind for found in alone] == [FindingKind.DRUG_GENE]
    own = detector_with(frozenset({(OMEPRAZOLE, "CYP2C19")}))
    assert findings(own, patient, OMEPRAZOLE) == ()


def test_a_drug_on_the_skin_converts_nothing_unless_it_is_swallowed_too(
    detector: DrugGene,
) -> None:
    lines = (Entry(CODEINE, "codeine"), Entry(PAROXETINE, "paroxetine", route="topical"))
    patient = patient_of(CYP2D6="*1/*1")
    assert tuple(detector.detect(Regimen.written(lines), patient)) == ()
    both = Regimen.written((Entry(PAROXETINE, "paroxetine", "oral"), *lines))
    assert tuple(detector.detect(both, patient)) != ()


def test_the_stronger_of_two_statements_of_a_role_counts() -> None:
    graph = graph_of(
        edges=[
            stated_edge(str(PAROXETINE), Predicate.AFFECTS, "HGNC.SYMBOL:CYP2D6", qualifiers)
            for qualifiers in ("role=inhibitor|strength=moderate", "role=inhibitor|strength=strong")
        ]
    )
    genotypes = Genotypes(graph)
    conversions = Phenoconversions(graph, genotypes, load_conversion_rules())
    known = {"CYP2D6": genotypes.phenotype("CYP2D6", "*1/*1")}
    (found,) = conversions.of(CODEINE, Regimen.of((PAROXETINE,)), known).values()
    assert found.rule.strength == "strong"


def test_a_test_that_guidelines_ask_for_is_named_with_its_level(detector: DrugGene) -> None:
    assert missing_tests([CODEINE, CODEINE], Patient(), detector) == (
        MissingTest(CODEINE, "CYP2D6", ("CPIC level A",)),
    )
    assert missing_tests([CODEINE], patient_of(CYP2D6="*1/*22"), detector) == ()


def test_every_row_of_the_tables_can_be_read_and_names_a_listed_reference() -> None:
    rules = load_conversion_rules()
    lines = (FOLDER / "references.tsv").read_text(encoding="utf-8").splitlines()
    listed = {line.split("\t")[0] for line in lines}
    assert {rule.reference for rule in rules} <= listed
    assert {rule.gene for rule in rules} == {"CYP2B6", "CYP2C19", "CYP2C9", "CYP2D6", "CYP3A5"}
    assert load_own_conversions() == frozenset()


HEAD = "gene\tenzyme\trole\tstrength\tphenotype\tbecomes\tfactor\twhy\treference\n"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("CYP2D6\tCYP2D6\tblocker\tstrong\t\t\t0\t\tr", "blocker"),
        ("CYP2D6\tCYP2D6\tinhibitor\thuge\t\t\t0\t\tr", "huge"),
        ("CYP2D6\tCYP2D6\tinhibitor\tstrong\t\t\tnone\t\tr", "none"),
        ("CYP2D6\tCYP2D6\tinhibitor\tstrong\t\t\t-1\t\tr", "-1"),
        ("CYP2D6\tCYP2D6\tinhibitor\tstrong\t\t\t\t\tr", "''"),
        ("CYP2D6\tCYP2D6\tinhibitor\tstrong\tNM\t\t0\t\tr", "''"),
        ("CYP2D6\tCYP2D6\tinhibitor\tstrong\tNM\tPM\t0\t\tr", "'0'"),
    ],
)
def test_a_rule_that_cannot_be_read_is_quoted(tmp_path: Path, line: str, value: str) -> None:
    (tmp_path / "phenoconversion.tsv").write_text(f"{HEAD}{line}\n", encoding="utf-8")
    with pytest.raises(MalformedRule, match=f"row 2: .*{value}"):
        load_conversion_rules(tmp_path)


def test_a_question_answered_twice_and_a_second_enzyme_are_refused(tmp_path: Path) -> None:
    row = "CYP2D6\t{}\tinhibitor\t{}\t\t\t0\t\tr\n"
    for rows in (
        row.format("CYP2D6", "strong") * 2,
        row.format("CYP2D6", "strong") + row.format("CYP3A4", "weak"),
    ):
        (tmp_path / "phenoconversion.tsv").write_text(HEAD + rows, encoding="utf-8")
        with pytest.raises(MalformedRule, match="row 3"):
            load_conversion_rules(tmp_path)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("7646\tomeprazole\tCYP2C19\tinhibits\tno\t\tr", "7646"),
        ("RXCUI:7646\tomeprazole\tCYP2C19\tboosts\tno\t\tr", "boosts"),
        ("RXCUI:7646\tomeprazole\tCYP2C19\tinhibits\tmaybe\t\tr", "maybe"),
    ],
)
def test_a_row_on_its_own_metabolism_that_cannot_be_read_is_quoted(
    tmp_path: Path, line: str, value: str
) -> None:
    head = "drug_id\tdrug\tgene\teffect\tconverts\twhy\treference\n"
    content = f"{head}{line.replace('no', 'yes') if value == '7646' else line}\n"
    (tmp_path / "own_metabolism.tsv").write_text(content, encoding="utf-8")
    with pytest.raises(MalformedRule, match=f"row 2: .*{value}"):
        load_own_conversions(tmp_path)


def test_a_drug_of_which_the_advice_does_not_count_its_own_effect_is_kept(tmp_path: Path) -> None:
    head = "drug_id\tdrug\tgene\teffect\tconverts\twhy\treference\n"
    row = "RXCUI:7646\tomeprazole\tCYP2C19\tinhibits\tyes\t\tr\n"
    (tmp_path / "own_metabolism.tsv").write_text(head + row, encoding="utf-8")
    assert load_own_conversions(tmp_path) == {(OMEPRAZOLE, "CYP2C19")}


def test_advice_on_two_genes_takes_in_advice_on_one_of_them(detector: DrugGene) -> None:
    patient = patient_of(CYP2D6="*1/*1")
    (narrow,) = findings(detector, patient, CODEINE, PAROXETINE)
    other = Curie("HGNC.SYMBOL", "CYP2C19")
    wider = replace(narrow, genes=(*narrow.genes, other), severity=Severity.MINOR, evidence=())
    (found,) = folded([narrow, wider])
    assert (found.genes, found.severity) == (wider.genes, Severity.MAJOR)
    assert found.evidence == narrow.evidence
    elsewhere = replace(wider, effect=None)
    assert folded([narrow, elsewhere]) == [elsewhere, narrow]


def test_an_effect_that_only_the_advice_on_two_genes_names_is_no_other_problem(
    detector: DrugGene,
) -> None:
    (narrow,) = findings(detector, patient_of(CYP2D6="*1/*1"), CODEINE, PAROXETINE)
    wider = replace(narrow, genes=(*narrow.genes, Curie("HGNC.SYMBOL", "CYP2C19")))
    (found,) = folded([replace(narrow, effect=None), wider])
    assert (found.genes, found.effect) == (wider.genes, LOST_EFFICACY)


def test_what_forbids_a_drug_takes_in_other_advice_by_the_same_genes(detector: DrugGene) -> None:
    (graded,) = findings(detector, patient_of(CYP2D6="*1/*1"), CODEINE, PAROXETINE)
    forbidden = replace(graded, severity=Severity.CONTRAINDICATED, recommendation="Do not give.")
    (found,) = folded([graded, forbidden])
    assert (found.severity, found.recommendation) == (Severity.CONTRAINDICATED, "Do not give.")
    assert len(folded([graded, replace(graded, recommendation="Other.")])) == 2
