"""The sample of the source pypgx as a graph, with room for a few more edges."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from kg.graph import KnowledgeGraph
from kg.model import edge_id
from kg.sources.base import Chunk, ChunkKind
from kg.sources.pypgx import PYPGX
from kg.tables import EDGE_COLUMNS, EVIDENCE_COLUMNS, NODE_COLUMNS, Tables
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

SAMPLE = Path(__file__).parents[1] / "samples" / "pypgx"


def chunks_of(folder: Path) -> dict[ChunkKind, Chunk]:
    """Nodes and edges that the source reads from a folder."""
    return {chunk.kind: chunk for chunk in PYPGX.read({f: folder / f for f in PYPGX.files})}


def stated_edge(
    subject: str, predicate: Predicate, target: str, qualifiers: str = "", recommendation: str = ""
) -> dict[str, str]:
    """One edge as a source would state it."""
    return {
        "subject": subject,
        "predicate": predicate.value,
        "object": target,
        "qualifiers": qualifiers,
        "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
        "agent_type": AgentType.MANUAL_AGENT.value,
        "recommendation": recommendation,
    }


def graph_of(
    folder: Path = SAMPLE,
    edges: Iterable[dict[str, str]] = (),
    nodes: Iterable[tuple[str, Category, str]] = (),
) -> KnowledgeGraph:
    """The graph of a folder of raw files, with more edges and nodes beside."""
    chunks = chunks_of(folder)
    more = Chunk.of(ChunkKind.EDGES, pd.DataFrame([*edges]))
    named = Chunk.of(ChunkKind.NODES, pd.DataFrame(_node_rows(nodes)))
    stated = pd.concat([chunks[ChunkKind.EDGES].frame, more.frame], ignore_index=True)
    ends = stated[["subject", "predicate", "object", "qualifiers"]].itertuples(index=False)
    stated["id"] = [edge_id(*row) for row in ends]
    evidence = stated.rename(columns={"id": "edge_id"}).assign(
        source=PYPGX.info.infores, primary=True
    )
    everything = pd.concat([chunks[ChunkKind.NODES].frame, named.frame], ignore_index=True)
    return KnowledgeGraph(
        "sample",
        Tables(
            everything.reindex(columns=list(NODE_COLUMNS), fill_value=""),
            stated.reindex(columns=list(EDGE_COLUMNS)),
            evidence.reindex(columns=list(EVIDENCE_COLUMNS), fill_value=""),
        ),
        (),
    )


def _node_rows(nodes: Iterable[tuple[str, Category, str]]) -> list[dict[str, str]]:
    return [{"id": curie, "category": kind.value, "name": name} for curie, kind, name in nodes]
