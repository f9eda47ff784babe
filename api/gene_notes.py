"""What an answer says of genes beside its findings: results unused, converted, or not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from kg.screening.drug_gene import DrugGene
from kg.screening.engine import Question
from kg.screening.gene_coverage import MissingTest, conversions_of, missing_tests, unused_genes
from kg.screening.phenoconversion import Conversion
from ontologies.curie import Curie

_AS_CONDITION: Mapping[str, Curie] = {"G6PD": Curie("DOID", "2862")}
"""Genes of which a result may stand among the conditions: a deficiency of G6PD."""


def gene_notes(question: Question, detector: DrugGene) -> Iterator[str]:
    """Yield what silence about a gene must not hide.

    Results that no loaded source can use, phenotypes that count as others because of the drugs,
    and, one note per added drug, the tests that guidelines ask for and that nobody reports.
    """
    unused = unused_genes(question.patient, detector, question.after)
    for reason in dict.fromkeys(gene.reason for gene in unused):
        told = ", ".join(f"{g.symbol} {g.phenotype}" for g in unused if g.reason is reason)
        yield f"{told}: not used, because {reason.value}."
    for conversion in conversions_of(question.patient, detector, question.after):
        yield _converted(conversion, detector)
    added = [entry.drug for entry in question.adding]
    missing = missing_tests(added, question.patient, detector)
    for drug, tests in groupby(missing, key=lambda test: test.drug):
        yield from _not_reported(drug, list(tests), question.patient.conditions, detector)


def _converted(conversion: Conversion, detector: DrugGene) -> str:
    before, after = conversion.before, conversion.after
    drugs = " and ".join(detector.graph.name(drug) for drug in conversion.drugs)
    told = f"{before.phenotype} counts as {after.phenotype}"
    if before.activity_score is not None and after.activity_score is not None:
        told += f" (activity score {before.activity_score:g} becomes {after.activity_score:g})"
    strength, role = conversion.rule.strength, conversion.rule.role
    return f"{before.symbol} {told}, because of {drugs} ({strength} {role})."


def _not_reported(
    drug: Curie, tests: Sequence[MissingTest], conditions: Sequence[Curie], detector: DrugGene
) -> Iterator[str]:
    name = detector.graph.name
    told = [test for test in tests if _AS_CONDITION.get(test.symbol) in conditions]
    for test in told:
        stated = name(_AS_CONDITION[test.symbol])
        yield (
            f"{name(drug)}: guidelines advise by {test.symbol} ({', '.join(test.levels)}); "
            f"{stated} is used as a condition, not as a result of the gene: for their advice "
            f"give its phenotype as well."
        )
    if unknown := [test for test in tests if test not in told]:
        yield _untested(name(drug), unknown)


def _untested(drug: str, tests: Sequence[MissingTest]) -> str:
    genes = " and ".join(f"{test.symbol} ({', '.join(test.levels)})" for test in tests)
    return f"{drug}: guidelines advise by {genes}; no result of the patient is known."
