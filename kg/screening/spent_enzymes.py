"""Inhibiting an enzyme that the patient does not have changes nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from kg.graph import KnowledgeGraph
from kg.model import Edge, Severity
from kg.screening.documented import MECHANISM_NAMES, forbids
from kg.screening.effects import LESS
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Modifier
from kg.screening.genotype import GenePhenotype, Genotypes
from kg.screening.joining import kind_of
from kg.screening.patient import Patient
from kg.screening.phenoconversion import ConversionRule
from kg.screening.recent import Recent, of_drugs
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

_LACKING = "Poor Metabolizer"
_INHIBITION = "enzyme_inhibition"
_Lacking = Mapping[str, ConversionRule]
_Told = Set[tuple[tuple[Curie, ...], str]]
"""The drugs of gene findings, each with the symbol of a gene."""


@dataclass(frozen=True, slots=True)
class SpentEnzymes:
    """Makes a pair minor that rests on nothing but the inhibition of an enzyme without function.

    ``rules`` name the enzymes that inhibitors convert, with their source: an activity of none stays
    none. A poor metabolizer with some activity left (CYP2C9 with a score of 0.5) is not meant, nor
    a pair of drugs that meet at a second enzyme, nor what a source contraindicates whoever takes
    it.
    """

    graph: KnowledgeGraph
    genotypes: Genotypes
    rules: Mapping[str, ConversionRule]
    _roles: Recent[tuple[Curie, Predicate], tuple[Edge, ...]] = field(
        init=False, repr=False, compare=False, default_factory=of_drugs
    )

    def applied(self, findings: Sequence[Finding], patient: Patient) -> tuple[Finding, ...]:
        """Give the findings back; errors of `Genotypes.of_patient` come through."""
        lacking = dict(self._lacking(patient))
        if not lacking:
            return tuple(findings)
        told = {
            (finding.affected, self.graph.name(gene))
            for finding in findings
            if finding.kind is FindingKind.DRUG_GENE
            for gene in finding.genes
        }
        return tuple(self._weighed(finding, lacking, told) for finding in findings)

    def _lacking(self, patient: Patient) -> Iterator[tuple[str, ConversionRule]]:
        for result in self.genotypes.of_patient(patient):
            rule = self.rules.get(result.symbol)
            if rule and self._is_without_function(result):
                yield result.symbol, rule

    def _is_without_function(self, result: GenePhenotype) -> bool:
        if result.phenotype != _LACKING:
            return False
        if result.activity_score is not None:
            return result.activity_score == 0
        ranges = self.genotypes.genes[result.symbol].scores
        return not any(held.phenotype == _LACKING and held.high != 0 for held in ranges)

    def _weighed(self, finding: Finding, lacking: _Lacking, told: _Told) -> Finding:
        met = self._only_enzyme(finding)
        if met is None or met[0] not in lacking or any(map(forbids, finding.evidence)):
            return finding
        symbol, affected = met
        name = self.graph.name(affected)
        why = f"{symbol} is already without function (poor metabolizer): nothing is left to inhibit"
        is_told = ((affected,), symbol) in told
        see = f"see {symbol} and {name}" if is_told else f"{name} acts as in any poor metabolizer"
        said = entailed(self.graph, None, statement=why, reference=lacking[symbol].reference)
        severity = Severity.MINOR if finding.severity else None
        return replace(
            finding,
            severity=severity,
            modifiers=(
                *finding.modifiers,
                Modifier(f"{why}.", present=True, effect_on_severity="lowers", evidence=(said,)),
            ),
            recommendation=f"The patient's {why}; {see}.",
            instruction=None,
        )

    def _only_enzyme(self, finding: Finding) -> tuple[str, Curie] | None:
        """The one enzyme through which a pair is said to act, and the drug that it handles."""
        if finding.kind is not FindingKind.DRUG_DRUG or kind_of(finding) != _INHIBITION:
            return None
        ways = [(finding.precipitants, affected) for affected in finding.affected]
        if not ways:
            one, other = finding.drugs
            ways = [((one,), other), ((other,), one)]
        is_less = finding.effect in LESS
        met = [(self._met(acting, drug, is_less=is_less), drug) for acting, drug in ways]
        found = [(symbols, drug) for symbols, drug in met if symbols]
        if len(found) != 1 or len(found[0][0]) != 1:
            return None
        (symbol,), drug = found[0]
        names = {f"{symbol} inhibition", MECHANISM_NAMES[_INHIBITION]}
        named = finding.mechanism.name.split(" + ") if finding.mechanism else ()
        return (symbol, drug) if names.issuperset(named) else None

    def _met(self, acting: Iterable[Curie], drug: Curie, *, is_less: bool) -> set[str]:
        """Proteins that handle a drug and that one of the others inhibits, as somebody judged."""
        handling = {
            self.graph.name(edge.object)
            for edge in self._judged(drug, Predicate.SUBSTRATE_OF)
            if (edge.qualifier("activates") == "yes") == is_less
        }
        inhibited = {
            self.graph.name(edge.object)
            for other in acting
            for edge in self._judged(other, Predicate.AFFECTS)
            if edge.qualifier("role") == "inhibitor"
        }
        return handling & inhibited

    def _judged(self, drug: Curie, predicate: Predicate) -> tuple[Edge, ...]:
        """Roles that are not merely recorded (see `ExposureChanges`)."""
        key = (drug, predicate)
        known = self._roles.get(key)
        if known is None:
            edges = self.graph.edges_from(drug, predicate)
            judged = (e for e in edges if not (e.qualifier("category") or e.qualifier("action")))
            known = self._roles.put(key, tuple(judged))
        return known
