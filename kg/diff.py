"""What changed between two graphs, and which sources lost too much of what they stated. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from kg.co_report_keys import (
    changed_co_reports,
    co_reports_by_source,
    shared_co_reports_by_source,
)
from kg.tables import Tables
from ontologies.vocabulary import Predicate

MAX_LOSS = 0.05
"""Part of its edges that a source may lose from one graph to the next without being named."""
COMPARED = {
    "nodes": ("id", "category", "name", "xref"),
    "edges": ("id", "subject", "predicate", "object"),
    "evidence": ("edge_id", "source", "severity"),
}
"""The columns of each table that are looked at."""

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Changed:
    """How many there were of each kind only before, and only after; kinds without are left out."""

    removed: Counts
    added: Counts


@dataclass(frozen=True, slots=True)
class SourceEdges:
    """Edges that a source states, before and after, and how many of them it no longer states."""

    source: str
    before: int
    after: int
    removed: int
    added: int


@dataclass(frozen=True, slots=True)
class SeverityChange:
    """One source grades the same edge otherwise; an empty severity is "not stated"."""

    edge_id: str
    subject: str
    object: str
    source: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renaming:
    """A node that stands under another preferred CURIE now, its old one being a cross-reference."""

    before: str
    after: str
    name: str


@dataclass(frozen=True, slots=True)
class Loss:
    """A source states fewer edges than it did: ``part`` of them went, from 0 to 1."""

    source: str
    before: int
    after: int

    @property
    def part(self) -> float:
        """Which part of its edges the source lost."""
        return (self.before - self.after) / self.before


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one graph to another; every list is sorted."""

    nodes: Changed
    edges: Changed
    sources: tuple[SourceEdges, ...]
    severities: tuple[SeverityChange, ...]
    renamed: tuple[Renaming, ...]


class ShrunkSource(ValueError):
    """Sources lost more of their edges than is let pass unnamed."""

    def __init__(self, losses: Iterable[Loss], before: str) -> None:
        self.losses = tuple(losses)
        told = ", ".join(
            f"{short_name(loss.source)} lost {loss.part:.1%} of {loss.before:,}"
            for loss in self.losses
        )
        allowed = " ".join(f"--allow-loss {short_name(loss.source)}" for loss in self.losses)
        super().__init__(
            f"against {before}, more than {MAX_LOSS:.0%} of the edges of a source are gone: "
            f"{told}; where that is meant, say {allowed}"
        )


def compare(before: Tables, after: Tables) -> Difference:
    """Compare two graphs, of whose tables only the columns of ``COMPARED`` need be there."""
    return Difference(
        nodes=_changed(before.nodes, after.nodes, "category"),
        edges=_changed_edges(before, after),
        sources=_source_edges(before, after),
        severities=_severity_changes(before, after),
        renamed=_renamings(before.nodes, after.nodes),
    )


def losses(difference: Difference, limit: float = MAX_LOSS) -> tuple[Loss, ...]:
    """Sources that lost more than a part of their edges (0.05 is 5 %), by name."""
    before = {row.source: row.before for row in difference.sources}
    after = {row.source: row.after for row in difference.sources}
    return losses_of(before, after, limit)


def losses_of(before: Counts, after: Counts, limit: float = MAX_LOSS) -> tuple[Loss, ...]:
    """Sources that lost more than a part of their edges, of the edges per source alone."""
    found = (Loss(source, n, after.get(source, 0)) for source, n in sorted(before.items()) if n)
    return tuple(loss for loss in found if loss.part > limit)


def refuse_losses(found: Iterable[Loss], allowed: Iterable[str], before: str) -> None:
    """Let losses pass that are allowed by name, with or without ``infores:``.

    Raises:
        ShrunkSource: Others are left; ``before`` names the older graph.
    """
    names = {short_name(name) for name in allowed}
    left = [loss for loss in found if short_name(loss.source) not in names]
    if left:
        raise ShrunkSource(left, before)


def short_name(source: str) -> str:
    """Name of a source without its prefix.

    >>> short_name("infores:ansm")
    'ansm'
    """
    return source.removeprefix("infores:")


