"""The built graph, opened once for all tests of the doors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cds.feedback import FILE, FeedbackStore
from api.state import State, open_state

DEMO: dict[str, Any] = {
    "add": "clarithromycin",
    "taking": ["simvastatin", "warfarin", "amlodipine", "omeprazole", "clopidogrel"],
    "patient": {"diplotypes": {"CYP2C19": "*2/*2"}},
}
SCHEMA = Path(__file__).parents[2] / "api" / "answer.schema.json"


@pytest.fixture(scope="session")
def state(open_home: Path) -> State:
    """The open graph without a model."""
    return open_state(open_home, None, "none")


@pytest.fixture(scope="session")
def client(state: State, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The HTTP door over the open graph, with a store of feedback of its own."""
    app = create_app(lambda: state)
    app.state.feedback = FeedbackStore(tmp_path_factory.mktemp("feedback") / FILE)
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def demo() -> dict[str, Any]:
    """The question of the demo patient."""
    return DEMO


@pytest.fixture(scope="session")
def answer_schema() -> dict[str, Any]:
    """The schema that every answer keeps."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded
