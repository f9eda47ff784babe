"""The manner of the code, read off its syntax tree: one sentence for each offender."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tests.house import Module, dotted, imports, within

UNSAFE_MODULES = ("pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve")
UNSAFE_CALLS = frozenset({"eval", "exec", "compile", "__import__"})
UNSAFE_METHODS = frozenset({"torch.load", "torch.save", "os.system", "os.popen"})
UNSAFE_READERS = frozenset({"read_pickle", "to_pickle"})
NAME_WORDS = frozenset(
    {"util", "utils", "helper", "helpers", "manager", "managers", "handler", "handlers"}
    | {"processor", "processors", "misc", "data2"}
)
# Names that a library asks of whoever extends it: the module's package, and the name.
NAMES_OF_OTHERS = frozenset(
    {("embeddings.training", "_process_batch")}  # pykeen.training.TrainingLoop
)
MODULE_LINES, MODULE_LINES_WISHED, BODY_LINES = 400, 300, 40

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def too_long(module: Module) -> Iterator[str]:
    """A module beyond the hard limit."""
    if module.n_lines > MODULE_LINES:
        yield f"{module.name} has {module.n_lines} lines, at most {MODULE_LINES}: split it"


def longer_than_wished(module: Module) -> Iterator[str]:
    """A module beyond the budget but within the hard limit."""
    if MODULE_LINES >= module.n_lines > MODULE_LINES_WISHED:
        yield f"{module.name} has {module.n_lines} lines; the budget is {MODULE_LINES_WISHED}"


def long_bodies(module: Module) -> Iterator[str]:
    """Functions whose body, without docstring, exceeds the budget."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            n_lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if n_lines > BODY_LINES:
                yield (
                    f"{module.at(node)} {node.name} has a body of {n_lines} lines, at most "
                    f"{BODY_LINES}: one function is one thought"
                )


def broad_excepts(module: Module) -> Iterator[str]:
    """Handlers that catch everything."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {"" if kind is None else dotted(kind).split(".")[-1] for kind in kinds}
            if names & {"", "Exception", "BaseException"}:
                yield f"{module.at(node)} catches everything: name the errors that can come"


def prints(module: Module) -> Iterator[str]:
    """Calls of ``print`` and ``pprint``."""
    named = {"print", "builtins.print", "pprint", "pprint.pprint"}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and dotted(node.func) in named:
            yield f"{module.at(node)} prints: return the text, or write through api.cli"


def unsafe_loading(module: Module) -> Iterator[str]:
    """Pickles in any dress, and text that is run as code."""
    for found in imports(module):
        if any(within(found.target, name) for name in UNSAFE_MODULES):
            yield f"{module.name}:{found.line} imports {found.target}: artifacts are never pickles"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _is_unsafe(node):
            called = dotted(node.func) or "a call"
            yield f"{module.at(node)} {called} can run what a file says: read data as data"


def _is_unsafe(call: ast.Call) -> bool:
    name = dotted(call.func)
    flags = {keyword.arg: keyword.value for keyword in call.keywords}
    risky = (flags.get("allow_pickle"), flags.get("shell"))
    return (
        name in UNSAFE_CALLS | UNSAFE_METHODS
        or name.split(".")[-1] in UNSAFE_READERS
        or any(isinstance(value, ast.Constant) and value.value is True for value in risky)
    )


def missing_docstrings(module: Module) -> Iterator[str]:
    """Public modules, classes and functions that say nothing of themselves."""
    if ast.get_docstring(module.tree) is None:
        yield f"{module.name}:1 has no docstring: say in one sentence what it gives"
    for node in _public(module.tree.body):
        if ast.get_docstring(node) is None:
            yield f"{module.at(node)} {node.name} has no docstring: say what the caller gets"


def _public(body: Iterable[ast.stmt]) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from _public(node.body)
        if not isinstance(node, Definition) or node.name.startswith("_") or _echoes(node):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from _public(node.body)


def _echoes(node: Definition) -> bool:
    marks = {dotted(mark).split(".")[-1] for mark in node.decorator_list}
    return bool(marks & {"overload", "override", "setter"})


def forbidden_names(module: Module) -> Iterator[str]:
    """Modules, classes and functions whose name does not say what they give."""
    defined = [node for node in ast.walk(module.tree) if isinstance(node, Definition)]
    named = [(module.name, module.name.split(".")[-1])]
    named += [(module.at(node), node.name) for node in defined]
    for where, name in named:
        if any(within(module.name, room) and name == theirs for room, theirs in NAMES_OF_OTHERS):
            continue
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")
        if NAME_WORDS & set(words) or (len(words) > 1 and words[0] in {"do", "process"}):
            yield f"{where} is called {name}: name what it gives, or the thing that it does"


def logic_in_face(module: Module) -> Iterator[str]:
    """Anything in an ``__init__.py`` but a docstring, imports and ``__all__``."""
    for node in module.tree.body if module.is_face else []:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_all = isinstance(node, ast.Assign) and dotted(node.targets[0]) == "__all__"
        if not (is_text or is_all or isinstance(node, ast.Import | ast.ImportFrom)):
            yield f"{module.at(node)} has logic in a face: move it to a module with a name"
