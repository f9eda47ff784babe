"""What a graph says about one gene: its alleles, its phenotypes, and the way between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kg.graph import KnowledgeGraph
from kg.model import Edge
from kg.phenotype_rules import NOT_TESTED
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate

__all__ = ["Allele", "GeneRules", "ScoreRange", "gene_rules", "second_gene"]


_TABLES = ("infores:pharmgkb", "infores:cpic")
"""Whose table of a gene counts where several are loaded, newest first: two are never mixed."""

_RULED_BY = (Predicate.AFFECTS_RESPONSE_TO, Predicate.HAS_PHENOTYPE_RULE)


@dataclass(frozen=True, slots=True)
class Allele:
    """An allele and what it does; ``activity`` is ``None`` where nobody gives a score."""

    name: str
    function: str
    activity: float | None = None
    reference: bool = False


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """Activity scores that make a phenotype; an open end is ``None``."""

    phenotype: str
    low: float | None
    high: float | None
    low_inclusive: bool = True
    high_inclusive: bool = True

    def holds(self, score: float) -> bool:
        """Tell whether a score lies in the range."""
        above = self.low is None or score > self.low or (score == self.low and self.low_inclusive)
        below = (
            self.high is None or score < self.high or (score == self.high and self.high_inclusive)
        )
        return above and below


@dataclass(frozen=True, slots=True)
class GeneRules:
    """One gene with everything that decides its phenotype.

    ``functions`` is by two functions and ``diplotypes`` by two alleles, both sorted.
    """

    gene: Curie
    symbol: str
    alleles: Mapping[str, Allele]
    scores: tuple[ScoreRange, ...]
    functions: Mapping[tuple[str, str], str]
    diplotypes: Mapping[tuple[str, str], str]
    phenotypes: tuple[str, ...]
    recommendations: tuple[Edge, ...]

    def phenotype_at(self, score: float) -> str | None:
        """Phenotype of an activity score; one that lies between two ranges has the lower.

        Scores of alleles never fall between the ranges of a table; a score that a drug lowers may.
        ``None`` where the gene has no ranges or the score lies below all of them.
        """
        for found in self.scores:
            if found.holds(score):
                return found.phenotype
        lower = [found for found in self.scores if found.low is not None and found.low <= score]
        return max(lower, key=lambda found: found.low or 0.0).phenotype if lower else None


def gene_rules(graph: KnowledgeGraph) -> dict[str, GeneRules]:
    """Rules of every gene that has alleles, phenotypes or recommendations, by symbol."""
    alleles: dict[Curie, list[Allele]] = defaultdict(list)
    for node in graph.nodes(Category.ALLELE):
        edges = graph.edges_from(node.curie, Predicate.IS_ALLELE_OF)
        for edge in _of_one_table(edges):
            is_reference = any(other.qualifier("reference") == "yes" for other in edges)
            alleles[edge.object].append(replace(_allele(edge, node.name), reference=is_reference))
    named = {gene for predicate in _RULED_BY for gene in graph.subjects(predicate)} | set(alleles)
    rules = {}
    known = (graph.node(curie) for curie in sorted(named, key=str) if graph.has(curie))
    for gene in known:
        if gene.category is Category.GENE:
            recommended = graph.edges_from(gene.curie, Predicate.AFFECTS_RESPONSE_TO)
            ruled = graph.edges_from(gene.curie, Predicate.HAS_PHENOTYPE_RULE)
            rules[gene.name] = _rules(
                gene.curie, gene.name, alleles[gene.curie], ruled, recommended
            )
    return _with_second_genes(graph, rules)


def second_gene(graph: KnowledgeGraph, edge: Edge) -> str | None:
    """Symbol of the second gene of a recommendation; ``None`` where it is about one gene."""
    stated = edge.qualifier("gene2")
    if stated is None or ":" not in stated:
        return stated
    curie = Curie.parse(stated)
    return graph.name(curie) if graph.has(curie) else curie.identifier


def _rules(
    gene: Curie,
    symbol: str,
    alleles: Iterable[Allele],
    ruled: Iterable[Edge],
    recommended: tuple[Edge, ...],
) -> GeneRules:
    functions, diplotypes, scores = {}, {}, []
    for edge in _of_one_table(ruled):
        phenotype = edge.qualifier("phenotype") or ""
        first, second = edge.qualifier("function_a"), edge.qualifier("function_b")
        diplotype = edge.qualifier("diplotype")
        if first is not None and second is not None:
            functions[_sorted_pair(first, second)] = phenotype
        elif diplotype is not None:
            diplotypes[_sorted_pair(*diplotype.split("/", 1))] = phenotype
        elif edge.qualifier("score_min") or edge.qualifier("score_max"):
            scores.append(_score_range(edge, phenotype))
    phenotypes = {edge.qualifier("phenotype") for edge in (*ruled, *recommended)}
    return GeneRules(
        gene,
        symbol,
        {allele.name: allele for allele in alleles},
        tuple(scores),
        functions,
        diplotypes,
        tuple(sorted(phenotype for phenotype in phenotypes - {NOT_TESTED} if phenotype)),
        recommended,
    )


def _of_one_table(edges: Iterable[Edge]) -> list[Edge]:
    """Keep what one source says; what has no known table stays as it is."""
    every = list(edges)
    for table in _TABLES:
        own = [edge for edge in every if any(said.source == table for said in edge.evidence)]
        if own:
            return own
    return every


def _with_second_genes(graph: KnowledgeGraph, rules: dict[str, GeneRules]) -> dict[str, GeneRules]:
    """Add the phenotypes of a gene that is only ever named second."""
    found: dict[str, set[str]] = defaultdict(set)
    for rule in rules.values():
        for edge in rule.recommendations:
            symbol, phenotype = second_gene(graph, edge), edge.qualifier("phenotype2")
            if symbol and phenotype and phenotype != NOT_TESTED:
                found[symbol].add(phenotype)
    unruled = found.keys() - rules.keys()
    genes = {n.name: n.curie for n in graph.nodes(Category.GENE)} if unruled else {}
    for symbol, phenotypes in found.items():
        known = rules.get(symbol) or _rules(
            genes.get(symbol, Curie("HGNC.SYMBOL", symbol)), symbol, (), (), ()
        )
        merged = tuple(sorted({*known.phenotypes, *phenotypes}))
        rules[symbol] = replace(known, phenotypes=merged)
    return rules


def _allele(edge: Edge, name: str) -> Allele:
    activity = edge.qualifier("activity")
    return Allele(
        edge.qualifier("allele") or name,
        edge.qualifier("function") or "",
        float(activity) if activity else None,
        edge.qualifier("reference") == "yes",
    )


def _score_range(edge: Edge, phenotype: str) -> ScoreRange:
    low, high = edge.qualifier("score_min"), edge.qualifier("score_max")
    return ScoreRange(
        phenotype,
        float(low) if low else None,
        float(high) if high else None,
        edge.qualifier("score_min_inclusive") != "no",
        edge.qualifier("score_max_inclusive") != "no",
    )


def _sorted_pair(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first <= second else (second, first)
