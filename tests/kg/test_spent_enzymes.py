"""Where an enzyme lacks, an inhibitor of it changes nothing; anything else of the pair stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.model import Evidence, Severity
from kg.rules.phenoconversion import load_conversion_rules
from kg.screening.effects import LOST_EFFICACY, RAISED_EXPOSURE
from kg.screening.finding import Finding, FindingKind, Mechanism
from kg.screening.genotype import Genotypes
from kg.screening.patient import Patient
from kg.screening.spent_enzymes import SpentEnzymes
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate
from tests.kg.pgx_graph import SAMPLE, graph_of, stated_edge
from tests.tiny import said

CODEINE, CLOPIDOGREL = Curie("RXCUI", "2670"), Curie("RXCUI", "32968")
PAROXETINE, AMITRIPTYLINE = Curie("RXCUI", "32937"), Curie("RXCUI", "704")
FLUOXETINE = Curie("RXCUI", "4493")
INHIBITS = [(PAROXETINE, "CYP2D6"), (FLUOXETINE, "CYP2D6"), (FLUOXETINE, "CYP2C19")]
HANDLED = [
    (CODEINE, "CYP2D6", "yes"),
    (AMITRIPTYLINE, "CYP2D6", "no"),
    (AMITRIPTYLINE, "CYP2C19", "no"),
]
POOR = Patient(diplotypes=(("CYP2D6", "*4/*4"),))
STATED = said(Severity.MAJOR, statement="paroxetine + codeine")


def gene(symbol: str) -> str:
    return f"HGNC.SYMBOL:{symbol}"


@pytest.fixture(scope="module")
def spent() -> SpentEnzymes:
    edges = [
        stated_edge(str(drug), Predicate.AFFECTS, gene(symbol), "role=inhibitor|strength=strong")
        for drug, symbol in INHIBITS
    ]
    edges += [
        stated_edge(str(drug), Predicate.SUBSTRATE_OF, gene(symbol), f"activates={activates}")
        for drug, symbol, activates in HANDLED
    ]
    names = [(str(drug), Category.DRUG, drug.identifier) for drug, _ in INHIBITS]
    graph = graph_of(SAMPLE, edges, names)
    rules = {rule.gene: rule for rule in load_conversion_rules() if rule.gene == rule.enzyme}
    return SpentEnzymes(graph, Genotypes(graph), rules)


def pair(
    one: Curie,
    other: Curie,
    effect: Curie = LOST_EFFICACY,
    name: str = "CYP2D6 inhibition",
    kind: str = "enzyme_inhibition",
    evidence: Evidence = STATED,
) -> Finding:
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=Severity.MAJOR,
        precipitants=(one,),
        affected=(other,),
        evidence=(evidence,),
        effect=effect,
        mechanism=Mechanism(name, kind),
        recommendation="Avoid.",
    )


PRODRUG = pair(PAROXETINE, CODEINE)


def test_a_pair_that_rests_on_the_enzyme_that_lacks_is_minor_and_says_why(
    spent: SpentEnzymes,
) -> None:
    (found,) = spent.applied([PRODRUG], POOR)
    assert found.severity is Severity.MINOR
    assert found.recommendation == (
        "The patient's CYP2D6 is already without function (poor metabolizer): "
        "nothing is left to inhibit; codeine acts as in any poor metabolizer."
    )
    (modifier,) = found.modifiers
    assert (modifier.present, modifier.effect_on_severity) == (True, "lowers")
    assert modifier.evidence[0].reference == "cicali-2021-phenoconversion"
    assert found.id == PRODRUG.id


def test_it_points_to_what_is_said_of_the_gene(spent: SpentEnzymes) -> None:
    of_gene = replace(
        PRODRUG, kind=FindingKind.DRUG_GENE, precipitants=(), genes=(Curie.parse(gene("CYP2D6")),)
    )
    _, found = spent.applied([of_gene, PRODRUG], POOR)
    assert str(found.recommendation).endswith("see CYP2D6 and codeine.")


def test_the_two_drugs_need_no_order_where_only_one_can_inhibit(spent: SpentEnzymes) -> None:
    listed = replace(
        pair(PAROXETINE, CODEINE, name="inhibition of metabolism"),
        precipitants=(CODEINE, PAROXETINE),
        affected=(),
    )
    assert spent.applied([listed], POOR)[0].severity is Severity.MINOR


@pytest.mark.parametrize(
    "patient",
    [
        Patient(),
        Patient(diplotypes=(("CYP2D6", "*1/*4"),)),
        Patient(diplotypes=(("CYP2C19", "*2/*2"),)),
        Patient(phenotypes=(("CYP2D6", "Intermediate Metabolizer"),)),
    ],
)
def test_an_enzyme_that_works_can_be_inhibited(spent: SpentEnzymes, patient: Patient) -> None:
    assert spent.applied([PRODRUG], patient) == (PRODRUG,)


@pytest.mark.parametrize(
    "finding",
    [
        pair(
            FLUOXETINE, AMITRIPTYLINE, RAISED_EXPOSURE, "CYP2D6 inhibition and CYP2C19 inhibition"
        ),
        pair(FLUOXETINE, AMITRIPTYLINE, RAISED_EXPOSURE),
        pair(PAROXETINE, AMITRIPTYLINE, RAISED_EXPOSURE, "added effects", "antagonism"),
        pair(PAROXETINE, CODEINE, name="CYP2D6 inhibition + added effects"),
        pair(PAROXETINE, CLOPIDOGREL),
        pair(PAROXETINE, CODEINE, evidence=said(Severity.CONTRAINDICATED)),
    ],
    ids=[
        "two enzymes",
        "second enzyme",
        "other kind",
        "two mechanisms",
        "no substrate",
        "forbidden",
    ],
)
def test_what_rests_on_more_than_that_enzyme_stays(spent: SpentEnzymes, finding: Finding) -> None:
    assert spent.applied([finding], POOR) == (finding,)
