"""Columns of terms are written as single terms are, and cut without tearing what is together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.nquads import literal
from kg.nquads_columns import (
    Coded,
    array_of,
    blocks,
    each,
    first_rows,
    lines,
    literals,
    numbered,
    parts,
)

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])))


@given(TEXTS)
def test_a_column_of_literals_reads_as_its_literals_do(texts: list[str]) -> None:
    written = literals(pa.array(texts, pa.string())).to_pylist()
    assert written == [literal(text) for text in texts]


@given(TEXTS)
def test_texts_that_are_written_alike_have_one_place(texts: list[str]) -> None:
    coded = Coded.of(pd.Series(texts, dtype="str"), each(str.casefold))
    assert coded.column().to_pylist() == [text.casefold() for text in texts]
    assert len(set(coded.texts.to_pylist())) == len(coded.texts)


def test_categories_that_no_row_has_are_not_written() -> None:
    column = pd.Series(["a", "b"], dtype="category").iloc[:1]
    assert Coded.of(array_of(column), each(str.upper)).texts.to_pylist() == ["A"]


def test_an_empty_cell_has_no_part() -> None:
    rows, found = parts(pa.array(["a|b", "", "c"]))
    assert rows.tolist() == [0, 0, 2]
    assert found.to_pylist() == ["a", "b", "c"]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_equal_rows_have_one_number_and_a_first_row(pairs: list[tuple[int, int]]) -> None:
    columns = np.array(pairs, np.int64).reshape(-1, 2).T
    numbers = numbered(*columns)
    assert len(set(numbers.tolist())) == len(set(pairs)) == len(first_rows(numbers))


def test_places_too_many_to_multiply_are_numbered_all_the_same() -> None:
    far = np.array([2**40, 0, 2**40], np.int64)
    assert numbered(far, far, far).tolist() == [0, 1, 0]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_a_block_never_ends_within_a_group(size: int) -> None:
    groups = np.array([0, 0, 0, 1, 2, 2, 5, 5, 5, 5], np.int64)
    found = [groups[block].tolist() for block in blocks(groups, size)]
    assert [group for block in found for group in block] == groups.tolist()
    assert len({group for block in found for group in set(block)}) == sum(
        len(set(block)) for block in found
    )


def test_lines_are_counted_by_graph_and_given_as_one_text() -> None:
    graph = Coded(np.array([1, 1], np.int64), pa.array(["<g>", "<h>"]))
    found = lines(pa.array(["<a>", "<b>"]), "<p>", pa.array(['"1"', '"é"']), graph=graph)
    assert bytes(found.data()).decode() == '<a> <p> "1" <h> .\n<b> <p> "é" <h> .\n'
    assert dict(found.counts()) == {"h": 2}
