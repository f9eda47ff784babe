"""Invariants of a graph, each a function from tables to problems; a fatal one stops the build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from kg.tables import Tables
from ontologies.curie import MalformedCurie, PrefixMap, UnknownPrefix
from ontologies.vocabulary import SYMMETRIC, KnowledgeLevel

MAX_LISTED = 50


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is not as it should be; ``fatal`` ones stop the build."""

    check: str
    subject: str
    detail: str
    fatal: bool = True


class InvalidGraph(ValueError):
    """The graph breaks an invariant and was not published."""

    def __init__(self, problems: list[Problem]) -> None:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"the graph was not published: {first.check}: {first.subject}: {first.detail}{more}"
        )
        self.problems = problems


def validate(tables: Tables) -> list[Problem]:
    """Run every invariant; the list is empty for a sound graph."""
    return sorted(problem for check in CHECKS for problem in check(tables))


def dangling_ends(tables: Tables) -> list[Problem]:
    """Every end of an edge is a node."""
    known = set(tables.nodes["id"])
    missing = pd.concat([tables.edges["subject"], tables.edges["object"]])
    names = sorted(set(missing) - known)
    return _listed("dangling_ends", names, "stands in an edge but is not a node")


def self_loops(tables: Tables) -> list[Problem]:
    """No edge leads from a node to itself."""
    loops = tables.edges.loc[tables.edges["subject"] == tables.edges["object"], "subject"]
    return _listed("self_loops", sorted(set(loops)), "has an edge to itself")


def unknown_prefixes(tables: Tables) -> list[Problem]:
    """Every CURIE has a prefix that the prefix map knows."""
    prefixes = sorted(set(tables.nodes["id"].str.partition(":")[0]))
    known = PrefixMap.load()
    problems = []
    for prefix in prefixes:
        try:
            known.standard(f"{prefix}:1")
        except UnknownPrefix:
            problems.append(Problem("unknown_prefixes", prefix, "is not in the prefix map"))
        except ValueError:
            continue
    return problems


def malformed_curies(tables: Tables) -> list[Problem]:
    """Every CURIE of a node has the form that its prefix asks for, in its one spelling."""
    known = PrefixMap.load()
    wrong = [curie for curie in tables.nodes["id"] if not _is_standard(curie, known)]
    return _listed("malformed_curies", sorted(wrong), "is not written as its prefix asks for")


def missing_evidence(tables: Tables) -> list[Problem]:
    """Every edge has evidence, and every evidence its edge."""
    edges, cited = set(tables.edges["id"]), set(tables.evidence["edge_id"])
    bare = _listed("missing_evidence", sorted(edges - cited), "is an edge without evidence")
    return bare + _listed("missing_evidence", sorted(cited - edges), "is evidence without its edge")


def graded_predictions(tables: Tables) -> list[Problem]:
    """A prediction never has a severity."""
    frame = tables.evidence
    wrong = frame[
        (frame["knowledge_level"] == KnowledgeLevel.PREDICTION.value) & (frame["severity"] != "")
    ]
    return _listed(
        "graded_predictions", sorted(set(wrong["edge_id"])), "is a prediction with a severity"
    )


def symmetric_order(tables: Tables) -> list[Problem]:
    """The ends of a symmetric edge stand in one order."""
    symmetric = tables.edges["predicate"].isin([predicate.value for predicate in SYMMETRIC])
    wrong = tables.edges[symmetric & (tables.edges["subject"] > tables.edges["object"])]
    return _listed("symmetric_order", sorted(wrong["id"]), "has its ends the wrong way round")


def duplicate_names(tables: Tables) -> list[Problem]:
    """Two nodes with one CURIE, or two rows for one edge."""
    nodes = tables.nodes.loc[tables.nodes["id"].duplicated(), "id"]
    edges = tables.edges.loc[tables.edges["id"].duplicated(), "id"]
    return _listed("duplicate_names", sorted({*nodes, *edges}), "stands twice")


CHECKS: tuple[Callable[[Tables], list[Problem]], ...] = (
    dangling_ends,
    self_loops,
    unknown_prefixes,
    malformed_curies,
    missing_evidence,
    graded_predictions,
    symmetric_order,
    duplicate_names,
)


def _is_standard(curie: str, known: PrefixMap) -> bool:
    try:
        return str(known.standard(curie)) == curie
    except UnknownPrefix:
        return True
    except MalformedCurie:
        return False


def _listed(check: str, subjects: list[str], detail: str) -> list[Problem]:
    return [Problem(check, subject, detail) for subject in subjects[:MAX_LISTED]]
