"""Raw files become chunks: fetched, read or taken from the cache; what cannot be read is named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from kg.artifact import sha256_of
from kg.assemble import SourceChunk
from kg.chunk_cache import read_chunks
from kg.fetch import Download, Progress, UnsafeArchive, WrongDigest, fetch_all
from kg.recipe import Recipe
from kg.sources.base import MalformedSource
from kg.sources.curated import CURATED, FOLDER
from kg.sources.registry import find_source

CURATED_LICENCE = "Apache-2.0"
Raw = Mapping[str, Mapping[str, Path]]


@dataclass(frozen=True, slots=True)
class Places:
    """Where files come from and go to; ``data`` is the user's own folder."""

    home: Path
    data: Path | None = None
    download: Download | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """The chunks of all sources, and why the others were left out, by name."""

    chunks: tuple[SourceChunk, ...]
    left_out: Mapping[str, str]


def take_in(recipe: Recipe, places: Places, progress: Progress) -> Intake:
    """Fetch and read every source of a recipe, and the curated tables.

    Raises:
        FetchFailed, MissingData, WrongDigest, UnsafeArchive: A source file cannot be had or is not
            the pinned one. MalformedSource: A source file is not what its adapter can read.
    """
    raw = _fetched(recipe, places, progress)
    progress("reading sources")
    chunks = [chunk for name in recipe.sources for chunk in _read(recipe, name, raw, places)]
    return Intake((*chunks, *_curated(places)), {})


def take_in_what_can_be_read(recipe: Recipe, places: Places, progress: Progress) -> Intake:
    """Fetch and read every source that can be read; tell of each other one why it cannot.

    Raises:
        FetchFailed, MissingData: A source file cannot be had. MalformedSource: The curated tables,
            which are the project's own, cannot be read.
    """
    chunks: list[SourceChunk] = []
    left_out: dict[str, str] = {}
    # All at once, so that a package that several sources share is fetched once.
    with suppress(UnsafeArchive, WrongDigest):
        _fetched(recipe, places, progress)
    progress("reading sources")
    for name in recipe.sources:
        try:
            raw = _fetched(_part(recipe, name), places, progress)
            chunks += _read(recipe, name, raw, places)
        except (MalformedSource, UnsafeArchive, WrongDigest) as error:
            left_out[name] = _reason(error)
            progress(f"left out {name}: {left_out[name]}")
    return Intake((*chunks, *_curated(places)), left_out)


def without(recipe: Recipe, names: Mapping[str, str]) -> Recipe:
    """Give a recipe without some of its sources."""
    return replace(recipe, files=tuple(file for file in recipe.files if file.source not in names))


def curated_version() -> str:
    """Version of the curated tables: a digest of their bytes."""
    digests = "".join(sha256_of(path) for path in _curated_files().values())
    return hashlib.blake2b(digests.encode(), digest_size=4).hexdigest()


def _fetched(recipe: Recipe, places: Places, progress: Progress) -> Raw:
    return fetch_all(recipe, places.home, progress, places.download, places.data)


def _part(recipe: Recipe, name: str) -> Recipe:
    files = recipe.files_of(name)
    used = {file.package for file in files}
    return replace(
        recipe, packages=tuple(p for p in recipe.packages if p.name in used), files=files
    )


def _read(recipe: Recipe, name: str, raw: Raw, places: Places) -> list[SourceChunk]:
    source = find_source(name)
    files = recipe.files_of(name)
    licences = {file.name: file.licence for file in files}
    digests = {file.name: file.sha256 for file in files}
    return [
        SourceChunk(name, source.info.infores, files[0].version, licences, chunk)
        for chunk in read_chunks(source, raw[name], digests, places.home / "cache")
    ]


def _curated(places: Places) -> list[SourceChunk]:
    files = _curated_files()
    licences = dict.fromkeys(CURATED.files, CURATED_LICENCE)
    digests = {name: sha256_of(path) for name, path in files.items()}
    return [
        SourceChunk(CURATED.info.name, CURATED.info.infores, curated_version(), licences, chunk)
        for chunk in read_chunks(CURATED, files, digests, places.home / "cache")
    ]


def _curated_files() -> dict[str, Path]:
    return {name: FOLDER / name for name in CURATED.files}


def _reason(error: MalformedSource | UnsafeArchive | WrongDigest) -> str:
    """Say what is wrong with a source, without its name and without folders of this machine."""
    if isinstance(error, MalformedSource):
        return str(error).removeprefix(f"source {error.source!r}, ")
    if isinstance(error, UnsafeArchive):
        return f"{Path(error.archive).name}: member {error.member!r} {error.reason}"
    return str(error)
