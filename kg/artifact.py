"""A folder that exists whole or not at all: written aside, renamed, verified when opened."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.graph import KnowledgeGraph
from kg.model import SourceRelease
from kg.tables import read_to_serve

MANIFEST = "manifest.json"
RECIPE_ORDER = ("full", "open")
"""Which recipe is opened first when nobody names a graph (contracts, command line)."""

_LEFT_OVER_SECONDS = 24 * 3600.0
_IS_TAKEN = frozenset({errno.EEXIST, errno.ENOTEMPTY})


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


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as lower-case hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Give a temporary sibling of a folder to write into; put it in place when the block ends well.

    An older folder of that name is replaced. When the block raises, nothing of the temporary one
    remains and the older one still stands. Each writer has a temporary folder of its own; what
    killed writers of this folder left behind is removed once nothing in it has changed for a day.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    workshop = Path(tempfile.mkdtemp(".tmp", f".{target.name}.", target.parent))
    # The workshop is for this user alone; what is published has the rights of any new folder.
    temporary = workshop / "new"
    try:
        temporary.mkdir()
        yield temporary
        _sync(temporary)
        _put_in_place(temporary, target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write ``manifest.json`` with the SHA-256 of every file of the folder.

    Files in sub-folders (the derived store, which is large) are listed apart, with their size.
    """
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = {path.name: sha256_of(path) for path in paths if path.parent == folder}
    nested = {
        path.relative_to(folder).as_posix(): [path.stat().st_size, sha256_of(path)]
        for path in paths
        if path.parent != folder
    }
    content = {**manifest, "files": files, "nested_files": nested}
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def open_artifact(folder: Path) -> Artifact:
    """Open a folder: check its own files by SHA-256, those of the derived store by size.

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


def check_nested(artifact: Artifact) -> None:
    """Check every file of the derived store by SHA-256, which takes a while.

    Raises:
        DamagedArtifact: A file has changed.
    """
    for name, (_, digest) in artifact.manifest.get("nested_files", {}).items():
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
    artifact = open_artifact(find_graph(home, graph_id))
    return KnowledgeGraph(artifact.id, read_to_serve(artifact.folder), artifact.releases)


def _preference(folder: Path) -> tuple[int, float, str]:
    try:
        recipe = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["recipe"]
    except (OSError, ValueError, LookupError, TypeError):
        recipe = None
    rank = -RECIPE_ORDER.index(recipe) if recipe in RECIPE_ORDER else -len(RECIPE_ORDER)
    return (rank, (folder / MANIFEST).stat().st_mtime, folder.name)


def _sync(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two folders in one step, so that a kill leaves no moment without either.

    False where the system cannot (renameat2 with RENAME_EXCHANGE: Linux 3.15 and later).
    """
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    here, exchange = -100, 2
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _put_in_place(temporary: Path, target: Path) -> None:
    if not _placed(temporary, target) and not _exchanged(temporary, target):
        old = temporary.with_name("old")
        target.rename(old)
        try:
            temporary.rename(target)
        except OSError:
            old.rename(target)
            raise
    _sync_folder(target.parent)


def _placed(temporary: Path, target: Path) -> bool:
    """Rename a folder to where none is; False where one stands, perhaps since a moment ago."""
    try:
        temporary.rename(target)
    except OSError as error:
        if error.errno not in _IS_TAKEN:
            raise
        return False
    return True


def _sweep(target: Path) -> None:
    """Remove what writers of a folder left beside it when they were killed, never a live one."""
    for path in target.parent.iterdir():
        is_ours = path.name.startswith(f".{target.name}.") and path.suffix in {".tmp", ".old"}
        if is_ours and time.time() - _last_change(path) > _LEFT_OVER_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def _last_change(folder: Path) -> float:
    """When anything in a folder last changed; now, where another sweep is at work on it."""
    try:
        return max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
    except OSError:
        return time.time()
