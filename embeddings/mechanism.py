"""What a graph knows of single drugs beside their pairs: the mechanism that links them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from embeddings.triples import IntArray
from kg.graph import KnowledgeGraph


@dataclass(frozen=True, slots=True, eq=False)
class Mechanism:
    """Triples (head, relation, tail) over nodes, the drugs first in their own order."""

    triples: IntArray
    n_nodes: int
    n_relations: int


def mechanism_of(graph: KnowledgeGraph, drugs: tuple[str, ...]) -> Mechanism:
    """Collect what the graph states of drugs, and of genes they meet among each other.

    Effects of pairs and links between drugs are left out: what is to be learned is not given away.
    """
    edges = graph.tables.edges[["subject", "predicate", "object"]]
    of_drug = edges["subject"].isin(drugs) & ~edges["object"].isin(drugs)
    near = edges.loc[of_drug, "object"].unique()
    between = edges["subject"].isin(near) & edges["object"].isin(near)
    kept = edges[of_drug | between]
    return linked(kept["subject"], kept["predicate"], kept["object"], drugs)


def linked(
    heads: Iterable[str], relations: Iterable[str], tails: Iterable[str], drugs: tuple[str, ...]
) -> Mechanism:
    """Number the ends and relations of triples, the drugs first."""
    frame = pd.DataFrame({"h": list(heads), "r": list(relations), "t": list(tails)}, dtype=str)
    others = np.setdiff1d(pd.unique(frame[["h", "t"]].to_numpy().ravel()), np.asarray(drugs))
    nodes = pd.Index([*drugs, *others.tolist()])
    names = pd.Index(sorted(set(frame["r"])))
    head, relation, tail = (
        index.get_indexer(pd.Index(frame[column]))
        for column, index in (("h", nodes), ("r", names), ("t", nodes))
    )
    triples = np.column_stack((head, relation, tail)).astype(np.int64)
    return Mechanism(np.unique(triples, axis=0), len(nodes), len(names))
