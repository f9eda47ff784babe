"""Columns of an index give each cell as it was written, in few bytes, and nothing beyond."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.serving.columns import Texts, cells, code_of, coded, integers, numbers

WORDS = st.lists(st.sampled_from(["", "a", "b", "ab", "é", "long word"]), max_size=30)


@given(WORDS)
def test_a_coded_column_is_read_as_it_was_written(values: list[str]) -> None:
    read = cells(coded(pd.Series(values, dtype=object)), str)
    assert [read(row) for row in range(len(values))] == values


@given(WORDS)
def test_texts_come_once_in_the_order_in_which_they_are_met(values: list[str]) -> None:
    column = coded(pd.Series(values, dtype=object))
    assert column.dictionary.to_pylist() == list(dict.fromkeys(values))


@given(WORDS)
def test_the_form_of_a_column_does_not_matter(values: list[str]) -> None:
    plain = coded(pd.Series(values, dtype=object))
    repeating = pd.Categorical(values, sorted({*values, "has no row"}))
    assert coded(pd.Series(repeating)).equals(plain)
    assert coded(pd.Series(values, dtype="str")).equals(plain)


def test_an_empty_cell_and_none_are_the_same() -> None:
    assert coded(pd.Series(["a", None, ""])).to_pylist() == ["a", "", ""]


@pytest.mark.parametrize(("n_texts", "kind"), [(128, "int8"), (129, "int16"), (40_000, "int32")])
def test_codes_take_as_few_bytes_as_they_need(n_texts: int, kind: str) -> None:
    column = coded(pd.Series([str(n) for n in range(n_texts)]))
    assert str(column.indices.type) == kind
    assert cells(column, int)(n_texts - 1) == n_texts - 1


def test_a_value_that_was_met_is_not_parsed_again() -> None:
    parsed: list[str] = []
    read = cells(coded(pd.Series(["a", "b", "a"])), parsed.append)
    for row in (0, 1, 2, 0):
        read(row)
    assert parsed == ["a", "b"]


def test_texts_are_read_by_row_and_never_beyond() -> None:
    texts = Texts(pa.array(["x", "", "é"], type=pa.large_string()))
    assert list(texts) == [texts[row] for row in range(len(texts))] == ["x", "", "é"]
    assert bytes(texts.encoded(2)) == "é".encode()
    with pytest.raises(IndexError):
        texts[3]
    assert len(Texts(pa.array([], type=pa.large_string()))) == 0


def test_the_code_of_a_text_is_found_and_none_where_it_is_not() -> None:
    column = coded(pd.Series(["a", "b", "a"]))
    assert [code_of(column, text) for text in ("a", "b", "c")] == [0, 1, None]


def test_integers_are_looked_at_where_they_lie() -> None:
    column = pa.array([3, 1, 2], type=pa.int32())
    assert numbers(column).tolist() == integers(column).tolist() == [3, 1, 2]
    assert not integers(column).flags.owndata
