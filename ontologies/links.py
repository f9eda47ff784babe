"""Which pairs of identifiers may be one thing, and how well that is founded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ontologies.cliques import Cliques, Link
from ontologies.fold import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


_NAMED_BY_SYNONYM = frozenset(
    {"ANSM.SUBSTANCE", "ATC", "DRUGCENTRAL", "OPENFDA.INGREDIENT", "RXCUI"}
)
"""Prefixes of medicines, whose names say a substance; a research compound's may say an isomer."""
_MOST_HOLDERS = 50
"""A name that more identifiers bear than this ("extract") names no single substance."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one source says of one identifier; lists are joined with ``|``."""

    id: str
    category: str
    name: str
    xref: str
    source: str
    synonym: str
    drawing: str


class Rank(NamedTuple):
    """How well a stated link is founded; the least comes first."""

    apart: bool
    doubted: bool
    support: int


SAME_NAME = Rank(apart=False, doubted=False, support=0)
"""The rank of a link between bearers of one name, whoever states it."""


def stated_links(
    stated: Mapping[tuple[str, str], set[str]],
    names: Mapping[str, set[str]],
    doubted: Collection[str],
) -> list[tuple[Rank, Link]]:
    """Rank stated links: ends that share a name first, then those that most sources state."""
    ranked = []
    for (left, right), sources in stated.items():
        reason = "stated by " + ", ".join(sorted(sources))
        if names[left].isdisjoint(names[right]):
            unsure = sources.issubset(doubted)
            rank = Rank(apart=True, doubted=unsure, support=-len(sources))
            ranked.append((rank, Link(left, right, reason, doubted=unsure)))
        else:
            ranked.append((SAME_NAME, Link(left, right, reason)))
    return sorted(ranked, key=lambda item: (item[0], item[1].left, item[1].right))


def name_links(names: Mapping[str, set[str]], cliques: Cliques) -> list[Link]:
    """Link the cliques whose members have exactly the same name."""
    holders: dict[str, set[str]] = defaultdict(set)
    for curie, written in names.items():
        for name in written:
            holders[name].add(curie)
    links = []
    for name, curies in sorted(holders.items()):
        if len(curies) > _MOST_HOLDERS:
            continue
        ends = {cliques.root(curie): curie for curie in sorted(curies, reverse=True)}
        apart = sorted(ends.values())
        links += [
            Link(left, right, f"same name {name!r}")
            for place, left in enumerate(apart)
            for right in apart[place + 1 :]
        ]
    return links


def synonym_links(trusted: Sequence[Row], names: Mapping[str, set[str]]) -> list[Link]:
    """Link medicines to the one drug that has their name for a synonym.

    A name that only adds words to the drug's, or drops some, may say a form of it: it is no link.
    """
    own = {row.id: set(fold(row.name).split()) for row in trusted}
    taken = {fold(row.name) for row in trusted}
    holders: dict[str, set[str]] = defaultdict(set)
    for row in trusted:
        for synonym in filter(None, row.synonym.split("|")):
            holders[fold(synonym)].add(row.id)
    links = []
    for curie, written in names.items():
        if curie.partition(":")[0] in _NAMED_BY_SYNONYM:
            for name in sorted(written):
                text = fold(name)
                found = () if text in taken else holders.get(text, ())
                words = set(text.split())
                if len(found) == 1 and not any(words <= own[f] or own[f] <= words for f in found):
                    (drug,) = found
                    links.append(Link(curie, drug, f"{name!r} is a synonym of this drug alone"))
    return links
