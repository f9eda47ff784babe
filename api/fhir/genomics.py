"""Genotypes and phenotypes of a record, after the HL7 guide for genomics reporting.

Read are the observations Genotype (LOINC 84413-4) and Haplotype (84414-2) with the gene that they
are about (48018-6), and what an observation says of how a drug is metabolised (53040-2, 79716-7,
or a therapeutic implication) with the gene of the genotype that it derives from. A result counts
only where the graph can translate it; the others are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from api.fhir.chart import Chart, quoted
from api.fhir.elements import Resource, codings, concept_texts, day_of, mappings_of, text_of
from api.fhir.observations import loinc_codes, valid

__all__ = ["genes_of"]

_GENOTYPE, _HAPLOTYPE, _GENE = "84413-4", "84414-2", "48018-6"
_METABOLISM = frozenset({"53040-2", "79716-7"})
_IMPLICATION = "therapeutic-implication"
_SOURCE, _SOMATIC = "48002-0", "LA6684-0"
_HLA = re.compile(r"HLA-[A-Z]+\d?")
_SYMBOL = re.compile(r"(?P<gene>HLA-[A-Z]+\d?|[A-Z][A-Z0-9]{2,9})[ _]?(?=\*|rs\d)")
_ONE_HLA = re.compile(r"\*?\d{2,3}:\d{2,3}(?::\d{2,3}){0,2}[A-Z]?")
_BASES = re.compile(r"(?P<rs>rs\d+) ?(?P<one>[ACGT]) ?/ ?(?P<other>[ACGT])")
_LEAST_HAPLOTYPES = 2
_MOST_GENES = 50
_MOST_RESULTS = 20
"""Of so many results of one gene the latest are tried."""


@dataclass(slots=True)
class Results:
    """What was told of one gene: the writings of each genotype, haplotype and phenotype, by day."""

    genotypes: list[tuple[date, str]] = field(default_factory=list)
    haplotypes: list[tuple[date, str]] = field(default_factory=list)
    phenotypes: list[tuple[date, str]] = field(default_factory=list)


def genes_of(chart: Chart) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Give diplotypes and phenotypes by gene, and notes on the results that cannot be used."""
    results: dict[str, Results] = {}
    unread: list[str] = []
    for resource in (each.resource for each in chart.all("Observation")):
        if valid(resource) and not _is_somatic(resource):
            unread += _collect(resource, results, chart)
    diplotypes: dict[str, str] = {}
    phenotypes: dict[str, str] = {}
    listed = sorted(results.items())
    unread += [gene for gene, _ in listed[_MOST_GENES:]]
    for gene, told in listed[:_MOST_GENES]:
        found = _diplotype(gene, told, chart)
        if found is not None:
            part, value = found
            (diplotypes if part == "diplotype" else phenotypes)[gene] = value
            unread += _contradicted(gene, part, value, told, chart)
            continue
        unread += [f"{gene} {value}" for _, value in (*told.genotypes, *told.haplotypes)]
        stated = [value for _, value in sorted(told.phenotypes)[-_MOST_RESULTS:]]
        usable = [value for value in stated if chart.words.knows_result(gene, None, value)]
        if usable:
            phenotypes[gene] = usable[-1]
    facts = {"diplotypes": diplotypes, "phenotypes": phenotypes}
    notes = [f"Results of genes that are not used: {quoted(unread)}."] if unread else []
    return {part: value for part, value in facts.items() if value}, tuple(notes)


def _collect(resource: Resource, results: dict[str, Results], chart: Chart) -> Iterator[str]:
    """File what an observation says under its gene; yields what cannot be filed."""
    codes = loinc_codes(resource)
    day = day_of(resource.get("effectiveDateTime")) or date.min
    if _GENOTYPE in codes or _HAPLOTYPE in codes:
        writings = _writings(resource)
        gene = _gene(resource, writings)
        if gene and writings:
            told = results.setdefault(gene, Results())
            kept = told.genotypes if _GENOTYPE in codes else told.haplotypes
            readable = list(_bare(gene, writings))
            kept.extend((day, bare) for bare in readable)
            if not readable:
                yield f"{gene} {writings[0]}"
        elif writings:
            yield writings[0]
    for phenotype in _phenotypes(resource):
        gene = _gene(resource, ()) or _gene_of_origin(resource, chart)
        if gene:
            results.setdefault(gene, Results()).phenotypes.append((day, phenotype))


def _is_somatic(resource: Resource) -> bool:
    sources = (part for part in _components(resource, _SOURCE))
    return any(coding.code == _SOMATIC for part in sources for coding in _coded(part))


def _components(resource: Resource, loinc: str) -> Iterator[Resource]:
    parts = mappings_of(resource.get("component"))
    return (part for part in parts if loinc in loinc_codes(part))


def _coded(part: Resource) -> Iterator[Any]:
    return codings(part.get("valueCodeableConcept"))


