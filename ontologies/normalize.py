"""Which identifiers mean the same thing, which of them is preferred, and why.

Two identifiers are joined when a source states that they are one thing, or, for drugs, when two
nodes have the same English name. The best-founded joins come first: stated between bearers of one
name, then of one name, then stated by several sources, then stated by one. A join is not made when
it would put two identifiers of one exclusive prefix into a clique, or a salt beside its base: the
report lists every such cut.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Self

import pandas as pd

from ontologies.cliques import Cliques, Link
from ontologies.vocabulary import Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Kind:
    """How the identifiers of one kind of thing are chosen and kept apart."""

    categories: frozenset[str]
    prefixes: tuple[str, ...]
    """Most preferred first; identifiers of other prefixes come after, in alphabetical order."""
    exclusive: frozenset[str]
    """Prefixes of which a clique may hold one identifier only."""
    base_prefix: str | None = None
    """For drugs, the vocabulary that lists every base; names then join and tell salts apart."""


KINDS = (
    Kind(
        categories=frozenset({Category.DRUG, Category.SMALL_MOLECULE, Category.CHEMICAL_ENTITY}),
        prefixes=(
            "RXCUI", "DRUGBANK", "CHEMBL.COMPOUND", "PUBCHEM.COMPOUND", "CHEBI", "ANSM.SUBSTANCE",
            "UNII", "ATC", "INCHIKEY", "UMLS", "MESH", "WIKIDATA",
        ),
        exclusive=frozenset({"RXCUI", "DRUGBANK"}),
        base_prefix="RXCUI",
    ),
    Kind(
        categories=frozenset({Category.GENE}),
        prefixes=("HGNC", "NCBIGene", "UniProtKB"),
        exclusive=frozenset({"HGNC", "NCBIGene"}),
    ),
    Kind(
        categories=frozenset({Category.PHENOTYPIC_FEATURE}),
        prefixes=("HP", "UMLS", "MEDDRA", "MESH"),
        exclusive=frozenset({"HP", "UMLS"}),
    ),
    Kind(
        categories=frozenset({Category.DISEASE}),
        prefixes=("DOID", "MONDO", "UMLS", "MESH", "ICD10CM", "SNOMEDCT"),
        exclusive=frozenset({"DOID", "MONDO"}),
    ),
)  # fmt: skip
"""The kinds, in the order in which they claim an identifier that stands in several of them."""

_MOST_HOLDERS = 50
"""A name that more identifiers bear than this ("extract") names no single substance."""


class Normalizer:
    """Any CURIE -> the preferred CURIE of its clique."""

    def __init__(self, settled: Sequence[tuple[Kind, Cliques]]) -> None:
        """Index the finished cliques of each kind; the first kind wins a shared identifier."""
        self._mapping: dict[str, str] = {}
        self._members: dict[str, tuple[str, ...]] = {}
        self._reasons: dict[str, dict[str, str]] = {}
        cuts: set[tuple[str, str, str]] = set()
        for kind, cliques in settled:
            cuts.update(cliques.cuts)
            self._add_reasons(cliques.joined)
            for members in cliques.members():
                self._add_clique(sorted(members, key=lambda curie: _rank(curie, kind.prefixes)))
        self._cuts = sorted(cuts)

    @classmethod
    def from_mappings(cls, nodes: pd.DataFrame) -> Self:
        """Build the cliques of a node table.

        `nodes` has the columns id, category, name, xref (CURIEs of the same thing, joined with |)
        and source; blanks mean "not stated". The result does not depend on the order of rows.
        """
        rows = nodes.loc[:, ["id", "category", "name", "xref", "source"]].fillna("").astype(str)
        settled = []
        for kind in KINDS:
            chosen = rows[rows["category"].isin([str(name) for name in kind.categories])]
            records = [_Row(*values) for values in chosen.itertuples(index=False, name=None)]
            settled.append((kind, _settle(kind, records)))
        return cls(settled)

    @property
    def mapping(self) -> dict[str, str]:
        """Preferred CURIE by CURIE, for every CURIE read (a preferred one maps to itself)."""
        return dict(self._mapping)

    @property
    def report(self) -> pd.DataFrame:
        """Every join not made: columns left, right, reason; sorted."""
        return pd.DataFrame(self._cuts, columns=["left", "right", "reason"], dtype=str)

    def preferred(self, curie: str) -> str:
        """Give the preferred CURIE of the clique; a CURIE that nobody mentioned is its own.

        The preferred CURIE of a preferred one is itself.
        """
        return self._mapping.get(curie, curie)

    def equivalents(self, curie: str) -> tuple[str, ...]:
        """Give all CURIEs of the clique, the preferred one first."""
        return self._members.get(self.preferred(curie), (curie,))

    def explain(self, curie: str) -> tuple[str, ...]:
        """Give the joins that lead from a CURIE to its preferred one, in order; often empty."""
        goal = self.preferred(curie)
        steps = {curie: ("", "")}
        waiting = deque([curie])
        while waiting and goal not in steps:
            here = waiting.popleft()
            for there in sorted(self._reasons.get(here, {})):
                if there not in steps:
                    steps[there] = (here, f"{here} = {there}: {self._reasons[here][there]}")
                    waiting.append(there)
        chain: list[str] = []
        while goal in steps and goal != curie:
            goal, reason = steps[goal]
            chain.append(reason)
        return tuple(reversed(chain))

    def _add_clique(self, members: Sequence[str]) -> None:
        """Keep a clique without what an earlier kind has claimed: a CURIE has one clique."""
        unclaimed = [curie for curie in members if curie not in self._mapping]
        if unclaimed:
            self._members[unclaimed[0]] = tuple(unclaimed)
            self._mapping.update(dict.fromkeys(unclaimed, unclaimed[0]))

    def _add_reasons(self, joined: Iterable[Link]) -> None:
        for link in joined:
            self._reasons.setdefault(link.left, {})[link.right] = link.reason
            self._reasons.setdefault(link.right, {})[link.left] = link.reason


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    category: str
    name: str
    xref: str
    source: str


def _settle(kind: Kind, rows: Sequence[_Row]) -> Cliques:
    """Join the identifiers of one kind, best-founded links first."""
    names: dict[str, set[str]] = defaultdict(set)
    stated: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        names[row.id].update({row.name.strip().lower()} - {""})
        for other in filter(None, row.xref.split("|")):
            names.setdefault(other, set())
            if other != row.id:
                left, right = sorted((row.id, other))
                stated[left, right].add(row.source)
    cliques = Cliques(names, kind.exclusive, kind.base_prefix)
    ranked = _stated_links(stated, names)
    cliques.join_tier([link for (apart, _), link in ranked if not apart])
    if kind.base_prefix:
        cliques.join_tier(_name_links(names, cliques))
    others = [(support, link) for (apart, support), link in ranked if apart]
    for _, tier in groupby(others, key=lambda item: item[0]):
        cliques.join_tier([link for _, link in tier])
    return cliques


def _stated_links(
    stated: Mapping[tuple[str, str], set[str]], names: Mapping[str, set[str]]
) -> list[tuple[tuple[bool, int], Link]]:
    """Rank stated links: ends that share a name first, then those that most sources state."""
    ranked = []
    for (left, right), sources in stated.items():
        apart = names[left].isdisjoint(names[right])
        reason = "stated by " + ", ".join(sorted(sources))
        ranked.append(((apart, -len(sources)), Link(left, right, reason)))
    return sorted(ranked, key=lambda item: (item[0], item[1].left, item[1].right))


def _name_links(names: Mapping[str, set[str]], cliques: Cliques) -> list[Link]:
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


def _rank(curie: str, prefixes: Sequence[str]) -> tuple[int, str, int, str]:
    """Sort key: preferred prefix first; within a prefix, shorter (older) identifiers first."""
    prefix, _, identifier = curie.partition(":")
    place = prefixes.index(prefix) if prefix in prefixes else len(prefixes)
    return place, prefix, len(identifier), identifier
