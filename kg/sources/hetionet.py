"""Hetionet 1.0: compounds, genes, diseases, side effects, symptoms and classes, and their links.

Anatomy, pathways and gene ontology terms are left out, with all links to them: nothing in a
screening asks for them. So are the links that rest on expression alone (up- and downregulation).
Hetionet gives no evidence beside a link in this form; what kind of link it is tells how it arose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_large import Rows, read_rows
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "hetionet"
NODES, EDGES = "hetionet-v1.0-nodes.tsv", "hetionet-v1.0-edges.sif.gz"

_KINDS = {
    "Compound": ("DRUGBANK:", Category.DRUG),
    "Gene": ("NCBIGene:", Category.GENE),
    "Disease": ("", Category.DISEASE),
    "Side Effect": ("UMLS:", Category.PHENOTYPIC_FEATURE),
    "Symptom": ("MESH:", Category.PHENOTYPIC_FEATURE),
    "Pharmacologic Class": ("NDFRT:", Category.DRUG_CLASS),
}
"""Prefix and category by kind; the number of a disease brings its prefix along."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a kind of link says; ``turned`` where Hetionet writes it from the other side."""

    predicate: Predicate
    agent: AgentType
    qualifiers: str = ""
    level: KnowledgeLevel = KnowledgeLevel.KNOWLEDGE_ASSERTION
    turned: bool = False


_MINED, _MANUAL = AgentType.TEXT_MINING_AGENT, AgentType.MANUAL_AGENT
_COMPUTED = AgentType.DATA_ANALYSIS_PIPELINE
_UNSAID, _LEVEL_UNSAID = AgentType.NOT_PROVIDED, KnowledgeLevel.NOT_PROVIDED
_STATISTICAL = KnowledgeLevel.STATISTICAL_ASSOCIATION
_MEANINGS = {
    "CbG": _Meaning(Predicate.DIRECTLY_INTERACTS_WITH, _MANUAL),
    "CcSE": _Meaning(Predicate.CO_REPORTED, _MINED),
    "CpD": _Meaning(Predicate.TREATS, _MANUAL, "purpose=symptomatic"),
    "CtD": _Meaning(Predicate.TREATS, _MANUAL, "purpose=disease_modifying"),
    "CrC": _Meaning(Predicate.RELATED_TO, _COMPUTED, "relation=resembles", _STATISTICAL),
    "DaG": _Meaning(Predicate.RELATED_TO, _UNSAID, "relation=associates", _LEVEL_UNSAID),
    "DpS": _Meaning(Predicate.RELATED_TO, _MINED, "relation=presents", _STATISTICAL),
    "DrD": _Meaning(Predicate.RELATED_TO, _MINED, "relation=resembles", _STATISTICAL),
    "GiG": _Meaning(Predicate.PHYSICALLY_INTERACTS_WITH, _UNSAID),
    "PCiC": _Meaning(Predicate.SUBCLASS_OF, _MANUAL, turned=True),
}
_LEFT_OUT = frozenset(
    {"AdG", "AeG", "AuG", "CdG", "CuG", "DdG", "DlA", "DuG", "GcG", "GpBP", "GpCC", "GpMF"}
    | {"GpPW", "Gr>G"}
)


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the nodes of the kinds in use, then the links among them, kind by kind."""
    nodes = read_rows(NAME, files[NODES], ("id", "name", "kind"), "\t").frame()
    kept = nodes[nodes["kind"].isin(_KINDS)]
    curies = dict(zip(kept["id"], map(_curie, kept["id"], kept["kind"]), strict=True))
    category = {kind: meant.value for kind, (_, meant) in _KINDS.items()}
    frame = pd.DataFrame(
        {"id": kept["id"].map(curies), "name": kept["name"], "category": kept["kind"].map(category)}
    )
    yield Chunk.of(ChunkKind.NODES, frame)
    rows = read_rows(NAME, files[EDGES], ("source", "metaedge", "target"), "\t")
    rows.check("metaedge", "|".join((*_MEANINGS, *sorted(_LEFT_OUT))))
    for part in rows.chunks():
        yield Chunk.of(ChunkKind.EDGES, _links(part, curies))


HETIONET = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:hetionet",
        homepage="https://het.io",
        citation="Himmelstein et al. Systematic integration of biomedical knowledge prioritizes "
        "drugs for repurposing. eLife 2017, doi:10.7554/eLife.26726; Hetionet 1.0",
    ),
    files=(NODES, EDGES),
    read=read,
)


def _curie(identifier: str, kind: str) -> str:
    head, _, number = identifier.partition("::")
    if head != kind or not number:
        raise MalformedSource(NAME, NODES, f"{identifier!r} is no identifier of the kind {kind!r}")
    return _KINDS[kind][0] + number


def _links(rows: Rows, curies: Mapping[str, str]) -> pd.DataFrame:
    frame = rows.frame()
    frame = frame[frame["metaedge"].isin(_MEANINGS)]
    ends = pd.DataFrame({end: frame[end].map(dict(curies)) for end in ("source", "target")})
    unknown = ends.isna().any(axis="columns")
    if unknown.any():
        place = int(frame.index[int(unknown.to_numpy().argmax())])
        reason = f"an end of {[*frame.loc[place]]} is no node"
        raise MalformedSource(NAME, EDGES, reason, place + rows.first)
    meant = frame["metaedge"].map(_MEANINGS)
    turned = meant.map(lambda meaning: meaning.turned).astype(bool)
    return pd.DataFrame(
        {
            "subject": ends["source"].mask(turned, ends["target"]),
            "predicate": meant.map(lambda meaning: meaning.predicate.value),
            "object": ends["target"].mask(turned, ends["source"]),
            "qualifiers": meant.map(lambda meaning: meaning.qualifiers),
            "knowledge_level": meant.map(lambda meaning: meaning.level.value),
            "agent_type": meant.map(lambda meaning: meaning.agent.value),
            "statement": "metaedge " + frame["metaedge"],
            "file": EDGES,
        }
    )
