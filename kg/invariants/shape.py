"""Invariants of nodes and edges: ends, directions, names, hierarchies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from kg.invariants.problem import Problem, listed
from kg.model import edge_id
from kg.tables import Tables, joined, split
from ontologies.vocabulary import SYMMETRIC, Category, Predicate

Codes = npt.NDArray[np.intp]
NAMED = frozenset(
    {
        Category.DRUG,
        Category.SMALL_MOLECULE,
        Category.CHEMICAL_ENTITY,
        Category.GENE,
        Category.PHENOTYPIC_FEATURE,
        Category.DISEASE,
        Category.DRUG_CLASS,
    }
)
"""Categories whose things are shown to a reader, and so want a name of their own."""


def dangling_ends(tables: Tables) -> list[Problem]:
    """Every end of an edge is a node."""
    ends = {*tables.edges["subject"].tolist(), *tables.edges["object"].tolist()}
    missing = sorted(ends.difference(tables.nodes["id"].tolist()))
    return listed("dangling_ends", missing, "stands in an edge but is not a node")


def self_loops(tables: Tables) -> list[Problem]:
    """No edge leads from a node to itself."""
    loops = tables.edges.loc[tables.edges["subject"] == tables.edges["object"], "subject"]
    return listed("self_loops", sorted(set(loops)), "has an edge to itself")


def wrong_edge_ids(tables: Tables) -> list[Problem]:
    """The name of an edge is the digest of what it states, so that evidence can be walked back."""
    cells = tables.edges["qualifiers"]
    ordered = {cell: joined(sorted(split(cell))) for cell in cells.unique()}
    stated = (tables.edges[name].tolist() for name in ("subject", "predicate", "object"))
    names = map(edge_id, *stated, cells.map(ordered).tolist())
    wrong = [is_ for is_, due in zip(tables.edges["id"].tolist(), names, strict=True) if is_ != due]
    return listed("wrong_edge_ids", sorted(wrong), "is not the digest of what the edge states")


def symmetric_order(tables: Tables) -> list[Problem]:
    """The ends of a symmetric edge stand in one order."""
    symmetric = tables.edges["predicate"].isin([predicate.value for predicate in SYMMETRIC])
    rows = tables.edges[symmetric]
    wrong = rows.loc[rows["subject"] > rows["object"], "id"]
    return listed("symmetric_order", sorted(wrong), "has its ends the wrong way round")


def duplicate_names(tables: Tables) -> list[Problem]:
    """Two nodes with one CURIE, or two rows for one edge."""
    names = (frame["id"] for frame in (tables.nodes, tables.edges))
    twice = {name for column in names for name in column[column.duplicated()]}
    return listed("duplicate_names", sorted(twice), "stands twice")


def nameless_nodes(tables: Tables) -> list[Problem]:
    """A drug, gene, effect, condition or class has a name; not fatal, for a source may have none.

    A CURIE in the place of a name is none.
    """
    nodes = tables.nodes[tables.nodes["category"].isin(NAMED)]
    bare = (nodes["name"].str.strip() == "") | (nodes["name"] == nodes["id"])
    return listed("nameless_nodes", sorted(nodes.loc[bare, "id"]), "has no name", fatal=False)


def cyclic_hierarchies(tables: Tables) -> list[Problem]:
    """Nothing is, over some steps, a kind of itself; a cycle is named by all its members.

    Not fatal: where two sources see a salt and its base the other way round, both are kept.
    """
    rows = tables.edges[tables.edges["predicate"] == Predicate.SUBCLASS_OF.value]
    codes, names = pd.factorize(pd.concat([rows["subject"], rows["object"]]), sort=True)
    cycles = _cycles(codes.reshape(2, -1), len(names))
    told = [" is a kind of ".join(names[[*cycle, cycle[0]]]) for cycle in cycles]
    return listed("cyclic_hierarchies", sorted(told), "leads back to where it began", fatal=False)


def _within_cycles(links: Codes, size: int) -> Codes:
    """Take off, from above and from below, every link that no cycle can hold.

    ``links`` are two rows, the narrower ends and the wider ends, as numbers below ``size``.
    """
    before = -1
    while before != links.shape[1]:
        before = links.shape[1]
        for this, other in ((0, 1), (1, 0)):
            there = np.zeros(size, dtype=bool)
            there[links[this]] = True
            links = links[:, there[links[other]]]
    return links


def _cycles(links: Codes, size: int) -> Iterator[list[int]]:
    """Yield cycles that share no member, each from its least member on, until none is left."""
    links = _within_cycles(links, size)
    while links.shape[1]:
        # Of what is left, every member has a wider one, so that each way ends in a cycle.
        wider = dict(zip(*links.tolist(), strict=True))
        path = [min(wider)]
        while wider[path[-1]] not in path:
            path.append(wider[path[-1]])
        cycle = path[path.index(wider[path[-1]]) :]
        first = cycle.index(min(cycle))
        yield cycle[first:] + cycle[:first]
        links = _within_cycles(links[:, ~np.isin(links, cycle).any(axis=0)], size)
