"""Phenoconversion: another drug changes the phenotype that a genotype predicts. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from kg.graph import KnowledgeGraph
from kg.model import Edge
from kg.screening.entailment import OWN_SOURCE
from kg.screening.finding import Step
from kg.screening.gene_rules import GeneRules
from kg.screening.genotype import GenePhenotype, Genotypes
from kg.screening.patient import Regimen
from kg.screening.recent import Recent, of_drugs
from kg.screening.rules import ACTING
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

__all__ = ["Conversion", "ConversionRule", "Phenoconversions"]

_VERBS = {"inhibitor": "inhibits", "inducer": "induces"}


@dataclass(frozen=True, slots=True)
class ConversionRule:
    """What precipitants of one strength make of one result of a gene.

    With a ``factor`` the activity score is multiplied, and ``phenotype`` and ``becomes`` are
    empty; else ``phenotype`` becomes ``becomes``. ``enzyme`` is the gene whose inhibitors and
    inducers count: CYP3A5 is inhibited by what inhibits CYP3A4.
    """

    gene: str
    enzyme: str
    role: str
    strength: str
    phenotype: str
    becomes: str
    factor: float | None
    reference: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """One gene result as it is predicted and as it counts beside the drugs that change it.

    ``roles`` are the edges that say so of the drugs, in their order.
    """

    before: GenePhenotype
    after: GenePhenotype
    drugs: tuple[Curie, ...]
    rule: ConversionRule
    roles: tuple[Edge, ...]


@dataclass(frozen=True)
class Phenoconversions:
    """Which results of a patient count as others, given the drugs of a regimen.

    The strongest precipitants of an enzyme decide, all of them together; an inhibitor beside an
    inducer leaves the outcome undetermined, and nothing is concluded then. A drug changes no
    result for itself, except where ``own`` names it with the gene: what guidelines advise on a
    drug was learned from those who take it. By ``local`` routes alone too little of a drug reaches
    the liver to change an enzyme there.
    """

    graph: KnowledgeGraph
    genotypes: Genotypes
    rules: tuple[ConversionRule, ...]
    own: frozenset[tuple[Curie, str]] = frozenset()
    local: frozenset[str] = frozenset()
    _by_gene: Mapping[str, tuple[ConversionRule, ...]] = field(
        init=False, repr=False, compare=False
    )
    _acting: Recent[tuple[Curie, str], tuple[Edge, ...]] = field(
        init=False, repr=False, compare=False, default_factory=of_drugs
    )
    """The role of a drug that counts; none or one."""

    def __post_init__(self) -> None:
        """Index the rules by gene."""
        table: dict[str, list[ConversionRule]] = defaultdict(list)
        for rule in self.rules:
            table[rule.gene].append(rule)
        index = {gene: tuple(rules) for gene, rules in table.items()}
        object.__setattr__(self, "_by_gene", index)

    def by_drug(
        self, regimen: Regimen, known: Mapping[str, GenePhenotype]
    ) -> dict[Curie, dict[str, Conversion]]:
        """Conversions that count for each drug of a regimen, by drug and symbol of the gene."""
        shared = self.of(None, regimen, known)
        enzymes = {self._by_gene[symbol][0].enzyme for symbol in known if symbol in self._by_gene}
        acting = {d for d in regimen.drugs if any(self._role(d, enzyme) for enzyme in enzymes)}
        return {d: self.of(d, regimen, known) if d in acting else shared for d in regimen.drugs}

    def of(
        self, drug: Curie | None, regimen: Regimen, known: Mapping[str, GenePhenotype]
    ) -> dict[str, Conversion]:
        """Conversions that count for one drug of a regimen, by the symbol of the gene.

        Args:
            drug: The drug that is handled; ``None`` for any drug that changes nothing itself.
            regimen: All drugs that are taken together.
            known: The results of the patient by symbol.
        """
        found = {}
        drugs = self._swallowed(regimen)
        for symbol, result in known.items():
            rules = self._by_gene.get(symbol, ())
            others = [d for d in drugs if d != drug or (d, symbol) in self.own]
            conversion = self._conversion(result, rules, others) if rules else None
            if conversion is not None:
                found[symbol] = conversion
        return found

    def _swallowed(self, regimen: Regimen) -> tuple[Curie, ...]:
        """Drugs of which not every line is of a local route, sorted."""
        lines = (entry for entry in regimen.entries if entry.route not in self.local)
        return tuple(sorted({entry.drug for entry in lines}))

    def _conversion(
        self, result: GenePhenotype, rules: tuple[ConversionRule, ...], drugs: Iterable[Curie]
    ) -> Conversion | None:
        enzyme = rules[0].enzyme
        acting = [edge for drug in drugs if (edge := self._role(drug, enzyme)) is not None]
        ruled = {(rule.role, rule.strength) for rule in rules}
        acting = [edge for edge in acting if _kind(edge) in ruled]
        if len({edge.qualifier("role") for edge in acting}) != 1:
            return None
        strongest = min(ACTING.index(_kind(edge)[1]) for edge in acting)
        roles = tuple(e for e in acting if _kind(e)[1] == ACTING[strongest])
        gene = self.genotypes.genes[result.symbol]
        fitting = (rule for rule in rules if (rule.role, rule.strength) == _kind(roles[0]))
        for rule in fitting:
            after = _converted(result, rule, gene)
            if after is not None:
                how = (*result.how, *self._steps(result, after, roles))
                drugs = tuple(edge.subject for edge in roles)
                return Conversion(result, replace(after, how=how), drugs, rule, roles)
        return None

    def _role(self, drug: Curie, enzyme: str) -> Edge | None:
        key = (drug, enzyme)
        known = self._acting.get(key)
        if known is None:
            edges = self.graph.edges_from(drug, Predicate.AFFECTS)
            graded = [
                edge
                for edge in edges
                if edge.qualifier("strength") in ACTING
                and edge.qualifier("role") in _VERBS
                and self.graph.name(edge.object) == enzyme
            ]
            known = self._acting.put(key, tuple(sorted(graded, key=_trust)[:1]))
        return next(iter(known), None)

    def _steps(
        self, before: GenePhenotype, after: GenePhenotype, roles: tuple[Edge, ...]
    ) -> Iterator[Step]:
        for edge in roles:
            role, strength = _kind(edge)
            verb = f"{_VERBS[role]} ({strength})"
            yield Step(self.graph.name(edge.subject), verb, self.graph.name(edge.object))
        yield Step(f"{before.symbol} {_told(before)}", "counts as", _told(after))


def _converted(
    result: GenePhenotype, rule: ConversionRule, gene: GeneRules
) -> GenePhenotype | None:
    """Give what a rule makes of a result; ``None`` where it says nothing or changes nothing."""
    if rule.factor is None:
        if result.phenotype != rule.phenotype:
            return None
        return replace(result, phenotype=rule.becomes, activity_score=None, diplotype=None)
    if result.activity_score is None:
        return None
    score = result.activity_score * rule.factor
    phenotype = gene.phenotype_at(score)
    if phenotype is None or score == result.activity_score:
        return None
    return replace(result, phenotype=phenotype, activity_score=score, diplotype=None)


def _trust(edge: Edge) -> tuple[bool, int, str]:
    """Order the roles of one drug: what we judged ourselves first, then the stronger."""
    ours = any(evidence.source == OWN_SOURCE for evidence in edge.evidence)
    return (not ours, ACTING.index(_kind(edge)[1]), edge.id)


def _kind(edge: Edge) -> tuple[str, str]:
    return (edge.qualifier("role") or "", edge.qualifier("strength") or "")


def _told(result: GenePhenotype) -> str:
    score = result.activity_score
    return result.phenotype if score is None else f"{result.phenotype} (activity score {score:g})"
