"""Invariants of a graph, each a function from tables to problems; a fatal one stops the build."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from kg.model import Severity, edge_id
from kg.tables import Tables, joined, split
from ontologies.curie import MalformedCurie, PrefixMap, UnknownPrefix
from ontologies.vocabulary import SYMMETRIC, AgentType, Category, KnowledgeLevel, Predicate

MAX_LISTED = 50
"""Problems of one kind that are listed one by one; the rest is counted in one more."""

_WORDS = {
    "category": frozenset(Category),
    "predicate": frozenset(Predicate),
    "knowledge_level": frozenset(KnowledgeLevel),
    "agent_type": frozenset(AgentType),
    "severity": frozenset({*Severity, ""}),
}
_QUALIFIERS = re.compile(r"([a-z][a-z0-9_]*=[^|]+(\|[a-z][a-z0-9_]*=[^|]+)*)?")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is not as it should be, or ``count`` of them; ``fatal`` ones stop the build.

    Where there are several of a kind, the first are listed and the last stands for the rest.
    """

    check: str
    subject: str
    detail: str
    fatal: bool = True
    count: int = 1


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


def validate(tables: Tables) -> list[Problem]:
    """Run every invariant, in the order of their names; the list is empty for a sound graph."""
    checks = sorted(CHECKS, key=lambda check: check.__name__)
    return [problem for check in checks for problem in check(tables)]


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
    known = PrefixMap.load()
    written = sorted(set(tables.nodes["id"].str.partition(":")[0]))
    unknown = [prefix for prefix in written if not _is_known(prefix, known)]
    return _listed("unknown_prefixes", unknown, "is not in the prefix map")


def malformed_curies(tables: Tables) -> list[Problem]:
    """Every CURIE of a node has the form that its prefix asks for, in its one spelling."""
    known = PrefixMap.load()
    wrong = [curie for curie in tables.nodes["id"] if not _is_standard(curie, known)]
    return _listed("malformed_curies", sorted(wrong), "is not written as its prefix asks for")


def malformed_publications(tables: Tables) -> list[Problem]:
    """Every publication is a CURIE with a known prefix, as that prefix asks for."""
    known = PrefixMap.load()
    cited = {name for cell in set(tables.evidence["publications"]) for name in split(cell)}
    wrong = [name for name in cited if not _is_citable(name, known)]
    return _listed("malformed_publications", sorted(wrong), "is cited but is no CURIE")


def unknown_words(tables: Tables) -> list[Problem]:
    """Every category, predicate, knowledge level, agent type and severity is of its closed list."""
    problems = []
    for frame in (tables.nodes, tables.edges, tables.evidence):
        for column in sorted(_WORDS.keys() & set(frame.columns)):
            wrong = sorted(set(frame[column]) - _WORDS[column])
            problems += _listed("unknown_words", wrong, f"is no {column.replace('_', ' ')}")
    return problems


def malformed_qualifiers(tables: Tables) -> list[Problem]:
    """Qualifiers are written ``key=value``, sorted, each key once."""
    wrong = [cell for cell in set(tables.edges["qualifiers"]) if not _is_qualified(cell)]
    return _listed("malformed_qualifiers", sorted(wrong), "is not sorted key=value with each once")


def wrong_edge_ids(tables: Tables) -> list[Problem]:
    """The name of an edge is the digest of what it states, so that evidence can be walked back."""
    rows = tables.edges[["id", "subject", "predicate", "object", "qualifiers"]]
    wrong = [
        name
        for name, subject, predicate, target, cell in rows.itertuples(index=False, name=None)
        if name != edge_id(subject, predicate, target, joined(sorted(split(cell))))
    ]
    return _listed("wrong_edge_ids", sorted(wrong), "is not the digest of what the edge states")


def unknown_grounds(tables: Tables) -> list[Problem]:
    """Every edge that evidence is derived from is in the graph."""
    edges = set(tables.edges["id"])
    named = {name for cell in set(tables.evidence["derived_from"]) for name in split(cell)}
    return _listed("unknown_grounds", sorted(named - edges), "is derived from but is no edge")


def lone_participants(tables: Tables) -> list[Problem]:
    """Every pair of drugs has exactly two participants."""
    pairs = tables.nodes.loc[tables.nodes["category"] == Category.DRUG_PAIR.value, "id"]
    parts = tables.edges[tables.edges["predicate"] == Predicate.HAS_PARTICIPANT.value]
    counts = parts.drop_duplicates(["subject", "object"])["subject"].value_counts()
    two = set(counts[counts == 2].index)
    wrong = (set(pairs) | set(counts.index)) - two
    return _listed("lone_participants", sorted(wrong), "has not exactly two participants")


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
    malformed_publications,
    malformed_qualifiers,
    missing_evidence,
    graded_predictions,
    symmetric_order,
    duplicate_names,
    unknown_words,
    wrong_edge_ids,
    unknown_grounds,
    lone_participants,
)


def _is_standard(curie: str, known: PrefixMap) -> bool:
    try:
        return str(known.standard(curie)) == curie
    except UnknownPrefix:
        return True
    except MalformedCurie:
        return False


def _is_known(prefix: str, known: PrefixMap) -> bool:
    try:
        known.standard_prefix(prefix)
    except UnknownPrefix:
        return False
    return True


def _is_citable(name: str, known: PrefixMap) -> bool:
    return _is_known(name.partition(":")[0], known) and _is_standard(name, known)


def _is_qualified(cell: str) -> bool:
    parts = split(cell)
    keys = {part.partition("=")[0] for part in parts}
    in_order = list(parts) == sorted(parts) and len(keys) == len(parts)
    return in_order and _QUALIFIERS.fullmatch(cell) is not None


def _listed(check: str, subjects: list[str], detail: str) -> list[Problem]:
    """List the first of many and count the rest, so that counts stay true."""
    problems = [Problem(check, subject, detail) for subject in subjects[:MAX_LISTED]]
    rest = len(subjects) - len(problems)
    if rest:
        problems.append(Problem(check, f"{rest} more", detail, count=rest))
    return problems
