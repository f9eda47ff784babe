"""DGIdb: links of drugs and genes gathered from many sources, and groups of druggable genes.

A link whose kind is stated is an ``affects`` edge with that kind as ``action``; any other only
says that the two interact. Most links speak of binding in a test tube, so none has a ``role``:
none says how another drug is handled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table, read_text
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "dgidb"
GENE_CLASS = "coprescribe:GeneClass"
"""A group of genes that a source names, as a class of drugs is one of drugs."""
INTERACTS = "biolink:interacts_with"
"""A drug and a gene whose kind of link no source states."""
NOT_PROVIDED = "not_provided"
"""Biolink's knowledge level where the source does not say how it knows."""

_CATEGORIES, _DRUGS = "categories.tsv.gz", "drugs.tsv.gz"
_GENES, _LINKS = "genes.tsv.xz", "interactions.tsv.gz"
_PREFIXES = {"chembl": "CHEMBL.COMPOUND", "wikidata": "WIKIDATA"}
_UNEXPLAINED = frozenset({"DTC", "NCI"})
"""Gathered from measurements and from texts by machine; every other source is written by hand."""
_LINK_COLUMNS = (
    "gene_name", "entrez_id", "interaction_claim_source", "interaction_types",
    "drug_claim_name", "drug_name", "drug_concept_id", "PMIDs",
)  # fmt: skip
_KNOWN_CUT = "ESR1\t2099"
"""The copy of the links in circulation ends within this line; a file cut elsewhere is refused."""
_ID_NAMES = r"CHEMBL\d+"


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield drugs, genes and groups of genes, then links and memberships."""
    links = _read_links(files[_LINKS])
    links = links[(links["entrez_id"] != "") & (links["drug_concept_id"] != "")]
    drugs = read_table(NAME, files[_DRUGS], ("drug_name", "concept_id"))
    claims = read_table(NAME, files[_GENES], ("gene_name", "entrez_id"))
    groups = read_table(
        NAME, files[_CATEGORIES], ("entrez_gene_symbol", "category_sources", "category")
    )
    numbers = claims[claims["entrez_id"] != ""].drop_duplicates("gene_name")
    number_of = numbers.set_index("gene_name")["entrez_id"]
    members = groups.assign(entrez_id=groups["entrez_gene_symbol"].map(number_of))
    members = members.dropna(subset=["entrez_id"])
    yield _drug_nodes(links, drugs)
    yield _gene_nodes(links, members)
    yield _group_nodes(members)
    yield _links(links)
    yield _memberships(members)


DGIDB = Source(
    SourceInfo(
        NAME,
        "infores:dgidb",
        "https://www.dgidb.org",
        "DGIdb, the Drug Gene Interaction Database: tables of 2021-2022",
    ),
    (_CATEGORIES, _DRUGS, _GENES, _LINKS),
    read,
)


def _read_links(path: Path) -> pd.DataFrame:
    """Read the links without the line in which the copy in circulation breaks off."""
    text = read_text(NAME, path)
    if text.endswith("\n" + _KNOWN_CUT):
        text = text.removesuffix(_KNOWN_CUT)
    if not text.endswith("\n"):
        raise MalformedSource(NAME, path.name, "is empty or its last line is cut short")
    header, *rows = [line.split("\t") for line in text.split("\n")[:-1]]
    missing = [column for column in _LINK_COLUMNS if column not in header]
    if missing:
        raise MalformedSource(NAME, path.name, f"columns {missing} are missing; found {header}")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            reason = f"has {len(row)} cells where the header has {len(header)}"
            raise MalformedSource(NAME, path.name, reason, number)
    return pd.DataFrame(rows, columns=header, dtype=str)[list(_LINK_COLUMNS)]


def _drug_curies(concepts: pd.Series[str], file: str) -> pd.Series[str]:
    parts = concepts.str.partition(":")
    prefix = parts[0].map(_PREFIXES)
    if prefix.isna().any():
        name = concepts[prefix.isna()].iloc[0]
        raise MalformedSource(NAME, file, f"unknown kind of drug identifier {name!r}")
    return prefix + ":" + parts[2]


def _drug_nodes(links: pd.DataFrame, drugs: pd.DataFrame) -> Chunk:
    """Name the drugs; two identifiers of one vocabulary under one name are told apart."""
    used = links[["drug_name", "drug_concept_id"]].set_axis(["drug_name", "concept_id"], axis=1)
    named = drugs[(drugs["concept_id"] != "") & ~drugs["drug_name"].str.fullmatch(_ID_NAMES)]
    rows = pd.concat([used, named[["drug_name", "concept_id"]]]).drop_duplicates("concept_id")
    curies = _drug_curies(rows["concept_id"], _DRUGS)
    names = rows["drug_name"].where(
        rows["drug_name"].str.fullmatch(_ID_NAMES), rows["drug_name"].str.lower()
    )
    shared = pd.DataFrame({"name": names, "kind": curies.str.partition(":")[0]}).duplicated(
        keep=False
    )
    names = names.where(~shared, names + " (" + curies.str.partition(":")[2] + ")")
    nodes = pd.DataFrame({"id": curies, "name": names, "category": Category.DRUG.value})
    return Chunk.of(ChunkKind.NODES, nodes)


def _gene_nodes(links: pd.DataFrame, members: pd.DataFrame) -> Chunk:
    used = members[["entrez_id", "entrez_gene_symbol"]].set_axis(["entrez_id", "gene_name"], axis=1)
    rows = pd.concat([links[["entrez_id", "gene_name"]], used]).drop_duplicates("entrez_id")
    nodes = pd.DataFrame({"id": "NCBIGene:" + rows["entrez_id"], "name": rows["gene_name"]})
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.GENE.value))


def _group_curies(names: pd.Series[str]) -> pd.Series[str]:
    return "DGIDB.CATEGORY:" + names.str.lower().str.replace(r"[^a-z0-9]+", "-", regex=True)


def _group_nodes(members: pd.DataFrame) -> Chunk:
    names = members["category"].drop_duplicates().sort_values()
    nodes = pd.DataFrame({"id": _group_curies(names), "name": names.str.lower()})
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=GENE_CLASS))


def _links(links: pd.DataFrame) -> Chunk:
    rows = links.assign(action=links["interaction_types"].str.split(",")).explode("action")
    rows = rows.reset_index(drop=True)
    typed = rows["action"] != ""
    by_hand = ~rows["interaction_claim_source"].isin(_UNEXPLAINED)
    papers = "PMID:" + rows["PMIDs"].str.replace(",", "|PMID:", regex=False)
    edges = pd.DataFrame(
        {
            "subject": _drug_curies(rows["drug_concept_id"], _LINKS),
            "predicate": typed.map(
                {True: Predicate.AFFECTS.value, False: INTERACTS}
            ),
            "object": "NCBIGene:" + rows["entrez_id"],
            "qualifiers": ("action=" + rows["action"]).where(typed, ""),
            "knowledge_level": by_hand.map(
                {True: KnowledgeLevel.KNOWLEDGE_ASSERTION.value, False: NOT_PROVIDED}
            ),
            "agent_type": by_hand.map(
                {True: AgentType.MANUAL_AGENT.value, False: AgentType.NOT_PROVIDED.value}
            ),
            "text": rows["interaction_claim_source"] + ": " + rows["drug_claim_name"] + ", "
            + rows["gene_name"],
            "statement": "interactions/" + rows["interaction_claim_source"] + "/"
            + rows["entrez_id"] + "/" + rows["drug_concept_id"],
            "publications": papers.where(rows["PMIDs"] != "", ""),
            "file": _LINKS,
        }
    )  # fmt: skip
    return Chunk.of(ChunkKind.EDGES, edges)


def _memberships(members: pd.DataFrame) -> Chunk:
    edges = pd.DataFrame(
        {
            "subject": "NCBIGene:" + members["entrez_id"],
            "predicate": Predicate.SUBCLASS_OF.value,
            "object": _group_curies(members["category"]),
            "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
            "agent_type": AgentType.NOT_PROVIDED.value,
            "text": "listed by " + members["category_sources"].str.replace(",", ", ", regex=False),
            "statement": "categories/" + members["entrez_id"] + "/" + members["category"],
            "file": _CATEGORIES,
        }
    )
    return Chunk.of(ChunkKind.EDGES, edges)
