"""The export holds the likeliest effects of every pair, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from embeddings import export
from embeddings.export import COLUMNS, NoEffectsAsked, write_top
from embeddings.judging.metrics import UnusableScores
from embeddings.judging.outcomes import KINDS, LEVELS, Outcomes
from embeddings.predict import Predictor
from embeddings.store import Bundle
from tests.embeddings.conftest import BLEEDING, LONG_QT, drug

NAMES = {drug(1): "Alpha", drug(2): "Alpha", BLEEDING: "Bleeding"}


def test_every_pair_has_its_likeliest_effects_best_first(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAIRS", 4)
    monkeypatch.setattr(export, "ROWS_OF_A_GROUP", 5)
    told: list[str] = []
    path = tmp_path / "below" / "top.parquet"
    assert write_top(bundle, path, 2, told.append, NAMES) == 12
    table = pq.read_table(path).to_pandas()
    assert tuple(table.columns) == COLUMNS
    assert len(table.drop_duplicates(["drug_a", "drug_b"])) == 6
    assert told == ["4 of 6 pairs", "6 of 6 pairs"]
    for (a, b), rows in table.groupby(["drug_a", "drug_b"], observed=True):
        assert rows["probability"].is_monotonic_decreasing
        index = Predictor(bundle).indices([(str(a), str(b))])
        expected = Predictor(bundle).probabilities(index)[0]
        assert rows["probability"].tolist() == pytest.approx(sorted(expected)[::-1])


def test_a_row_has_names_the_base_rate_the_lift_and_what_is_known(
    bundle: Bundle, tmp_path: Path
) -> None:
    path = tmp_path / "top.parquet"
    write_top(bundle, path, 1, lambda _: None, NAMES)
    table = pq.read_table(path).to_pandas().set_index(["drug_a", "drug_b"])
    row = table.loc[(drug(1), drug(2))]
    assert (row["drug_a_name"], row["drug_b_name"]) == ("Alpha", "Alpha")
    assert (row["effect"], row["effect_name"]) == (BLEEDING, "Bleeding")
    assert row["lift"] == pytest.approx(row["probability"] / 0.02, rel=1e-5)
    assert not row["known"]
    known = table[table["known"]]
    assert set(zip(known.index, known["effect"], strict=True)) <= {
        ((drug(1), drug(3)), BLEEDING),
        ((drug(2), drug(4)), LONG_QT),
    }


def test_a_guess_has_the_share_of_such_guesses_that_came_true(
    bundle: Bundle, tmp_path: Path
) -> None:
    cells = np.full((len(KINDS), len(LEVELS)), 100)
    outcomes = Outcomes(cells, np.tile(100 - 4 * np.arange(len(LEVELS)), (len(KINDS), 1)))
    told = replace(bundle, calibration=replace(bundle.calibration, outcomes=outcomes))
    write_top(told, tmp_path / "top.parquet", 2, lambda _: None)
    table = pq.read_table(tmp_path / "top.parquet").to_pandas()
    assert table.loc[table["known"], "came_true"].isna().all()
    guesses = table[~table["known"]]
    for probability, came_true in zip(guesses["probability"], guesses["came_true"], strict=True):
        expected = outcomes.share(0, probability)
        assert np.isnan(came_true) if expected is None else came_true == np.float32(expected[1])


def test_more_effects_than_there_are_gives_all(bundle: Bundle, tmp_path: Path) -> None:
    assert write_top(bundle, tmp_path / "top.parquet", 99, lambda _: None) == 12


def test_no_effects_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(NoEffectsAsked, match="0 effects"):
        write_top(bundle, tmp_path / "top.parquet", 0, lambda _: None)
    assert not list(tmp_path.iterdir())


def test_scores_that_are_no_numbers_are_refused_and_nothing_is_written(
    bundle: Bundle, tmp_path: Path
) -> None:
    weights = {**bundle.weights, "bias": np.array([-4, np.nan], dtype=np.float32)}
    with pytest.raises(UnusableScores, match="6 of 12"):
        write_top(replace(bundle, weights=weights), tmp_path / "top.parquet", 2, lambda _: None)
    assert not list(tmp_path.iterdir())


def test_an_interrupted_export_leaves_the_older_file(bundle: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "top.parquet"
    path.write_text("older", encoding="utf-8")

    def stop(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_top(bundle, path, 2, stop)
    assert [p.name for p in tmp_path.iterdir()] == ["top.parquet"]
    assert path.read_text(encoding="utf-8") == "older"
