"""What of a graph may leave the house: everything, less what the terms of its sources forbid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from kg.exports.biolink import AGGREGATOR
from kg.exports.terms import Passing, passing
from kg.model import SourceRelease, pair_id
from kg.nquads_columns import Coded, Places, first_rows, numbered
from kg.sources.registry import SOURCES
from kg.tables import Tables, split
from ontologies.vocabulary import AgentType, Category, Predicate

Flags: TypeAlias = npt.NDArray[np.bool_]
_TERMS = ("source", "version", "licence")


class Terms(StrEnum):
    """Which sources are taken along."""

    ANY = "any"
    """All whose terms do not forbid passing on."""
    STATED = "stated"
    """Those whose terms grant it in words."""
    COMMERCIAL = "commercial"
    """Those that allow commercial use, as ``coprescribe build --licence commercial`` reads them."""


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """Rows of one release, on one licence, that stay behind, and why."""

    source: str
    version: str
    licence: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class Selected:
    """What is taken along, the releases that it comes from, and what stays behind."""

    tables: Tables
    releases: tuple[SourceRelease, ...]
    left_out: tuple[LeftOut, ...]


def select(tables: Tables, releases: Iterable[SourceRelease], terms: Terms) -> Selected:
    """Leave out every row whose licence does not allow it to be passed on under some terms.

    A row goes by its own licence, which can be that of one file of a source. What was inferred
    from a row that stays behind stays behind too, what we read off a name that stays behind, and a
    node that nothing leads to any more and that no source taken along lists. Other words for a
    node, which are merged from all who list it, are left out where one of these stays behind; its
    name too, where they all do: it is then called by its CURIE.
    """
    listed = tuple(releases)
    trade = {(r.source, r.version): True for r in listed}
    trade |= {(r.source, r.version): False for r in listed if not r.commercial}
    said, reported = (_refused(rows, terms, trade) for rows in (tables.evidence, tables.co_reports))
    refused = {row[:3] for row in (*said, *reported)}
    told = {row[:2] for row in refused}
    silent = [_left_out(r, terms, trade) for r in listed if (r.source, r.version) not in told]
    behind = sorted({*said, *reported, *(row for row in silent if row)})
    if not behind:
        return Selected(tables, listed, ())
    sources = {row[0] for row in behind}
    bare = _without_readings(tables, sources)
    kept = _without(bare, *(_flags(rows, refused) for rows in (bare.evidence, bare.co_reports)))
    kept = replace(kept, nodes=_nodes_left(kept, sources, tables.edges))
    return Selected(kept, _releases_left(listed, kept, behind), _summed(behind))


_Row: TypeAlias = tuple[str, str, str, str, int]


def _reason(licence: str, terms: Terms, *, trade: bool) -> str:
    """Why rows on a licence stay behind; empty where they do not."""
    found = passing(licence)
    if found is Passing.FORBIDDEN:
        return "its licence forbids passing it on"
    if terms is Terms.STATED and found is Passing.NOT_STATED:
        return "its terms do not grant passing it on"
    if terms is Terms.COMMERCIAL and not trade:
        return "its terms do not allow commercial use"
    return ""


def _refused(rows: pd.DataFrame, terms: Terms, trade: Mapping[tuple[str, str], bool]) -> list[_Row]:
    number, keys = _on_terms(rows)
    counts = np.bincount(number, minlength=len(keys)).tolist()
    found = []
    for (source, version, licence), n_rows in zip(keys, counts, strict=True):
        reason = _reason(licence, terms, trade=trade.get((source, version), False))
        if reason:
            found.append((source, version, licence, reason, n_rows))
    return found


def _on_terms(rows: pd.DataFrame) -> tuple[Places, list[tuple[str, str, str]]]:
    """The number of the release and licence of each row; source, version, licence by number."""
    columns = [Coded.of(rows[name], lambda texts: texts) for name in _TERMS]
    number = numbered(*(column.places for column in columns))
    firsts = first_rows(number)
    texts = [column.rows(firsts).column().to_pylist() for column in columns]
    return number, list(zip(texts[0], texts[1], texts[2], strict=True))


def _left_out(
    release: SourceRelease, terms: Terms, trade: Mapping[tuple[str, str], bool]
) -> _Row | None:
    """A release that brings names alone and may not be passed on."""
    allowed = trade[release.source, release.version]
    reason = _reason(release.licence, terms, trade=allowed)
    return (release.source, release.version, release.licence, reason, 0) if reason else None


def _flags(rows: pd.DataFrame, refused: set[tuple[str, str, str]]) -> Flags:
    """True for the rows that are kept."""
    number, keys = _on_terms(rows)
    gone = [place for place, key in enumerate(keys) if key in refused]
    kept: Flags = ~np.isin(number, gone)
    return kept


def _without(tables: Tables, said: Flags, reported: Flags) -> Tables:
    """Kept rows of evidence and co-reports, less what was inferred from those that are gone."""
    evidence = tables.evidence[said]
    while True:
        edges = set(evidence["edge_id"])
        grounds = evidence["derived_from"]
        baseless = [
            bool(cell) and not edges.issuperset(split(str(cell))) for cell in grounds.tolist()
        ]
        if not any(baseless):
            break
        evidence = evidence[~np.asarray(baseless)]
    return Tables(
        tables.nodes,
        tables.edges[tables.edges["id"].isin(edges)].reset_index(drop=True),
        evidence.reset_index(drop=True),
        tables.co_reports[reported].reset_index(drop=True),
    )


def _listing(nodes: pd.DataFrame, behind: set[str]) -> tuple[Flags, Flags]:
    """Flag the nodes that a source taken along lists, and those that one left behind lists."""
    gone = {name for name, source in SOURCES.items() if source.info.infores in behind}
    cells = {cell: set(split(str(cell))) for cell in nodes["provided_by"].unique()}
    listed = nodes["provided_by"].map({cell: bool(who - gone) for cell, who in cells.items()})
    touched = nodes["provided_by"].map({cell: bool(who & gone) for cell, who in cells.items()})
    return listed.to_numpy(bool), touched.to_numpy(bool)


def _without_readings(tables: Tables, behind: set[str]) -> Tables:
    """Leave out what we read off names that stay behind, and quotes of names that may."""
    evidence, ids = tables.evidence, tables.nodes["id"]
    listed, touched = _listing(tables.nodes, behind)
    ours = evidence["source"] == AGGREGATOR
    ours &= evidence["agent_type"] == AgentType.AUTOMATED_AGENT.value
    read = tables.edges[tables.edges["id"].isin(set(evidence.loc[ours, "edge_id"]))]

    def about(nodes: pd.Series) -> pd.Series:
        found = read["subject"].isin(nodes) | read["object"].isin(nodes)
        return ours & evidence["edge_id"].isin(read.loc[found, "id"])

    text = evidence["text"].astype(str).mask(about(ids[touched]), "")
    return replace(tables, evidence=evidence.assign(text=text)[~about(ids[~listed])])


def _nodes_left(tables: Tables, behind: set[str], edges: pd.DataFrame) -> pd.DataFrame:
    """Nodes that something kept leads to or that a source taken along lists.

    ``edges`` are those of the whole graph, which tell the drugs of every pair.
    """
    nodes, reports = tables.nodes, tables.co_reports
    listed, touched = _listing(nodes, behind)
    ends = [tables.edges["subject"], tables.edges["object"]]
    drugs = reports[["drug_a", "drug_b"]].drop_duplicates().itertuples(index=False, name=None)
    pairs = pd.Series([pair_id(*both) for both in drugs], dtype=object)
    used = pd.concat([*ends, *(reports[name].astype(str) for name in _ENDS), pairs]).unique()
    pair = (nodes["category"] == Category.DRUG_PAIR.value).to_numpy(bool)
    keep = nodes["id"].isin(used).to_numpy(bool) | (listed & ~pair)
    words = {name: nodes[name].astype(str).mask(touched, "") for name in ("synonym", "xref")}
    nameless = ~listed & ~pair
    named = nodes.assign(**words, name=nodes["name"].astype(str).mask(nameless, nodes["id"]))
    told = _pairs_renamed(named, set(nodes.loc[nameless, "id"]), edges)
    return told[keep].reset_index(drop=True)


def _pairs_renamed(nodes: pd.DataFrame, nameless: set[str], edges: pd.DataFrame) -> pd.DataFrame:
    """Name a pair, which bears the names of its drugs, anew where one of them has lost its own."""
    stated = edges["predicate"] == Predicate.HAS_PARTICIPANT.value
    members = edges.loc[stated, ["subject", "object"]].astype(str)
    lost = members.loc[members["object"].isin(nameless), "subject"]
    if lost.empty:
        return nodes
    found = members[members["subject"].isin(lost)].sort_values(["subject", "object"])
    names = found["object"].map(nodes.set_index("id")["name"])
    told = names.groupby(found["subject"]).agg(" + ".join)
    return nodes.assign(name=nodes["id"].map(told).fillna(nodes["name"]))


_ENDS = ("drug_a", "drug_b", "effect")


def _releases_left(
    releases: tuple[SourceRelease, ...], kept: Tables, behind: Iterable[_Row]
) -> tuple[SourceRelease, ...]:
    """Releases of which something is left, or that stay behind in nothing."""
    left = {
        key
        for rows in (kept.evidence, kept.co_reports)
        for key in rows[["source", "version"]].drop_duplicates().itertuples(index=False, name=None)
    }
    touched = {row[:2] for row in behind}
    return tuple(
        r for r in releases if (r.source, r.version) in left or (r.source, r.version) not in touched
    )


def _summed(rows: Iterable[_Row]) -> tuple[LeftOut, ...]:
    """One entry for each release and licence, whatever kinds of rows it lost."""
    n_rows: dict[tuple[str, str, str, str], int] = {}
    for *key, count in rows:
        named = (key[0], key[1], key[2], key[3])
        n_rows[named] = n_rows.get(named, 0) + count
    return tuple(sorted(LeftOut(*named, rows=count) for named, count in n_rows.items()))
