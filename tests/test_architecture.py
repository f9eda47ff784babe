"""The house rules hold: floors, rooms, sizes and manner; and each guard can fail.

A failure names the offender and says what to do. `tests/house.py` reads the imports and
`tests/manner.py` the rest of the syntax tree.
"""

from __future__ import annotations

import tomllib
import warnings
from pathlib import Path

import pytest

from tests import house, manner
from tests.house import Guard, Module, module_of

ROOT = Path(__file__).resolve().parents[1]
HOUSE = house.read_house(ROOT)

GUARDS: tuple[Guard, ...] = (
    house.upward_imports,
    house.imports_out_of_room,
    house.imports_without_room,
    house.relative_imports,
    house.impure_screening,
    manner.too_long,
    manner.long_bodies,
    manner.broad_excepts,
    manner.prints,
    manner.unsafe_loading,
    manner.missing_docstrings,
    manner.forbidden_names,
    manner.logic_in_face,
)

# A guard, the name of a module, and a text in that module which the guard must name.
OFFENDERS: tuple[tuple[Guard, str, str], ...] = (
    (house.upward_imports, "kg.build", "from embeddings.run import learn"),
    (house.upward_imports, "ontologies.curie", "import kg"),
    (house.upward_imports, "kg.graph", "def f():\n    from api import app"),
    (
        house.upward_imports,
        "embeddings.run",
        "import importlib\nimportlib.import_module('api.app')",
    ),
    (house.imports_out_of_room, "embeddings.run", "import torch.nn"),
    (house.imports_out_of_room, "embeddings.run", "from torch import nn"),
    (house.imports_out_of_room, "kg.build", "import rdflib"),
    (house.imports_out_of_room, "kg.rdfs", "import rdflib"),
    (house.imports_out_of_room, "api.app", "import typer"),
    (house.imports_out_of_room, "kg.sources.ansm", "from urllib import request"),
    (house.imports_out_of_room, "kg.build", "import subprocess"),
    (house.imports_out_of_room, "kg.build", "if TYPE_CHECKING:\n    import networkx"),
    (house.imports_out_of_room, "ontologies.lexicon", "import ontologies.notes.mentions"),
    (house.imports_without_room, "kg.build", "import polars"),
    (house.relative_imports, "kg.build", "from .graph import KnowledgeGraph"),
    (house.relative_imports, "kg.build", "from . import graph"),
    (house.impure_screening, "kg.screening.engine", "import pandas"),
    (house.impure_screening, "kg.screening.engine", "open('rules.tsv')"),
    (manner.too_long, "kg.build", "x = 1\n" * 401),
    (manner.longer_than_wished, "kg.build", "x = 1\n" * 301),
    (manner.long_bodies, "kg.build", "def f():\n" + "    x = 1\n" * 41),
    (manner.long_bodies, "kg.build", "class A:\n  async def f(self):\n" + "    x = 1\n" * 41),
    (manner.broad_excepts, "kg.build", "try:\n    f()\nexcept:\n    raise"),
    (manner.broad_excepts, "kg.build", "try:\n    f()\nexcept Exception:\n    raise"),
    (
        manner.broad_excepts,
        "kg.build",
        "try:\n    f()\nexcept (OSError, BaseException):\n    raise",
    ),
    (manner.prints, "kg.build", "print('done')"),
    (manner.prints, "kg.build", "from pprint import pprint\npprint({})"),
    (manner.unsafe_loading, "kg.build", "import pickle"),
    (manner.unsafe_loading, "kg.build", "from joblib import load"),
    (manner.unsafe_loading, "embeddings.training.loop", "import torch\ntorch.load('model.pt')"),
    (manner.unsafe_loading, "embeddings.training.loop", "import torch\ntorch.save({}, 'model.pt')"),
    (manner.unsafe_loading, "kg.build", "eval('1 + 1')"),
    (manner.unsafe_loading, "kg.build", "exec('x = 1')"),
    (manner.unsafe_loading, "kg.tables", "pandas.read_pickle('t')"),
    (manner.unsafe_loading, "kg.tables", "numpy.load('t', allow_pickle=True)"),
    (manner.unsafe_loading, "kg.fetch", "subprocess.run('ls', shell=True)"),
    (manner.missing_docstrings, "kg.build", "x = 1"),
    (manner.missing_docstrings, "kg.build", "'''Doc.'''\ndef build(): ..."),
    (manner.missing_docstrings, "kg.build", "'''Doc.'''\nclass A:\n  '''A.'''\n  def f(self): ..."),
    (manner.forbidden_names, "kg.utils", ""),
    (manner.forbidden_names, "kg.build", "class GraphManager: ..."),
    (manner.forbidden_names, "kg.build", "def process_rows(): ..."),
    (manner.forbidden_names, "kg.build", "def row_helper(): ..."),
    (manner.forbidden_names, "kg.build", "def do_build(): ..."),
    (manner.forbidden_names, "kg.build", "def _process_batch(): ..."),
    (manner.logic_in_face, "kg", "VERSION = compute()"),
    (manner.logic_in_face, "kg", "def f(): ..."),
)

