"""Graphs without some sources, and the pairs of drugs that such a source grades.

A graph is assembled in memory, not published: nothing of it stays on the disk but what adapters
have parsed, in the home that the caller gives.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from kg.assemble import assemble
from kg.effects import load_patterns
from kg.fetch import Progress
from kg.graph import KnowledgeGraph
from kg.intake import Places, take_in, without
from kg.model import Severity
from kg.recipe import load_recipe
from kg.sources.curated import CURATED, FOLDER
from kg.tables import Tables, split
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate

Pair = tuple[str, str]
COLUMNS = {
    "nodes": ("id", "category", "name", "xref"),
    "edges": ("id", "subject", "predicate", "object"),
    "evidence": ("edge_id", "source", "severity", "primary"),
}
"""What is read of the tables of the whole graph."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is left out of a graph, and which of its statements are looked for.

    ``sources`` are names of the recipe, ``infores`` those of the evidence; ``seen_in`` is what the
    table of references calls the document, so that rows of ours which rest on it can be told.
    """

    title: str
    sources: tuple[str, ...]
    infores: frozenset[str]
    severity: Severity
    seen_in: str

    @property
    def references(self) -> frozenset[str]:
        """References of the curated tables that are this source itself."""
        with (FOLDER / "references.tsv").open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            return frozenset(row["id"] for row in rows if row["seen_in"] == self.seen_in)


ANSM = LeftOut(
    "ANSM, editions of 2020 and 2016: contraindicated",
    ("ansm", "worldvista"),
    frozenset({"infores:ansm", "infores:worldvista"}),
    Severity.CONTRAINDICATED,
    "ansm",
)
DDINTER = LeftOut(
    "DDInter: major", ("ddinter",), frozenset({"infores:ddinter"}), Severity.MAJOR, "ddinter"
)


def tables_without(left_out: LeftOut, home: Path, data: Path, progress: Progress) -> Tables:
    """Assemble the recipe ``full`` without some sources; what was parsed is kept in ``home``."""
    recipe = without(load_recipe("full"), dict.fromkeys(left_out.sources, "left out"))
    taken = take_in(recipe, Places(home, data), progress)
    progress(f"assembling without {', '.join(left_out.sources)}")
    return assemble(taken.chunks, load_patterns(FOLDER / "effects_fr.tsv")).tables


def without_rows_resting_on(tables: Tables, references: frozenset[str]) -> Tables:
    """Leave out the curated evidence that cites nothing but some documents, and bare edges."""
    cited = tables.evidence["reference"].astype(str)
    alone = {cell for cell in cited.unique() if cell and set(split(cell)) <= references}
    own = tables.evidence["source"] == CURATED.info.infores
    evidence = tables.evidence[~(own & cited.isin(alone))]
    edges = tables.edges[tables.edges["id"].isin(set(evidence["edge_id"]))]
    return replace(tables, edges=edges, evidence=evidence)


def graph_of_tables(name: str, tables: Tables) -> KnowledgeGraph:
    """Index tables that were assembled in memory."""
    return KnowledgeGraph(name, tables, ())


def graded(tables: Tables) -> pd.DataFrame:
    """Columns ``pair source severity``: each graded statement of a source on two drugs."""
    evidence = tables.evidence[["edge_id", "source", "severity", "primary"]]
    evidence = evidence[evidence["primary"] & (evidence["severity"].astype(str) != "")]
    edges = tables.edges[tables.edges["predicate"] == Predicate.CONTRIBUTES_TO.value]
    both = evidence.merge(edges[["id", "subject"]], left_on="edge_id", right_on="id")
    both = both[both["subject"].astype(str).str.startswith("pair:")]
    return both.rename(columns={"subject": "pair"})[["pair", "source", "severity"]].astype(str)


def drugs_of_pairs(tables: Tables, pairs: Iterable[str]) -> dict[str, Pair]:
    """The two drugs of each pair node."""
    edges = tables.edges[tables.edges["predicate"] == Predicate.HAS_PARTICIPANT.value]
    edges = edges[edges["subject"].isin(set(pairs))]
    ends: dict[str, list[str]] = defaultdict(list)
    for pair, drug in zip(edges["subject"], edges["object"], strict=True):
        ends[pair].append(drug)
    return {pair: (min(drugs), max(drugs)) for pair, drugs in ends.items() if len(drugs) == 2}


def pairs_of(tables: Tables, left_out: LeftOut) -> list[Pair]:
    """Pairs that one of the left-out sources grades so somewhere, whatever the condition."""
    rows = graded(tables)
    wanted = rows["source"].isin(left_out.infores) & (rows["severity"] == left_out.severity.value)
    named = rows.loc[wanted, "pair"].unique()
    return sorted(drugs_of_pairs(tables, named).values())


def in_other_graph(tables: Tables, other: Tables) -> Mapping[str, str]:
    """Node of another graph that stands for each drug, by any identifier that the two share."""
    holders: dict[str, str] = {}
    for curie, members in _drugs(other):
        for member in members:
            holders.setdefault(member, curie)
    found = {}
    for curie, members in _drugs(tables):
        holder = next((holders[member] for member in members if member in holders), None)
        if holder is not None:
            found[curie] = holder
    return found


def covered(graph: KnowledgeGraph, pairs: Iterable[Pair], same: Mapping[str, str]) -> list[Pair]:
    """The pairs as nodes of a graph, of which the graph covers both drugs."""
    moved = {
        (min(same[a], same[b]), max(same[a], same[b]))
        for a, b in pairs
        if a in same and b in same and same[a] != same[b]
    }
    return sorted(p for p in moved if all(graph.covers(Curie.parse(drug)) for drug in p))


def atc_groups(tables: Tables, drugs: Iterable[str]) -> dict[str, str]:
    """ATC group of each drug (level 3), the first by alphabet; ``?`` where it has no code."""
    wanted = set(drugs)
    found = {}
    for curie, members in _drugs(tables):
        if curie in wanted:
            codes = sorted(m.removeprefix("ATC:") for m in members if m.startswith("ATC:"))
            found[curie] = next((code[:4] for code in codes if len(code) >= 4), "?")
    return found


def _drugs(tables: Tables) -> Iterable[tuple[str, tuple[str, ...]]]:
    kinds = {Category.DRUG.value, Category.SMALL_MOLECULE.value, Category.CHEMICAL_ENTITY.value}
    nodes = tables.nodes[tables.nodes["category"].isin(kinds)]
    for curie, xref in zip(nodes["id"], nodes["xref"], strict=True):
        yield curie, (curie, *split(xref))
