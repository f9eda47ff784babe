"""A graph written in a format that others read, into a folder that stands whole or not at all."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kg.artifact import MANIFEST, Artifact, write_manifest
from kg.atomic_folder import atomic_folder
from kg.exports.graphml import write_graphml
from kg.exports.kgx import write_kgx
from kg.exports.nquads import write_nquads
from kg.exports.parquet import write_parquet
from kg.exports.readme import readme
from kg.exports.selection import Selected, Terms, select
from kg.exports.turtle import write_turtle_files
from kg.tables import Tables, read_co_reports, read_tables

Writer = Callable[[Selected, Path], dict[str, int]]
Progress = Callable[[str], None]
FORMATS: Mapping[str, Writer] = {
    "graphml": write_graphml,
    "kgx": write_kgx,
    "nquads": write_nquads,
    "parquet": write_parquet,
    "turtle": write_turtle_files,
}
"""How a graph is written, by the name of the format."""
_KIND = "export"


class UnknownFormat(LookupError):
    """A graph cannot be written in a format of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no format is called {name!r}; known: {', '.join(sorted(FORMATS))}")
        self.name = name


class FolderInUse(ValueError):
    """A folder that is to be written holds files, which would be lost."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder} is not written: {reason}")
        self.folder = folder


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to write and where; ``force`` replaces an older export, and nothing else."""

    format: str
    folder: Path
    terms: Terms = Terms.ANY
    force: bool = False


def export(artifact: Artifact, request: ExportRequest, progress: Progress) -> dict[str, Any]:
    """Write a graph into a folder with a README and a manifest; gives the manifest.

    Raises:
        UnknownFormat: There is no such format.
        FolderInUse: It is a file, or holds files and is not an older export to be replaced.
        DamagedTable: A table of the graph cannot be read.
        OSError: The disk is full or not writable; what stood there before still stands.
    """
    writer = FORMATS.get(request.format)
    if writer is None:
        raise UnknownFormat(request.format)
    request = replace(request, folder=request.folder.absolute())
    _check_folder(request)
    progress("reading the graph")
    selected = select(_tables(artifact), artifact.releases, request.terms)
    with atomic_folder(request.folder) as folder:
        progress(f"writing {request.format}")
        counts = writer(selected, folder)
        manifest = _manifest(artifact, request, selected, counts)
        (folder / "README.md").write_text(readme(manifest), encoding="utf-8")
        write_manifest(folder, manifest)
    return manifest


def _tables(artifact: Artifact) -> Tables:
    return replace(read_tables(artifact.folder), co_reports=read_co_reports(artifact.folder))


def _check_folder(request: ExportRequest) -> None:
    folder = request.folder
    if folder.name in {"", ".."}:
        raise FolderInUse(folder, "it has no name of its own")
    standing = next(parent for parent in folder.parents if parent.exists())
    if not standing.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(standing))
    if not os.access(standing, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(standing))
    if folder.exists() and not folder.is_dir():
        raise FolderInUse(folder, "it is a file")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not request.force:
        raise FolderInUse(folder, "it is not empty; --force replaces an older export")
    if not _is_export(folder):
        raise FolderInUse(folder, "it holds other files than those of an export")


def _is_export(folder: Path) -> bool:
    """Tell whether all that lies in a folder is what an export wrote."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        ours = {MANIFEST, *manifest["files"]} if manifest["kind"] == _KIND else set()
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return {path.name for path in folder.iterdir()} <= ours


def _manifest(
    artifact: Artifact, request: ExportRequest, selected: Selected, counts: dict[str, int]
) -> dict[str, Any]:
    return {
        "kind": _KIND,
        "format": request.format,
        "graph": artifact.id,
        "terms": request.terms.value,
        "sources": [asdict(release) for release in selected.releases],
        "left_out": [asdict(row) for row in selected.left_out],
        "licences": sorted({release.licence for release in selected.releases}),
        "counts": counts,
    }
