"""A published folder and its manifest: verified when opened, found by its name."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.atomic_folder import atomic_folder
from kg.graph import KnowledgeGraph
from kg.model import SourceRelease
from kg.serving.files import INDEX, DamagedIndex, open_served

__all__ = [
    "MANIFEST",
    "RECIPE_ORDER",
    "Artifact",
    "DamagedArtifact",
    "MissingGraph",
    "atomic_folder",
    "check_nested",
    "choose_graph",
    "chosen_graph",
    "find_graph",
    "graph_of",
    "open_artifact",
    "open_graph",
    "sha256_of",
    "write_manifest",
]

MANIFEST = "manifest.json"
STORE = "store"
"""Name of the folder of the RDF store, which is written after its graph was published."""
RECIPE_ORDER = ("full", "open")
"""Which recipe is opened first when nobody names a graph (contracts, command line)."""


class MissingGraph(LookupError):
    """No such graph has been built under this home."""

    def __init__(self, home: Path, graph_id: str | None, known: tuple[str, ...]) -> None:
        wanted = f"graph {graph_id!r}" if graph_id else "graph"
        known_text = f"; there are: {', '.join(known)}" if known else ""
        super().__init__(
            f"no {wanted} under {home}{known_text}; build one with: coprescribe build --recipe open"
        )
        self.graph_id = graph_id


class DamagedArtifact(ValueError):
    """A file of an artifact is missing or not the one that was written."""

    def __init__(self, folder: Path, file: str, reason: str) -> None:
        super().__init__(
            f"the artifact {folder.name} is damaged: {file} {reason}; build it again with --force"
        )
        self.folder, self.file = folder, file


@dataclass(frozen=True, slots=True)
class Artifact:
    """A published folder and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Name of the artifact, which is a digest of what went into it."""
        return self.folder.name

    @property
    def releases(self) -> tuple[SourceRelease, ...]:
        """Sources of the graph with version and licence.

        Raises:
            DamagedArtifact: The manifest does not list them.
        """
        try:
            return tuple(SourceRelease(**row) for row in self.manifest["sources"])
        except (KeyError, TypeError) as error:
            raise DamagedArtifact(self.folder, MANIFEST, "does not list the sources") from error

    @property
    def left_out(self) -> Mapping[str, str]:
        """Why sources of the recipe are not in the graph, by their names."""
        return {row["source"]: row["reason"] for row in self.manifest.get("left_out", ())}

    def holds(self, part: str) -> bool:
        """Tell whether a derived folder, such as :data:`STORE`, has been written whole."""
        return any(name.startswith(f"{part}/") for name in self.manifest.get("nested_files", {}))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as lower-case hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write ``manifest.json`` with the SHA-256 of every file of the folder.

    Files in sub-folders (the derived store and index, which are large) are listed apart, with their
    size.
    """
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = {path.name: sha256_of(path) for path in paths if path.parent == folder}
    nested = _nested(folder, (path for path in paths if path.parent != folder))
    content = {**manifest, "files": files, "nested_files": nested}
    (folder / MANIFEST).write_text(_written(content), encoding="utf-8")


def extend_manifest(folder: Path, part: str) -> None:
    """List the files of a derived folder, written after its graph was published, in the manifest.

    The older manifest or the newer one stands, whenever the machine stops.
    """
    content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    paths = sorted(path for path in (folder / part).rglob("*") if path.is_file())
    content["nested_files"].update(_nested(folder, paths))
    temporary = folder / f".{MANIFEST}"
    with temporary.open("w", encoding="utf-8") as file:
        file.write(_written(content))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / MANIFEST)


def _nested(folder: Path, paths: Iterable[Path]) -> dict[str, list[int | str]]:
    return {
        path.relative_to(folder).as_posix(): [path.stat().st_size, sha256_of(path)]
        for path in paths
    }


