"""Drug and gene: what a guideline says about a drug for the phenotypes of one patient. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kg.graph import KnowledgeGraph
from kg.model import Edge, Evidence, Severity, worst
from kg.screening.effects import LOST_EFFICACY, LOWERED_EXPOSURE, RAISED_EFFECT, RAISED_EXPOSURE
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.gene_folding import folded
from kg.screening.genotype import GenePhenotype, Genotypes
from kg.screening.patient import Patient, Regimen
from kg.screening.phenoconversion import Conversion, Phenoconversions
from kg.screening.recent import Recent, of_drugs
from kg.screening.recommendations import Held, Recommendations, advices_of
from kg.screening.written_phenotype import labelled
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

__all__ = ["DrugGene", "GeneSeverityRule"]

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
_ASSOCIATIONS = frozenset({"infores:fda-pgx"})
"""Sources that list associations of drugs and genes rather than say what to do."""
_NOUNS = {"inhibitor": "inhibition", "inducer": "induction"}


@dataclass(frozen=True, slots=True)
class GeneSeverityRule:
    """How bad it is to pass over a recommendation of a certain wording.

    ``severity`` is ``None`` where the wording asks for nothing unusual: then there is no finding.
    """

    pattern: re.Pattern[str]
    severity: Severity | None
    reference: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a recommendation that holds asks for; no rule where its source states a severity."""

    held: Held
    advising: Edge
    advice: str
    rule: GeneSeverityRule | None


