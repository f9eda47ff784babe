"""The closed vocabularies of the graph: Biolink Model 4.4, and our own words where it has none.

Every `biolink:` value was looked up in version 4.4.6 of the model.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["SYMMETRIC", "AgentType", "Category", "KnowledgeLevel", "Predicate"]


class Category(StrEnum):
    """What kind of thing a node is."""

    DRUG = "biolink:Drug"
    SMALL_MOLECULE = "biolink:SmallMolecule"
    CHEMICAL_ENTITY = "biolink:ChemicalEntity"
    GENE = "biolink:Gene"
    PHENOTYPIC_FEATURE = "biolink:PhenotypicFeature"
    DISEASE = "biolink:Disease"
    DRUG_PAIR = "coprescribe:DrugPair"
    DRUG_CLASS = "coprescribe:DrugClass"
    ALLELE = "coprescribe:Allele"
    PHENOTYPE = "coprescribe:Phenotype"
    GENE_CLASS = "coprescribe:GeneClass"


class Predicate(StrEnum):
    """What an edge says of its two ends."""

    HAS_PARTICIPANT = "biolink:has_participant"
    """A drug pair to each of its two drugs."""
    CONTRIBUTES_TO = "biolink:contributes_to"
    """A drug pair to an effect of taking both."""
    SUBCLASS_OF = "biolink:subclass_of"
    """A drug to its class, a term to a wider term."""
    AFFECTS = "biolink:affects"
    """A drug to a gene whose product it inhibits or induces; the qualifiers say which."""
    SUBSTRATE_OF = "biolink:is_substrate_of"
    """A drug to the gene of an enzyme or a transporter that handles it."""
    PREDISPOSES_TO = "biolink:predisposes_to_condition"
    """A drug to an effect that it makes more likely by itself (a liability)."""
    AFFECTS_RESPONSE_TO = "biolink:affects_sensitivity_to"
    """A gene to a drug whose dosing guideline looks at it; the model has no `affects_response_to`,
    and names CTD's predicate of that name as the exact match of this one."""
    HAS_PHENOTYPE_RULE = "coprescribe:phenotype_rule"
    """A gene to a phenotype that a pair of its alleles gives."""
    IS_ALLELE_OF = "biolink:is_sequence_variant_of"
    """A star allele to its gene."""
    INTERACTS_WITH = "biolink:pharmacologically_interacts_with"
    """A stated interaction of two drugs; symmetric."""
    CO_REPORTED = "biolink:has_adverse_event"
    """A drug to an event reported under treatment, whatever its cause."""
    DIRECTLY_INTERACTS_WITH = "biolink:interacts_with"
    """A drug to a gene whose product it acts on, whatever the way."""
    PHYSICALLY_INTERACTS_WITH = "biolink:physically_interacts_with"
    """Two proteins that bind each other; never two drugs."""
    TREATS = "biolink:treats_or_applied_or_studied_to_treat"
    """A drug to a condition that it is given for."""
    HAS_ACTIVE_INGREDIENT = "biolink:has_active_ingredient"
    """A product or a combination to each of its ingredients."""
    SENSITIVITY = "biolink:associated_with_sensitivity_to"
    """A gene or a variant to a drug whose effect was seen to differ with it."""
    RELATED_TO = "biolink:related_to"
    """Any relation that nothing above names; symmetric."""


SYMMETRIC = frozenset(
    {Predicate.INTERACTS_WITH, Predicate.PHYSICALLY_INTERACTS_WITH, Predicate.RELATED_TO}
)
"""Predicates whose two ends may change places without changing what is said."""


class KnowledgeLevel(StrEnum):
    """How sure a statement is by its nature (Biolink KnowledgeLevelEnum, the part in use)."""

    KNOWLEDGE_ASSERTION = "knowledge_assertion"
    LOGICAL_ENTAILMENT = "logical_entailment"
    PREDICTION = "prediction"
    STATISTICAL_ASSOCIATION = "statistical_association"
    OBSERVATION = "observation"
    NOT_PROVIDED = "not_provided"


class AgentType(StrEnum):
    """Who or what made a statement (Biolink AgentTypeEnum, the part in use)."""

    MANUAL_AGENT = "manual_agent"
    AUTOMATED_AGENT = "automated_agent"
    DATA_ANALYSIS_PIPELINE = "data_analysis_pipeline"
    COMPUTATIONAL_MODEL = "computational_model"
    TEXT_MINING_AGENT = "text_mining_agent"
    NOT_PROVIDED = "not_provided"
