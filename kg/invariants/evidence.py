"""Invariants of evidence: everybody who states something is known, and says it once."""

from __future__ import annotations

from collections.abc import Iterable

from kg.invariants.problem import Problem, listed
from kg.model import SourceRelease
from kg.tables import Tables, split
from ontologies.vocabulary import KnowledgeLevel

_ORIGIN = ("source", "version", "licence")


def missing_evidence(tables: Tables) -> list[Problem]:
    """Every edge has evidence, and every evidence its edge."""
    edges, cited = set(tables.edges["id"].tolist()), set(tables.evidence["edge_id"].tolist())
    bare = listed("missing_evidence", sorted(edges - cited), "is an edge without evidence")
    return bare + listed("missing_evidence", sorted(cited - edges), "is evidence without its edge")


def graded_predictions(tables: Tables) -> list[Problem]:
    """A prediction never has a severity."""
    frame = tables.evidence
    wrong = frame[
        (frame["knowledge_level"] == KnowledgeLevel.PREDICTION.value) & (frame["severity"] != "")
    ]
    return listed(
        "graded_predictions", sorted(set(wrong["edge_id"])), "is a prediction with a severity"
    )


def unknown_grounds(tables: Tables) -> list[Problem]:
    """Every edge that evidence is derived from is in the graph."""
    cells = tables.evidence["derived_from"]
    named = {name for cell in cells[cells != ""].unique() for name in split(cell)}
    unknown = named.difference(tables.edges["id"].tolist()) if named else named
    return listed("unknown_grounds", sorted(unknown), "is derived from but is no edge")


def unstated_origins(tables: Tables) -> list[Problem]:
    """Every statement says from which source, at which version, on what terms."""
    problems = []
    for frame in (tables.evidence, tables.co_reports):
        for cells in frame[list(_ORIGIN)].drop_duplicates().itertuples(index=False, name=None):
            lacking = [name for name, cell in zip(_ORIGIN, cells, strict=True) if not cell]
            detail = f"is evidence that states no {' and no '.join(lacking)}"
            problems += [Problem("unstated_origins", str(cells[0]), detail)] if lacking else []
    return sorted(set(problems))


def repeated_evidence(tables: Tables) -> list[Problem]:
    """Nobody says one thing twice in the same words."""
    frame = tables.evidence
    several = frame[frame["edge_id"].duplicated(keep=False)]
    wrong = set(several.loc[several.duplicated(), "edge_id"])
    return listed("repeated_evidence", sorted(wrong), "has the same evidence twice")


def unlisted_releases(tables: Tables, releases: Iterable[SourceRelease]) -> list[Problem]:
    """Every release that evidence or a co-report names is one of those that the manifest lists."""
    known = {(release.source, release.version) for release in releases}
    cited = {
        row
        for frame in (tables.evidence, tables.co_reports)
        for row in frame[["source", "version"]].drop_duplicates().itertuples(index=False, name=None)
    }
    wrong = sorted(f"{source} at {version!r}" for source, version in cited - known)
    return listed("unlisted_releases", wrong, "is named by evidence but is no release of the graph")
