"""Invariants of words: CURIEs, closed vocabularies, qualifiers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kg.invariants.problem import Problem, listed
from kg.model import Severity
from kg.tables import Tables, split
from ontologies.curie import MalformedCurie, PrefixMap, UnknownPrefix
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

CLOSED_WORDS: Mapping[str, frozenset[str]] = {
    "category": frozenset(Category),
    "predicate": frozenset(Predicate),
    "knowledge_level": frozenset(KnowledgeLevel),
    "agent_type": frozenset(AgentType),
    "severity": frozenset({*Severity, ""}),
}
"""The words that may stand in a column."""
_QUALIFIERS = re.compile(r"([a-z][a-z0-9_]*=[^|]+(\|[a-z][a-z0-9_]*=[^|]+)*)?")


def is_qualified(cell: str) -> bool:
    """Tell whether a cell of qualifiers is ``key=value`` joined with ``|``, each key once."""
    keys = [part.partition("=")[0] for part in split(cell)]
    return len(set(keys)) == len(keys) and _QUALIFIERS.fullmatch(cell) is not None


def unknown_prefixes(tables: Tables) -> list[Problem]:
    """Every CURIE has a prefix that the prefix map knows."""
    known = PrefixMap.load()
    written = sorted(set(tables.nodes["id"].str.partition(":")[0]))
    unknown = [prefix for prefix in written if not _is_known(prefix, known)]
    return listed("unknown_prefixes", unknown, "is not in the prefix map")


def malformed_curies(tables: Tables) -> list[Problem]:
    """Every CURIE of a node has the form that its prefix asks for, in its one spelling."""
    known = PrefixMap.load()
    wrong = [curie for curie in tables.nodes["id"].tolist() if not _is_standard(curie, known)]
    return listed("malformed_curies", sorted(wrong), "is not written as its prefix asks for")


def malformed_xrefs(tables: Tables) -> list[Problem]:
    """Every cross-reference has the form that its prefix asks for; a source's slip, not fatal."""
    known = PrefixMap.load()
    stated = {name for cell in tables.nodes["xref"].unique() for name in split(cell)}
    wrong = sorted(name for name in stated if not _is_citable(name, known))
    return listed("malformed_xrefs", wrong, "is a cross-reference but no CURIE", fatal=False)


def malformed_publications(tables: Tables) -> list[Problem]:
    """Every publication is a CURIE with a known prefix, as that prefix asks for."""
    known = PrefixMap.load()
    cited = {name for cell in tables.evidence["publications"].unique() for name in split(cell)}
    wrong = [name for name in cited if not _is_citable(name, known)]
    return listed("malformed_publications", sorted(wrong), "is cited but is no CURIE")


def unknown_words(tables: Tables) -> list[Problem]:
    """Every category, predicate, knowledge level, agent type and severity is of its closed list."""
    problems = []
    for frame in (tables.nodes, tables.edges, tables.evidence, tables.co_reports):
        for column in sorted(CLOSED_WORDS.keys() & set(frame.columns)):
            wrong = sorted(set(frame[column].unique()) - CLOSED_WORDS[column])
            problems += listed("unknown_words", wrong, f"is no {column.replace('_', ' ')}")
    return problems


def malformed_qualifiers(tables: Tables) -> list[Problem]:
    """Qualifiers are written ``key=value``, sorted, each key once."""
    cells = tables.edges["qualifiers"].unique().tolist()
    wrong = [c for c in cells if not is_qualified(c) or list(split(c)) != sorted(split(c))]
    return listed("malformed_qualifiers", sorted(wrong), "is not sorted key=value with each once")


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