def _writings(resource: Resource) -> tuple[str, ...]:
    """Give every way in which a result is written: text, display, code, plain string."""
    concept = resource.get("valueCodeableConcept")
    texts = [*concept_texts(concept), *(coding.code for coding in codings(concept))]
    texts.append(text_of(resource.get("valueString")))
    return tuple(dict.fromkeys(text.strip('"') for text in texts if text))


def _gene(resource: Resource, writings: Iterable[str]) -> str:
    """Give the gene of a result: the one that the value names, else the one it is filed under."""
    named = {found["gene"] for text in writings if (found := _SYMBOL.search(text))}
    if len(named) == 1:
        return named.pop()
    filed = {
        text.upper()
        for part in _components(resource, _GENE)
        for text in concept_texts(part.get("valueCodeableConcept"))[:1]
    }
    return filed.pop() if len(filed) == 1 else ""


def _gene_of_origin(resource: Resource, chart: Chart) -> str:
    """Give the gene of the one genotype from which a statement derives."""
    origins = (
        chart.references.resource(pointer, resource)
        for pointer in mappings_of(resource.get("derivedFrom"))
    )
    genes = {_gene(origin, _writings(origin)) for origin in origins if origin is not None}
    return genes.pop() if len(genes) == 1 else ""


def _bare(gene: str, writings: Iterable[str]) -> Iterator[str]:
    """Yield the readable ways to write a result, without the gene before each allele.

    >>> list(_bare("HLA-A", ["hla#3.31.0#HLA-A*03:01:01:01+HLA-A*30:01:01"]))
    ['*03:01:01:01/*30:01:01']
    >>> list(_bare("CYP2D6", ["CYP2D6*7.001 / CYP2D6*1.001"]))
    ['*7.001/*1.001']
    """
    for text in writings:
        is_list = text.startswith("hla#")
        plain = text.rpartition("#")[2]
        if is_list and ("|" in plain or "/" in plain):
            continue  # a list of possibilities, of which none is certain
        plain = re.sub(rf"{re.escape(gene)}[ _:]?(?=[*\d r])", "", plain)
        if is_list:
            plain = plain.replace("+", "/")
        plain = re.sub(r"\s*/\s*", "/", plain).strip(" _")
        alone = plain.removeprefix(gene.removeprefix("HLA-"))
        if "*" in plain or plain.startswith("rs") or _ONE_HLA.match(alone):
            yield alone


def _diplotype(gene: str, told: Results, chart: Chart) -> tuple[str, str] | None:
    """Give the latest result of a gene that the graph can use, and whether as diplotype."""
    latest = sorted(told.genotypes, key=lambda each: each[0], reverse=True)
    for _, text in latest[:_MOST_RESULTS]:
        found = _usable(gene, text, chart)
        if found is not None:
            return found
    alleles = [text for _, text in told.haplotypes]
    if len(alleles) == _LEAST_HAPLOTYPES:
        return _usable(gene, "/".join(alleles), chart)
    return _usable(gene, alleles[0], chart) if len(set(alleles)) == 1 else None


def _usable(gene: str, text: str, chart: Chart) -> tuple[str, str] | None:
    bases = _BASES.fullmatch(text)
    ways = [text, *(_by_bases(bases) if bases else ())]
    for way in ways:
        if "/" in way and chart.words.knows_result(gene, way, None):
            return "diplotype", way
    if _HLA.fullmatch(gene) and _ONE_HLA.fullmatch(text):
        fields = text.removeprefix("*").split(":")
        present = f"*{':'.join(fields[:2])} positive"
        if chart.words.knows_result(gene, None, present):
            return "phenotype", present
    return None


def _by_bases(found: re.Match[str]) -> Iterator[str]:
    """Yield how tables of one variant name two bases of it: the reference first, then the other."""
    rs, one, other = found["rs"], found["one"], found["other"]
    for first, second in ((one, other), (other, one)):
        if first == second:
            yield f"{rs} reference ({first})/{rs} reference ({first})"
            yield f"{rs} variant ({first})/{rs} variant ({first})"
        else:
            yield f"{rs} reference ({first})/{rs} variant ({second})"


def _phenotypes(resource: Resource) -> Iterator[str]:
    """Yield what an observation says of how the patient metabolises."""
    is_implication = any(c.code == _IMPLICATION for c in codings(resource.get("code")))
    for part in (resource, *mappings_of(resource.get("component"))):
        is_own = not _METABOLISM.isdisjoint(loinc_codes(part))
        is_within = is_implication and any(
            coding.code == _IMPLICATION for coding in codings(part.get("code"))
        )
        if is_own or is_within:
            texts = concept_texts(part.get("valueCodeableConcept"))
            yield from (t for t in texts[:1] if is_own or "metabolizer" in t.casefold())


def _contradicted(gene: str, part: str, value: str, told: Results, chart: Chart) -> Iterator[str]:
    """Yield phenotypes that do not follow from the diplotype which is used."""
    if part != "diplotype":
        return
    for _, phenotype in told.phenotypes[-_MOST_RESULTS:]:
        is_known = chart.words.knows_result(gene, None, phenotype)
        if is_known and not chart.words.knows_result(gene, value, phenotype):
            yield f"{gene} {phenotype}, which does not follow from {value}"
