"""Rows of an index as the nouns of the model: nodes, and edges with their evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import pyarrow as pa

from kg.model import Edge, Evidence, Node, Qualifier, Severity
from kg.serving.columns import cells, numbers
from kg.serving.ends import curie_reader, known_curie
from kg.serving.index import GraphIndex
from kg.tables import split
from ontologies.curie import Curie
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate


def parse_qualifiers(cell: str) -> tuple[Qualifier, ...]:
    """Take the ``key=value|key=value`` form of a table cell apart."""
    return tuple(Qualifier(*part.partition("=")[::2]) for part in split(cell))


def parse_curies(cell: str) -> tuple[Curie, ...]:
    """Take the ``curie|curie`` form of a table cell apart."""
    return tuple(map(known_curie, split(cell)))


def _stated(cell: str) -> str | None:
    return cell or None


_EVIDENCE: Mapping[str, Callable[[str], object]] = {
    "source": str,
    "knowledge_level": KnowledgeLevel,
    "agent_type": AgentType,
    "severity": lambda cell: Severity(cell) if cell else None,
    "publications": parse_curies,
    "derived_from": split,
    "version": str,
    "licence": str,
}
"""What the text of a column is parsed to; the text itself, or ``None``, for those not named."""


def node_reader(index: GraphIndex) -> Callable[[int], Node]:
    """Give what reads a node by its row."""
    nodes = index.nodes
    ends, curie = numbers(nodes["end"]), curie_reader(index.ends)
    category, name = cells(nodes["category"], Category), cells(nodes["name"], str)
    synonyms, xrefs = cells(nodes["synonym"], split), cells(nodes["xref"], parse_curies)

    def node(row: int) -> Node:
        return Node(curie(ends[row]), category(row), name(row), synonyms(row), xrefs(row))

    return node


def edge_reader(index: GraphIndex) -> Callable[[int], Edge]:
    """Give what reads an edge by its row, with its evidence in the order of the table."""
    edges, curie, evidence = index.edges, curie_reader(index.ends), evidence_reader(index.evidence)
    subjects, objects = numbers(edges["subject"]), numbers(edges["object"])
    first, last = numbers(edges["evidence_first"]), numbers(edges["evidence_last"])
    predicate = cells(edges["predicate"], Predicate)
    qualifiers = cells(edges["qualifiers"], parse_qualifiers)

    def edge(row: int) -> Edge:
        return Edge(
            curie(subjects[row]),
            predicate(row),
            curie(objects[row]),
            qualifiers(row),
            tuple(map(evidence, range(first[row], last[row]))),
        )

    return edge


def evidence_reader(evidence: pa.RecordBatch) -> Callable[[int], Evidence]:
    """Give what reads a piece of evidence by its row."""
    # In the order of the fields, so that a piece is made without naming them each time.
    readers = tuple(_field_reader(evidence, field.name) for field in fields(Evidence))

    def piece(row: int) -> Evidence:
        return Evidence(*[read(row) for read in readers])

    return piece


def _field_reader(evidence: pa.RecordBatch, name: str) -> Callable[[int], Any]:
    if name == "primary":
        primary = numbers(evidence[name])
        return lambda row: bool(primary[row])
    return cells(evidence[name], _EVIDENCE.get(name, _stated))
