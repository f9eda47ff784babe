"""One server, one browser: what the tests of the page share."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.state import State, open_state
from tests.web.reader import Reader, browser
from tests.web.served import Served


@pytest.fixture(scope="session")
def state(open_home: Path) -> State:
    """The open graph without a model."""
    return open_state(open_home, None, "none")


@pytest.fixture(scope="session")
def served(state: State) -> Iterator[Served]:
    """A live server of the open graph."""
    with Served(create_app(lambda: state)) as running:
        yield running


@pytest.fixture(scope="session")
def open_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Chromium without a window, where one is installed; the test is skipped where none is."""
    driver = browser(tmp_path_factory.mktemp("profile"))
    if driver is None:
        pytest.skip("neither chromium and chromedriver nor Chrome is installed")
    yield Reader(driver)
    driver.quit()


PATIENT = Path(__file__).parents[2] / "examples" / "demo-patient.json"


def link_of(question: dict[str, Any]) -> str:
    """The fragment of a link that holds a question."""
    genes = question.get("patient", {}).get("diplotypes", {})
    lean = {
        "taking": [{"t": name} for name in question["taking"]],
        "adding": [{"t": question["add"]}],
        "patient": {"genes": [{"gene": g, "result": r} for g, r in genes.items()]},
    }
    return "#v1=" + base64.urlsafe_b64encode(json.dumps(lean).encode()).decode().rstrip("=")


@pytest.fixture
def page(open_browser: Reader, served: Served) -> Reader:
    """The page as a visitor finds it who was never here, on a wide screen in light colours."""
    open_browser.begin(served.address)
    return open_browser


@pytest.fixture
def demo(open_browser: Reader, served: Served) -> Reader:
    """The page with the demo patient, as a link brings it."""
    question = json.loads(PATIENT.read_text(encoding="utf-8"))
    open_browser.begin(served.address + link_of(question))
    open_browser.settle()
    return open_browser
