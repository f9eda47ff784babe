"""Terms and lines of N-Quads by the column: Arrow joins them, Python sees distinct texts only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kg.nquads import ESCAPES

Places: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Write: TypeAlias = Callable[[pa.StringArray], pa.StringArray]
"""Gives each of some distinct texts as a term of N-Quads."""

_END = " .\n"
_LIST_MARK = "|"
_LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class Coded:
    """A column as the distinct texts in it, and the place among them of the text of each row."""

    places: Places
    texts: pa.StringArray

    @classmethod
    def of(cls, column: pd.Series | pa.Array, write: Write) -> Self:
        """Write the distinct texts of a column; those that are written alike become one."""
        array = column if isinstance(column, pa.Array) else array_of(column)
        found = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        return cls(_places(found.indices), write(found.dictionary)).distinct()

    def distinct(self) -> Self:
        """The same column where texts that are alike have one place."""
        found = self.texts.dictionary_encode()
        return type(self)(_places(found.indices)[self.places], found.dictionary)

    def rows(self, rows: Places | Flags) -> Self:
        """The same texts for some of the rows."""
        return type(self)(self.places[rows], self.texts)

    def column(self) -> pa.StringArray:
        """The text of each row."""
        return self.texts.take(pa.array(self.places))


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of N-Quads, and the IRI of the graph of each."""

    text: pa.StringArray
    graph: Coded

    def counts(self) -> Iterator[tuple[str, int]]:
        """Graph IRIs, and how many of the lines are of each."""
        found = np.bincount(self.graph.places, minlength=len(self.graph.texts))
        for place in np.flatnonzero(found).tolist():
            yield self.graph.texts[place].as_py()[1:-1], int(found[place])

    def data(self) -> memoryview:
        """The lines one after the other in UTF-8, not copied."""
        _, offsets, data = self.text.buffers()
        if not len(self.text):
            return memoryview(b"")
        ends = np.frombuffer(offsets, np.int32)[self.text.offset :]
        return memoryview(data)[int(ends[0]) : int(ends[len(self.text)])]


def lines(*terms: pa.StringArray | str, graph: Coded) -> Lines:
    """Join terms to lines of N-Quads; a single text stands in every line, an empty one in none."""
    given = [term for term in (*terms, graph.column()) if not isinstance(term, str) or term]
    spaced = [part for term in given for part in (term, " ")][:-1]
    return Lines(pc.binary_join_element_wise(*spaced, _END, ""), graph)


def distinct_lines(subject: Coded, predicate: str, terms: Coded, graph: Coded) -> Lines:
    """Join rows to lines of N-Quads, one for each distinct triple of a graph."""
    kept = first_rows(numbered(subject.places, terms.places, graph.places))
    ends = subject.rows(kept).column(), predicate, terms.rows(kept).column()
    return lines(*ends, graph=graph.rows(kept))


def array_of(column: pd.Series) -> pa.Array:
    """A column as Arrow text, or as an Arrow dictionary of text when it is of categories."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.remove_unused_categories()
    array = pa.array(column)
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if not pa.types.is_dictionary(whole.type):
        return whole.cast(pa.string())
    return pa.DictionaryArray.from_arrays(whole.indices, whole.dictionary.cast(pa.string()))


def each(write: Callable[[str], str]) -> Write:
    """Write text after text by a function of one text."""
    return lambda texts: pa.array([write(text) for text in texts.to_pylist()], pa.string())


def literals(texts: pa.StringArray) -> pa.StringArray:
    """Write each text as a literal."""
    for character, escape in ESCAPES.items():
        texts = pc.replace_substring(texts, pattern=character, replacement=escape)
    return pc.binary_join_element_wise('"', texts, '"', "")


def held(cells: pa.Array) -> tuple[Places, pa.StringArray]:
    """Rows whose cell is not empty, and their cells."""
    plain = cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells
    rows = np.flatnonzero(pc.not_equal(plain, "").to_numpy(zero_copy_only=False))
    return rows, plain.take(pa.array(rows))


def parts(cells: pa.Array) -> tuple[Places, pa.StringArray]:
    """Take joined cells apart: the row of each part, and the parts."""
    rows, joined = held(cells)
    lists = pc.split_pattern(joined, pattern=_LIST_MARK)
    return rows[_places(pc.list_parent_indices(lists))], pc.list_flatten(lists)


def numbered(*columns: Places) -> Places:
    """Number rows from 0 in order of appearance; rows equal in all columns have one number."""
    numbers, n_numbers = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        width = int(column.max(initial=0)) + 1
        if n_numbers * width > _LARGEST:
            numbers = _factorized(numbers)
            n_numbers = len(numbers)
        numbers, n_numbers = numbers * width + column, n_numbers * width
    return _factorized(numbers)


def first_rows(numbers: Places) -> Places:
    """Rows whose number no row above them has."""
    return np.flatnonzero(~pd.Series(numbers).duplicated().to_numpy())


def flags(rows: Places, n_rows: int) -> Flags:
    """True for the rows that are named, of so many in all."""
    found = np.zeros(n_rows, bool)
    found[rows] = True
    return found


def blocks(groups: Places, size: int) -> Iterator[slice]:
    """Cut sorted rows into blocks of about a size, never between two rows of one group."""
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    wanted = np.arange(0, len(groups), size)
    cuts = np.unique(starts[np.searchsorted(starts, wanted, side="right") - 1]).tolist()
    for start, stop in zip(cuts, [*cuts[1:], len(groups)], strict=False):
        yield slice(start, stop)


def _factorized(numbers: Places) -> Places:
    return np.asarray(pd.factorize(numbers)[0], np.int64)


def _places(indices: pa.Array) -> Places:
    return np.asarray(indices.to_numpy(zero_copy_only=False), np.int64)
