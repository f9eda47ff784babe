"""The recommendations of guidelines by drug, and which of them hold for one patient. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kg.graph import KnowledgeGraph
from kg.model import Edge
from kg.phenotype_rules import NOT_TESTED
from kg.screening.genotype import GenePhenotype, Genotypes
from kg.screening.lookup import GeneLookup, gene_lookups, most_specific
from kg.screening.targets import ATC_LEVELS
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

__all__ = ["Held", "Recommendation", "Recommendations", "advice_of", "advices_of"]

Known = Mapping[str, GenePhenotype]
"""The gene results of one patient, by symbol."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a guideline says of a drug, with what it asks of each gene."""

    edge: Edge
    lookups: tuple[GeneLookup, ...]

    def held(self, known: Known) -> Held | None:
        """Give what it says to a patient; ``None`` where it does not speak of this patient.

        A gene that the recommendation calls untested is passed over where there is no result.
        """
        tested = []
        for lookup in self.lookups:
            result = known.get(lookup.symbol)
            if lookup.phenotype == NOT_TESTED and result is None:
                continue
            if result is None or not lookup.holds(result):
                return None
            tested.append((result, lookup.phenotype or result.phenotype))
        return Held(self.edge, tuple(tested)) if tested else None


@dataclass(frozen=True, slots=True)
class Held:
    """A recommendation that holds, with each result that it looked at and the phenotype asked."""

    edge: Edge
    tested: tuple[tuple[GenePhenotype, str], ...]

    @property
    def genes(self) -> tuple[Curie, ...]:
        """The genes that decide."""
        return tuple(result.gene for result, _ in self.tested)


@dataclass(frozen=True)
class Recommendations:
    """All recommendations of one graph, read once and then asked drug by drug."""

    graph: KnowledgeGraph
    genotypes: Genotypes
    _by_target: Mapping[Curie, tuple[Recommendation, ...]] = field(
        init=False, repr=False, compare=False
    )
    _advised: Mapping[str, frozenset[str | None]] = field(init=False, repr=False, compare=False)
    _by_drug: dict[Curie, tuple[tuple[Recommendation, ...], ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Index the recommendations by the drug or the class that they are about."""
        found: dict[Curie, list[Recommendation]] = defaultdict(list)
        for rules in self.genotypes.genes.values():
            for edge in rules.recommendations:
                lookups = gene_lookups(self.graph, edge)
                found[edge.object].append(Recommendation(edge, lookups))
        index = {target: tuple(edges) for target, edges in found.items()}
        object.__setattr__(self, "_by_target", index)
        every = (said for group in index.values() for said in group)
        object.__setattr__(self, "_advised", _phenotypes(every))

    @property
    def advised(self) -> Mapping[str, frozenset[str | None]]:
        """Phenotypes of which some advice of the graph speaks, by the symbol of the gene."""
        return self._advised

    def advised_for(self, drugs: Iterable[Curie]) -> Mapping[str, frozenset[str | None]]:
        """Phenotypes of which some advice on one of the drugs speaks, by the gene's symbol."""
        return _phenotypes(said for drug in drugs for said in self.about(drug))

    def about(self, drug: Curie) -> tuple[Recommendation, ...]:
        """Everything that is said of a drug or of one of its ATC groups."""
        return tuple(said for group in self._groups(drug) for said in group)

    def holding(self, drug: Curie, known: Known) -> tuple[Held, ...]:
        """What holds for a patient: of each target the most specific, the drug itself first."""
        found: list[Held] = []
        for group in self._groups(drug):
            held = [holds for said in group if (holds := said.held(known))]
            kept = {id(edge) for edge in most_specific([h.edge for h in held])}
            found += (holds for holds in held if id(holds.edge) in kept)
        return tuple(found)

    def advising(self, held: Held) -> Edge | None:
        """The recommendation itself; where it has no text, one that cannot but hold.

        That is so when all that is said of a determined phenotype, whatever the other gene does,
        is one and the same text: malignant hyperthermia susceptibility by either of its genes.
        """
        if advice_of(held.edge) is not None:
            return held.edge
        for result, _ in held.tested:
            said = [
                other.edge
                for other in self._by_target[held.edge.object]
                if advice_of(other.edge)
                and any(x.symbol == result.symbol and x.holds(result) for x in other.lookups)
            ]
            if result.is_determined and len({advice_of(edge) for edge in said}) == 1:
                return said[0]
        return None

    def _groups(self, drug: Curie) -> tuple[tuple[Recommendation, ...], ...]:
        known = self._by_drug.get(drug)
        if known is None:
            stated = (self._by_target.get(target) for target in _targets(self.graph, drug))
            known = self._by_drug[drug] = tuple(group for group in stated if group)
        return known


def _phenotypes(said: Iterable[Recommendation]) -> dict[str, frozenset[str | None]]:
    found: dict[str, set[str | None]] = defaultdict(set)
    for recommendation in said:
        if advice_of(recommendation.edge) is not None:
            for lookup in recommendation.lookups:
                found[lookup.symbol].add(lookup.phenotype)
    return {symbol: frozenset(phenotypes) for symbol, phenotypes in found.items()}


def advice_of(edge: Edge) -> str | None:
    """The first advice that a source of a recommendation gives; ``None`` where none does."""
    return next(iter(advices_of(edge)), None)


def advices_of(edge: Edge) -> list[str]:
    """Each advice of a recommendation once, in the order of its sources."""
    return list(dict.fromkeys(e.recommendation for e in edge.evidence if e.recommendation))


def _targets(graph: KnowledgeGraph, drug: Curie) -> Iterable[Curie]:
    """Give a drug and its ATC groups: what a recommendation for it can be about."""
    edges = graph.edges_from(drug, Predicate.SUBCLASS_OF)
    codes = {e.object.identifier for e in edges if e.object.prefix == "ATC"}
    wider = {code[:n] for code in codes for n in ATC_LEVELS if n <= len(code)}
    return (drug, *(Curie("ATC", code) for code in sorted(wider)))
