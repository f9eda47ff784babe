"""A recipe: which sources at which versions, from which package, on what terms."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from kg.sources.registry import SOURCES


class UnknownRecipe(LookupError):
    """No recipe ships under that name, and no such file exists."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"no recipe is called {name!r}; known: {', '.join(known)}, or the path of a .toml file"
        )
        self.name = name


class MalformedRecipe(ValueError):
    """A recipe file does not say what it must."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"recipe {name!r}: {reason}")
        self.name = name


DATA = ""
"""Stands for the user's own data folder where a package would be named."""


@dataclass(frozen=True, slots=True)
class Package:
    """An archive that a package index holds."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file of one source: where it comes from, and on what terms.

    It is a member of a package, or, where ``package`` is :data:`DATA`, a file of the folder that
    the user names, ``member`` being its path inside that folder.
    """

    source: str
    version: str
    name: str
    package: str
    member: str
    sha256: str
    licence: str
    commercial: bool

    def path(self, home: Path) -> Path:
        """Where the file lies as published."""
        return home / "raw" / self.source / self.version / self.name


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one graph is made of."""

    name: str
    packages: tuple[Package, ...]
    files: tuple[RawFile, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources, each once, sorted."""
        return tuple(sorted({file.source for file in self.files}))

    def files_of(self, source: str) -> tuple[RawFile, ...]:
        """Files of one source."""
        return tuple(file for file in self.files if file.source == source)

    def licensed(self, *, commercial: bool) -> Recipe:
        """Return the recipe, when asked with only the files that allow commercial use.

        A file that forbids it is left out alone where its source can do without it; where not, the
        source is left out whole.
        """
        refused = [file for file in self.files if commercial and not file.commercial]
        lost = {file.source for file in refused if file.name not in _optional(file.source)}
        kept = tuple(f for f in self.files if f not in refused and f.source not in lost)
        used = {file.package for file in kept}
        return Recipe(self.name, tuple(p for p in self.packages if p.name in used), kept)


def _optional(source: str) -> frozenset[str]:
    """Names of the files that a source can do without; of an unknown source there are none."""
    return SOURCES[source].optional if source in SOURCES else frozenset()


def known_recipes() -> tuple[str, ...]:
    """Names of the recipes that ship with the package."""
    folder = package_files("kg") / "recipes"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_recipe(name: str) -> Recipe:
    """Load a shipped recipe by name, or one from a ``.toml`` file.

    Raises:
        UnknownRecipe: There is neither.
        MalformedRecipe: The file is not TOML or lacks something.
    """
    path = Path(name)
    if name.endswith(".toml") and path.is_file():
        content = path.read_bytes()
    elif name in known_recipes():
        content = (package_files("kg") / "recipes" / f"{name}.toml").read_bytes()
    else:
        raise UnknownRecipe(name, known_recipes())
    try:
        return _parse(tomllib.loads(content.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedRecipe(name, str(error)) from error
    except KeyError as error:
        raise MalformedRecipe(name, f"{error.args[0]!r} is missing") from error
    except (TypeError, AttributeError) as error:
        raise MalformedRecipe(name, f"a value is of the wrong kind ({error})") from error


def _parse(content: dict[str, Any]) -> Recipe:
    """Put a recipe together with the shipped ones that it extends."""
    name = content["name"]
    if unknown := sorted(set(content.get("extends", [])) - set(known_recipes())):
        raise MalformedRecipe(name, f"it extends {unknown}, which do not ship")
    parts = [load_recipe(other) for other in content.get("extends", [])]
    own = tuple(Package(p["name"], p["version"], p["sha256"]) for p in content.get("package", []))
    packages = tuple(dict.fromkeys((*(p for part in parts for p in part.packages), *own)))
    rows = [_file(row) for row in (content.get("file", []) if parts else content["file"])]
    files = dict.fromkeys((*(f for part in parts for f in part.files), *rows))
    ordered = sorted(files, key=lambda file: (file.source, file.name))
    _check_files(name, packages, ordered)
    _check_origins(name, ordered)
    return Recipe(name, packages, tuple(ordered))


def _check_origins(recipe: str, files: list[RawFile]) -> None:
    origins: dict[str, tuple[str, str]] = {}
    for file in files:
        origin = (file.package, file.version)
        if origins.setdefault(file.source, origin) != origin:
            raise MalformedRecipe(recipe, f"source {file.source!r} has two packages or versions")


def _check_files(recipe: str, packages: tuple[Package, ...], files: list[RawFile]) -> None:
    """Refuse a file of a package that is not pinned, or whose place leaves the raw folder."""
    pinned = {DATA, *(package.name for package in packages)}
    for file in files:
        if file.package not in pinned:
            raise MalformedRecipe(
                recipe, f"file {file.name!r} comes from {file.package!r}, which is no package of it"
            )
        for part in (recipe, file.source, file.version, file.name):
            if part in {"", ".", ".."} or part.startswith(".") or Path(part).name != part:
                raise MalformedRecipe(recipe, f"{part!r} is not the name of one file or folder")


def _file(row: dict[str, Any]) -> RawFile:
    own = "path" in row
    return RawFile(
        source=row["source"],
        version=row["version"],
        name=row["name"],
        package=DATA if own else row["package"],
        member=row["path"] if own else row["member"],
        sha256=row["sha256"],
        licence=row["licence"],
        commercial=bool(row.get("commercial", False)),
    )
