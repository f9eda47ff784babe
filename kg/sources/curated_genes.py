"""The project's own advice on genes and drugs, where the loaded guidelines have none.

Two tables: ``gene_recommendations.tsv`` (a drug, what a gene of the patient does, what to do then,
how bad it is to pass over it) and ``gene_genotypes.tsv`` (which diplotype a guideline calls what,
for a gene that no other source gives phenotypes of).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import pandas as pd

from kg.model import Severity
from kg.sources.base import Chunk, ChunkKind, MalformedSource
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

RECOMMENDATIONS, GENOTYPES = "gene_recommendations.tsv", "gene_genotypes.tsv"
TABLES: Mapping[str, tuple[str, ...]] = {
    RECOMMENDATIONS: ("drug_id", "drug", "gene", "phenotype", "recommendation", "severity"),
    GENOTYPES: ("gene", "diplotype", "phenotype"),
}
"""What each table must have in its header, beside ``reference``."""

_PMID = re.compile(r"\bPMID:\d+")


def gene_chunks(tables: Mapping[str, pd.DataFrame], titles: Mapping[str, str]) -> Iterator[Chunk]:
    """Yield nodes and edges of the tables, by name; ``titles`` gives the text of each reference.

    The edges are like those of the source pypgx, with the severity of the row in the evidence.

    Raises:
        MalformedSource: A severity is not one, or a reference is not listed.
    """
    advice, genotypes = tables[RECOMMENDATIONS], tables[GENOTYPES]
    unknown = sorted(set(advice["severity"]) - set(Severity))
    if unknown:
        raise MalformedSource("curated", RECOMMENDATIONS, f"no such severity: {unknown}")
    yield _nodes(advice, genotypes)
    yield _edges(
        advice,
        Predicate.AFFECTS_RESPONSE_TO,
        object=advice["drug_id"],
        qualifiers="phenotype=" + advice["phenotype"],
        severity=advice["severity"],
        condition=advice["gene"] + " " + advice["phenotype"],
        recommendation=advice["recommendation"],
        statement="gene_recommendations/" + _joined(advice, "drug", "gene", "phenotype"),
        **_cited(advice, titles, RECOMMENDATIONS),
    )
    yield _edges(
        genotypes,
        Predicate.HAS_PHENOTYPE_RULE,
        object=_phenotype_ids(genotypes),
        qualifiers="diplotype=" + genotypes["diplotype"] + "|phenotype=" + genotypes["phenotype"],
        statement="gene_genotypes/" + _joined(genotypes, "gene", "diplotype"),
        **_cited(genotypes, titles, GENOTYPES),
    )


def _nodes(advice: pd.DataFrame, genotypes: pd.DataFrame) -> Chunk:
    drugs = advice.rename(columns={"drug_id": "id", "drug": "name"})[["id", "name"]]
    phenotypes = pd.DataFrame(
        {"id": _phenotype_ids(genotypes), "name": _joined(genotypes, "gene", "phenotype")}
    )
    symbols = pd.Series(sorted({*advice["gene"], *genotypes["gene"]}), dtype=str)
    genes = pd.DataFrame({"id": "HGNC.SYMBOL:" + symbols, "name": symbols})
    nodes = [
        drugs.assign(category=Category.DRUG.value),
        genes.assign(category=Category.GENE.value),
        phenotypes.assign(category=Category.PHENOTYPE.value),
    ]
    return Chunk.of(ChunkKind.NODES, pd.concat(nodes).drop_duplicates())


def _edges(rows: pd.DataFrame, predicate: Predicate, **columns: object) -> Chunk:
    subjects = "HGNC.SYMBOL:" + rows["gene"]
    frame = pd.DataFrame({"subject": subjects, "predicate": predicate.value, **columns})
    return Chunk.of(ChunkKind.EDGES, frame)


def _cited(rows: pd.DataFrame, titles: Mapping[str, str], file: str) -> dict[str, object]:
    cells = rows["reference"].str.split("|")
    unknown = sorted({reference for cell in cells for reference in cell} - set(titles))
    if unknown:
        reason = f"references that references.tsv does not list: {unknown}"
        raise MalformedSource("curated", file, reason)
    texts = cells.map(lambda cell: "; ".join(titles[reference] for reference in cell))
    return {
        "reference": rows["reference"],
        "text": texts,
        "publications": texts.map(lambda text: "|".join(sorted({*_PMID.findall(text)}))),
        "file": file,
        "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
        "agent_type": AgentType.MANUAL_AGENT.value,
    }


def _phenotype_ids(rows: pd.DataFrame) -> pd.Series[str]:
    phenotypes = rows["phenotype"].map(lambda phenotype: quote(phenotype, safe=""))
    return "coprescribe:phenotype/" + rows["gene"] + "/" + phenotypes


def _joined(rows: pd.DataFrame, first: str, *more: str) -> pd.Series[str]:
    text = rows[first]
    for column in more:
        text = text + " " + rows[column]
    return text
