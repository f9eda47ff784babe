"""Indications: which drug is used for which disease, merged from five resources.

Every row names the resource that it comes from; how it was made there decides the knowledge level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel

NAME = "indications"
FILE = "indications-verbose.tsv.gz"
TREATS = "biolink:treats_or_applied_or_studied_to_treat"
"""The widest of Biolink's words for treatment: some of these rows are mined."""

_ASSERTED = KnowledgeLevel.KNOWLEDGE_ASSERTION.value
RESOURCES = {
    "medi_hps": (_ASSERTED, AgentType.TEXT_MINING_AGENT.value),
    "medi_lps": (_ASSERTED, AgentType.TEXT_MINING_AGENT.value),
    "predict": (_ASSERTED, AgentType.NOT_PROVIDED.value),
    "labeledin": (_ASSERTED, AgentType.MANUAL_AGENT.value),
    "ehrlink": (
        KnowledgeLevel.STATISTICAL_ASSOCIATION.value,
        AgentType.DATA_ANALYSIS_PIPELINE.value,
    ),
}
"""What a row of each resource is worth; `medi_hps` is MEDI's subset of high precision."""


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the drugs, the diseases, and an edge per drug, disease and resource."""
    path = files[FILE]
    columns = ("doid_code", "drugbank_id", "resource", "drugbank_name", "doid_name")
    rows = read_table(NAME, path, columns)
    for column, pattern in (
        ("doid_code", r"DOID:\d+"),
        ("drugbank_id", r"DB\d{5}"),
        ("resource", "|".join(RESOURCES)),
    ):
        wrong = ~rows[column].str.fullmatch(pattern)
        if wrong.any():
            place = int(wrong.to_numpy().argmax())
            reason = f"{column} is {rows[column].iloc[place]!r}"
            raise MalformedSource(NAME, path.name, reason, place + 2)
    drugs = ("DRUGBANK:" + rows["drugbank_id"], rows["drugbank_name"], Category.DRUG)
    diseases = (rows["doid_code"], rows["doid_name"], Category.DISEASE)
    for curies, names, category in (drugs, diseases):
        nodes = pd.DataFrame({"id": curies, "name": names, "category": category.value})
        yield Chunk.of(ChunkKind.NODES, nodes.drop_duplicates(ignore_index=True))
    yield _uses(rows)


INDICATIONS = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:hetionet",
        homepage="https://github.com/dhimmel/indications",
        citation="Disease indications merged from MEDI, LabeledIn, PREDICT and ehrlink "
        "for Project Rephetio (dhimmel/indications)",
    ),
    files=(FILE,),
    read=read,
)


def _uses(rows: pd.DataFrame) -> Chunk:
    worth = rows["resource"].map(RESOURCES)
    frame = pd.DataFrame(
        {
            "subject": "DRUGBANK:" + rows["drugbank_id"],
            "predicate": TREATS,
            "object": rows["doid_code"],
            "knowledge_level": worth.str[0],
            "agent_type": worth.str[1],
            "statement": rows["resource"] + "/" + rows["drugbank_id"] + "/" + rows["doid_code"],
            "reference": rows["resource"],
            "file": FILE,
        }
    )
    return Chunk.of(ChunkKind.EDGES, frame)
