"""The floors and rooms of the house, read off its imports: one sentence for each offender."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

FLOORS = ("ontologies", "kg", "embeddings", "api")

# A library (or a part of one) and the only modules that may import it. A room is a module with
# everything below it. architecture.md has the same table in prose.
ROOMS: dict[str, tuple[str, ...]] = {
    # Ours: what reads notes takes no part in a graph, and so none is named after it.
    "ontologies.notes": ("ontologies.notes", "api"),
    "bioregistry": ("ontologies",),
    "curies": ("ontologies",),
    "rapidfuzz": ("ontologies",),
    "pyoxigraph": ("ontologies", "kg.rdf", "kg.sparql", "kg.validate"),
    "pyshacl": ("ontologies", "kg.rdf", "kg.sparql", "kg.validate"),
    "rdflib": ("ontologies", "kg.rdf", "kg.sparql", "kg.validate"),
    "networkx": ("kg.graph",),
    "optuna": ("embeddings.training",),
    "pykeen": ("embeddings.training",),
    "torch": ("embeddings.training",),
    "torch_geometric": ("embeddings.training",),
    "rdkit": ("embeddings.structures",),
    "cairosvg": ("api.pictures",),
    "safetensors": ("embeddings.store",),
    "fastapi": ("api",),
    "platformdirs": ("api",),
    "fhir": ("api.fhir",),
    "fpdf": ("api.report",),
    "orjson": ("api.json_text",),
    "anyio": ("api.in_flight",),
    "jwt": ("api.tokens",),
    "prometheus_client": ("api.metrics",),
    "sqlite3": ("api.cds.feedback",),
    "pydantic": ("api",),
    "starlette": ("api",),
    "uvicorn": ("api",),
    "click": ("api.cli",),
    "rich": ("api.cli",),
    "typer": ("api.cli",),
    "ftplib": ("kg.fetch",),
    "http.client": ("kg.fetch",),
    "httpx": ("kg.fetch",),
    "httpx2": ("kg.fetch",),
    "pip": ("kg.fetch",),
    "requests": ("kg.fetch",),
    "socket": ("kg.fetch", "api.serving"),
    "subprocess": ("kg.fetch",),
    "urllib.request": ("kg.fetch", "api.tokens.key_sets"),
    "urllib3": ("kg.fetch",),
}
EVERYWHERE = frozenset({"numpy", "pandas", "pyarrow"})
NOT_IN_SCREENING = frozenset({"pandas", "pyarrow", "pathlib", "os", "io", "sqlite3"})
NOT_IN_SOURCES = frozenset(
    {"kg.assemble", "kg.fetch", "logging", "ontologies.lexicon", "ontologies.normalize"}
)


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: its dotted name, its text and its tree."""

    name: str
    text: str
    tree: ast.Module
    is_face: bool

    @property
    def n_lines(self) -> int:
        return len(self.text.splitlines())

    def at(self, node: ast.AST) -> str:
        """Where a node stands, for a sentence: ``kg.build:12``."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: ``from kg import graph`` reads ``kg.graph``; eager when run on import."""

    target: str
    line: int
    eager: bool
    relative: bool = False


Guard = Callable[[Module], Iterator[str]]


def module_of(name: str, text: str, *, is_face: bool = False) -> Module:
    """A module from its text, so that a guard can be shown a written offender."""
    return Module(name, text, ast.parse(text), is_face)


def read_house(root: Path) -> tuple[Module, ...]:
    """Every module of the four floors under a checkout, by name."""
    files = sorted(file for floor in FLOORS for file in (root / floor).rglob("*.py"))
    return tuple(_read(file, root) for file in files)


def _read(file: Path, root: Path) -> Module:
    parts = file.relative_to(root).with_suffix("").parts
    is_face = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_face else parts)
    return module_of(name, file.read_text(encoding="utf-8"), is_face=is_face)


def imports(module: Module) -> Iterator[Import]:
    """Every import of a module, also lazy ones and ``import_module("...")`` of a literal."""
    lazy = {id(node) for block in _lazy_blocks(module.tree) for node in ast.walk(block)}
    for node in ast.walk(module.tree):
        eager = id(node) not in lazy
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, eager) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno, eager, relative=node.level > 0)
        elif isinstance(node, ast.Call) and dotted(node.func).endswith("import_module"):
            literals = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
            yield from (Import(str(value), node.lineno, eager) for value in literals)


