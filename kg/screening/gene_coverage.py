"""What an answer cannot say about genes: results without use, and tests that would matter. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kg.model import Edge, Severity
from kg.phenotype_rules import NOT_TESTED
from kg.screening.drug_gene import DrugGene
from kg.screening.genotype import GenePhenotype
from kg.screening.patient import Patient, Regimen
from kg.screening.phenoconversion import Conversion
from ontologies.curie import Curie

__all__ = [
    "MissingTest",
    "Unused",
    "UnusedGene",
    "conversions_of",
    "missing_tests",
    "unused_genes",
]

_LEVEL = re.compile(r"\bCPIC level ([A-D])")
"""How the statement of a recommendation names the level of a drug and gene."""
_ACTION = "CPIC level A"
"""The level at which CPIC says that the result should change the prescription."""
_BODIES = {"CPIC": ("infores:cpic", "cpic-"), "DPWG": ("infores:pharmgkb", "dpwg-")}
"""Guideline bodies: the source of their statements, and how references of ours to them begin."""


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
class MissingTest:
    """A gene that guidelines ask for before a drug is given, and of which no result is known.

    ``levels`` names who asks, such as ``CPIC level A`` or ``DPWG``.
    """

    drug: Curie
    symbol: str
    levels: tuple[str, ...]


def unused_genes(patient: Patient, detector: DrugGene, regimen: Regimen) -> tuple[UnusedGene, ...]:
    """Gene results of the patient that no recommendation can use, by symbol.

    A gene is left out where sources give advice on it but none on the drugs of the regimen, and
    so is an indeterminate result that a recommendation for one of those drugs speaks of. Errors of
    `Genotypes.of_patient` come through.
    """
    results = detector.genotypes.of_patient(patient)
    if not results:
        return ()
    here = detector.recommendations.advised_for(regimen.drugs)
    everywhere = detector.recommendations.advised
    reasons = (
        (result, Unused.NO_ADVICE if result.symbol not in everywhere else _unused(result, here))
        for result in results
    )
    return tuple(
        UnusedGene(result.symbol, result.phenotype, reason) for result, reason in reasons if reason
    )


def missing_tests(
    drugs: Iterable[Curie], patient: Patient, detector: DrugGene
) -> tuple[MissingTest, ...]:
    """Tests that would matter for some drugs, in their order: the patient has no result of them.

    A test matters where a guideline of CPIC or of the Dutch working group advises something of
    moderate or greater weight for some result of the gene; a drug and gene that CPIC grades below
    its level A need the other body. Errors of `Genotypes.of_patient` come through.
    """
    known = {found.symbol for found in detector.genotypes.of_patient(patient)}
    return tuple(
        MissingTest(drug, symbol, tuple(sorted(levels)))
        for drug in dict.fromkeys(drugs)
        for symbol, levels in sorted(_levels(drug, detector).items())
        if symbol not in known
    )


def conversions_of(
    patient: Patient, detector: DrugGene, regimen: Regimen
) -> tuple[Conversion, ...]:
    """Conversions that count for a drug of the regimen on which the gene's guidelines speak.

    Each is told once, by the symbol of its gene. Errors of `Genotypes.of_patient` come through.
    """
    if detector.conversions is None:
        return ()
    known = {found.symbol: found for found in detector.genotypes.of_patient(patient)}
    found: dict[tuple[str, tuple[Curie, ...]], Conversion] = {}
    for drug, conversions in detector.conversions.by_drug(regimen, known).items():
        spoken = detector.recommendations.advised_for([drug]) if conversions else {}
        for symbol, conversion in conversions.items():
            if symbol in spoken:
                found.setdefault((symbol, conversion.drugs), conversion)
    return tuple(found[key] for key in sorted(found))


def _unused(result: GenePhenotype, here: Mapping[str, frozenset[str | None]]) -> Unused | None:
    is_spoken_of = result.phenotype in here.get(result.symbol, ())
    return None if result.is_determined or is_spoken_of else Unused.INDETERMINATE


def _levels(drug: Curie, detector: DrugGene) -> dict[str, set[str]]:
    """Give the genes that matter for a drug, each with who says so."""
    found: dict[str, set[str]] = defaultdict(set)
    for said in detector.recommendations.about(drug):
        levels = set(_bodies(said.edge)) if _asks(said.edge, detector) else set()
        for lookup in said.lookups:
            if lookup.phenotype != NOT_TESTED:
                found[lookup.symbol] |= levels
    told = {symbol: _of_action(levels) for symbol, levels in found.items()}
    return {symbol: levels for symbol, levels in told.items() if levels}


def _of_action(levels: set[str]) -> set[str]:
    """Leave out a level of CPIC below A; without any level, CPIC stands by its name alone."""
    graded = {level for level in levels if _LEVEL.match(level)}
    if not graded:
        return levels
    return (levels - graded - {"CPIC"}) | (graded & {_ACTION})


def _asks(edge: Edge, detector: DrugGene) -> bool:
    asked = detector.asks_for(edge)
    severity = asked[1] if asked else None
    return severity is not None and severity.rank >= Severity.MODERATE.rank


def _bodies(edge: Edge) -> Iterator[str]:
    for evidence in edge.evidence:
        level = _LEVEL.search(evidence.statement or "")
        if level is not None:
            yield level[0]
        cited = (evidence.reference or "").split("|")
        for body, (source, beginning) in _BODIES.items():
            if evidence.source == source or any(name.startswith(beginning) for name in cited):
                yield body
