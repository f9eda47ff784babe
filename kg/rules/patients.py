"""Everything curated about patients, read once for one graph: rules, words, codes."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from kg.conditions import ConditionNames
from kg.graph import KnowledgeGraph
from kg.rules.allergies import AllergyNames, load_allergy_names, load_allergy_rules
from kg.rules.conditions import load_conditions, load_drug_condition_rules, load_lab_tests
from kg.rules.dose_limits import load_dose_limits
from kg.rules.effect_families import load_effect_families
from kg.rules.modifiers import load_modifier_rules
from kg.rules.phenoconversion import load_conversion_rules
from kg.rules.routes import Routes, load_routes
from kg.screening.allergy import Allergies
from kg.screening.background import PREGNANCY, Background
from kg.screening.context import Context
from kg.screening.doses.cases import DoseCases
from kg.screening.doses.limits import DoseLimits
from kg.screening.drug_condition import DrugConditions
from kg.screening.finding import Finding
from kg.screening.genotype import Genotypes
from kg.screening.laboratory import LabTests
from kg.screening.modifier_index import ModifierIndex
from kg.screening.phenoconversion import ConversionRule
from kg.screening.spent_enzymes import SpentEnzymes
from kg.screening.stated_conditions import StatedConditions
from kg.screening.targets import Targets
from kg.sources.curated import FOLDER
from ontologies.curie import Curie


@dataclass(frozen=True, slots=True)
class PatientRules:
    """The detectors and the context that look at a patient, and what grounds a patient's words."""

    tests: LabTests
    conditions: ConditionNames
    allergies: AllergyNames
    routes: Routes
    drug_conditions: DrugConditions
    drug_allergies: Allergies
    context: Context

    @property
    def targets(self) -> Targets:
        """The targets of the drugs of the graph, asked once for all rules."""
        return self.context.background.targets

    def looks_at(self, condition: Curie) -> bool:
        """Tell whether some rule asks for a condition or for what it is a case of."""
        wider = self.context.background.hierarchy.of(condition)
        asked = self.drug_conditions.asked | self.context.asked | {PREGNANCY}
        return not wider.isdisjoint(asked)

    def idle(
        self,
        conditions: Iterable[Curie],
        drugs: AbstractSet[Curie],
        findings: Iterable[Finding],
    ) -> frozenset[Curie]:
        """Give the conditions for which no rule about some drugs, or about some findings, asks.

        Those for which no rule asks at all are not among them; see :meth:`looks_at`.
        """
        known = [c for c in conditions if self.looks_at(c)]
        if not known:
            return frozenset()
        found = tuple(findings)
        of_findings = chain.from_iterable(self.context.index.about(each) for each in found)
        of_sources = self.context.stated.rules if any(map(self._is_conditional, found)) else ()
        terms = chain(
            self.drug_conditions.terms_about(drugs),
            (term for rule in of_findings for term in rule.terms),
            (term for rule in of_sources for term in rule.terms),
        )
        asked = {term.value for term in terms if term.what == "condition"} | {str(PREGNANCY)}
        hierarchy = self.context.background.hierarchy
        return frozenset(c for c in known if asked.isdisjoint(map(str, hierarchy.of(c))))

    def _is_conditional(self, finding: Finding) -> bool:
        return self.context.stated.speaks_of(finding)


def open_patient_rules(
    graph: KnowledgeGraph, folder: Path = FOLDER, genotypes: Genotypes | None = None
) -> PatientRules:
    """Read the tables about patients for one graph; ``genotypes`` let genes count for pairs.

    Raises:
        MalformedRule: A row of a table cannot be read.
        MalformedSource: A table lacks a column.
    """
    tests = load_lab_tests(folder)
    background = Background.of(graph, tests)
    tables = load_modifier_rules(tests, folder)
    families, routes = load_effect_families(folder), load_routes(folder)
    index = ModifierIndex(background, tables.modifiers, families)
    cases = DoseCases(background, load_dose_limits(folder), genotypes, routes.local)
    spent = SpentEnzymes(graph, genotypes, _inhibited(folder)) if genotypes else None
    return PatientRules(
        tests=tests,
        conditions=ConditionNames(graph, load_conditions(folder)),
        allergies=load_allergy_names(folder),
        routes=routes,
        drug_conditions=DrugConditions(background, load_drug_condition_rules(tests, folder)),
        drug_allergies=Allergies(background.targets, load_allergy_rules(folder)),
        context=Context(
            index, StatedConditions(graph, tables.stated), spent, DoseLimits(cases, families)
        ),
    )


def _inhibited(folder: Path) -> dict[str, ConversionRule]:
    """Give the rule of inhibitors for each gene whose enzyme has no other gene's inhibitors."""
    rules = load_conversion_rules(folder)
    own = (rule for rule in rules if rule.gene == rule.enzyme and rule.role == "inhibitor")
    return {rule.gene: rule for rule in own}
