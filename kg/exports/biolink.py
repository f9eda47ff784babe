"""The graph's own categories and predicates in the words of Biolink Model 4.4."""

from __future__ import annotations

from ontologies.vocabulary import Category, Predicate

CATEGORIES: dict[str, str] = {
    Category.DRUG_PAIR.value: "biolink:NamedThing",
    Category.DRUG_CLASS.value: "biolink:ChemicalEntity",
    Category.ALLELE.value: "biolink:SequenceVariant",
    Category.PHENOTYPE.value: "biolink:NamedThing",
    Category.GENE_CLASS.value: "biolink:NamedThing",
}
"""Our categories by the class of the model that ``interactions.ttl`` hangs each under."""
PREDICATES: dict[str, str] = {Predicate.HAS_PHENOTYPE_RULE.value: Predicate.RELATED_TO.value}
"""Our predicates by the one of the model that ``interactions.ttl`` hangs each under."""
PREFIXES: dict[str, str] = {"DRUGCENTRAL": "DrugCentral", "DOI": "doi"}
"""Prefixes that the model spells in another way."""
ASSOCIATION = "biolink:Association"
AGGREGATOR = "infores:coprescribe"
"""Who brought the statements of others together."""
