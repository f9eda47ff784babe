"""The nouns of the graph: nodes, edges, the evidence behind them, and severity.

An edge without evidence cannot be made, a prediction never has a severity, and ``None`` always
means "not stated".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ontologies.curie import Curie
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate


class GroundlessEdge(ValueError):
    """An edge was stated by nobody."""

    def __init__(self, subject: Curie, predicate: Predicate, target: Curie) -> None:
        super().__init__(f"an edge needs evidence: {subject} {predicate} {target} has none")


class GradedPrediction(ValueError):
    """A prediction was given a severity, which only a statement can have."""

    def __init__(self, source: str, severity: Severity) -> None:
        super().__init__(f"a prediction has no severity, but {source} gives {severity.value!r}")


class Severity(StrEnum):
    """How bad a stated interaction is. ``None`` in its place means "not stated"."""

    MINOR = "minor"
    MODERATE = "moderate"
    MAJOR = "major"
    CONTRAINDICATED = "contraindicated"

    @property
    def rank(self) -> int:
        """1 for minor up to 4 for contraindicated."""
        return _RANKS[self.value]


_RANKS = {"minor": 1, "moderate": 2, "major": 3, "contraindicated": 4}


def worst(severities: Iterable[Severity | None]) -> Severity | None:
    """Return the worst stated severity; ``None`` when nobody stated one."""
    stated = [severity for severity in severities if severity is not None]
    return max(stated, key=lambda severity: severity.rank, default=None)


@dataclass(frozen=True, slots=True)
class Node:
    """A thing with one preferred name: a drug, a gene, an effect, a pair of drugs."""

    curie: Curie
    category: Category
    name: str
    synonyms: tuple[str, ...] = ()
    equivalents: tuple[Curie, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Qualifier:
    """What narrows an edge: the role of an enzyme inhibitor, the strength, the phenotype."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who says so, how they know, and where it is written.

    ``severity_as_stated``, ``text``, ``condition`` and ``recommendation`` are the source's own
    words and stay attributed to it. ``statement`` names the source's own statement (a rule, a table
    row): edges that share it were said in one breath; ``primary`` marks the edge that the statement
    is mainly about.
    """

    source: str
    knowledge_level: KnowledgeLevel
    agent_type: AgentType
    severity: Severity | None = None
    publications: tuple[Curie, ...] = ()
    derived_from: tuple[str, ...] = ()
    version: str = ""
    licence: str = ""
    severity_as_stated: str | None = None
    statement: str | None = None
    text: str | None = None
    condition: str | None = None
    recommendation: str | None = None
    reference: str | None = None
    primary: bool = True

    def __post_init__(self) -> None:
        """Refuse a graded prediction."""
        if self.knowledge_level is KnowledgeLevel.PREDICTION and self.severity is not None:
            raise GradedPrediction(self.source, self.severity)


@dataclass(frozen=True, slots=True)
class Edge:
    """One statement about two nodes, with everybody who makes it."""

    subject: Curie
    predicate: Predicate
    object: Curie
    qualifiers: tuple[Qualifier, ...] = ()
    evidence: tuple[Evidence, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse an edge that nobody states."""
        if not self.evidence:
            raise GroundlessEdge(self.subject, self.predicate, self.object)

    @property
    def id(self) -> str:
        """Digest of what is stated, not of who states it."""
        qualifiers = "|".join(f"{q.key}={q.value}" for q in sorted(self.qualifiers))
        return edge_id(str(self.subject), self.predicate.value, str(self.object), qualifiers)

    def qualifier(self, key: str) -> str | None:
        """Value of one qualifier; ``None`` when the edge does not carry it."""
        return next((q.value for q in self.qualifiers if q.key == key), None)


@dataclass(frozen=True, slots=True, order=True)
class SourceRelease:
    """One release of one source as it stands in a graph, with the licence of what was read."""

    source: str
    version: str
    licence: str
    commercial: bool = False


def edge_id(subject: str, predicate: str, target: str, qualifiers: str) -> str:
    """Digest that names a statement: the same statement has the same id in every release."""
    text = "\n".join((subject, predicate, target, qualifiers))
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def pair_id(first: str, second: str) -> str:
    """CURIE of the unordered pair of two drugs, the same whichever comes first."""
    left, right = sorted((first, second))
    return f"pair:{left.replace(':', '.')}--{right.replace(':', '.')}"