def _lazy_blocks(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
        elif isinstance(node, ast.If) and dotted(node.test).endswith("TYPE_CHECKING"):
            yield from node.body


def dotted(node: ast.AST) -> str:
    """A name or a chain of attributes as text, empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def within(name: str, package: str) -> bool:
    """Whether a dotted name is a package or lies below it."""
    return name == package or name.startswith(f"{package}.")


# --- floors and rooms -------------------------------------------------------------------------


def upward_imports(module: Module) -> Iterator[str]:
    """Imports from a floor above the module's own."""
    own = FLOORS.index(module.name.split(".")[0])
    for found in imports(module):
        floor = found.target.split(".")[0]
        if floor in FLOORS[own + 1 :]:
            yield (
                f"{module.name}:{found.line} imports {found.target}: no arrow runs up; move the "
                f"code to {floor}, or let {FLOORS[own]} state a Protocol that {floor} brings"
            )


def imports_out_of_room(module: Module) -> Iterator[str]:
    """Libraries imported outside their room."""
    for found in imports(module):
        for library, rooms in ROOMS.items():
            if within(found.target, library) and not any(within(module.name, r) for r in rooms):
                yield (
                    f"{module.name}:{found.line} imports {library}, whose room is "
                    f"{' or '.join(rooms)}: call that room instead"
                )


def imports_without_room(module: Module) -> Iterator[str]:
    """Libraries that no row of the table of rooms names."""
    known = {*FLOORS, *EVERYWHERE, *(name.split(".")[0] for name in ROOMS)}
    for found in imports(module):
        library = found.target.split(".")[0]
        if not (found.relative or library in known or library in sys.stdlib_module_names):
            yield (
                f"{module.name}:{found.line} imports {library}, which has no room yet: give it "
                "one in docs/architecture.md and in ROOMS of tests/house.py first"
            )


def relative_imports(module: Module) -> Iterator[str]:
    """Imports that begin with a dot."""
    for found in imports(module):
        if found.relative:
            yield f"{module.name}:{found.line} imports relatively: write the full name"


def impure_screening(module: Module) -> Iterator[str]:
    """Files, sockets and tables reached from ``kg.screening``."""
    if not within(module.name, "kg.screening"):
        return
    for found in imports(module):
        if found.target.split(".")[0] in NOT_IN_SCREENING:
            yield (
                f"{module.name}:{found.line} imports {found.target}: screening is pure; read "
                "at the edge and hand the values in"
            )
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and dotted(node.func) == "open":
            yield f"{module.at(node)} opens a file: screening is pure; hand the values in"


# --- the house as a whole ------------------------------------------------------------------------


def graph_of(house: Iterable[Module], *, eager: bool = False) -> dict[str, frozenset[str]]:
    """Which module imports which; with ``eager`` only what happens at import, faces included."""
    modules = {module.name: module for module in house}
    return {
        name: frozenset(
            target
            for found in imports(module)
            if found.eager or not eager
            for target in _reached(found.target, modules, with_faces=eager)
            if target != name
        )
        for name, module in modules.items()
    }


def _reached(target: str, modules: dict[str, Module], *, with_faces: bool) -> Iterator[str]:
    parts = target.split(".")
    chain = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    known = [name for name in chain if name in modules]
    yield from known if with_faces else known[:1]
    if not known:
        yield parts[0]


def circles(house: Iterable[Module]) -> Iterator[str]:
    """Modules that import each other, directly or by way of others."""
    graph = graph_of(house)
    finished: set[str] = set()
    for start in sorted(graph):
        yield from _circles_from(start, graph, [], finished)


def _circles_from(
    name: str, graph: dict[str, frozenset[str]], path: list[str], finished: set[str]
) -> Iterator[str]:
    if name in path:
        ring = [*path[path.index(name) :], name]
        steps = ", ".join(f"{a} imports {b}" for a, b in pairwise(ring))
        yield f"a circle: {steps}; move what both need to a module below them"
    elif name not in finished:
        for target in sorted(graph.get(name, ())):
            yield from _circles_from(target, graph, [*path, name], finished)
        finished.add(name)


def heavy_at_start(house: Iterable[Module], doors: Iterable[str]) -> Iterator[str]:
    """Doors that load torch, pykeen or rdkit only by being imported."""
    graph = graph_of(house, eager=True)
    for door in doors:
        routes, waiting = {door: door}, [door]
        while waiting:
            name = waiting.pop()
            for target in sorted(graph.get(name, frozenset()) - routes.keys()):
                routes[target] = f"{routes[name]} -> {target}"
                waiting.append(target)
        for heavy in sorted({"pykeen", "rdkit", "torch"} & routes.keys()):
            yield f"{routes[heavy]}: serving starts without {heavy}; import it inside a function"


def entangled_sources(house: Iterable[Module]) -> Iterator[str]:
    """Sources that reach for another source or for work that is not a source's."""
    graph = graph_of(house)
    sources = {name for name in graph.get("kg.sources.registry", ()) if name != "kg.sources.base"}
    sources = {name for name in sources if within(name, "kg.sources")}
    for name in sorted(sources):
        for other in sorted(graph[name] & (sources | NOT_IN_SOURCES)):
            yield f"{name} imports {other}: a source says what one upstream says, and no more"
