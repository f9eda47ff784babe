"""A path between two drugs as a reason: its steps, with roles, strengths, sources and versions."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.graph import KnowledgeGraph
from kg.metapaths.table import Metapath
from kg.metapaths.ways import Way, is_judged, is_of_target, role_of
from kg.model import Edge
from kg.screening.exposure_change import ExposureChange
from kg.screening.rules import site_of
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

_OWN_WORDS = frozenset({Way.BLOCKS, Way.ACTIVATES, Way.ACTS_ON})
"""Ways of which the role that a source states is told."""
_STRENGTHS = ("strong", "sensitive", "high", "moderate", "weak", "minor", "low")


@dataclass(frozen=True, slots=True, order=True)
class Stated:
    """A release of a source that states a step."""

    source: str
    version: str


@dataclass(frozen=True, slots=True)
class Link:
    """One step: what is said of two nodes, how strong it is, by whom, and in which edges.

    ``strength`` is empty where nobody states one; ``known_as`` then says how the role is known:
    ``judged`` to matter in patients, a ``target`` that the drug is given for, or ``listed``.
    ``roles`` are the sources' own words; ``activates`` tells that the gene turns a prodrug into
    what works; ``protein`` is what a source calls it, if it says.
    """

    subject: Curie
    way: Way
    object: Curie
    strength: str
    known_as: str
    roles: tuple[str, ...]
    activates: bool
    protein: str
    sources: tuple[Stated, ...]
    edges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One path between two drugs, and how much it explains.

    ``left`` leads from ``drugs[0]`` to ``through`` and ``right`` from ``drugs[1]``; in a directed
    kind ``drugs[0]`` is the one that acts. ``kind`` is what stands between: enzyme, transporter,
    carrier, target, effect, condition or class. ``expected`` is what the rules of exposure make of
    the two roles, where they speak of them. ``weight`` orders reasons and has no unit; ``dwpc`` is
    the path's part of the degree-weighted path count of its kind.
    """

    metapath: Metapath
    drugs: tuple[Curie, Curie]
    through: Curie
    kind: str
    left: tuple[Link, ...]
    right: tuple[Link, ...]
    weight: float
    dwpc: float
    expected: ExposureChange | None = None

    @property
    def sources(self) -> tuple[Stated, ...]:
        """Every release behind the path, once."""
        return tuple(sorted({s for link in (*self.left, *self.right) for s in link.sources}))


def kind_of(metapath: Metapath, symbol: str) -> str:
    """Tell what stands in the middle of a path; ``symbol`` is the name of the node."""
    if metapath.middle != "gene":
        return metapath.middle
    if metapath.left is Way.BOUND_TO:
        return "carrier"
    return "target" if metapath.of_targets else site_of(symbol)


def link_of(way: Way, edges: Iterable[Edge]) -> Link:
    """Put the edges that state one way of a drug and a node into one step."""
    every = list(edges)
    said = [{q.key: q.value for q in edge.qualifiers} for edge in every]
    stated = {each.get("strength") or each.get("grade") for each in said}
    turned = every[0].predicate is Predicate.AFFECTS_RESPONSE_TO
    ends = (every[0].subject, every[0].object)
    roles = {role for each in said if (role := role_of(each))}
    return Link(
        subject=ends[1] if turned else ends[0],
        way=way,
        object=ends[0] if turned else ends[1],
        strength=next((s for s in _STRENGTHS if s in stated), ""),
        known_as=_known_as(said),
        roles=tuple(sorted(roles)) if way in _OWN_WORDS else (),
        activates=any(each.get("activates") == "yes" for each in said),
        protein=next((each["protein"] for each in said if "protein" in each), ""),
        sources=tuple(sorted({Stated(e.source, e.version) for x in every for e in x.evidence})),
        edges=tuple(sorted(edge.id for edge in every)),
    )


def _known_as(said: Sequence[Mapping[str, str]]) -> str:
    if any(map(is_judged, said)):
        return "judged"
    return "target" if any(map(is_of_target, said)) else "listed"


def links_beyond(graph: KnowledgeGraph, drug: Curie, edges: Iterable[Edge]) -> tuple[Link, ...]:
    """The two steps from a drug by one of its targets to an effect; of several the first by code.

    The gene stands as the role of the second step.
    """
    every = list(edges)
    gene = min(edge.object for edge in every if edge.subject == drug)
    acting = link_of(Way.ACTS_ON, [e for e in every if (e.subject, e.object) == (drug, gene)])
    linking = [e for e in every if e.subject != drug and gene in {e.subject, e.object}]
    beyond = link_of(Way.ACTS_BY, linking)
    effect = beyond.object if beyond.subject == gene else beyond.subject
    return acting, replace(beyond, subject=gene, object=effect, roles=(graph.name(gene),))


def links_up(graph: KnowledgeGraph, drug: Curie, wanted: Curie) -> tuple[Link, ...]:
    """The shortest way up from a drug to one of its classes."""
    waiting: deque[tuple[Curie, tuple[Edge, ...]]] = deque([(drug, ())])
    seen = {drug}
    while waiting:
        lower, path = waiting.popleft()
        for edge in graph.edges_from(lower, Predicate.SUBCLASS_OF):
            if edge.object == wanted:
                return tuple(link_of(Way.BELONGS_TO, [step]) for step in (*path, edge))
            if edge.object not in seen:
                seen.add(edge.object)
                waiting.append((edge.object, (*path, edge)))
    return ()


def classes_above(graph: KnowledgeGraph, lower: Curie) -> frozenset[Curie]:
    """Everything above a class."""
    found: set[Curie] = set()
    waiting = [lower]
    while waiting:
        for edge in graph.edges_from(waiting.pop(), Predicate.SUBCLASS_OF):
            if edge.object not in found:
                found.add(edge.object)
                waiting.append(edge.object)
    return frozenset(found)
