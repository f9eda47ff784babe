"""The one orchestrator: a recipe becomes a published graph, or nothing changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from kg.artifact import MANIFEST, Artifact, atomic_folder, open_artifact, sha256_of, write_manifest
from kg.assemble import Assembled, SourceChunk, assemble
from kg.effects import load_patterns
from kg.fetch import Download, Progress, fetch_all
from kg.model import SourceRelease
from kg.rdf import write_store
from kg.recipe import RawFile, Recipe
from kg.report import build_report, problem_rows
from kg.sources.curated import CURATED, FOLDER
from kg.sources.registry import find_source
from kg.tables import write_tables
from kg.validate import InvalidGraph, validate
from ontologies.curie import PrefixMap

FORMAT_VERSION = "1"
"""Raised whenever the same inputs would give other tables."""
CURATED_LICENCE = "Apache-2.0"
_CODE = frozenset({".py", ".tsv", ".ttl"})


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build and where; ``commercial`` leaves out sources that forbid such use.

    ``data`` is the user's folder with the files that no package carries.
    """

    recipe: Recipe
    home: Path
    commercial: bool = False
    force: bool = False
    data: Path | None = None


def build(request: BuildRequest, progress: Progress, download: Download | None = None) -> Artifact:
    """Build the graph that a recipe describes; one that stands already is returned as it is.

    Raises:
        FetchFailed, WrongDigest, UnsafeArchive: A source file cannot be had or is not the pinned
            one. MalformedSource: A source file is not what its adapter can read. InvalidGraph: An
            invariant is broken; nothing was published. OSError: The disk is full or not writable;
            the older graph still stands.
    """
    recipe = request.recipe.licensed(commercial=request.commercial)
    graph_id = graph_name(recipe)
    target = request.home / "kg" / graph_id
    if (target / MANIFEST).is_file() and not request.force:
        return open_artifact(target)
    raw = fetch_all(recipe, request.home, progress, download, request.data)
    progress("reading sources")
    chunks = read_sources(recipe, raw)
    progress("assembling")
    assembled = assemble(chunks, load_patterns(FOLDER / "effects_fr.tsv"))
    _publish(request, recipe, target, assembled, progress)
    return open_artifact(target)


def graph_name(recipe: Recipe) -> str:
    """Name of the graph that a recipe gives: a digest of format, pinned inputs, code and tables."""
    inputs = sorted(
        (f.source, f.name, f.version, f.sha256, f.licence, f.commercial) for f in recipe.files
    )
    text = json.dumps([FORMAT_VERSION, recipe.name, inputs, code_digest(recipe)])
    return f"{recipe.name}-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}"


def code_digest(recipe: Recipe) -> str:
    """Digest of what turns inputs into a graph: code and tables of the two lower floors.

    Of the adapters only those of the recipe's sources count (``ansm.py``, ``ansm_scopes.py``), so
    that a new source does not make every graph anew.
    """
    stems = {find_source(name).read.__module__.rpartition(".")[2] for name in recipe.sources}
    adapters = (*sorted(stems), "base", "curated")
    digest = hashlib.blake2b(digest_size=8)
    for package in (FOLDER.parent, Path(str(package_files("ontologies")))):
        for path in sorted(package.rglob("*")):
            place = path.relative_to(package)
            counts = place.parts[0] != "sources" or _belongs(path.stem, adapters)
            if path.suffix in _CODE and counts and "screening" not in place.parts:
                digest.update(place.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _belongs(stem: str, adapters: Sequence[str]) -> bool:
    return any(stem == name or stem.startswith(f"{name}_") for name in adapters)


def read_sources(recipe: Recipe, raw: Mapping[str, Mapping[str, Path]]) -> list[SourceChunk]:
    """Read every source of a recipe, and the curated tables, chunk by chunk.

    Raises:
        MalformedSource: A file is not what its adapter can read.
    """
    chunks = []
    for name in recipe.sources:
        source = find_source(name)
        files = recipe.files_of(name)
        licences = {file.name: file.licence for file in files}
        chunks += [
            SourceChunk(name, source.info.infores, files[0].version, licences, chunk)
            for chunk in source.read(raw[name])
        ]
    licences = dict.fromkeys(CURATED.files, CURATED_LICENCE)
    chunks += [
        SourceChunk("curated", CURATED.info.infores, curated_version(), licences, chunk)
        for chunk in CURATED.read(_curated_files())
    ]
    return chunks


def curated_version() -> str:
    """Version of the curated tables: a digest of their bytes."""
    digests = "".join(sha256_of(path) for path in _curated_files().values())
    return hashlib.blake2b(digests.encode(), digest_size=4).hexdigest()


def _curated_files() -> dict[str, Path]:
    return {name: FOLDER / name for name in CURATED.files}


def _releases(recipe: Recipe) -> tuple[SourceRelease, ...]:
    rows = {
        _release(file.source, file.version, recipe.files_of(file.source)) for file in recipe.files
    }
    own = SourceRelease(CURATED.info.infores, curated_version(), CURATED_LICENCE, commercial=True)
    return tuple(sorted({*rows, own}))


def _release(source: str, version: str, files: tuple[RawFile, ...]) -> SourceRelease:
    strictest_first = sorted(files, key=lambda file: (file.commercial, file.licence))
    licence = "; ".join(dict.fromkeys(file.licence for file in strictest_first))
    return SourceRelease(
        find_source(source).info.infores,
        version,
        licence,
        commercial=all(f.commercial for f in files),
    )


def _publish(
    request: BuildRequest, recipe: Recipe, target: Path, assembled: Assembled, progress: Progress
) -> None:
    problems = validate(assembled.tables)
    fatal = [problem for problem in problems if problem.fatal]
    if fatal:
        raise InvalidGraph(fatal)
    releases = _releases(recipe)
    with atomic_folder(target) as folder:
        progress("writing tables")
        write_tables(assembled.tables, folder)
        rows = problem_rows(assembled, problems)
        (folder / "problems.tsv").write_text(rows, encoding="utf-8")
        progress("writing the store")
        write_store(assembled.tables, releases, folder / "store", PrefixMap.load())
        write_manifest(folder, _manifest(request, recipe, releases, assembled))


def _manifest(
    request: BuildRequest, recipe: Recipe, releases: tuple[SourceRelease, ...], assembled: Assembled
) -> dict[str, Any]:
    return {
        "format": FORMAT_VERSION,
        "recipe": recipe.name,
        "commercial": request.commercial,
        "sources": [
            {
                "source": r.source,
                "version": r.version,
                "licence": r.licence,
                "commercial": r.commercial,
            }
            for r in releases
        ],
        "licences": sorted({r.licence for r in releases}),
        "inputs": {f"{file.source}/{file.name}": file.sha256 for file in recipe.files},
        "counts": assembled.tables.counts(),
        "report": build_report(assembled),
    }
