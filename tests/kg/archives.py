"""Archives and recipes for the tests: a package index that is a folder."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from kg.fetch import Download, FetchFailed
from kg.recipe import Package, RawFile, Recipe


def digest(content: bytes) -> str:
    """SHA-256 as a recipe pins it."""
    return hashlib.sha256(content).hexdigest()


def archive(path: Path, members: Mapping[str, bytes]) -> Package:
    """Write an archive of some members; give the package that pins it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members.items():
            bundle.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return pinned(path)


def pinned(path: Path) -> Package:
    """The package that pins an archive as it is."""
    return Package(path.stem, "1.0", digest(path.read_bytes()))


def raw_file(
    package: Package,
    content: bytes,
    *,
    source: str = "hpo",
    name: str = "hp.json",
    member: str = "",
) -> RawFile:
    """One file of one source out of a package."""
    return RawFile(
        source=source,
        version="1.0",
        name=name,
        package=package.name,
        member=member or f"data/{name}",
        sha256=digest(content),
        licence="CC0-1.0",
        commercial=True,
    )


def recipe_of(*files: RawFile, packages: tuple[Package, ...]) -> Recipe:
    """A recipe of some files."""
    return Recipe("small", packages, files)


def folder_index(folder: Path) -> Download:
    """A download that takes ``NAME.whl`` out of a folder."""

    def run(package: Package, target: Path) -> Path:
        origin = folder / f"{package.name}.whl"
        if not origin.is_file():
            raise FetchFailed(package.name, "the folder does not have it")
        return Path(shutil.copy(origin, target))

    return Download(run)


def forbidden(package: Package, target: Path) -> Path:
    """Stand where nothing may be downloaded."""
    raise AssertionError(f"{package.name} was fetched into {target}")
