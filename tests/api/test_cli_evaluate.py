"""``coprescribe evaluate`` prints figures beside counting, and refuses what proves nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from api.cli.main import app, main
from embeddings import store
from embeddings.judging import calibrate
from embeddings.scorer import BilinearScorer
from embeddings.splits import Split, split_facts
from embeddings.store import Bundle
from embeddings.triples import Facts
from kg.artifact import find_graph, open_graph

MODEL = "0123456789abcdef"


@pytest.fixture(scope="module")
def split(open_home: Path) -> Split:
    tables = open_graph(open_home).tables
    return split_facts(Facts.from_tables(tables), "random", 0)


@pytest.fixture(scope="module")
def home(open_home: Path, split: Split, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the open graph and a model that knows nothing but how frequent effects are."""
    home = tmp_path_factory.mktemp("home")
    (home / "kg").mkdir(parents=True)
    graph = find_graph(open_home)
    (home / "kg" / graph.name).symlink_to(graph.resolve())
    weights = {
        "entity": np.zeros((len(split.known.drugs), 2), dtype=np.float32),
        "relation": np.zeros((len(split.known.effects), 2), dtype=np.float32),
        "bias": np.log1p(split.train.per_effect).astype(np.float32),
    }
    calibration = calibrate.fit(BilinearScorer.of("distmult", weights), split)
    config = {"graph": graph.name, "licence": "L", "config": {"interaction": "distmult"}}
    store.save(Bundle(MODEL, config, weights, split.train, split.valid, calibration, {}), home, {})
    return home


def written(path: Path, facts: Facts) -> str:
    path.write_text("".join("\t".join(triple) + "\n" for triple in facts.triples()))
    return str(path)


def test_a_constant_gets_one_half_and_its_tables_are_written(
    home: Path, split: Split, tmp_path: Path
) -> None:
    asked = ["evaluate", MODEL, "--test", written(tmp_path / "test.tsv", split.test)]
    places = ["--plots", str(tmp_path / "plots"), "--per-effect", str(tmp_path / "rows.parquet")]
    options = ["--home", str(home), "--protocol", "uniform", "--json", "-q"]
    result = CliRunner().invoke(app, [*asked, *places, *options])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["model"], figures["n_facts"]) == (MODEL, len(split.test))
    assert figures["protocols"]["uniform"]["model"]["auroc"]["mean"] == 0.5
    assert list(figures["protocols"]) == ["uniform"]
    assert len(pq.read_table(tmp_path / "rows.parquet")) == 7 * figures["n_effects"]
    assert (tmp_path / "plots" / "reliability-all.svg").is_file()


def test_the_tables_of_the_terminal_name_the_model_and_every_count(
    home: Path, split: Split, tmp_path: Path
) -> None:
    test = written(tmp_path / "test.tsv", split.test)
    result = CliRunner().invoke(app, ["evaluate", MODEL, "--test", test, "--home", str(home)])
    assert result.exit_code == 0, result.output
    for word in ("the model", "effect_degree", "count_stack", "known-pairs", "ECE", "mrr"):
        assert word in result.output


def test_facts_of_the_training_are_refused_in_one_sentence(
    home: Path, split: Split, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = written(tmp_path / "train.tsv", split.train)
    assert main(["evaluate", MODEL, "--test", test, "--home", str(home), "-q"]) == 2
    assert "both test and training" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", 2, "nothing to judge"),
        ("one\ttwo\n", 2, "line 1"),
        ("a\tb\tc\n", 2, "nothing to judge"),
    ],
)
def test_a_file_that_proves_nothing_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int, told: str
) -> None:
    test = tmp_path / "test.tsv"
    test.write_text(text)
    assert main(["evaluate", MODEL, "--test", str(test), "--home", str(home), "-q"]) == code
    assert told in " ".join(capsys.readouterr().err.split())


def test_an_unknown_model_and_an_unknown_protocol_are_quoted(
    home: Path, split: Split, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = written(tmp_path / "test.tsv", split.test)
    assert main(["evaluate", "none", "--test", test, "--home", str(home), "-q"]) == 3
    told = ["--protocol", "easy", "--home", str(home), "-q"]
    assert main(["evaluate", MODEL, "--test", test, *told]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "'none'" in error
    assert "'easy'" in error
