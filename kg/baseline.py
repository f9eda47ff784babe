"""The graph that a new one is held against before it is published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from kg.artifact import MANIFEST, Artifact
from kg.diff import COMPARED, edges_by_source
from kg.tables import DamagedTable, Tables, read_co_reports, read_tables


def newest_graph(home: Path, recipe: str, *, commercial: bool) -> Artifact | None:
    """Give the newest graph of a recipe on the same terms; ``None`` where there is none.

    A graph that lacks no source goes before one that was built without some. Its manifest alone is
    looked at: what a graph stated can be told even where a table of it is damaged since.
    """
    fitting = [
        artifact
        for artifact in _graphs(home)
        if artifact.manifest.get("recipe") == recipe
        and bool(artifact.manifest.get("commercial")) == commercial
    ]
    return max(fitting, key=_preference, default=None)


def stated_edges(artifact: Artifact) -> Mapping[str, int]:
    """How many edges each source states in a graph, as its report says, else counted.

    Nothing is known of a graph whose report does not say it and whose tables are damaged.
    """
    counts = artifact.manifest.get("report", {}).get("edges_by_source")
    if isinstance(counts, dict):
        return counts
    try:
        return edges_by_source(compared_tables(artifact))
    except DamagedTable:
        return {}


def compared_tables(artifact: Artifact) -> Tables:
    """Read what two graphs are compared by; an older graph has no co-reports of their own.

    Raises:
        DamagedTable: A table cannot be read.
    """
    tables = read_tables(artifact.folder, COMPARED)
    if "co_reports.parquet" not in artifact.manifest.get("files", {}):
        return tables
    return replace(tables, co_reports=read_co_reports(artifact.folder))


def _graphs(home: Path) -> Iterator[Artifact]:
    for path in sorted((home / "kg").glob(f"[!.]*/{MANIFEST}")):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # A build is how such a graph is mended.
            continue
        if isinstance(manifest, dict):
            yield Artifact(path.parent, manifest)


def _preference(artifact: Artifact) -> tuple[bool, float, str]:
    changed = (artifact.folder / MANIFEST).stat().st_mtime
    return (not artifact.left_out, changed, artifact.id)
