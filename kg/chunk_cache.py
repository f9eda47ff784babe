"""Parsed chunks of a source, kept: what has not changed is not parsed again.

``<home>/cache/<source>-<digest>/`` holds one Parquet file for each chunk, its number and kind in
the name. The digest is of the raw files, of the adapter's code and tables, and of the libraries
that read and write tables. A folder exists whole or not at all, so that a build that was killed
goes on with the sources that it had finished.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kg.adapter_code import adapter_digest
from kg.artifact import DamagedArtifact, atomic_folder, open_artifact, write_manifest
from kg.chunk_check import as_table, checked
from kg.sources.base import FIELDS, Chunk, ChunkKind, Source

KEPT = 4
"""Parsed forms of one source that are kept; the one used longest ago goes first."""
_LIBRARIES = (pd.__version__, pa.__version__)


def chunk_digest(source: Source, digests: Mapping[str, str]) -> str:
    """Digest of all that decides what a source says; ``digests`` are SHA-256 by file name."""
    text = json.dumps([sorted(digests.items()), adapter_digest(source), _LIBRARIES])
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def read_chunks(
    source: Source, files: Mapping[str, Path], digests: Mapping[str, str], cache: Path
) -> list[Chunk]:
    """Give the chunks of a source: those that were kept, else parsed now and kept.

    A kept folder that is damaged counts as not there.

    Args:
        source: What to read.
        files: Path of each of its raw files, by name.
        digests: SHA-256 of each of them, by name.
        cache: Folder under which parsed chunks are kept.

    Raises:
        MalformedSource: A file is not what the adapter can read, or says what no graph can hold;
            nothing was kept.
        OSError: The disk is full or not writable.
    """
    place = cache / f"{source.info.name}-{chunk_digest(source, digests)}"
    kept = _kept(place)
    if kept is not None:
        return kept
    chunks = _parsed(source, files, place)
    _prune(cache, source.info.name)
    return chunks


def _kept(place: Path) -> list[Chunk] | None:
    if not place.is_dir():
        return None
    try:
        names = sorted(open_artifact(place).manifest["files"])
        chunks = [_read(place / name) for name in names]
        # When it was last used decides which form is removed first.
        os.utime(place)
    except (DamagedArtifact, OSError, pa.ArrowException):
        return None
    return chunks


def _read(path: Path) -> Chunk:
    kind = ChunkKind(path.stem.partition("-")[2])
    return Chunk.of(kind, pq.read_table(path, columns=list(FIELDS[kind])).to_pandas())


def _parsed(source: Source, files: Mapping[str, Path], place: Path) -> list[Chunk]:
    chunks = []
    with atomic_folder(place) as folder:
        for number, chunk in enumerate(checked(source, files)):
            table = as_table(source, files, chunk)
            name = f"{number:05d}-{chunk.kind.value}.parquet"
            pq.write_table(table, folder / name, compression="zstd", compression_level=1)
            chunks.append(chunk)
        write_manifest(folder, {"source": source.info.name})
    return chunks


def _prune(cache: Path, source: str) -> None:
    forms = [path for path in cache.glob("[!.]*") if path.name.rpartition("-")[0] == source]
    for path in sorted(forms, key=_last_used)[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def _last_used(place: Path) -> float:
    """When a parsed form was last used; long ago where another build has just removed it."""
    try:
        return place.stat().st_mtime
    except FileNotFoundError:
        return 0.0
