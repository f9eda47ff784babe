"""A model is opened by name for research, and the notebook of the examples runs as it stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import embeddings
from embeddings.card import model_card
from embeddings.opening import HOME_VARIABLE, MissingHome
from embeddings.predict import NotInModel
from embeddings.store import Bundle, MissingModel, find_model, save
from embeddings.vectors import UnknownName
from kg.artifact import open_graph
from tests.embeddings.conftest import BLEEDING, LONG_QT, drug

NAMES = {drug(1): "Alpha", drug(2): "Beta", BLEEDING: "Bleeding"}


@pytest.fixture
def opened(bundle: Bundle, home: Path) -> embeddings.OpenedModel:
    save(bundle, home, NAMES)
    return embeddings.load(bundle.id, home)


def test_drugs_are_asked_for_by_name_in_any_case_or_by_code(
    opened: embeddings.OpenedModel,
) -> None:
    guesses = opened.predict("alpha", drug(2))
    assert list(guesses["effect"]) == [BLEEDING, LONG_QT]
    assert list(guesses["name"]) == ["Bleeding", LONG_QT]
    assert guesses["lift"][0] == pytest.approx(guesses["probability"][0] / 0.02)


def test_the_card_is_the_one_that_training_wrote(opened: embeddings.OpenedModel) -> None:
    assert opened.card == opened._repr_markdown_() == model_card(opened.bundle, NAMES)


def test_what_training_states_is_not_given_as_a_guess(opened: embeddings.OpenedModel) -> None:
    assert BLEEDING not in set(opened.predict(drug(1), drug(3))["effect"])


def test_a_name_that_the_model_lacks_is_quoted_with_near_ones(
    opened: embeddings.OpenedModel,
) -> None:
    with pytest.raises(UnknownName, match=r"'Alpa'; it has Alpha"):
        opened.predict("Alpa", "Beta")


def test_an_effect_is_no_drug(opened: embeddings.OpenedModel) -> None:
    with pytest.raises(NotInModel, match=BLEEDING):
        opened.predict("Alpha", "Bleeding")


def test_the_home_comes_from_the_argument_or_the_environment(
    bundle: Bundle, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(bundle, home, NAMES)
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    with pytest.raises(MissingHome, match=HOME_VARIABLE):
        embeddings.load(bundle.id)
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    assert embeddings.load(bundle.id).id == bundle.id


def test_without_a_name_the_newest_model_is_opened(bundle: Bundle, home: Path) -> None:
    with pytest.raises(MissingModel, match="coprescribe train"):
        embeddings.load(home=home)
    save(bundle, home, NAMES)
    assert embeddings.load(home=home).id == bundle.id


def test_importing_the_package_loads_no_library() -> None:
    code = "import embeddings, sys; sys.exit('numpy' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_the_notebook_runs_from_its_first_cell_to_its_last(
    open_home: Path, checkout: Path, tmp_path: Path
) -> None:
    if find_model(open_home, open_graph(open_home).id) is None:
        pytest.skip(f"no model stands under {open_home}; train one first")
    notebook = json.loads((checkout / "examples" / "embeddings.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    script = tmp_path / "notebook.py"
    script.write_text("\n".join("".join(cell["source"]) for cell in cells), encoding="utf-8")
    surroundings = {
        **os.environ,
        "COPRESCRIBE_HOME": str(open_home.resolve()),
        "PYTHONPATH": str(checkout),
    }
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "error", str(script)],
        check=False,
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
