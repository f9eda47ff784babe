"""A PharmCAT report as a patient: the gene results that it calls, in the words of our request.

Read is ``report.json`` of PharmCAT 2 and 3 (Sangkuhl et al. 2020, PMID:31306493). The drugs that
a report lists are those on which guidelines speak, not those that the patient takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.errors import InvalidRequest
from kg.phenotype_rules import INDETERMINATE
from kg.screening.genotype import GENOTYPE_ERRORS, Genotypes

__all__ = ["REPORT", "MalformedReport", "ReportedGene", "is_report", "report_body", "with_report"]

REPORT = "pharmcat"
"""Key of a request body under which the results of a report stand until they are translated."""
_NOTHING = frozenset({"", "n/a", "no result"})
_NO_CALL = "unknown"


class MalformedReport(InvalidRequest):
    """A document looks like a PharmCAT report and cannot be read as one."""

    title = "This PharmCAT report cannot be read"


@dataclass(frozen=True, slots=True)
class ReportedGene:
    """What a report says of one gene; ``None`` where it does not say it.

    ``phenotype`` holds the activity score behind it where there is one.
    """

    symbol: str
    diplotype: str | None
    phenotype: str | None


def is_report(document: Mapping[str, Any]) -> bool:
    """Tell a PharmCAT report from other documents by its shape."""
    return "pharmcatVersion" in document or ("genes" in document and "drugs" in document)


def report_body(document: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Give the part of a request body that a report makes: its results, under ``REPORT``.

    Raises:
        MalformedReport: A gene of the report is not described as PharmCAT describes it.
    """
    try:
        found = _fullest(map(_read, _genes(document["genes"])))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"{what}: no PharmCAT report: expected genes with their diplotypes"
        raise MalformedReport(f"{message} ({error!r})") from error
    results = [result for result in found if result.diplotype or result.phenotype]
    if not results:
        raise MalformedReport(f"{what}: the PharmCAT report calls no gene")
    return {REPORT: tuple(results)}


def with_report(
    body: Mapping[str, Any], genotypes: Genotypes
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Lay the results of a report under what a body states itself, with notes on what is left out.

    A gene for which the body has its own result keeps that alone. A diplotype that the loaded
    tables do not know, or that they translate otherwise than the report, gives way to the
    phenotype of the report; without one, the gene is left out and named.
    """
    rest = {key: value for key, value in body.items() if key != REPORT}
    reported = body.get(REPORT)
    if not isinstance(reported, tuple):
        return dict(body), ()
    patient = dict(rest.get("patient") or {})
    stated: dict[str, dict[str, str]] = {
        part: dict(patient.get(part) or {}) for part in ("diplotypes", "phenotypes")
    }
    own = {symbol.strip().upper() for results in stated.values() for symbol in results}
    notes = []
    for result in reported:
        if result.symbol.upper() in own:
            continue
        usable = _usable(result, genotypes)
        if not usable:
            told = result.diplotype or result.phenotype
            notes.append(f"PharmCAT report, {result.symbol} {told}: not known here, not used.")
        for part, value in usable.items():
            stated[part][result.symbol] = value
    return {**rest, "patient": {**patient, **stated}}, tuple(notes)


def _genes(genes: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the genes of a report; version 2 lists them once for each guideline body."""
    for gene in genes.values():
        if "geneSymbol" in gene:
            yield gene
        else:
            yield from gene.values()


def _fullest(results: Iterable[ReportedGene]) -> list[ReportedGene]:
    """Give each gene once: of several readings the first that says most."""
    found: dict[str, ReportedGene] = {}
    for result in results:
        known = found.get(result.symbol)
        if known is None or _parts(result) > _parts(known):
            found[result.symbol] = result
    return list(found.values())


def _parts(result: ReportedGene) -> int:
    return sum(part is not None for part in (result.diplotype, result.phenotype))


def _read(gene: Mapping[str, Any]) -> ReportedGene:
    """Read one gene; candidates that disagree leave its result indeterminate."""
    symbol = gene["geneSymbol"]
    if not isinstance(symbol, str):
        raise TypeError(f"{symbol!r} is no symbol of a gene")
    called = gene["recommendationDiplotypes"] or gene["sourceDiplotypes"]
    results = {_result(symbol, diplotype) for diplotype in called}
    if len(results) == 1:
        return results.pop()
    phenotypes = {result.phenotype for result in results}
    phenotype = phenotypes.pop() if len(phenotypes) == 1 else INDETERMINATE
    return ReportedGene(symbol, None, phenotype if results else None)


def _result(symbol: str, diplotype: Mapping[str, Any]) -> ReportedGene:
    label = str(diplotype["label"])
    phenotypes = [p for p in diplotype["phenotypes"] if p.casefold() not in _NOTHING]
    phenotype = "; ".join(phenotypes) or None
    score = str(diplotype.get("activityScore") or "").strip()
    if phenotype and score.casefold() not in _NOTHING:
        phenotype = f"{phenotype} (activity score {score})"
    called = None if _NO_CALL in label.casefold() else label
    return ReportedGene(symbol, called, phenotype)


def _usable(result: ReportedGene, genotypes: Genotypes) -> dict[str, str]:
    """Give what the loaded tables can use of a result: both parts only where they agree."""
    parts = {"diplotypes": result.diplotype, "phenotypes": result.phenotype}
    given = {part: value for part, value in parts.items() if value}
    for usable in (given, {"phenotypes": result.phenotype}, {"diplotypes": result.diplotype}):
        stated = {part: value for part, value in usable.items() if value}
        if stated and _is_accepted(result.symbol, stated, genotypes):
            return stated
    return {}


def _is_accepted(symbol: str, stated: Mapping[str, str], genotypes: Genotypes) -> bool:
    diplotype, phenotype = stated.get("diplotypes"), stated.get("phenotypes")
    try:
        found = genotypes.agreed(symbol, diplotype, phenotype)
    except GENOTYPE_ERRORS:
        return False
    return found.is_determined or phenotype is None
