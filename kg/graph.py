"""A read-only graph over the tables: what is said of a node, of a pair of drugs, and by whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kg.model import Edge, Node, SourceRelease, pair_id
from kg.serving.columns import Texts, cells, code_of, integers, numbers
from kg.serving.coverage import covered_ends
from kg.serving.ends import EdgesByEnd, curie_reader, finder
from kg.serving.files import Served, served
from kg.serving.index import GraphIndex
from kg.serving.rows import edge_reader, node_reader
from kg.tables import EDGE_COLUMNS, Tables
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate

if TYPE_CHECKING:
    import networkx as nx
    import numpy.typing as npt

EDGES_KEPT = 16_384
"""How many edges stay as objects once they were asked for."""
NODES_KEPT = 4_096
"""How many nodes stay as objects once they were asked for."""
_SHOWN = ("id", "name", "category")
_CO_REPORTED = Predicate.CO_REPORTED.value


class UnknownNode(LookupError):
    """The graph has no node of that name."""

    def __init__(self, curie: Curie) -> None:
        super().__init__(f"the graph has no node {str(curie)!r}")
        self.curie = curie


class KnowledgeGraph:
    """The graph, indexed by node. Edges and nodes become objects only when asked for.

    Those that were asked for last are kept: some 40 MB at most of `full`, so that a process which
    serves for months does not grow. Many threads may ask at once.
    """

    def __init__(
        self, graph_id: str, held: Tables | Served, releases: Iterable[SourceRelease]
    ) -> None:
        self.id = graph_id
        self.releases = tuple(sorted(releases))
        self._served = held if isinstance(held, Served) else served(held)
        index = self._served.index
        self._find = finder(index.ends)
        self._find_pair = finder(index.ends, kept=0)
        self._node_rows = numbers(index.ends["node"])
        self._names = lru_cache(NODES_KEPT)(cells(index.nodes["name"], str))
        self._predicates = {
            name: code for code, name in enumerate(Texts(index.edges["predicate"].dictionary))
        }
        self._outgoing = EdgesByEnd(index.ends, index.edges, "outgoing")
        self._incoming = EdgesByEnd(index.ends, index.edges, "incoming")
        self._edge = lru_cache(EDGES_KEPT)(edge_reader(index))
        self._node = lru_cache(NODES_KEPT)(node_reader(index))

    @property
    def index(self) -> GraphIndex:
        """The graph as columns of integers, for whoever looks at all of it; not to be changed."""
        return self._served.index

    @cached_property
    def tables(self) -> Tables:
        """The tables of the graph; read from its folder when they are first asked for.

        Raises:
            DamagedTable: A table cannot be read.
        """
        return self._served.read_tables()

    @cached_property
    def _covered(self) -> npt.NDArray[np.bool_]:
        return covered_ends(self._served.index)

    def release(self, source: str) -> SourceRelease | None:
        """The release of a source in this graph, the latest where there are several."""
        return max((r for r in self.releases if r.source == source), default=None)

    def has(self, curie: Curie) -> bool:
        """Tell whether the graph has the node."""
        return self._node_row(curie) is not None

    def node(self, curie: Curie) -> Node:
        """Return a node.

        Raises:
            UnknownNode: The graph does not have it.
        """
        row = self._node_row(curie)
        if row is None:
            raise UnknownNode(curie)
        return self._node(row)

    def name(self, curie: Curie) -> str:
        """Name of a node, or the CURIE itself where the graph has no such node."""
        row = self._node_row(curie)
        return str(curie) if row is None else self._names(row)

    def nodes(self, category: Category | None = None) -> Iterator[Node]:
        """Yield nodes, of one category or all, in the order of the table."""
        column = self._served.index.nodes["category"]
        if category is None:
            return map(self._node, range(len(column)))
        code = code_of(column, category.value)
        rows = () if code is None else (integers(column.indices) == code).nonzero()[0].tolist()
        return map(self._node, rows)

    def edges_from(self, subject: Curie, predicate: Predicate | None = None) -> tuple[Edge, ...]:
        """Edges that start at a node, with their evidence."""
        return self._select(self._outgoing, self._find(str(subject)), predicate)

    def edges_to(self, target: Curie, predicate: Predicate | None = None) -> tuple[Edge, ...]:
        """Edges that end at a node, with their evidence."""
        return self._select(self._incoming, self._find(str(target)), predicate)

    def subjects(self, predicate: Predicate) -> tuple[Curie, ...]:
        """Where edges with a predicate start: each once, in the order of the table of nodes."""
        edges = self._served.index.edges
        code = code_of(edges["predicate"], predicate.value)
        if code is None:
            return ()
        says = integers(edges["predicate"].indices) == code
        starts = np.unique(integers(edges["subject"])[says])
        return tuple(map(curie_reader(self._served.index.ends), starts.tolist()))

    def edge_at(self, row: int) -> Edge:
        """The edge in a row of :attr:`index`, with its evidence."""
        return self._edge(row)

    def place(self, curie: Curie) -> int | None:
        """The place of a node among the ends of :attr:`index`; ``None`` where it is none."""
        return self._find(str(curie))

    def pair_edges(self, first: Curie, second: Curie) -> tuple[Edge, ...]:
        """What is stated of two drugs together: edges from their pair node to effects."""
        pair = pair_id(str(first), str(second))
        # Not kept: there are millions, and the drugs and effects themselves would be forgotten.
        return self._select(self._outgoing, self._find_pair(pair), Predicate.CONTRIBUTES_TO)

    def count_to(self, target: Curie, predicate: Predicate) -> int:
        """Count the edges with a predicate that end at a node, without reading them."""
        end, code = self._find(str(target)), self._predicates.get(predicate.value)
        return 0 if end is None or code is None else len(self._incoming.rows_with(end, code))

    def covers(self, drug: Curie) -> bool:
        """Tell whether a source says how a drug interacts: a pair, a liability, a graded role."""
        end = self._find(str(drug))
        return end is not None and bool(self._covered[end])

    def to_networkx(
        self, *, co_reported: bool = False, predicates: Collection[Predicate] | None = None
    ) -> nx.MultiDiGraph[str]:
        """Return the graph for path work: nodes by CURIE, edges keyed by their id.

        Drug pairs stand as nodes between their drugs and their effects. Co-reported effects, which
        are many and weak, come only on request.

        Args:
            co_reported: Whether co-reported effects come too.
            predicates: Only edges with these, and only the nodes at their ends; all when left out,
                which takes 3 GB for `full`.
        """
        # Imported here because serving, which starts often, never asks for it.
        import networkx as nx

        view: nx.MultiDiGraph[str] = nx.MultiDiGraph(graph_id=self.id)
        edges, nodes = self.tables.edges, self.tables.nodes
        if predicates is not None:
            wanted = {predicate.value for predicate in predicates}
            edges = edges[edges["predicate"].isin(wanted)]
            ends = pd.concat([edges[end].astype(str) for end in ("subject", "object")])
            nodes = nodes[nodes["id"].astype(str).isin(ends)]
        for curie, name, category in zip(*(nodes[n] for n in _SHOWN), strict=True):
            view.add_node(curie, name=name, category=category)
        columns = (edges[name] for name in EDGE_COLUMNS)
        is_asked = co_reported or (predicates is not None and Predicate.CO_REPORTED in predicates)
        for edge_id, subject, predicate, target, qualifiers in zip(*columns, strict=True):
            if predicate != _CO_REPORTED or is_asked:
                view.add_edge(
                    subject, target, key=edge_id, predicate=predicate, qualifiers=qualifiers
                )
        return view

    def _node_row(self, curie: Curie) -> int | None:
        end = self._find(str(curie))
        row = -1 if end is None else self._node_rows[end]
        return None if row < 0 else row

    def _select(
        self, edges: EdgesByEnd, end: int | None, predicate: Predicate | None
    ) -> tuple[Edge, ...]:
        if end is None:
            return ()
        if predicate is None:
            return tuple(map(self._edge, edges.rows(end)))
        code = self._predicates.get(predicate.value)
        return () if code is None else tuple(map(self._edge, edges.rows_with(end, code)))


def edges_frame(graph: KnowledgeGraph, predicate: Predicate) -> pd.DataFrame:
    """Columns ``id subject predicate object qualifiers`` of all edges with one predicate."""
    edges = graph.tables.edges
    return edges[edges["predicate"] == predicate.value]
