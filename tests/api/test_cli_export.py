"""``export`` and ``stats --plot``: what they write, what they say, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.cli.main import main
from kg.exports import columns
from tests.kg.published import licensed, publish, tables_with_classes


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with one small graph, which every command reads."""
    monkeypatch.setenv("COPRESCRIBE_HOME", str(tmp_path / "home"))
    tables, releases = licensed(tables_with_classes(), "infores:first", "all rights reserved")
    publish(tmp_path / "home", tables, releases)
    return tmp_path / "home"


@pytest.mark.usefixtures("home")
def test_export_says_what_it_wrote_and_what_it_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / "out")
    assert main(["export", "--format", "kgx", target, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["folder"], told["format"], told["graph"]) == (target, "kgx", "tiny-1")
    assert told["left_out"][0]["source"] == "infores:first"
    assert main(["export", "--format", "nquads", target, "--force"]) == 0
    text = capsys.readouterr().out
    assert "its licence forbids passing it on" in text
    assert "README.md lists them with their terms" in text


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--format", "csv", "out"), 2, "'csv' is not one of"),
        (("--format", "kgx"), 2, "Missing argument 'DIR'"),
        (("--format", "kgx", "home"), 2, "home is not written: it is not empty"),
        (("--format", "kgx", "home", "--force"), 2, "holds other files"),
        (("--format", "kgx", "file"), 2, "it is a file"),
        (("--format", "kgx", "file/out"), 3, "not a directory"),
        (("--format", "kgx", "out", "--graph", "other"), 3, "no graph 'other'"),
    ],
)
def test_a_bad_export_ends_with_one_sentence(
    arguments: tuple[str, ...],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert main(["export", *arguments]) == code
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()


def test_a_full_disk_and_a_damaged_graph_end_with_3(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device", "nodes.tsv")

    with monkeypatch.context() as patch:
        patch.setattr(columns, "write_lines", full)
        assert main(["export", "--format", "kgx", str(tmp_path / "out")]) == 3
    assert "no space left on device" in capsys.readouterr().err
    (home / "kg" / "tiny-1" / "edges.parquet").write_bytes(b"PAR1")
    assert main(["export", "--format", "kgx", str(tmp_path / "out")]) == 3
    assert "edges.parquet has changed" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"home"}


@pytest.mark.usefixtures("home")
def test_stats_draws_the_metagraph_and_counts_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stats", "--plot", str(tmp_path / "graph.svg"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {tie["predicate"] for tie in told["metagraph"]["ties"]} >= {"biolink:subclass_of"}
    assert "<title>graph tiny-1</title>" in (tmp_path / "graph.svg").read_text(encoding="utf-8")
    assert main(["stats", "--plot", str(tmp_path / "graph.pdf")]) == 2
    assert main(["stats", "--plot", str(tmp_path / "none" / "graph.svg")]) == 3
    assert main(["stats", "--json"]) == 0