def _written(manifest: Mapping[str, Any]) -> str:
    return json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def open_artifact(folder: Path) -> Artifact:
    """Open a folder: check its own files by SHA-256, those of the derived folders by size.

    The store is many times larger than the tables and is read in parts; :func:`check_nested` reads
    it whole. The index is checked by :func:`graph_of`, which is what reads it.

    Raises:
        DamagedArtifact: The manifest or a file is missing, unreadable or changed.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DamagedArtifact(folder, MANIFEST, "is missing") from error
    except (OSError, ValueError) as error:
        raise DamagedArtifact(folder, MANIFEST, f"cannot be read ({error})") from error
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict):
        raise DamagedArtifact(folder, MANIFEST, "does not list the files")
    for name, digest in files.items():
        _check_digest(folder, name, digest)
    for name, (size, _) in manifest.get("nested_files", {}).items():
        _check_size(folder, name, size)
    return Artifact(folder, manifest)


def check_nested(artifact: Artifact, folder: str = "") -> None:
    """Check the files of the derived store and index, or of one of them, by SHA-256.

    That of the store takes a while.

    Raises:
        DamagedArtifact: A file has changed.
    """
    for name, (_, digest) in artifact.manifest.get("nested_files", {}).items():
        if name.startswith(folder):
            _check_digest(artifact.folder, name, digest)


def _check_digest(folder: Path, name: str, digest: str) -> None:
    if not (folder / name).is_file():
        raise DamagedArtifact(folder, name, "is missing")
    if sha256_of(folder / name) != digest:
        raise DamagedArtifact(folder, name, "has changed since it was written (sha256 differs)")


def _check_size(folder: Path, name: str, size: int) -> None:
    if not (folder / name).is_file():
        raise DamagedArtifact(folder, name, "is missing")
    if (folder / name).stat().st_size != size:
        raise DamagedArtifact(folder, name, "is not as long as it was written")


def find_graph(home: Path, graph_id: str | None = None) -> Path:
    """Return the folder of a graph: as named, as chosen, else the newest ``full``, ``open``, any.

    Raises:
        MissingGraph: There is none.
    """
    folder = home / "kg"
    known = tuple(sorted(p.name for p in folder.glob("[!.]*") if (p / MANIFEST).is_file()))
    chosen = graph_id or chosen_graph(home)
    if chosen:
        if chosen not in known:
            raise MissingGraph(home, chosen, known)
        return folder / chosen
    if not known:
        raise MissingGraph(home, None, known)
    return max((folder / name for name in known), key=_preference)


def chosen_graph(home: Path) -> str | None:
    """Id that ``coprescribe use`` wrote down; ``None`` when nothing was chosen."""
    path = home / "graph.txt"
    return path.read_text(encoding="utf-8").strip() or None if path.is_file() else None


def choose_graph(home: Path, graph_id: str) -> None:
    """Make a graph the one that is opened when nobody names another.

    Raises:
        MissingGraph: There is no such graph.
    """
    find_graph(home, graph_id)
    temporary = home / ".graph.txt.tmp"
    temporary.write_text(graph_id + "\n", encoding="utf-8")
    temporary.replace(home / "graph.txt")


def open_graph(home: Path, graph_id: str | None = None) -> KnowledgeGraph:
    """Open a graph, verified against its manifest.

    Raises:
        MissingGraph: There is none.
        DamagedArtifact: A file has changed or is missing.
        DamagedTable: A table cannot be read.
    """
    return graph_of(open_artifact(find_graph(home, graph_id)))


def graph_of(artifact: Artifact) -> KnowledgeGraph:
    """Give the graph of an artifact that has been opened, served from its index.

    The index answers in place of the tables, so it is held against its digests as they are: that
    is most of the time that opening takes (0.15 s of a processor for the 260 MB of ``full``).

    Raises:
        DamagedArtifact: A file of the index has changed or cannot be read, or the manifest cannot.
        DamagedTable: There is no index, and a table cannot be read.
    """
    check_nested(artifact, f"{INDEX}/")
    try:
        held = open_served(artifact.folder)
    except DamagedIndex as error:
        file = error.path.relative_to(artifact.folder).as_posix()
        raise DamagedArtifact(artifact.folder, file, f"cannot be read ({error.reason})") from error
    return KnowledgeGraph(artifact.id, held, artifact.releases)


def _preference(folder: Path) -> tuple[int, float, str]:
    try:
        recipe = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["recipe"]
    except (OSError, ValueError, LookupError, TypeError):
        recipe = None
    rank = -RECIPE_ORDER.index(recipe) if recipe in RECIPE_ORDER else -len(RECIPE_ORDER)
    return (rank, (folder / MANIFEST).stat().st_mtime, folder.name)
