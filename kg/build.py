"""The one orchestrator: a recipe becomes a published graph, or nothing changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from kg.adapter_code import adapter_files
from kg.artifact import (
    MANIFEST,
    STORE,
    Artifact,
    atomic_folder,
    extend_manifest,
    open_artifact,
    write_manifest,
)
from kg.assemble import Assembled, assemble
from kg.baseline import newest_graph, stated_edges
from kg.diff import edges_by_source, losses_of, refuse_losses
from kg.effects import load_patterns
from kg.fetch import Download, Progress
from kg.graph import KnowledgeGraph
from kg.intake import (
    CURATED_LICENCE,
    Places,
    curated_version,
    take_in,
    take_in_what_can_be_read,
    without,
)
from kg.known_names import unknown_words
from kg.mapping_report import mapping_rows
from kg.model import SourceRelease
from kg.rdf import write_store
from kg.recipe import RawFile, Recipe
from kg.report import build_report, problem_rows
from kg.serving.files import INDEX, Served, write_index
from kg.serving.index import index_of
from kg.serving.names import NAMES, write_names
from kg.sources.curated import CURATED, FOLDER
from kg.sources.registry import find_source
from kg.tables import read_co_reports, read_tables, write_tables
from kg.validate import InvalidGraph, validate
from ontologies.curie import PrefixMap

FORMAT_VERSION = "1"
"""Raised whenever the same inputs would give other tables."""
_CODE = frozenset({".py", ".tsv", ".ttl"})
_NO_PART = frozenset({"exports", "metapaths", "notes", "rules", "screening", "sources"})
"""Folders of the two lower floors that take no part in every graph: they read one, or free text;
of the sources those of a recipe count."""


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build and where; ``commercial`` leaves out sources that forbid such use.

    ``data`` is the user's folder with the files that no package carries; ``keep_going`` leaves out
    a source that cannot be read; ``allowed_losses`` names sources that may lose many edges.
    """

    recipe: Recipe
    home: Path
    commercial: bool = False
    force: bool = False
    data: Path | None = None
    keep_going: bool = False
    allowed_losses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Issue:
    """What is published, and where; ``recipe`` still has the sources that were left out."""

    request: BuildRequest
    recipe: Recipe
    target: Path
    left_out: Mapping[str, str]

    @property
    def read(self) -> Recipe:
        """The recipe of what went in."""
        return without(self.recipe, self.left_out)


def build(request: BuildRequest, progress: Progress, download: Download | None = None) -> Artifact:
    """Build the graph that a recipe describes; one that stands already is returned as it is.

    What an earlier build has parsed of the same bytes with the same adapter is not parsed again.

    Raises:
        FetchFailed, WrongDigest, UnsafeArchive: A source file cannot be had or is not the pinned
            one. MalformedSource: A source file is not what its adapter can read. InvalidGraph: An
            invariant is broken; nothing was published. ShrunkSource: A source lost too many of its
            edges; nothing was published. OSError: The disk is full or not writable; the older
            graph still stands.
    """
    recipe = request.recipe.licensed(commercial=request.commercial)
    target = request.home / "kg" / graph_name(recipe)
    if _stands(target, request):
        progress(f"{target.name} stands already: no file was read (--force builds it anew)")
        return _with_store(target, progress)
    return _with_store(_made(request, recipe, progress, download), progress)


def _made(
    request: BuildRequest, recipe: Recipe, progress: Progress, download: Download | None
) -> Path:
    """Publish the tables of a graph; what they were made of is forgotten before the store."""
    take = take_in_what_can_be_read if request.keep_going else take_in
    taken = take(recipe, Places(request.home, request.data, download), progress)
    target = request.home / "kg" / graph_name(recipe, taken.left_out)
    if taken.left_out and _stands(target, request):
        return target
    progress("assembling")
    assembled = assemble(taken.chunks, load_patterns(FOLDER / "effects_fr.tsv"))
    if words := unknown_words(assembled.unmapped):
        progress(f"no other source clearly knows, so of their own: {', '.join(words)}")
    _check_losses(request, assembled, taken.left_out)
    _publish(_Issue(request, recipe, target, taken.left_out), assembled, progress)
    return target


