"""The closed vocabularies, and the project's OWL and SHACL files that speak of them."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SKOS

from ontologies.vocabulary import SYMMETRIC, AgentType, Category, KnowledgeLevel, Predicate

BIOLINK = rdflib.Namespace("https://w3id.org/biolink/vocab/")
OWN = rdflib.Namespace("https://w3id.org/coprescribe/")
SPACES = {"biolink": BIOLINK, "coprescribe": OWN}
GOOD = """
@prefix biolink: <https://w3id.org/biolink/vocab/> .
@prefix coprescribe: <https://w3id.org/coprescribe/> .
@prefix pair: <https://w3id.org/coprescribe/pair/> .
@prefix rx: <http://purl.bioontology.org/ontology/RXNORM/> .
@prefix infores: <https://w3id.org/information-resource-registry/> .
pair:RXCUI.21212--RXCUI.36567 a coprescribe:DrugPair ;
    biolink:has_participant rx:21212 , rx:36567 .
<urn:edge:1> a biolink:Association ;
    biolink:subject rx:21212 ;
    biolink:predicate biolink:pharmacologically_interacts_with ;
    biolink:object rx:36567 ;
    biolink:primary_knowledge_source infores:ansm ;
    biolink:knowledge_level "knowledge_assertion" ;
    biolink:agent_type "manual_agent" ;
    coprescribe:severity "contraindicated" .
"""


def graph(name: str) -> rdflib.Graph:
    text = (files("ontologies") / name).read_text(encoding="utf-8")
    return rdflib.Graph().parse(data=text, format="turtle")


@pytest.fixture(scope="module")
def owl() -> rdflib.Graph:
    return graph("interactions.ttl")


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return graph("shapes.ttl")


def iri(name: str) -> rdflib.URIRef:
    prefix, _, local = name.partition(":")
    return SPACES[prefix][local]


def conforms(shapes: rdflib.Graph, turtle: str) -> tuple[bool, str]:
    pyshacl = pytest.importorskip("pyshacl")
    data = rdflib.Graph().parse(data=turtle, format="turtle")
    verdict, _, text = pyshacl.validate(data, shacl_graph=shapes)
    return bool(verdict), str(text)


@pytest.mark.parametrize("word", [*Category, *Predicate])
def test_every_word_is_a_curie_of_biolink_or_of_the_project(word: str) -> None:
    assert re.fullmatch(r"(biolink|coprescribe):[A-Za-z_]+", word)


def test_interactions_of_drugs_are_pharmacological_and_symmetric() -> None:
    assert Predicate.INTERACTS_WITH in SYMMETRIC
    assert Predicate.INTERACTS_WITH.value == "biolink:pharmacologically_interacts_with"


def test_knowledge_levels_and_agent_types_are_written_as_biolink_writes_them() -> None:
    assert all(re.fullmatch(r"[a-z_]+", word) for word in (*KnowledgeLevel, *AgentType))


@pytest.mark.parametrize("predicate", list(Predicate))
def test_the_owl_file_declares_every_predicate(owl: rdflib.Graph, predicate: Predicate) -> None:
    assert (iri(predicate), RDF.type, OWL.ObjectProperty) in owl


@pytest.mark.parametrize("predicate", sorted(SYMMETRIC))
def test_the_owl_file_calls_the_same_predicates_symmetric(
    owl: rdflib.Graph, predicate: Predicate
) -> None:
    assert (iri(predicate), RDF.type, OWL.SymmetricProperty) in owl


@pytest.mark.parametrize("category", [c for c in Category if c.startswith("coprescribe:")])
def test_the_owl_file_hangs_own_categories_under_biolink(
    owl: rdflib.Graph, category: Category
) -> None:
    wider = list(owl.objects(iri(category), RDFS.subClassOf))
    assert wider
    assert all(str(parent).startswith(str(BIOLINK)) for parent in wider)


def test_every_own_term_has_a_label_and_a_definition(owl: rdflib.Graph) -> None:
    named = {OWL.Class, OWL.NamedIndividual, SKOS.Concept}
    for term in {s for kind in named for s in owl.subjects(RDF.type, kind)}:
        if str(term).startswith(str(OWN)):
            assert owl.value(term, RDFS.label) or owl.value(term, SKOS.prefLabel), term
            assert owl.value(term, SKOS.definition), term


def test_the_severity_scheme_ranks_four_grades(owl: rdflib.Graph) -> None:
    ranks = {
        str(owl.value(grade, SKOS.prefLabel)): int(str(owl.value(grade, OWN.rank)))
        for grade in owl.subjects(SKOS.inScheme, OWN.severity_scheme)
    }
    assert ranks == {"contraindicated": 4, "major": 3, "moderate": 2, "minor": 1}


@pytest.mark.parametrize(
    ("system", "value", "grade"),
    [
        ("lexicomp", "X", "contraindicated"),
        ("lexicomp", "A", "minor"),
        ("medscape", "Monitor closely", "moderate"),
        ("orca", "2", "major"),
        ("ansm", "Association déconseillée", "major"),
        ("fhir_detected_issue", "moderate", "moderate"),
        ("cds_hooks", "info", "minor"),
    ],
)
def test_the_crosswalk_finds_the_grade_of_another_system(
    owl: rdflib.Graph, system: str, value: str, grade: str
) -> None:
    notation = rdflib.Literal(value, datatype=OWN[system])
    assert OWN[grade] in set(owl.subjects(SKOS.notation, notation))


def test_a_sound_graph_conforms(shapes: rdflib.Graph) -> None:
    verdict, text = conforms(shapes, GOOD)
    assert verdict, text


@pytest.mark.parametrize(
    ("sound", "broken", "complaint"),
    [
        ("rx:21212 , rx:36567", "rx:21212", "exactly two"),
        ("rx:21212 , rx:36567", "rx:21212 , rx:36567 , rx:1191", "exactly two"),
        ("biolink:primary_knowledge_source infores:ansm ;", "", "primary knowledge source"),
        ('"contraindicated"', '"deadly"', "four grades"),
        ('"knowledge_assertion"', '"rumour"', "knowledge level"),
        ('"manual_agent"', '"somebody"', "agent type"),
        ('"knowledge_assertion"', '"prediction"', "prediction bears no severity"),
    ],
)
def test_each_broken_rule_is_named(
    shapes: rdflib.Graph, sound: str, broken: str, complaint: str
) -> None:
    assert sound in GOOD
    verdict, text = conforms(shapes, GOOD.replace(sound, broken))
    assert not verdict
    assert complaint in text


def test_the_shapes_allow_the_words_of_the_vocabulary(shapes: rdflib.Graph) -> None:
    allowed = {str(literal) for literal in shapes.objects() if isinstance(literal, rdflib.Literal)}
    assert {*KnowledgeLevel, *AgentType} <= allowed
