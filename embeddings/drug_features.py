"""What a graph knows of single drugs: fixed features, and the mechanism that links them.

The single-drug effects are knowledge from after a drug was marketed; what it acts on is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from embeddings.triples import IntArray
from kg.graph import KnowledgeGraph
from ontologies.vocabulary import Category, Predicate

DIMENSIONS = 128
"""Features that are kept, those along which drugs differ most."""
KINDS = ("effects", "targets")
LEAST_DRUGS = 20
"""An effect that is reported of fewer drugs alone is not learned of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Mechanism:
    """Triples (head, relation, tail) over nodes, the drugs first in their own order."""

    triples: IntArray
    n_nodes: int
    n_relations: int


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """What a model may know of drugs beside the facts of pairs; nothing unless it is given.

    ``own`` is (drugs, own effects): 1 where the effect is reported of the drug alone.
    """

    features: npt.NDArray[np.float32] | None = None
    mechanism: Mechanism | None = None
    own: npt.NDArray[np.float32] | None = None


NOTHING = Knowledge()


def own_effects_of(graph: KnowledgeGraph, drugs: tuple[str, ...]) -> npt.NDArray[np.float32]:
    """Tell which effects are reported of which drug alone: (drugs, effects), 0 and 1."""
    edges = graph.tables.edges
    reported = edges[edges["predicate"] == Predicate.CO_REPORTED.value]
    return crossed(reported["subject"], reported["object"], drugs)


def crossed(
    subjects: Iterable[str], objects: Iterable[str], drugs: tuple[str, ...]
) -> npt.NDArray[np.float32]:
    """Cross drugs with what at least ``LEAST_DRUGS`` of them are linked to: 1 where a link is."""
    rows = pd.Index(drugs).get_indexer(pd.Index(list(subjects)))
    names, columns = np.unique(np.asarray(list(objects), dtype=str), return_inverse=True)
    table = np.zeros((len(drugs), len(names)), dtype=np.float32)
    table[rows[rows >= 0], columns[rows >= 0]] = 1.0
    return table[:, table.sum(axis=0) >= LEAST_DRUGS]


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


def features_of(
    graph: KnowledgeGraph, drugs: tuple[str, ...], kinds: Iterable[str]
) -> npt.NDArray[np.float32]:
    """Describe drugs by the kinds of ``KINDS``: (drugs, at most ``DIMENSIONS``).

    A drug of which the graph knows nothing of the kind has only zeros.
    """
    edges = graph.tables.edges
    own = edges.loc[edges["subject"].isin(drugs), ["subject", "predicate", "object"]]
    links = pd.concat([_links(graph, own, kind) for kind in kinds], ignore_index=True)
    return reduced(links["subject"], links["object"], drugs)


def reduced(
    subjects: Iterable[str], objects: Iterable[str], drugs: tuple[str, ...]
) -> npt.NDArray[np.float32]:
    """Reduce links of drugs to their principal features, each of unit variance or less.

    A rarer object weighs more, by the logarithm of drugs over its drugs; each drug has length 1.
    """
    place = {drug: number for number, drug in enumerate(drugs)}
    rows = np.array([place[subject] for subject in subjects], dtype=np.int64)
    names, columns = np.unique(np.asarray(list(objects), dtype=str), return_inverse=True)
    table = np.zeros((len(drugs), len(names)))
    table[rows, columns] = 1.0
    table *= np.log(len(drugs) / np.maximum(table.sum(axis=0), 1.0))
    length = np.linalg.norm(table, axis=1, keepdims=True)
    table /= np.where(length > 0.0, length, 1.0)
    known = length[:, 0] > 0.0
    table[known] -= table[known].mean(axis=0)
    values, vectors = np.linalg.eigh(table @ table.T)
    best = np.argsort(-values)[:DIMENSIONS]
    best = best[values[best] > 1e-9]
    scores: npt.NDArray[np.float64] = vectors[:, best] * np.sqrt(values[best])
    # The sign of an axis is free: its largest number is positive, so that runs agree.
    largest = np.abs(scores).argmax(axis=0)
    scores *= np.where(scores[largest, np.arange(len(best))] < 0.0, -1.0, 1.0)
    spread = scores[:, :1].std() if len(best) else 1.0
    return (scores / (spread or 1.0)).astype(np.float32)


def _links(graph: KnowledgeGraph, own: pd.DataFrame, kind: str) -> pd.DataFrame:
    if kind == "effects":
        return own[own["predicate"] == Predicate.CO_REPORTED.value]
    nodes = graph.tables.nodes
    genes = nodes.loc[nodes["category"] == Category.GENE.value, "id"]
    return own[own["object"].isin(genes)]
