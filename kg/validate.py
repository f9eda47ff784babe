"""Invariants of a graph, each a function from tables to problems; a fatal one stops the build."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kg.invariants.evidence import (
    graded_predictions,
    missing_evidence,
    repeated_evidence,
    unknown_grounds,
    unlisted_releases,
    unstated_origins,
)
from kg.invariants.pairs import (
    co_report_ends,
    co_report_order,
    lone_participants,
    misnamed_pairs,
    repeated_co_reports,
)
from kg.invariants.problem import MAX_LISTED, Problem
from kg.invariants.shape import (
    cyclic_hierarchies,
    dangling_ends,
    duplicate_names,
    nameless_nodes,
    self_loops,
    symmetric_order,
    wrong_edge_ids,
)
from kg.invariants.words import (
    malformed_curies,
    malformed_publications,
    malformed_qualifiers,
    malformed_xrefs,
    unknown_prefixes,
    unknown_words,
)
from kg.model import SourceRelease
from kg.tables import Tables
from ontologies.curie import Curie, default_prefixes

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib

__all__ = ["CHECKS", "MAX_LISTED", "InvalidGraph", "Problem", "shape_problems", "validate"]

SAMPLED = 50
"""Nodes of each class and each graph that the shapes are held against."""
_DATA_CLASSES = ("coprescribe:DrugPair", "biolink:Association")
_RESULT = "http://www.w3.org/ns/shacl#"


class InvalidGraph(ValueError):
    """The graph breaks an invariant and was not published."""

    def __init__(self, problems: list[Problem]) -> None:
        first = problems[0]
        others = sum(problem.count for problem in problems) - first.count
        more = f" (and {others} more)" if others else ""
        super().__init__(
            f"the graph was not published: {first.check}: {first.subject}: {first.detail}{more}"
        )
        self.problems = problems


def validate(tables: Tables, releases: Iterable[SourceRelease] | None = None) -> list[Problem]:
    """Run every invariant, in the order of their names; the list is empty for a sound graph.

    Args:
        tables: The graph; co-reports are held too where the tables have them.
        releases: Those that its manifest lists; without them, who is cited is not held against it.
    """
    checks = sorted(CHECKS, key=lambda check: check.__name__)
    problems = [problem for check in checks for problem in check(tables)]
    return problems if releases is None else problems + unlisted_releases(tables, releases)


def shape_problems(folder: Path) -> list[Problem]:
    """Hold the store of a graph against ``ontologies/shapes.ttl``; none for one that conforms.

    Held whole are the counts and terms of its graphs and its vocabulary; of pairs and statements
    the first of each release, for their rows are held by :func:`validate`; and as many alleles.

    Raises:
        MissingStore, DamagedStore: The store is not there or cannot be read.
    """
    # Imported here: a build, which imports this module, needs none of these.
    import pyoxigraph
    import rdflib

    from kg.rdf import NAMES_GRAPH, VOCABULARY_GRAPH, VOID_GRAPH, open_store

    store = open_store(folder)
    schema = [pyoxigraph.NamedNode(graph) for graph in (VOCABULARY_GRAPH, VOID_GRAPH)]
    parts = [[str(q.triple) for g in schema for q in store.quads_for_pattern(None, None, None, g)]]
    names = pyoxigraph.NamedNode(NAMES_GRAPH)
    releases = sorted({*store.named_graphs()} - {names, *schema}, key=str)
    parts += [_sampled(store, name, graph) for graph in releases for name in _DATA_CLASSES]
    parts.append(_sampled(store, "coprescribe:Allele", None))
    content = (files("ontologies") / "shapes.ttl").read_text(encoding="utf-8")
    shapes = rdflib.Graph().parse(data=content, format="turtle")
    found = {problem for lines in parts if lines for problem in _breaches(lines, shapes)}
    return sorted(found)[:MAX_LISTED]


def _sampled(
    store: pyoxigraph.Store, name: str, graph: pyoxigraph.NamedNode | pyoxigraph.BlankNode | None
) -> list[str]:
    """Triples of the first nodes of a class, in one graph, or in all where none is named."""
    import pyoxigraph

    from kg.rdf import COMMON_PREFIXES

    kind = pyoxigraph.NamedNode(default_prefixes().expand(Curie.parse(name)))
    is_a = pyoxigraph.NamedNode(f"{COMMON_PREFIXES['rdf']}type")
    nodes = islice(store.quads_for_pattern(None, is_a, kind, graph), SAMPLED)
    return [
        str(quad.triple)
        for node in nodes
        for quad in store.quads_for_pattern(node.subject, None, None, graph)
    ]


def _breaches(lines: list[str], shapes: rdflib.Graph) -> Iterator[Problem]:
    import pyshacl
    import rdflib

    data = rdflib.Graph().parse(data="".join(f"{line} .\n" for line in lines), format="nt")
    conforms, results, _ = pyshacl.validate(data, shacl_graph=shapes)
    if conforms or not isinstance(results, rdflib.Graph):
        return
    says = rdflib.Namespace(_RESULT)
    for result in results.subjects(rdflib.RDF.type, says.ValidationResult):
        focus, message = (results.value(result, says[n]) for n in ("focusNode", "resultMessage"))
        yield Problem("shapes", str(focus), str(message))


CHECKS: tuple[Callable[[Tables], list[Problem]], ...] = (
    co_report_ends,
    co_report_order,
    cyclic_hierarchies,
    dangling_ends,
    duplicate_names,
    graded_predictions,
    lone_participants,
    malformed_curies,
    malformed_publications,
    malformed_qualifiers,
    malformed_xrefs,
    misnamed_pairs,
    missing_evidence,
    nameless_nodes,
    repeated_co_reports,
    repeated_evidence,
    self_loops,
    symmetric_order,
    unknown_grounds,
    unknown_prefixes,
    unknown_words,
    unstated_origins,
    wrong_edge_ids,
)
