"""From what a laboratory wrote to the phenotype that guidelines speak of, and how we got there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import reduce

from kg.graph import KnowledgeGraph
from kg.phenotype_rules import INDETERMINATE
from kg.screening.diplotype import (
    Haplotype,
    MalformedDiplotype,
    UnknownAllele,
    allele_names,
    hla_alleles,
    read_haplotype,
    two_alleles,
)
from kg.screening.finding import Step
from kg.screening.gene_rules import GeneRules, gene_rules
from kg.screening.patient import Patient
from kg.screening.written_phenotype import (
    HLA_RESULT,
    UnknownPhenotype,
    labelled,
    read_phenotype,
)
from ontologies.curie import Curie

__all__ = [
    "GENOTYPE_ERRORS",
    "ConflictingGenotype",
    "GenePhenotype",
    "Genotypes",
    "MalformedDiplotype",
    "UncountedCopies",
    "UnknownAllele",
    "UnknownGene",
    "UnknownPhenotype",
]

_HLA_GENE = re.compile(r"HLA-[A-Z]+\d?")
_ONE_X = "MALE"
"""What a diplotype table writes beside the one allele of a man's X chromosome."""


class UnknownGene(LookupError):
    """No loaded source says anything about how variants of a gene matter."""

    def __init__(self, symbol: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = get_close_matches(symbol.upper(), names, n=3, cutoff=0.6) or names
        super().__init__(f"no gene is known as {symbol!r}; known: {', '.join(near)}")
        self.symbol = symbol


class ConflictingGenotype(ValueError):
    """Two results of one gene contradict each other."""

    def __init__(self, symbol: str, first: str, second: str) -> None:
        super().__init__(
            f"the results of {symbol} disagree: {first!r} and {second!r}; expected one phenotype"
        )
        self.symbol, self.first, self.second = symbol, first, second


class UncountedCopies(ValueError):
    """A diplotype says that an allele is duplicated, not how often, and that decides."""

    def __init__(self, symbol: str, diplotype: str, phenotypes: Iterable[str]) -> None:
        counted = diplotype.replace("xN", "x2")
        super().__init__(
            f"{diplotype!r} of {symbol} may be {' or '.join(phenotypes)}; expected the number of "
            f"copies (such as {counted}), the phenotype or the activity score"
        )
        self.symbol, self.diplotype = symbol, diplotype


GENOTYPE_ERRORS = (
    ConflictingGenotype,
    MalformedDiplotype,
    UncountedCopies,
    UnknownAllele,
    UnknownGene,
    UnknownPhenotype,
)
"""What can be wrong with a gene result; each sentence quotes it and says what is accepted."""


@dataclass(frozen=True, slots=True)
class GenePhenotype:
    """What a patient's gene does, and how that was concluded.

    ``phenotype`` is in the words of the guidelines; for an HLA gene it holds one result for each
    allele that matters, joined with `; `. ``activity_score`` is ``None`` for a gene without scores.
    ``diplotype`` is ``None`` where only the phenotype was told.
    """

    gene: Curie
    symbol: str
    phenotype: str
    activity_score: float | None = None
    how: tuple[Step, ...] = ()
    diplotype: str | None = None

    @property
    def results(self) -> tuple[str, ...]:
        """The phenotype, or each result of an HLA gene by itself."""
        return tuple(self.phenotype.split("; "))

    @property
    def is_determined(self) -> bool:
        """Whether the phenotype is known at all; indeterminate is not normal."""
        return self.phenotype.casefold().rpartition(" ")[2] != INDETERMINATE.casefold()


class Genotypes:
    """Translates diplotypes and written phenotypes by the rules of one graph."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.genes: Mapping[str, GeneRules] = gene_rules(graph)
        self._by_folded = {symbol.casefold(): symbol for symbol in self.genes}
        self._names = {symbol: allele_names(rule.alleles) for symbol, rule in self.genes.items()}

    def rules(self, gene_symbol: str) -> GeneRules:
        """Rules of a gene, whatever the case of its symbol.

        An HLA gene is known even where no source has a rule for it. Raises UnknownGene.
        """
        symbol = self._by_folded.get(gene_symbol.strip().casefold())
        if symbol is not None:
            return self.genes[symbol]
        written = gene_symbol.strip().upper()
        if _HLA_GENE.fullmatch(written):
            return GeneRules(Curie("HGNC.SYMBOL", written), written, {}, (), {}, {}, (), ())
        raise UnknownGene(gene_symbol, self.genes)

    def phenotype(self, gene_symbol: str, diplotype: str) -> GenePhenotype:
        """Phenotype that a diplotype gives.

        Raises:
            UnknownGene: No loaded source knows the gene.
            MalformedDiplotype: The text is not a diplotype.
            UnknownAllele: The gene has no such allele.
            UncountedCopies: `xN` stands where the number of copies decides.
        """
        rules = self.rules(gene_symbol)
        if _HLA_GENE.fullmatch(rules.symbol):
            return _hla_phenotype(rules, diplotype)
        lone = _ONE_X if _ONE_X in rules.alleles else None
        names = self._names[rules.symbol]
        left, right = two_alleles(rules.symbol, diplotype, lone, names)
        listed = rules.diplotypes.get((min(left, right), max(left, right)))
        if listed is not None:
            return _concluded(rules, f"{left}/{right}", listed, "is listed as")
        if not rules.alleles:
            return _concluded(rules, f"{left}/{right}", INDETERMINATE, "has no known alleles:")
        first = read_haplotype(rules.symbol, left, rules.alleles, names)
        second = read_haplotype(rules.symbol, right, rules.alleles, names)
        return _phenotype_of(rules, first, second)

    def stated(self, gene_symbol: str, text: str) -> GenePhenotype:
        """Phenotype that somebody wrote down: any case, `PM` for poor metabolizer and so on.

        For a gene with activity scores the score may stand instead (`activity score 1.5`, `1.5`)
        or behind the phenotype (`Intermediate Metabolizer (activity score 1)`).

        Raises:
            UnknownGene: No loaded source knows the gene.
            UnknownPhenotype: The gene has no such phenotype or score.
            ConflictingGenotype: The score is not one of the phenotype beside it.
        """
        rules = self.rules(gene_symbol)
        phenotype, score = read_phenotype(rules, text)
        if score is not None and rules.phenotype_at(score) != phenotype:
            raise ConflictingGenotype(rules.symbol, phenotype, text.strip())
        return GenePhenotype(
            *(rules.gene, rules.symbol, phenotype, score),
            how=(Step(labelled(rules.symbol, phenotype), "was stated as", text.strip()),),
        )

    def agreed(
        self, gene_symbol: str, diplotype: str | None, phenotype: str | None
    ) -> GenePhenotype:
        """Phenotype of one gene by a diplotype, a written phenotype or both; one must be given.

        Raises what `phenotype` and `stated` raise, and ConflictingGenotype when the two disagree.
        """
        written = [self.phenotype(gene_symbol, diplotype)] if diplotype else []
        written += [self.stated(gene_symbol, phenotype)] if phenotype else []
        return reduce(_agreed, written)

    def of_patient(self, patient: Patient) -> tuple[GenePhenotype, ...]:
        """One phenotype for each gene that the patient has a result of, by symbol.

        A stated phenotype settles an indeterminate diplotype. Raises what `phenotype` and `stated`
        raise, and ConflictingGenotype when two results of a gene disagree.
        """
        found: dict[str, GenePhenotype] = {}
        results = [self.phenotype(*pair) for pair in patient.diplotypes]
        results += [self.stated(*pair) for pair in patient.phenotypes]
        for result in results:
            known = found.get(result.symbol)
            found[result.symbol] = result if known is None else _agreed(known, result)
        return tuple(found[symbol] for symbol in sorted(found))


def _phenotype_of(rules: GeneRules, first: Haplotype, second: Haplotype) -> GenePhenotype:
    diplotype = f"{first}/{second}"
    steps = tuple(
        Step(f"{rules.symbol} {allele.name}", "has", _doing(allele.function, allele.activity))
        for allele in dict.fromkeys(a for side in (first, second) for a, _ in side.parts)
    )
    if rules.scores:
        return _by_score(rules, diplotype, (first, second), steps)
    left, right = first.allele, second.allele
    if left is None or right is None:
        return _concluded(rules, diplotype, INDETERMINATE, "has no rule for copies:", steps)
    listed = rules.diplotypes.get((min(left.name, right.name), max(left.name, right.name)))
    pair = (min(left.function, right.function), max(left.function, right.function))
    phenotype = listed or rules.functions.get(pair)
    if phenotype is None:
        return _concluded(rules, diplotype, INDETERMINATE, "has no rule:", steps)
    return _concluded(rules, diplotype, phenotype, "gives", steps)


def _by_score(
    rules: GeneRules, diplotype: str, sides: tuple[Haplotype, Haplotype], steps: tuple[Step, ...]
) -> GenePhenotype:
    """Phenotype of the sum of both sides; a score is told only where all copies are counted."""
    scores = [one + other for one in sides[0].activities for other in sides[1].activities]
    if not scores:
        verb = "has an allele without activity score:"
        return _concluded(rules, diplotype, INDETERMINATE, verb, steps)
    found = [_at(rules, score) for score in scores]
    phenotype, *others = dict.fromkeys(found)
    if others:
        raise UncountedCopies(rules.symbol, diplotype, (phenotype, *others))
    told = f"{scores[0]:g}" if len(scores) == 1 else f"{scores[0]:g} or more"
    concluded = _concluded(rules, diplotype, phenotype, f"with activity score {told} gives", steps)
    return replace(concluded, activity_score=scores[0]) if len(scores) == 1 else concluded


def _at(rules: GeneRules, score: float) -> str:
    return next((found.phenotype for found in rules.scores if found.holds(score)), INDETERMINATE)


def _concluded(
    rules: GeneRules, diplotype: str, phenotype: str, verb: str, steps: tuple[Step, ...] = ()
) -> GenePhenotype:
    last = Step(f"{rules.symbol} {diplotype}", verb, phenotype)
    return GenePhenotype(
        rules.gene, rules.symbol, phenotype, how=(*steps, last), diplotype=diplotype
    )


def _doing(function: str, activity: float | None) -> str:
    return function if activity is None else f"{function} (activity {activity:g})"


def _hla_phenotype(rules: GeneRules, diplotype: str) -> GenePhenotype:
    """Positive for each allele carried, negative for every other that a guideline looks at."""
    carried = dict.fromkeys(hla_alleles(rules.symbol, diplotype))
    looked_at = {found["allele"] for found in map(HLA_RESULT.fullmatch, rules.phenotypes) if found}
    results = [f"{allele} positive" for allele in carried]
    results += [f"{allele} negative" for allele in sorted(looked_at - set(carried))]
    written = "/".join(hla_alleles(rules.symbol, diplotype))
    return _concluded(rules, written, "; ".join(results), "gives")


def _agreed(known: GenePhenotype, result: GenePhenotype) -> GenePhenotype:
    """Join two results of one gene, or refuse."""
    if _HLA_GENE.fullmatch(known.symbol):
        return _joined(known, result)
    if not result.is_determined:
        return known
    scores = {known.activity_score, result.activity_score} - {None}
    if set(known.results) & set(result.results) and len(scores) < 2:
        return (
            known
            if known.activity_score is not None
            else replace(known, activity_score=result.activity_score)
        )
    if known.is_determined:
        raise ConflictingGenotype(known.symbol, known.phenotype, result.phenotype)
    return replace(result, how=(*known.how, *result.how), diplotype=known.diplotype)


def _joined(known: GenePhenotype, result: GenePhenotype) -> GenePhenotype:
    """Join results of an HLA gene; only opposite results of one allele contradict each other."""
    results = dict.fromkeys((*known.results, *result.results))
    if len({text.partition(" ")[0] for text in results}) < len(results):
        raise ConflictingGenotype(known.symbol, known.phenotype, result.phenotype)
    return replace(known, phenotype="; ".join(results), how=(*known.how, *result.how))