# What each guard must let through: the nearest thing that is allowed.
ALLOWED: tuple[tuple[Guard, str, str], ...] = (
    (house.upward_imports, "api.app", "import kg.graph, embeddings, ontologies"),
    (house.upward_imports, "kg.graph", "import apiary"),
    (house.imports_out_of_room, "kg.rdf", "import rdflib"),
    (house.imports_out_of_room, "embeddings.training.loop", "import torch"),
    (house.imports_out_of_room, "kg.graph", "from urllib.parse import quote"),
    (house.imports_out_of_room, "kg.fetch", "import subprocess"),
    (house.imports_without_room, "kg.build", "import json, numpy, kg.graph"),
    (house.impure_screening, "kg.graph", "import pandas"),
    (manner.too_long, "kg.build", "x = 1\n" * 400),
    (manner.longer_than_wished, "kg.build", "x = 1\n" * 300),
    (
        manner.long_bodies,
        "kg.build",
        "def f():\n    '''One.\n\n    Two.\n    '''\n" + "    x = 1\n" * 40,
    ),
    (manner.broad_excepts, "kg.build", "try:\n    f()\nexcept (OSError, ValueError):\n    raise"),
    (manner.prints, "api.cli.stats", "console.print('done')"),
    (manner.unsafe_loading, "embeddings.training.loop", "model.eval()"),
    (manner.unsafe_loading, "kg.tables", "numpy.load('t', allow_pickle=False)"),
    (manner.missing_docstrings, "kg.build", "'''Doc.'''\ndef _build(): ..."),
    (manner.forbidden_names, "kg.build", "def dose_processed(): ...\nclass Donation: ..."),
    (manner.forbidden_names, "embeddings.training.loop", "def _process_batch(): ..."),
    (manner.logic_in_face, "kg", "'''Doc.'''\nfrom kg.graph import Graph\n__all__ = ['Graph']"),
)


class LongModule(UserWarning):
    """A module is over the budget and still within the limit."""


def listed(offences: list[str]) -> str:
    return "\n".join(["", *offences])


def written(name: str, text: str) -> Module:
    return module_of(name, text, is_face="." not in name)


def case_id(case: tuple[Guard, str, str]) -> str:
    return f"{case[0].__name__}-{case[1]}-{case[2][-30:]!r}"


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_every_module_keeps_the_house_rule(guard: Guard) -> None:
    offences = [offence for module in HOUSE for offence in guard(module)]
    assert not offences, listed(offences)


def test_no_module_imports_itself_by_way_of_others() -> None:
    offences = list(house.circles(HOUSE))
    assert not offences, listed(offences)


def test_serving_starts_without_torch_pykeen_and_rdkit() -> None:
    offences = list(house.heavy_at_start(HOUSE, ("api.app", "api.cli.main")))
    assert not offences, listed(offences)


def test_a_source_stands_alone() -> None:
    offences = list(house.entangled_sources(HOUSE))
    assert not offences, listed(offences)


@pytest.mark.filterwarnings("always")
def test_a_module_over_the_wished_length_is_reported() -> None:
    for module in HOUSE:
        for sentence in manner.longer_than_wished(module):
            warnings.warn(sentence, LongModule, stacklevel=1)


def test_the_house_that_is_read_has_all_four_floors() -> None:
    assert {module.name.split(".")[0] for module in HOUSE} == set(house.FLOORS)