def edges_by_source(tables: Tables) -> dict[str, int]:
    """How many edges each source states, co-reports among them."""
    stated = tables.evidence[["edge_id", "source"]].drop_duplicates()["source"]
    return _joined(_counts(stated), co_reports_by_source(tables.co_reports))


def _joined(one: Counts, other: Counts) -> dict[str, int]:
    return dict(sorted((Counter(one) + Counter(other)).items()))


def _counts(column: pd.Series[str]) -> dict[str, int]:
    return {str(key): int(n) for key, n in column.value_counts().sort_index().items()}


def _changed(before: pd.DataFrame, after: pd.DataFrame, kind: str) -> Changed:
    return Changed(
        removed=_counts(before.loc[~before["id"].isin(after["id"]), kind]),
        added=_counts(after.loc[~after["id"].isin(before["id"]), kind]),
    )


def _changed_edges(before: Tables, after: Tables) -> Changed:
    changed = _changed(before.edges, after.edges, "predicate")
    removed, added = changed_co_reports(before.co_reports, after.co_reports)
    co_reported = Predicate.CO_REPORTED.value
    return Changed(
        removed=_joined(changed.removed, Counter({co_reported: removed})),
        added=_joined(changed.added, Counter({co_reported: added})),
    )


def _source_edges(before: Tables, after: Tables) -> tuple[SourceEdges, ...]:
    keys = ["edge_id", "source"]
    stated = [tables.evidence[keys].drop_duplicates() for tables in (before, after)]
    both = Counter(_counts(stated[0].merge(stated[1], on=keys)["source"]))
    both += shared_co_reports_by_source(before.co_reports, after.co_reports)
    old, new = edges_by_source(before), edges_by_source(after)
    rows = []
    for source in sorted({*old, *new}):
        n_old, n_new = old.get(source, 0), new.get(source, 0)
        n_gone, n_come = n_old - both[source], n_new - both[source]
        rows.append(SourceEdges(source, n_old, n_new, n_gone, n_come))
    return tuple(rows)


def _severity_changes(before: Tables, after: Tables) -> tuple[SeverityChange, ...]:
    keys = ["edge_id", "source"]
    graded = [_graded(tables.evidence, (before, after)) for tables in (before, after)]
    sides = graded[0].merge(graded[1], on=[*keys, "severity"], how="outer", indicator=True)
    odd = sides.loc[sides["_merge"] != "both", keys].drop_duplicates()
    old, new = (_severities(frame.merge(odd, on=keys)) for frame in graded)
    # An edge that a source states on one side only is counted with its edges, not here.
    shared = sorted(set(old) & set(new))
    ids = {edge for edge, _ in shared}
    rows = after.edges[after.edges["id"].isin(ids)]
    ends = {edge: (a, b) for edge, a, b in rows[["id", "subject", "object"]].to_numpy()}
    return tuple(
        SeverityChange(edge, *ends[edge], source, old[(edge, source)], new[(edge, source)])
        for edge, source in shared
    )


def _graded(evidence: pd.DataFrame, both: Iterable[Tables]) -> pd.DataFrame:
    """The different severities of every edge, of the sources that grade anything at all."""
    grades = [t.evidence.loc[t.evidence["severity"] != "", "source"].unique() for t in both]
    rows = evidence["source"].isin({source for sources in grades for source in sources})
    return evidence.loc[rows, ["edge_id", "source", "severity"]].drop_duplicates()


def _severities(graded: pd.DataFrame) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for edge, source, severity in graded[["edge_id", "source", "severity"]].itertuples(
        index=False, name=None
    ):
        found.setdefault((edge, source), []).append(severity)
    return {key: tuple(sorted(severities)) for key, severities in found.items()}


def _renamings(before: pd.DataFrame, after: pd.DataFrame) -> tuple[Renaming, ...]:
    gone = set(before["id"]) - set(after["id"])
    lists = after.loc[after["xref"] != "", ["id", "name", "xref"]]
    single = lists.assign(xref=lists["xref"].str.split("|")).explode("xref")
    found = single[single["xref"].isin(gone)]
    rows = zip(found["xref"], found["id"], found["name"], strict=True)
    return tuple(Renaming(*map(str, row)) for row in sorted(rows))
