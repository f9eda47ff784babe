"""A read-only graph over the tables: what is said of a node, of a pair of drugs, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import networkx as nx
import pyarrow as pa
import pyarrow.compute as pc

from kg.columns import ByKey, ByValue, Cells, Rows
from kg.model import Edge, Evidence, Node, Qualifier, Severity, SourceRelease, pair_id
from kg.tables import EDGE_COLUMNS, EVIDENCE_COLUMNS, Tables, split
from ontologies.curie import Curie
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

if TYPE_CHECKING:
    import pandas as pd

_CO_REPORTED = Predicate.CO_REPORTED.value
_ROLES = (Predicate.AFFECTS, Predicate.SUBSTRATE_OF)


class UnknownNode(LookupError):
    """The graph has no node of that name."""

    def __init__(self, curie: Curie) -> None:
        super().__init__(f"the graph has no node {str(curie)!r}")
        self.curie = curie


class KnowledgeGraph:
    """The graph, indexed by node. Edges become objects only when asked for, and are kept then."""

    def __init__(self, graph_id: str, tables: Tables, releases: Iterable[SourceRelease]) -> None:
        self.id = graph_id
        self.tables = tables
        self.releases = tuple(sorted(releases))
        self._edge_cells = Cells(tables.edges, EDGE_COLUMNS)
        self._outgoing = ByValue(self._edge_cells.column("subject"))
        encoded = self._edge_cells.column("predicate").dictionary_encode()
        self._predicates = encoded.indices.to_numpy(zero_copy_only=False)
        self._predicate_names: list[str] = encoded.dictionary.to_pylist()
        self._edges: dict[int, Edge] = {}
        self._nodes: dict[int, Node] = {}

    @cached_property
    def _node_cells(self) -> Cells:
        return Cells(self.tables.nodes, ("id", "category", "name", "synonym", "xref"))

    @cached_property
    def _node_rows(self) -> dict[str, int]:
        ids = self._node_cells.column("id").to_pylist()
        return {curie: row for row, curie in enumerate(ids)}

    @cached_property
    def _incoming(self) -> ByValue:
        return ByValue(self._edge_cells.column("object"))

    @cached_property
    def _evidence_rows(self) -> ByKey:
        return ByKey(self._evidence_cells.column("edge_id"))

    @cached_property
    def _evidence_cells(self) -> Cells:
        return Cells(self.tables.evidence, EVIDENCE_COLUMNS)

    def release(self, source: str) -> SourceRelease | None:
        """The release of a source in this graph, the latest where there are several."""
        return max((r for r in self.releases if r.source == source), default=None)

    def has(self, curie: Curie) -> bool:
        """Tell whether the graph has the node."""
        return str(curie) in self._node_rows

    def node(self, curie: Curie) -> Node:
        """Return a node.

        Raises:
            UnknownNode: The graph does not have it.
        """
        row = self._node_rows.get(str(curie))
        if row is None:
            raise UnknownNode(curie)
        return self._node(row)

    def name(self, curie: Curie) -> str:
        """Name of a node, or the CURIE itself where the graph has no such node."""
        row = self._node_rows.get(str(curie))
        return str(curie) if row is None else self._node_cells.text("name", row)

    def nodes(self, category: Category | None = None) -> Iterator[Node]:
        """Yield nodes, of one category or all, in the order of the table."""
        categories = self._node_cells.column("category").to_pylist()
        wanted = category.value if category else None
        rows = (row for row, held in enumerate(categories) if wanted in {None, held})
        return (self._node(row) for row in rows)

    def edges_from(self, subject: Curie, predicate: Predicate | None = None) -> tuple[Edge, ...]:
        """Edges that start at a node, with their evidence."""
        return self._select(self._outgoing.rows(str(subject)), predicate)

    def edges_to(self, target: Curie, predicate: Predicate | None = None) -> tuple[Edge, ...]:
        """Edges that end at a node, with their evidence."""
        return self._select(self._incoming.rows(str(target)), predicate)

    def pair_edges(self, first: Curie, second: Curie) -> tuple[Edge, ...]:
        """What is stated of two drugs together: edges from their pair node to effects."""
        return self.edges_from(
            Curie.parse(pair_id(str(first), str(second))), Predicate.CONTRIBUTES_TO
        )

    @cached_property
    def _paired_drugs(self) -> frozenset[str]:
        subjects = self._edge_cells.column("subject")
        stated = subjects.filter(self._says(Predicate.CONTRIBUTES_TO)).unique()
        takes_part = self._says(Predicate.HAS_PARTICIPANT)
        of_stated = pc.is_in(subjects.filter(takes_part), value_set=stated)
        drugs = self._edge_cells.column("object").filter(takes_part).filter(of_stated)
        return frozenset(drugs.unique().to_pylist())

    def _says(self, predicate: Predicate) -> pa.Array:
        """Mark the edges with a predicate."""
        known = predicate.value in self._predicate_names
        code = self._predicate_names.index(predicate.value) if known else -1
        return pa.array(self._predicates == code)

    def covers(self, drug: Curie) -> bool:
        """Tell whether a source says how a drug interacts: a pair, a liability, a graded role.

        A role without a strength (a target, a finding in cells) and a co-report do not count: no
        detector can conclude anything from them.
        """
        if str(drug) in self._paired_drugs or self.edges_from(drug, Predicate.PREDISPOSES_TO):
            return True
        roles = (edge for predicate in _ROLES for edge in self.edges_from(drug, predicate))
        return any(edge.qualifier("strength") for edge in roles)

    def to_networkx(self, *, co_reported: bool = False) -> nx.MultiDiGraph[str]:
        """Return the graph for path work: nodes by CURIE, edges keyed by their id.

        Drug pairs stand as nodes between their drugs and their effects. Co-reported effects, which
        are many and weak, come only on request.
        """
        view: nx.MultiDiGraph[str] = nx.MultiDiGraph(graph_id=self.id)
        names = ("id", "name", "category")
        rows = zip(*(self._node_cells.column(n).to_pylist() for n in names), strict=True)
        for curie, name, category in rows:
            view.add_node(curie, name=name, category=category)
        columns = (self._edge_cells.column(name).to_pylist() for name in EDGE_COLUMNS)
        for edge_id, subject, predicate, target, qualifiers in zip(*columns, strict=True):
            if predicate != _CO_REPORTED or co_reported:
                view.add_edge(
                    subject, target, key=edge_id, predicate=predicate, qualifiers=qualifiers
                )
        return view

    def _select(self, rows: Rows, predicate: Predicate | None) -> tuple[Edge, ...]:
        if predicate is not None and len(rows):
            if predicate.value not in self._predicate_names:
                return ()
            wanted = self._predicate_names.index(predicate.value)
            rows = rows[self._predicates[rows] == wanted]
        return tuple(self._edge(int(row)) for row in rows)

    def _edge(self, row: int) -> Edge:
        edge = self._edges.get(row)
        if edge is None:
            cells = self._edge_cells.row(row)
            edge = self._edges[row] = Edge(
                Curie.parse(cells["subject"]),
                Predicate(cells["predicate"]),
                Curie.parse(cells["object"]),
                parse_qualifiers(cells["qualifiers"]),
                tuple(self._evidence(cells["id"])),
            )
        return edge

    def _evidence(self, edge_id: str) -> Iterator[Evidence]:
        for row in self._evidence_rows.rows(edge_id):
            yield evidence_from_row(self._evidence_cells.row(int(row)))

    def _node(self, row: int) -> Node:
        node = self._nodes.get(row)
        if node is None:
            cells = self._node_cells.row(row)
            node = self._nodes[row] = Node(
                Curie.parse(cells["id"]),
                Category(cells["category"]),
                cells["name"],
                split(cells["synonym"]),
                tuple(Curie.parse(other) for other in split(cells["xref"])),
            )
        return node


def parse_qualifiers(cell: str) -> tuple[Qualifier, ...]:
    """Take the ``key=value|key=value`` form of a table cell apart."""
    return tuple(Qualifier(*part.partition("=")[::2]) for part in split(cell))


def evidence_from_row(row: dict[str, str]) -> Evidence:
    """Make the evidence that one row of the evidence table holds."""
    return Evidence(
        source=row["source"],
        knowledge_level=KnowledgeLevel(row["knowledge_level"]),
        agent_type=AgentType(row["agent_type"]),
        severity=Severity(row["severity"]) if row["severity"] else None,
        publications=tuple(Curie.parse(p) for p in split(row["publications"])),
        derived_from=split(row["derived_from"]),
        version=row["version"],
        licence=row["licence"],
        severity_as_stated=row["severity_as_stated"] or None,
        statement=row["statement"] or None,
        text=row["text"] or None,
        condition=row["condition"] or None,
        recommendation=row["recommendation"] or None,
        reference=row["reference"] or None,
        primary=bool(row["primary"]),
    )


def edges_frame(graph: KnowledgeGraph, predicate: Predicate) -> pd.DataFrame:
    """Columns ``id subject predicate object qualifiers`` of all edges with one predicate."""
    edges = graph.tables.edges
    return edges[edges["predicate"] == predicate.value]
