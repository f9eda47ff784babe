"""Which identifiers mean the same thing, which of them is preferred, and why.

Two identifiers are joined when a source states that they are one thing, or, for drugs, when two
nodes have the same English name or one bears a synonym that is the other's alone. The best-founded
joins come first: stated between bearers of one name, then of one name, then stated by several
sources, then stated by one, then by a synonym, and last what only doubted sources state. A join is
not made when it would put into a clique two identifiers of one exclusive prefix, a salt beside its
base, two structures of unlike heavy atoms, what the hand-kept table tells apart, a class of drugs,
or, on the word of a doubted source, two unlike names: the report lists every such cut.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Self

import pandas as pd

from ontologies.cliques import Cliques, Link
from ontologies.known_apart import Known, drawings_of, hand_cuts
from ontologies.links import SAME_NAME, Row, name_links, stated_links, synonym_links
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


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word counts for more or less than another's, by the names of sources."""

    doubted: frozenset[str] = frozenset()
    """They state joins that were made by machine."""
    synonyms: frozenset[str] = frozenset()
    """A synonym of theirs, where only one of their drugs has it, is as good as a name."""


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
    def from_mappings(cls, nodes: pd.DataFrame, trust: Trust | None = None) -> Self:
        """Build the cliques of a node table.

        `nodes` has the columns id, category, name, xref (CURIEs of the same thing, joined with |),
        source and, where there are any, synonym (joined with |) and drawing (see
        `ontologies.heavy_atoms`); blanks mean "not stated". The result does not depend on the
        order of rows.
        """
        rows = nodes.reindex(columns=list(Row.__annotations__), fill_value="")
        rows = rows.fillna("").astype(str)
        settled = []
        for kind in KINDS:
            chosen = rows[rows["category"].isin([str(name) for name in kind.categories])]
            records = [Row(*values) for values in chosen.itertuples(index=False, name=None)]
            classes = _classes(rows, chosen) if kind.base_prefix else {}
            settled.append((kind, _settle(kind, records, trust or Trust(), classes)))
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


def _classes(rows: pd.DataFrame, drugs: pd.DataFrame) -> dict[str, str]:
    """Give what some source names as a class of drugs and none as a drug, with that said."""
    stated = rows[(rows["category"] == str(Category.DRUG_CLASS)) & (rows["name"] != "")]
    stated = stated[stated["name"] != stated["id"].str.replace("^[^:]*:", "", regex=True)]
    stated = stated[~stated["id"].isin(drugs["id"])].sort_values(["id", "name"])
    names = stated.drop_duplicates("id").set_index("id")["name"]
    return {str(curie): f"a class of drugs: {name!r}" for curie, name in names.items()}


def _settle(kind: Kind, rows: Sequence[Row], trust: Trust, classes: Mapping[str, str]) -> Cliques:
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
    cliques = Cliques(names, kind.exclusive, kind.base_prefix, _known(kind, rows, classes))
    ranked = stated_links(stated, names, trust.doubted if kind.base_prefix else frozenset())
    tiers = {rank: [link for _, link in tier] for rank, tier in groupby(ranked, lambda r: r[0])}
    cliques.join_tier(tiers.pop(SAME_NAME, []))
    if kind.base_prefix:
        cliques.join_tier(name_links(names, cliques))
    for rank in (rank for rank in tiers if not rank.doubted):
        cliques.join_tier(tiers[rank])
    if kind.base_prefix:
        cliques.join_tier(synonym_links([r for r in rows if r.source in trust.synonyms], names))
    for rank in (rank for rank in tiers if rank.doubted):
        cliques.join_tier(tiers[rank])
    return cliques


def _known(kind: Kind, rows: Iterable[Row], classes: Mapping[str, str]) -> Known:
    """Gather what tells drugs apart besides identifiers; of all else, the hand-kept table alone."""
    cuts = hand_cuts()
    if not kind.base_prefix:
        return Known(marks=cuts.marks, lone=cuts.several)
    synonyms: dict[str, list[str]] = defaultdict(list)
    drawn: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.synonym:
            synonyms[row.id] += row.synonym.split("|")
        if row.drawing:
            drawn[row.id].add(row.drawing)
    held = {curie: drawings_of(curie, cells) for curie, cells in drawn.items()}
    return Known(synonyms, held, cuts.marks, {**classes, **cuts.several})


def _rank(curie: str, prefixes: Sequence[str]) -> tuple[int, str, int, str]:
    """Sort key: preferred prefix first; within a prefix, shorter (older) identifiers first."""
    prefix, _, identifier = curie.partition(":")
    place = prefixes.index(prefix) if prefix in prefixes else len(prefixes)
    return place, prefix, len(identifier), identifier
