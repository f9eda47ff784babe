"""Roles of drugs towards human proteins in DrugBank 4.2: target, enzyme, transporter, carrier.

The release states actions without strengths, so no edge here has one. A row without an action says
that drug and protein interact and no more. Proteins of other organisms are left out: they are
targets of anti-infectives and make no interaction in the patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "drugbank_proteins"
FILE = "proteins.tsv.gz"
UNSAID = "biolink:interacts_with"
"""What an edge says where the release names no action."""

_COLUMNS = (
    "drugbank_id", "category", "uniprot_id", "entrez_gene_id", "organism", "known_action",
    "actions", "pubmed_ids",
)  # fmt: skip
_CATEGORIES = ("target", "enzyme", "transporter", "carrier")
_FORMS = {
    "drugbank_id": r"DB\d{5}",
    "uniprot_id": r"([OPQ]\d[A-Z0-9]{3}\d|[A-NR-Z]\d([A-Z][A-Z0-9]{2}\d){1,2})",
    "entrez_gene_id": r"\d*",
    "category": "|".join(_CATEGORIES),
    "pubmed_ids": r"(\d+(\|\d+)*)?",
}
_SPELLINGS = {"other/unknown": "", "other": "", "unknown": "", "binding": "binder"}
"""Actions that name none, and one that the release writes in two ways."""


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the genes of the proteins, and one edge per drug, protein, category and action.

    A protein stands under the NCBI number of its gene, or under UniProt where none is given.
    """
    frame = read_table(NAME, files[FILE], _COLUMNS)
    for column, form in _FORMS.items():
        wrong = ~frame[column].str.fullmatch(form)
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            reason = f"{frame[column].iloc[row]!r} is not of the form of {column}"
            raise MalformedSource(NAME, FILE, reason, row + 2)
    human = frame[frame["organism"] == "Human"].copy()
    gene = human["entrez_gene_id"]
    human["object"] = ("NCBIGene:" + gene).where(gene != "", "UniProtKB:" + human["uniprot_id"])
    yield Chunk.of(ChunkKind.NODES, _genes(human))
    yield Chunk.of(ChunkKind.EDGES, _roles(human))


DRUGBANK_PROTEINS = Source(
    SourceInfo(
        NAME,
        "infores:drugbank",
        "https://github.com/dhimmel/drugbank",
        "DrugBank 4.2 as extracted by D. Himmelstein: proteins",
    ),
    (FILE,),
    read,
)


def _genes(human: pd.DataFrame) -> pd.DataFrame:
    """Give the genes without names: the release has no symbols, other sources do."""
    curies = human["object"].drop_duplicates().sort_values()
    return pd.DataFrame({"id": curies, "category": Category.GENE.value})


def _roles(human: pd.DataFrame) -> pd.DataFrame:
    actions = human.assign(action=human["actions"].str.lower().str.split("|")).explode("action")
    action = actions["action"].str.strip().replace(_SPELLINGS)
    predicate = action.map({"substrate": Predicate.SUBSTRATE_OF.value, "": UNSAID})
    role = ("|role=" + action.str.replace("[ ,]+", "_", regex=True)).where(predicate.isna(), "")
    known = actions["known_action"]
    said = "; pharmacological action: " + known.where(known != "unknown", "not known")
    kind = actions["category"]
    edges = pd.DataFrame(
        {
            "subject": "DRUGBANK:" + actions["drugbank_id"],
            "predicate": predicate.fillna(Predicate.AFFECTS.value),
            "object": actions["object"],
            "qualifiers": "category=" + kind + role,
            "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
            "agent_type": AgentType.MANUAL_AGENT.value,
            "statement": "proteins/" + actions["drugbank_id"] + "/" + actions["uniprot_id"],
            "text": kind + said.where(kind == "target", ""),
            "publications": _publications(actions["pubmed_ids"]),
            "file": FILE,
        }
    )
    return edges.drop_duplicates(ignore_index=True)


def _publications(cells: pd.Series[str]) -> pd.Series[str]:
    return cells.str.replace(r"(\d+)", r"PMID:\1", regex=True)