@dataclass(frozen=True)
class DrugGene:
    """One finding per drug and recommendation that asks for something; standard dosing is silent.

    A severity that the source of a recommendation states is taken as it is; else the first rule
    whose pattern is found in the wording gives one, and a wording that no rule knows has none.
    Where other drugs of the regimen convert a phenotype, what holds for the converted one is asked
    for instead, and a finding about drug, drug and gene tells what is then asked anew. Errors of
    `Genotypes.of_patient` come through.
    """

    graph: KnowledgeGraph
    genotypes: Genotypes
    rules: tuple[GeneSeverityRule, ...]
    conversions: Phenoconversions | None = None
    harms: Mapping[tuple[str, Curie], Mapping[str, Curie]] = field(default_factory=dict)
    """By symbol and drug, what comes of phenotypes, each written as its end."""
    recommendations: Recommendations = field(init=False, repr=False, compare=False)
    _weighed: dict[str, GeneSeverityRule | None] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _handling: Recent[tuple[Curie, Curie], tuple[Edge, ...]] = field(
        init=False, repr=False, compare=False, default_factory=of_drugs
    )

    def __post_init__(self) -> None:
        """Index the recommendations of the graph."""
        index = Recommendations(self.graph, self.genotypes)
        object.__setattr__(self, "recommendations", index)

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield what guidelines ask for, drug by drug, given the genes of the patient."""
        known = {found.symbol: found for found in self.genotypes.of_patient(patient)}
        if not known:
            return
        conversions = self.conversions.by_drug(regimen, known) if self.conversions else {}
        for drug in regimen.drugs:
            predicted = self._asked_of(drug, known)
            converted = conversions.get(drug)
            if not converted:
                yield from folded(self._finding(drug, asked) for asked in predicted)
            else:
                yield from folded(self._converted(drug, known, predicted, converted))

    def severity_rule(self, recommendation: str) -> GeneSeverityRule | None:
        """Rule that knows a wording; ``None`` where no rule does."""
        return next((rule for rule in self.rules if rule.pattern.search(recommendation)), None)

    def asks_for(self, edge: Edge) -> tuple[str, Severity | None] | None:
        """The gravest advice of a recommendation; ``None`` where it asks for nothing unusual."""
        asked = self._gravest(edge)
        if asked is None:
            return None
        stated = worst(evidence.severity for evidence in edge.evidence)
        return asked[0], asked[1].severity if asked[1] else stated

    def _converted(
        self,
        drug: Curie,
        known: Mapping[str, GenePhenotype],
        predicted: list[_Asked],
        converted: Mapping[str, Conversion],
    ) -> Iterator[Finding]:
        """Yield what still holds of the predicted findings, then what the conversion brings."""
        counted = {**known, **{symbol: found.after for symbol, found in converted.items()}}
        now = self._asked_of(drug, counted)
        said, still = {a.advice for a in predicted}, {a.advice for a in now}
        yield from (self._finding(drug, asked) for asked in predicted if asked.advice in still)
        for asked in now:
            if asked.advice in said:
                continue
            tested = {result.symbol for result, _ in asked.held.tested}
            causes = [found for symbol, found in converted.items() if symbol in tested]
            found = self._finding(drug, asked)
            yield self._by_conversion(found, causes) if causes else found

    def _asked_of(self, drug: Curie, known: Mapping[str, GenePhenotype]) -> list[_Asked]:
        asked = []
        for held in self.recommendations.holding(drug, known):
            advising = self.recommendations.advising(held)
            gravest = self._gravest(advising) if advising else None
            if advising is not None and gravest is not None:
                asked.append(_Asked(held, advising, *gravest))
        return asked

    def _gravest(self, edge: Edge) -> tuple[str, GeneSeverityRule | None] | None:
        """What the sources of a recommendation ask, and the rule that grades the gravest of it.

        The gravest text of a guideline is told, for it says what to do; that of a table of
        associations only where no guideline asks for anything. ``None`` where all of them ask for
        nothing unusual. No rule where a severity is stated.
        """
        advices = advices_of(edge)
        if any(evidence.severity for evidence in edge.evidence):
            return (advices[0], None) if advices else None
        graded = [(advice, self._weight(advice)) for advice in advices]
        asking = [(text, rule) for text, rule in graded if rule is None or rule.severity]
        ranks = {text: rule.severity.rank for text, rule in asking if rule and rule.severity}
        if not asking:
            return None
        by_rank = sorted(asking, key=lambda asked: -ranks.get(asked[0], 0))
        advised = {e.recommendation for e in edge.evidence if e.source not in _ASSOCIATIONS}
        told = next((text for text, _ in by_rank if text in advised), by_rank[0][0])
        return told, by_rank[0][1]

    def _weight(self, advice: str) -> GeneSeverityRule | None:
        """Rule of an advice of the graph, looked for once."""
        if advice not in self._weighed:
            self._weighed[advice] = self.severity_rule(advice)
        return self._weighed[advice]

    def _finding(self, drug: Curie, asked: _Asked) -> Finding:
        edge, rule, held = asked.advising, asked.rule, asked.held
        stated = worst(evidence.severity for evidence in edge.evidence)
        return Finding(
            kind=FindingKind.DRUG_GENE,
            severity=rule.severity if rule else stated,
            precipitants=(),
            affected=(drug,),
            evidence=(*((self._graded(rule, edge),) if rule else ()), *edge.evidence),
            effect=self._effect(drug, held),
            mechanism=self._mechanism(drug, held),
            genes=held.genes,
            recommendation=asked.advice,
        )

    def _graded(self, rule: GeneSeverityRule, edge: Edge) -> Evidence:
        return entailed(
            self.graph, rule.severity, derived_from=(edge.id,), reference=rule.reference
        )

    def _by_conversion(self, finding: Finding, causes: list[Conversion]) -> Finding:
        """Tell a finding of a converted phenotype, with both phenotypes and the drugs behind it."""
        told = "; ".join(self._told(cause) for cause in causes)
        changes = (f"{_change(cause)} by {_NOUNS[cause.rule.role]}" for cause in causes)
        steps = finding.mechanism.path if finding.mechanism else ()
        rules = tuple(self._ruled(cause) for cause in causes)
        roles = (e for cause in causes for edge in cause.roles for e in edge.evidence)
        return replace(
            finding,
            kind=FindingKind.DRUG_DRUG_GENE,
            precipitants=tuple(dict.fromkeys(drug for cause in causes for drug in cause.drugs)),
            mechanism=Mechanism(" + ".join(changes), "phenoconversion", steps),
            recommendation=f"{told}: {finding.recommendation}",
            evidence=tuple(dict.fromkeys((*finding.evidence, *rules, *roles))),
            points=len(causes),
        )

    def _ruled(self, cause: Conversion) -> Evidence:
        return entailed(
            self.graph,
            None,
            derived_from=tuple(edge.id for edge in cause.roles),
            statement=self._told(cause),
            reference=cause.rule.reference,
        )

    def _told(self, cause: Conversion) -> str:
        drugs = " and ".join(self.graph.name(drug) for drug in cause.drugs)
        return f"{_change(cause)} with {drugs}"

    def _handled_by(self, drug: Curie, gene: Curie) -> Edge | None:
        key = (drug, gene)
        known = self._handling.get(key)
        if known is None:
            edges = self.graph.edges_from(drug, Predicate.SUBSTRATE_OF)
            known = self._handling.put(key, tuple(e for e in edges if e.object == gene)[:1])
        return next(iter(known), None)

    def _effect(self, drug: Curie, held: Held) -> Curie | None:
        """The harm that the genes are known for, else what happens to the drug, if all agree."""
        effects = set(self._harms(drug, held))
        if len(effects) == 1:
            return effects.pop()
        for result, phenotype in held.tested:
            handled = self._handled_by(drug, result.gene)
            more = _does_more(result.symbol, phenotype)
            if handled is not None and more is not None:
                effects.add(_EFFECTS[more, handled.qualifier("activates") == "yes"])
        return effects.pop() if len(effects) == 1 else None

    def _harms(self, drug: Curie, held: Held) -> Iterator[Curie]:
        for result, phenotype in held.tested:
            known = self.harms.get((result.symbol, drug), {})
            yield from (harm for end, harm in known.items() if phenotype.endswith(end))

    def _mechanism(self, drug: Curie, held: Held) -> Mechanism:
        name = self.graph.name(drug)
        steps: list[Step] = []
        for result, phenotype in held.tested:
            steps += result.how
            steps.append(Step(labelled(result.symbol, phenotype), "affects sensitivity to", name))
            handled = self._handled_by(drug, result.gene)
            if handled is not None:
                verb = "activates" if handled.qualifier("activates") == "yes" else "handles"
                steps.append(Step(result.symbol, verb, name))
        phenotypes = (labelled(result.symbol, phenotype) for result, phenotype in held.tested)
        return Mechanism(" + ".join(phenotypes), "genotype", tuple(steps))


def _change(cause: Conversion) -> str:
    before, after = cause.before, cause.after
    if before.phenotype == after.phenotype:
        return f"{before.symbol} {before.phenotype} with less activity"
    return f"{before.symbol} {before.phenotype} counting as {after.phenotype}"


def _does_more(symbol: str, phenotype: str) -> bool | None:
    """Whether a phenotype means more than the usual function, less (False), or neither (None)."""
    if symbol in _EXPRESSED_BY_FEW:
        return True if phenotype.startswith(("Normal", "Intermediate")) else None
    if _MORE.search(phenotype):
        return True
    return False if _LESS.search(phenotype) else None
