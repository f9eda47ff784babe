"""Whether a patient's result of a gene is the one that a recommendation looks up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kg.graph import KnowledgeGraph
from kg.model import Edge
from kg.screening.gene_rules import second_gene
from kg.screening.genotype import GenePhenotype

__all__ = ["GeneLookup", "gene_lookups", "most_specific"]


@dataclass(frozen=True, slots=True)
class GeneLookup:
    """What a recommendation asks of one gene; ``None`` where it does not ask.

    A range of activity scores is closed on both sides.
    """

    symbol: str
    phenotype: str | None = None
    diplotype: str | None = None
    score_min: float | None = None
    score_max: float | None = None

    def holds(self, result: GenePhenotype) -> bool:
        """Tell whether a result of this gene is what is asked for.

        A diplotype must be known to hold. A score that is not known is not held against a
        phenotype that fits: saying too much is safer than silence.
        """
        if self.diplotype is not None and not self._same_diplotype(result):
            return False
        if self.phenotype is not None and not self._same_phenotype(result):
            return False
        if self.diplotype is None and self.phenotype is None:
            return False
        score = result.activity_score
        if score is None:
            return True
        above = self.score_min is None or score >= self.score_min
        return above and (self.score_max is None or score <= self.score_max)

    def _same_diplotype(self, result: GenePhenotype) -> bool:
        wanted = sorted((self.diplotype or "").split("/"))
        return result.diplotype is not None and sorted(result.diplotype.split("/")) == wanted

    def _same_phenotype(self, result: GenePhenotype) -> bool:
        wanted = _folded(self.symbol, self.phenotype or "")
        return any(_folded(self.symbol, found) == wanted for found in result.results)


def gene_lookups(graph: KnowledgeGraph, edge: Edge) -> tuple[GeneLookup, ...]:
    """Give each gene of a recommendation with what it must be."""
    first = _lookup(graph.name(edge.subject), edge, "")
    second = second_gene(graph, edge)
    return (first,) if second is None else (first, _lookup(second, edge, "2"))


def most_specific(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """Leave out what a guideline says of a phenotype where it speaks of the very diplotype.

    The edges are recommendations that all hold for one patient and one drug; a guideline is known
    by the reference of its evidence.
    """
    narrow = {
        reference for edge in edges if _names_diplotype(edge) for reference in _references(edge)
    }
    return tuple(
        edge for edge in edges if _names_diplotype(edge) or not set(_references(edge)) <= narrow
    )


@lru_cache(maxsize=4096)
def _folded(symbol: str, phenotype: str) -> str:
    """Some tables write the gene before its phenotype, and some write capitals."""
    return phenotype.casefold().removeprefix(symbol.casefold()).strip()


def _lookup(symbol: str, edge: Edge, suffix: str) -> GeneLookup:
    low, high = (edge.qualifier(f"{key}{suffix}") for key in ("score_min", "score_max"))
    return GeneLookup(
        symbol,
        edge.qualifier(f"phenotype{suffix}"),
        edge.qualifier(f"diplotype{suffix}"),
        float(low) if low else None,
        float(high) if high else None,
    )


def _names_diplotype(edge: Edge) -> bool:
    return any(edge.qualifier(key) for key in ("diplotype", "diplotype2"))


def _references(edge: Edge) -> Iterable[str]:
    return [evidence.reference or "" for evidence in edge.evidence]
