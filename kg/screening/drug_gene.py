"""Drug and gene: what a guideline says about a drug for the phenotypes of one patient. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kg.graph import KnowledgeGraph
from kg.model import Edge, Evidence, Severity, worst
from kg.phenotype_rules import NOT_TESTED
from kg.screening.effects import LOST_EFFICACY, LOWERED_EXPOSURE, RAISED_EFFECT, RAISED_EXPOSURE
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.gene_rules import second_gene
from kg.screening.genotype import GenePhenotype, Genotypes
from kg.screening.lookup import gene_lookups, most_specific
from kg.screening.patient import Patient, Regimen
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

__all__ = ["DrugGene", "GeneSeverityRule", "Unused", "UnusedGene", "unused_genes"]

_LESS = re.compile(r"\b(poor|intermediate|decreased)\b.* (metabolizer|function)", re.IGNORECASE)
_MORE = re.compile(r"\b(ultrarapid|rapid|increased)\b.* (metabolizer|function)", re.IGNORECASE)
_EXPRESSED_BY_FEW = frozenset({"CYP3A5"})
"""Usual doses suit those without the enzyme; those who have it clear more (PMID:25801146)."""
_EFFECTS = {
    (True, False): LOWERED_EXPOSURE,
    (True, True): RAISED_EFFECT,
    (False, False): RAISED_EXPOSURE,
    (False, True): LOST_EFFICACY,
}
"""Effect by whether the gene does more than usual, and whether it activates the drug."""
_ATC_LEVELS = (1, 3, 4, 5, 7)


@dataclass(frozen=True, slots=True)
class GeneSeverityRule:
    """How bad it is to pass over a recommendation of a certain wording.

    ``severity`` is ``None`` where the wording asks for nothing unusual: then there is no finding.
    """

    pattern: re.Pattern[str]
    severity: Severity | None
    reference: str


class Unused(StrEnum):
    """Why a gene result of the patient could not be used."""

    INDETERMINATE = "indeterminate"
    NO_ADVICE = "no loaded source gives advice for this gene"


@dataclass(frozen=True, slots=True)
class UnusedGene:
    """A gene result of the patient that no recommendation can use."""

    symbol: str
    phenotype: str
    reason: Unused


@dataclass(frozen=True, slots=True)
class _Match:
    """The phenotypes of a patient that a recommendation is about."""

    tested: tuple[tuple[GenePhenotype, str], ...]


@dataclass(frozen=True)
class DrugGene:
    """One finding per drug and recommendation that asks for something; standard dosing is silent.

    A severity that the source of a recommendation states is taken as it is; else the first rule
    whose pattern is found in the wording gives one, and a wording that no rule knows has none.
    Errors of `Genotypes.of_patient` come through.
    """

    graph: KnowledgeGraph
    genotypes: Genotypes
    rules: tuple[GeneSeverityRule, ...]
    _by_target: Mapping[Curie, tuple[Edge, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the recommendations by the drug or the class that they are about."""
        found: dict[Curie, list[Edge]] = defaultdict(list)
        for rules in self.genotypes.genes.values():
            for edge in rules.recommendations:
                found[edge.object].append(edge)
        index = {target: tuple(edges) for target, edges in found.items()}
        object.__setattr__(self, "_by_target", index)

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield what guidelines ask for, drug by drug, given the genes of the patient."""
        known = {found.symbol: found for found in self.genotypes.of_patient(patient)}
        if not known:
            return
        for drug in regimen.drugs:
            for target in _targets(self.graph, drug):
                edges = [e for e in self._by_target.get(target, ()) if self._match(e, known)]
                for edge in most_specific(edges):
                    yield from self._finding(drug, edge, known)

    def severity_rule(self, recommendation: str) -> GeneSeverityRule | None:
        """Rule that knows a wording; ``None`` where no rule does."""
        return next((rule for rule in self.rules if rule.pattern.search(recommendation)), None)

    def _finding(
        self, drug: Curie, edge: Edge, known: Mapping[str, GenePhenotype]
    ) -> Iterator[Finding]:
        match = self._match(edge, known)
        advising = self._advising(edge, match) if match else None
        asked = self._asked(advising) if advising else None
        if match is None or advising is None or asked is None:
            return
        advice, rule = asked
        stated = worst(evidence.severity for evidence in advising.evidence)
        severity = rule.severity if rule else stated
        graded = (self._entailment(rule, advising),) if rule else ()
        yield Finding(
            kind=FindingKind.DRUG_GENE,
            severity=severity,
            precipitants=(),
            affected=(drug,),
            evidence=(*graded, *advising.evidence),
            effect=self._effect(drug, match),
            mechanism=self._mechanism(drug, match),
            genes=tuple(phenotype.gene for phenotype, _ in match.tested),
            recommendation=advice,
        )

    def _asked(self, edge: Edge) -> tuple[str, GeneSeverityRule | None] | None:
        """The gravest of what the sources of a recommendation ask, with the rule that grades it.

        ``None`` where all of them ask for nothing unusual. No rule where a severity is stated.
        """
        advices = _advices(edge)
        if any(evidence.severity for evidence in edge.evidence):
            return (advices[0], None) if advices else None
        graded = [(advice, self.severity_rule(advice)) for advice in advices]
        asking = [(text, rule) for text, rule in graded if rule is None or rule.severity]
        ranks = {text: rule.severity.rank for text, rule in asking if rule and rule.severity}
        return max(asking, key=lambda asked: ranks.get(asked[0], 0), default=None)

    def _match(self, edge: Edge, known: Mapping[str, GenePhenotype]) -> _Match | None:
        tested = []
        for lookup in gene_lookups(self.graph, edge):
            result = known.get(lookup.symbol)
            if lookup.phenotype == NOT_TESTED and result is None:
                continue
            if result is None or not lookup.holds(result):
                return None
            tested.append((result, lookup.phenotype or result.phenotype))
        return _Match(tuple(tested)) if tested else None

    def _advising(self, edge: Edge, match: _Match) -> Edge | None:
        """The recommendation itself; where it has no text, one that cannot but hold.

        That is so when all that is said of a determined phenotype, whatever the other gene does,
        is one and the same text: malignant hyperthermia susceptibility by either of its genes.
        """
        if _advice(edge) is not None:
            return edge
        for result, _ in match.tested:
            said = [
                other
                for other in self._by_target[edge.object]
                if _advice(other)
                and any(
                    lookup.symbol == result.symbol and lookup.holds(result)
                    for lookup in gene_lookups(self.graph, other)
                )
            ]
            if result.is_determined and len({_advice(other) for other in said}) == 1:
                return said[0]
        return None

    def _entailment(self, rule: GeneSeverityRule, edge: Edge) -> Evidence:
        return entailed(
            self.graph, rule.severity, derived_from=(edge.id,), reference=rule.reference
        )

    def _handled_by(self, drug: Curie, gene: Curie) -> Edge | None:
        edges = self.graph.edges_from(drug, Predicate.SUBSTRATE_OF)
        return next((edge for edge in edges if edge.object == gene), None)

    def _effect(self, drug: Curie, match: _Match) -> Curie | None:
        """What happens to the drug, where the genes that handle it agree about it."""
        effects = set()
        for result, phenotype in match.tested:
            handled = self._handled_by(drug, result.gene)
            more = _does_more(result.symbol, phenotype)
            if handled is not None and more is not None:
                effects.add(_EFFECTS[more, handled.qualifier("activates") == "yes"])
        return effects.pop() if len(effects) == 1 else None

    def _mechanism(self, drug: Curie, match: _Match) -> Mechanism:
        name = self.graph.name(drug)
        steps: list[Step] = []
        for result, phenotype in match.tested:
            steps += result.how
            steps.append(Step(f"{result.symbol} {phenotype}", "affects sensitivity to", name))
            handled = self._handled_by(drug, result.gene)
            if handled is not None:
                verb = "activates" if handled.qualifier("activates") == "yes" else "handles"
                steps.append(Step(result.symbol, verb, name))
        phenotypes = (f"{result.symbol} {phenotype}" for result, phenotype in match.tested)
        return Mechanism(" + ".join(phenotypes), "genotype", tuple(steps))


def unused_genes(
    patient: Patient, genotypes: Genotypes, graph: KnowledgeGraph, regimen: Regimen
) -> tuple[UnusedGene, ...]:
    """Gene results of the patient that no recommendation can use, by symbol.

    A gene is left out where sources give advice on it but none on the drugs of the regimen, and
    so is an indeterminate result that a recommendation for one of those drugs speaks of. Errors of
    `Genotypes.of_patient` come through.
    """
    targets = {target for drug in regimen.drugs for target in _targets(graph, drug)}
    edges = (edge for rules in genotypes.genes.values() for edge in rules.recommendations)
    advised: dict[str, set[tuple[str | None, bool]]] = defaultdict(set)
    for edge in filter(_advice, edges):
        for symbol, phenotype in _wanted(graph, edge):
            advised[symbol].add((phenotype, edge.object in targets))
    reasons = (
        (result, _unused(result, advised[result.symbol]))
        for result in genotypes.of_patient(patient)
    )
    return tuple(
        UnusedGene(result.symbol, result.phenotype, reason) for result, reason in reasons if reason
    )


def _unused(result: GenePhenotype, advised: set[tuple[str | None, bool]]) -> Unused | None:
    if not advised:
        return Unused.NO_ADVICE
    is_used = result.is_determined or (result.phenotype, True) in advised
    return None if is_used else Unused.INDETERMINATE


def _targets(graph: KnowledgeGraph, drug: Curie) -> tuple[Curie, ...]:
    """Give a drug and its ATC groups: what a recommendation for it can be about."""
    edges = graph.edges_from(drug, Predicate.SUBCLASS_OF)
    codes = {e.object.identifier for e in edges if e.object.prefix == "ATC"}
    wider = {code[:n] for code in codes for n in _ATC_LEVELS if n <= len(code)}
    return (drug, *(Curie("ATC", code) for code in sorted(wider)))


def _wanted(graph: KnowledgeGraph, edge: Edge) -> list[tuple[str, str | None]]:
    """Give each gene of a recommendation with the phenotype that it must have."""
    wanted = [(graph.name(edge.subject), edge.qualifier("phenotype"))]
    second = second_gene(graph, edge)
    return wanted if second is None else [*wanted, (second, edge.qualifier("phenotype2"))]


def _advice(edge: Edge) -> str | None:
    return next((e.recommendation for e in edge.evidence if e.recommendation), None)


def _advices(edge: Edge) -> list[str]:
    return list(dict.fromkeys(e.recommendation for e in edge.evidence if e.recommendation))


def _does_more(symbol: str, phenotype: str) -> bool | None:
    """Whether a phenotype means more than the usual function, less (False), or neither (None)."""
    if symbol in _EXPRESSED_BY_FEW:
        return True if phenotype.startswith(("Normal", "Intermediate")) else None
    if _MORE.search(phenotype):
        return True
    return False if _LESS.search(phenotype) else None
