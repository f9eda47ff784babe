"""Where the tests find what lies outside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from kg.graph import KnowledgeGraph
from kg.tables import Tables
from tests.tiny import EDGES, NAMES, graph_of, tables_of

# A busy machine is no reason to fail.
settings.register_profile("coprescribe", deadline=None)
settings.load_profile("coprescribe")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The data folder beside the checkout; the test is skipped where there is none."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/data is not beside the checkout")
    return folder


@pytest.fixture(scope="session")
def open_home() -> Path:
    """The home that `make test` fills: COPRESCRIBE_HOME, else artifacts/ in the checkout."""
    home = ROOT / os.environ.get("COPRESCRIBE_HOME", "artifacts")
    if not any(home.glob("kg/*/manifest.json")):
        pytest.skip(f"no graph is built under {home}; make test builds it")
    return home


@pytest.fixture
def tables() -> Tables:
    """The tables of the tiny graph."""
    return tables_of(EDGES, NAMES)


@pytest.fixture
def graph() -> KnowledgeGraph:
    """The tiny graph; see `tests/tiny.py`."""
    return graph_of(*EDGES)
