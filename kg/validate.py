"""Invariants of a graph, each a function from tables to problems; a fatal one stops the build."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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

__all__ = ["CHECKS", "MAX_LISTED", "InvalidGraph", "Problem", "validate"]


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
