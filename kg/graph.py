"""A read-only graph over the tables: what is said of a node, of a pair of drugs, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import networkx as nx

from kg.model import Edge, Evidence, Node, Qualifier, Severity, SourceRelease, pair_id
from kg.tables import Tables, split
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
        edges = tables.edges
        self._edge_ids: list[str] = edges["id"].tolist()
        self._subjects = edges["subject"].tolist()
        self._predicates = edges["predicate"].tolist()
        self._objects = edges["object"].tolist()
        self._qualifiers = edges["qualifiers"].tolist()
        self._outgoing = _positions(self._subjects)
        self._edges: dict[int, Edge] = {}

    @cached_property
    def _nodes(self) -> dict[str, Node]:
        frame = self.tables.nodes
        rows = zip(
            *(frame[name] for name in ("id", "category", "name", "synonym", "xref")), strict=True
        )
        return {
            curie: Node(
                Curie.parse(curie),
                Category(category),
                name,
                split(synonym),
                tuple(Curie.parse(x) for x in split(xref)),
            )
            for curie, category, name, synonym, xref in rows
        }

    @cached_property
    def _incoming(self) -> dict[str, list[int]]:
        return _positions(self._objects)

    @cached_property
    def _evidence_rows(self) -> dict[str, list[int]]:
        return _positions(self.tables.evidence["edge_id"].tolist())

    @cached_property
    def _evidence_columns(self) -> dict[str, list[str]]:
        return {name: self.tables.evidence[name].tolist() for name in self.tables.evidence.columns}

    def release(self, source: str) -> SourceRelease | None:
        """The release of a source in this graph, the latest where there are several."""
        return max((r for r in self.releases if r.source == source), default=None)

    def has(self, curie: Curie) -> bool:
        """Tell whether the graph has the node."""
        return str(curie) in self._nodes

    def node(self, curie: Curie) -> Node:
        """Return a node.

        Raises:
            UnknownNode: The graph does not have it.
        """
        try:
            return self._nodes[str(curie)]
        except KeyError:
            raise UnknownNode(curie) from None

    def name(self, curie: Curie) -> str:
        """Name of a node, or the CURIE itself where the graph has no such node."""
        node = self._nodes.get(str(curie))
        return node.name if node else str(curie)

    def nodes(self, category: Category | None = None) -> Iterator[Node]:
        """Yield nodes, of one category or all, in the order of their CURIEs."""
        return (
            node for node in self._nodes.values() if category is None or node.category is category
        )

    def edges_from(self, subject: Curie, predicate: Predicate | None = None) -> tuple[Edge, ...]:
        """Edges that start at a node, with their evidence."""
        return self._select(self._outgoing.get(str(subject), ()), predicate)

    def edges_to(self, target: Curie, predicate: Predicate | None = None) -> tuple[Edge, ...]:
        """Edges that end at a node, with their evidence."""
        return self._select(self._incoming.get(str(target), ()), predicate)

    def pair_edges(self, first: Curie, second: Curie) -> tuple[Edge, ...]:
        """What is stated of two drugs together: edges from their pair node to effects."""
        return self.edges_from(
            Curie.parse(pair_id(str(first), str(second))), Predicate.CONTRIBUTES_TO
        )

    @cached_property
    def _paired_drugs(self) -> frozenset[str]:
        stated, participant = Predicate.CONTRIBUTES_TO.value, Predicate.HAS_PARTICIPANT.value
        rows = list(zip(self._subjects, self._predicates, self._objects, strict=True))
        pairs = {subject for subject, predicate, _ in rows if predicate == stated}
        return frozenset(
            target
            for subject, predicate, target in rows
            if predicate == participant and subject in pairs
        )

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
        for node in self._nodes.values():
            view.add_node(str(node.curie), name=node.name, category=node.category.value)
        for position, subject in enumerate(self._subjects):
            if self._predicates[position] == _CO_REPORTED and not co_reported:
                continue
            view.add_edge(
                subject,
                self._objects[position],
                key=self._edge_ids[position],
                predicate=self._predicates[position],
                qualifiers=self._qualifiers[position],
            )
        return view

    def _select(self, positions: Iterable[int], predicate: Predicate | None) -> tuple[Edge, ...]:
        wanted = predicate.value if predicate else None
        return tuple(
            self._edge(i) for i in positions if wanted is None or self._predicates[i] == wanted
        )

    def _edge(self, position: int) -> Edge:
        edge = self._edges.get(position)
        if edge is None:
            edge = Edge(
                Curie.parse(self._subjects[position]),
                Predicate(self._predicates[position]),
                Curie.parse(self._objects[position]),
                parse_qualifiers(self._qualifiers[position]),
                tuple(self._evidence(self._edge_ids[position])),
            )
            self._edges[position] = edge
        return edge

    def _evidence(self, edge_id: str) -> Iterator[Evidence]:
        columns = self._evidence_columns
        for row in self._evidence_rows.get(edge_id, ()):
            yield evidence_from_row({name: values[row] for name, values in columns.items()})


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


def _positions(values: list[str]) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for position, value in enumerate(values):
        positions.setdefault(value, []).append(position)
    return positions


def edges_frame(graph: KnowledgeGraph, predicate: Predicate) -> pd.DataFrame:
    """Columns ``id subject predicate object qualifiers`` of all edges with one predicate."""
    edges = graph.tables.edges
    return edges[edges["predicate"] == predicate.value]
