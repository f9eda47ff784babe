"""What of a graph may leave the house: everything, less what the terms of its sources forbid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from kg.exports.terms import Passing, passing
from kg.model import SourceRelease, pair_id
from kg.nquads_columns import Coded, Places, first_rows, numbered
from kg.sources.registry import SOURCES
from kg.tables import Tables, split
from ontologies.vocabulary import Category

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
    from a row that stays behind stays behind too, and so does a node that nothing leads to any
    more and that no source taken along lists. Other words for a node, which are merged from all
    who list it, are left out where one of these stays behind.
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
    kept = _without(tables, _flags(tables.evidence, refused), _flags(tables.co_reports, refused))
    sources = {row[0] for row in behind}
    kept = replace(kept, nodes=_nodes_left(kept, sources))
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


def _nodes_left(tables: Tables, behind: set[str]) -> pd.DataFrame:
    """Nodes that something kept leads to or that a source taken along lists."""
    nodes, reports = tables.nodes, tables.co_reports
    known = {name: source.info.infores for name, source in SOURCES.items()}
    gone = {name for name, infores in known.items() if infores in behind}
    cells = {cell: set(split(str(cell))) for cell in nodes["provided_by"].unique()}
    ends = [tables.edges["subject"], tables.edges["object"]]
    drugs = reports[["drug_a", "drug_b"]].drop_duplicates().itertuples(index=False, name=None)
    pairs = pd.Series([pair_id(*both) for both in drugs], dtype=object)
    used = pd.concat([*ends, *(reports[name].astype(str) for name in _ENDS), pairs]).unique()
    listed = nodes["provided_by"].map({cell: bool(who - gone) for cell, who in cells.items()})
    pair = (nodes["category"] == Category.DRUG_PAIR.value).to_numpy(bool)
    keep = nodes["id"].isin(used).to_numpy(bool) | (listed.to_numpy(bool) & ~pair)
    touched = nodes["provided_by"].map({cell: bool(who & gone) for cell, who in cells.items()})
    own = ~touched.to_numpy(bool)
    words = {name: nodes[name].astype(str).where(own, "") for name in ("synonym", "xref")}
    return nodes.assign(**words)[keep].reset_index(drop=True)


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
