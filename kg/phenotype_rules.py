"""How two alleles make a phenotype, in as few rules as say the same as a table of diplotypes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import comb

__all__ = ["INDETERMINATE", "NOT_TESTED", "PhenotypeRule", "compressed"]

NOT_TESTED = "not tested"
"""Phenotype, in a recommendation about two genes, of the gene that the patient has no result of."""

INDETERMINATE = "Indeterminate"
"""Phenotype of a diplotype that no rule decides; never to be read as normal."""


@dataclass(frozen=True, slots=True)
class PhenotypeRule:
    """Two functions (sorted), or else one diplotype, that give a phenotype.

    ``n_rows`` is the number of diplotypes of the table that the rule stands for.
    """

    gene: str
    phenotype: str
    functions: tuple[str, str] | None = None
    diplotype: str | None = None
    n_rows: int = 1


def compressed(
    functions: Mapping[tuple[str, str], str], diplotypes: Mapping[tuple[str, str], str]
) -> list[PhenotypeRule]:
    """Sorted rules that give every diplotype the phenotype that the table gives it.

    ``functions`` are by gene and allele, ``diplotypes`` by gene and diplotype. A pair of functions
    becomes one rule when all its diplotypes agree, or when the table holds every diplotype of the
    pair: then the most frequent phenotype is the rule and the others stand as exceptions. Any
    other diplotype is its own rule, so nothing is concluded about a diplotype that the table leaves
    out of a pair with mixed outcomes.
    """
    sizes = Counter((gene, function) for (gene, _), function in functions.items())
    groups: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    rules = []
    for (gene, diplotype), phenotype in diplotypes.items():
        left, right = (functions.get((gene, allele)) for allele in diplotype.split("/"))
        if left is None or right is None:
            rules.append(PhenotypeRule(gene, phenotype, diplotype=diplotype))
        else:
            groups[gene, min(left, right), max(left, right)].append((diplotype, phenotype))
    for (gene, left, right), members in groups.items():
        first, second = sizes[gene, left], sizes[gene, right]
        n_possible = comb(first + 1, 2) if left == right else first * second
        rules.extend(_rules(gene, (left, right), members, n_possible))
    return sorted(rules, key=lambda rule: (rule.gene, rule.functions or (), rule.diplotype or ""))


def _rules(
    gene: str, pair: tuple[str, str], members: list[tuple[str, str]], n_possible: int
) -> Iterator[PhenotypeRule]:
    counts = Counter(phenotype for _, phenotype in members)
    usual = min(counts, key=lambda phenotype: (-counts[phenotype], phenotype))
    general = len(counts) == 1 or len(members) == n_possible
    if general:
        yield PhenotypeRule(gene, usual, functions=pair, n_rows=counts[usual])
    for diplotype, phenotype in members:
        if not general or phenotype != usual:
            yield PhenotypeRule(gene, phenotype, diplotype=diplotype)