def _with_store(target: Path, progress: Progress) -> Artifact:
    """Write the store of a published graph that has none yet: a build was stopped before it."""
    artifact = open_artifact(target)
    if artifact.holds(STORE):
        return artifact
    progress("writing the store")
    tables = replace(read_tables(target), co_reports=read_co_reports(target))
    write_store(tables, artifact.releases, target / STORE, PrefixMap.load())
    extend_manifest(target, STORE)
    return open_artifact(target)


def _stands(target: Path, request: BuildRequest) -> bool:
    return (target / MANIFEST).is_file() and not request.force


def graph_name(recipe: Recipe, left_out: Iterable[str] = ()) -> str:
    """Name of the graph that a recipe gives: a digest of format, pinned inputs, code and tables.

    A graph from which sources were left out because they cannot be read has another name.
    """
    inputs = sorted(
        (f.source, f.name, f.version, f.sha256, f.licence, f.commercial) for f in recipe.files
    )
    parts = [FORMAT_VERSION, recipe.name, inputs, code_digest(recipe)]
    text = json.dumps([*parts, *([sorted(left_out)] if left_out else [])])
    return f"{recipe.name}-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}"


def code_digest(recipe: Recipe) -> str:
    """Digest of what turns inputs into a graph: code and tables of the two lower floors.

    Of the adapters only those of the recipe's sources count, and what they import, so that a new
    source does not make every graph anew.
    """
    sources = (*(find_source(name) for name in recipe.sources), CURATED)
    adapters = {path for source in sources for path in adapter_files(source)}
    digest = hashlib.blake2b(digest_size=8)
    for package in (FOLDER.parent, Path(str(package_files("ontologies")))):
        for path in sorted(package.rglob("*")):
            place = path.relative_to(package)
            shared = place.parts[0] not in _NO_PART
            if path.suffix in _CODE and (shared or path in adapters):
                digest.update(place.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _check_losses(request: BuildRequest, assembled: Assembled, left_out: Iterable[str]) -> None:
    """Hold the graph against the newest of its recipe; a source that was left out is named anyway.

    Raises:
        ShrunkSource: A source lost more of its edges than is let pass, and was not allowed to.
    """
    before = newest_graph(request.home, request.recipe.name, commercial=request.commercial)
    if before is not None:
        now = edges_by_source(assembled.tables)
        named = [find_source(name).info.infores for name in left_out]
        found = losses_of(stated_edges(before), now)
        refuse_losses(found, (*request.allowed_losses, *named), f"graph {before.id}")


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


def _publish(issue: _Issue, assembled: Assembled, progress: Progress) -> None:
    releases = _releases(issue.read)
    problems = validate(assembled.tables, releases)
    fatal = [problem for problem in problems if problem.fatal]
    if fatal:
        raise InvalidGraph(fatal)
    with atomic_folder(issue.target) as folder:
        progress("writing tables")
        write_tables(assembled.tables, folder)
        rows = problem_rows(assembled, problems)
        (folder / "problems.tsv").write_text(rows, encoding="utf-8")
        missed = mapping_rows(assembled.unmapped)
        (folder / "mapping_report.tsv").write_text(missed, encoding="utf-8")
        progress("writing the index")
        index = index_of(assembled.tables)
        write_index(index, folder / INDEX)
        served = Served(index, lambda: assembled.tables)
        write_names(KnowledgeGraph(issue.target.name, served, releases), folder / NAMES)
        write_manifest(folder, _manifest(issue, releases, assembled))


def _manifest(
    issue: _Issue, releases: tuple[SourceRelease, ...], assembled: Assembled
) -> dict[str, Any]:
    return {
        "format": FORMAT_VERSION,
        "recipe": issue.recipe.name,
        "commercial": issue.request.commercial,
        "sources": [
            {
                "source": r.source,
                "version": r.version,
                "licence": r.licence,
                "commercial": r.commercial,
            }
            for r in releases
        ],
        "left_out": [
            {"source": name, "reason": reason} for name, reason in sorted(issue.left_out.items())
        ],
        "licences": sorted({r.licence for r in releases}),
        "inputs": {f"{file.source}/{file.name}": file.sha256 for file in issue.read.files},
        "counts": assembled.tables.counts(),
        "report": build_report(assembled),
    }
