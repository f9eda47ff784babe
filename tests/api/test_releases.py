"""From one graph to the next: the gate between two releases, and what a graph lacks is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.main import main
from api.service import answer
from api.state import open_state
from tests.kg.sample_home import Members, lay, sample_members, shortened, spoilt

QUESTION = {"add": "clarithromycin", "taking": ["simvastatin"]}


class Ended(NamedTuple):
    """What a command line left behind."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The result, where it is JSON."""
        return json.loads(self.out)


Run = Callable[..., Ended]


@pytest.fixture
def members() -> Members:
    return sample_members()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path) -> Run:
    """Run a command line over a home with the sample sources."""
    monkeypatch.setenv("COPRESCRIBE_HOME", str(home))

    def ended(*arguments: object) -> Ended:
        code = main([str(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr())

    return ended


def built(run: Run, recipe: Path, *options: str) -> str:
    ended = run("build", "--recipe", recipe, "--json", *options)
    assert ended.code == 0, ended
    return str(ended.value["id"])


@pytest.fixture
def shrunk(run: Run, home: Path, members: Members) -> tuple[str, str]:
    """Two graphs, of which the second has lost most of the thesaurus."""
    whole = built(run, lay(home, members))
    return whole, built(run, lay(home, shortened(members)), "--allow-loss", "ansm")


def test_a_build_that_loses_too_much_ends_with_3_in_one_sentence(
    run: Run, home: Path, members: Members
) -> None:
    whole = built(run, lay(home, members))
    ended = run("build", "--recipe", lay(home, shortened(members)), "-q")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith(f"coprescribe: against graph {whole}, more than 5% of the edges")
    assert ended.err.rstrip().endswith("say --allow-loss ansm")
    assert [path.name for path in (home / "kg").iterdir()] == [whole]


def test_diff_is_a_gate_with_its_result_on_standard_output(
    run: Run, shrunk: tuple[str, str]
) -> None:
    ended = run("diff", *shrunk, "--json")
    assert ended.code == 3
    assert "ansm lost" in ended.err
    assert ended.err.count("\n") == 1
    assert (ended.value["before"], ended.value["after"]) == shrunk
    (loss,) = ended.value["losses"]
    assert loss["source"] == "infores:ansm"
    assert loss["part"] == (loss["before"] - loss["after"]) / loss["before"] > 0.05


@pytest.mark.parametrize("name", ["ansm", "infores:ansm"])
def test_diff_lets_a_loss_pass_that_is_allowed(
    name: str, run: Run, shrunk: tuple[str, str]
) -> None:
    ended = run("diff", *shrunk, "--allow-loss", "hpo", "--allow-loss", name)
    assert (ended.code, ended.err) == (0, "")
    assert "edges by source" in ended.out
    assert "biolink:contributes_to" in ended.out


def test_diff_of_a_graph_with_itself_says_that_nothing_changed(
    run: Run, home: Path, members: Members
) -> None:
    whole = built(run, lay(home, members), "--resume")
    ended = run("diff", whole, whole)
    assert ended.code == 0
    assert "Both hold the same nodes and edges." in ended.out


def test_diff_with_a_graph_that_is_not_there_ends_with_3(
    run: Run, home: Path, members: Members
) -> None:
    whole = built(run, lay(home, members))
    ended = run("diff", whole, "small-none")
    assert (ended.code, ended.out) == (3, "")
    assert "small-none" in ended.err


@pytest.fixture
def lacking(run: Run, home: Path, members: Members) -> str:
    """A graph that was built without the thesaurus, which cannot be read."""
    return built(run, lay(home, spoilt(members)), "--keep-going")


def test_without_keep_going_a_source_that_cannot_be_read_ends_the_build(
    run: Run, home: Path, members: Members
) -> None:
    ended = run("build", "--recipe", lay(home, spoilt(members)), "-q")
    assert (ended.code, ended.out) == (3, "")
    assert "'ansm', thesaurus.json: not JSON" in ended.err
    assert not list((home / "kg").glob("*"))


def test_every_answer_says_what_the_graph_lacks(
    home: Path, lacking: str, answer_schema: dict[str, Any]
) -> None:
    told = answer(QUESTION, open_state(home, lacking, "none"))
    jsonschema.validate(told, answer_schema)
    (row,) = told["graph"]["left_out"]
    assert row["source"] == "ansm"
    note = f"Source ansm was left out of this graph: {row['reason']}."
    assert note in told["notes"]


def test_the_command_line_says_what_the_graph_lacks(run: Run, lacking: str) -> None:
    sentence = "Source ansm was left out of this graph: thesaurus.json: not JSON"
    screened = run(
        "screen", "--add", "clarithromycin", "--taking", "simvastatin", "--model", "none"
    )
    for ended in (screened, run("stats"), run("sources")):
        assert sentence in " ".join(ended.out.split()), ended
    for command in ("stats", "sources"):
        (row,) = run(command, "--json").value["left_out"]
        assert row["source"] == "ansm"
    assert lacking in run("stats").out


def test_http_says_what_the_graph_lacks(home: Path, lacking: str) -> None:
    state = open_state(home, lacking, "none")
    with TestClient(create_app(lambda: state)) as client:
        sources = client.get("/v1/sources").json()
        answered = client.post("/v1/screen", json=QUESTION).json()
    assert sources["left_out"] == answered["graph"]["left_out"]
    assert any("was left out of this graph" in note for note in answered["notes"])
