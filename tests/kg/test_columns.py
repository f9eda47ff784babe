"""Looking things up in columns: the same rows as a search through a list."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from kg.columns import ByKey, ByValue, Cells, arrow

WORDS = st.lists(st.sampled_from(["", "a", "b", "ab", "é", "long word"]), max_size=30)
KEYS = st.lists(st.text("0123456789abcdef", min_size=4, max_size=4), max_size=30)


def rows_of(values: list[str], wanted: str) -> list[int]:
    return [row for row, value in enumerate(values) if value == wanted]


@given(WORDS)
def test_rows_by_value_are_those_that_hold_it(values: list[str]) -> None:
    index = ByValue(pa.array(values, type=pa.string()))
    for wanted in {*values, "unknown"}:
        assert index.rows(wanted).tolist() == rows_of(values, wanted)


@given(KEYS)
def test_rows_by_key_are_those_that_hold_it(values: list[str]) -> None:
    index = ByKey(pa.array(values, type=pa.string()))
    for wanted in {*values, "ffff"}:
        assert index.rows(wanted).tolist() == rows_of(values, wanted)


@given(WORDS.filter(lambda words: "" not in words))
def test_keys_of_different_lengths_are_found_too(values: list[str]) -> None:
    index = ByKey(pa.array(values, type=pa.string()))
    for wanted in {*values, "unknown"}:
        assert index.rows(wanted).tolist() == rows_of(values, wanted)


def test_a_slice_of_a_column_is_read_from_its_own_start() -> None:
    whole = pa.array(["aa", "bb", "cc", "bb"], type=pa.string())
    assert ByKey(whole.slice(1)).rows("bb").tolist() == [0, 2]


def test_cells_give_what_the_table_holds() -> None:
    frame = pd.DataFrame({"id": ["x", "y"], "primary": [True, False]})
    cells = Cells(frame, ("id", "primary"))
    assert cells.row(1) == {"id": "y", "primary": False}
    assert cells.text("id", 0) == "x"
    assert arrow(frame["id"]).to_pylist() == ["x", "y"]