@pytest.mark.parametrize("case", OFFENDERS, ids=case_id)
def test_a_guard_names_a_written_offender(case: tuple[Guard, str, str]) -> None:
    guard, name, text = case
    assert any(sentence.startswith(name) for sentence in guard(written(name, text)))


@pytest.mark.parametrize("case", ALLOWED, ids=case_id)
def test_a_guard_lets_through_what_is_allowed(case: tuple[Guard, str, str]) -> None:
    guard, name, text = case
    assert list(guard(written(name, text))) == []


@pytest.mark.parametrize("guard", [*GUARDS, manner.longer_than_wished], ids=lambda g: g.__name__)
def test_no_guard_is_without_an_offender_of_its_own(guard: Guard) -> None:
    assert guard in {case[0] for case in OFFENDERS}


def test_a_circle_through_three_modules_is_spelt_out() -> None:
    ring = (
        module_of("kg.a", "import kg.b"),
        module_of("kg.b", "def f():\n    from kg import c"),
        module_of("kg.c", "from kg.a import f"),
        module_of("kg.d", "import kg.a"),
    )
    assert [sentence.split(";")[0] for sentence in house.circles(ring)] == [
        "a circle: kg.a imports kg.b, kg.b imports kg.c, kg.c imports kg.a"
    ]


def test_a_door_that_loads_torch_through_a_face_is_shown_with_its_route() -> None:
    doors = (
        module_of("api.app", "import embeddings.scorer"),
        module_of("embeddings", "import embeddings.training.loop", is_face=True),
        module_of("embeddings.scorer", "import numpy"),
        module_of("embeddings.training.loop", "from torch import nn"),
    )
    (sentence,) = house.heavy_at_start(doors, ("api.app",))
    assert sentence.startswith("api.app -> embeddings -> embeddings.training.loop -> torch")


def test_a_door_that_trains_only_when_asked_starts_light() -> None:
    doors = (
        module_of("api.app", "def train():\n    import embeddings.training"),
        module_of("embeddings.training", "import torch", is_face=True),
    )
    assert list(house.heavy_at_start(doors, ("api.app",))) == []


def test_a_source_that_reads_another_source_is_named() -> None:
    sources = (
        module_of("kg.fetch", ""),
        module_of("kg.sources.base", ""),
        module_of("kg.sources.registry", "from kg.sources import ansm, pgx, base"),
        module_of("kg.sources.ansm", "from kg.sources.base import Source\nimport kg.sources.pgx"),
        module_of("kg.sources.pgx", "import kg.fetch"),
    )
    assert [sentence.split(":")[0] for sentence in house.entangled_sources(sources)] == [
        "kg.sources.ansm imports kg.sources.pgx",
        "kg.sources.pgx imports kg.fetch",
    ]


def test_an_offender_on_disk_is_read_and_named(tmp_path: Path) -> None:
    (tmp_path / "kg" / "sources").mkdir(parents=True)
    (tmp_path / "kg" / "__init__.py").write_text('"""Facts."""\n')
    (tmp_path / "kg" / "sources" / "ansm.py").write_text('"""ANSM."""\nimport torch\n')
    (offence,) = [
        offence
        for module in house.read_house(tmp_path)
        for offence in house.imports_out_of_room(module)
    ]
    assert offence.startswith("kg.sources.ansm:2 imports torch")


def contract_rooms() -> dict[str, set[str]]:
    """Each library that an import-linter contract holds, with the modules it lets through."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms: dict[str, set[str]] = {}
    for contract in settings["tool"]["importlinter"]["contracts"]:
        if contract["id"].startswith("room-"):
            let_through = [line.split(" -> ") for line in contract.get("ignore_imports", ())]
            floors = set(house.FLOORS) - set(contract["source_modules"])
            for library in contract["forbidden_modules"]:
                named = {room.removesuffix(".**") for room, what in let_through if what == library}
                rooms[library] = floors | named
    return rooms


def test_the_contracts_and_the_guards_give_each_library_the_same_room() -> None:
    contracts = contract_rooms()
    assert contracts == {library: set(house.ROOMS[library]) for library in contracts}
    assert {"torch", "pykeen", "fastapi", "typer", "rdflib", "networkx"} <= contracts.keys()
