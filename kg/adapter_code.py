"""What an adapter is made of: its module, what that imports, and the tables that these name."""

from __future__ import annotations

import ast
import hashlib
import sys
from functools import lru_cache, partial
from importlib.resources import files as package_files
from pathlib import Path

from kg.sources.base import Source

_FLOORS = {name: Path(str(package_files(name))) for name in ("kg", "ontologies")}
_TABLES = (_FLOORS["kg"] / "curated", _FLOORS["ontologies"] / "data")


def adapter_files(source: Source) -> tuple[Path, ...]:
    """Files of the two lower floors that decide what a source's adapter reads, sorted.

    They are the module of its ``read``, every module of ``kg`` and ``ontologies`` that this imports
    (and those import, and so on), and each table that travels with the packages and is named in
    one of them.
    """
    read = source.read.func if isinstance(source.read, partial) else source.read
    first = sys.modules[read.__module__].__file__
    waiting, modules = [Path(str(first))], set[Path]()
    while waiting:
        path = waiting.pop()
        if path not in modules:
            modules.add(path)
            waiting += [found for name in _imports(path.read_text("utf-8")) for found in _at(name)]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(modules))
    tables = {path for folder in _TABLES for path in folder.iterdir() if path.name in code}
    return tuple(sorted(modules | tables))


def adapter_digest(source: Source) -> str:
    """Digest of the files of an adapter, by name and content."""
    digest = hashlib.blake2b(digest_size=8)
    for path in adapter_files(source):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@lru_cache(maxsize=512)
def _imports(code: str) -> tuple[str, ...]:
    """Every dotted name that may be a module: ``from kg import model`` gives two."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return tuple(sorted(name for name in names if name.partition(".")[0] in _FLOORS))


def _at(name: str) -> list[Path]:
    floor, *rest = name.split(".")
    place = _FLOORS[floor].joinpath(*rest)
    return [path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()]
