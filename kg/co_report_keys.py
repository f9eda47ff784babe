"""Co-reports of two graphs held side by side: one number for each, and sets of numbers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod

import numpy as np
import numpy.typing as npt
import pandas as pd

_EDGE = ("drug_a", "drug_b", "effect")
_STATEMENT = ("source", *_EDGE)
Codes = npt.NDArray[np.int64]


def changed_co_reports(before: pd.DataFrame, after: pd.DataFrame) -> tuple[int, int]:
    """How many co-reported effects of pairs are only in the first table, and only in the second."""
    (old, new), _ = _keys((before, after), _EDGE)
    shared = len(np.intersect1d(old, new, assume_unique=True))
    return len(old) - shared, len(new) - shared


def co_reports_by_source(table: pd.DataFrame) -> Counter[str]:
    """How many co-reports each source states."""
    (keys,), names = _keys((table,), _STATEMENT)
    return _by_source(keys, names)


def shared_co_reports_by_source(before: pd.DataFrame, after: pd.DataFrame) -> Counter[str]:
    """How many co-reports each source states in both tables."""
    (old, new), names = _keys((before, after), _STATEMENT)
    return _by_source(np.intersect1d(old, new, assume_unique=True), names)


def distinct(keys: Codes) -> Codes:
    """Give every number once, sorted; sorting is many times faster here than hashing."""
    ordered = np.sort(keys)
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _keys(
    tables: Sequence[pd.DataFrame], columns: Sequence[str]
) -> tuple[list[Codes], list[list[str]]]:
    """Give the different rows of each table as numbers, and the values of each column, in order.

    A number is the place of each value among those of its column, the first column weighing most.
    """
    names = [
        sorted({str(value) for table in tables for value in table[column].cat.categories})
        for column in columns
    ]
    keys = []
    for table in tables:
        key = np.zeros(len(table), dtype=np.int64)
        for column, values in zip(columns, names, strict=True):
            key = key * len(values) + table[column].cat.set_categories(values).cat.codes.to_numpy()
        keys.append(distinct(key))
    return keys, names


def _by_source(keys: Codes, names: Sequence[Sequence[str]]) -> Counter[str]:
    sources, *rest = names
    counts = np.bincount(keys // max(prod(map(len, rest)), 1), minlength=len(sources))
    return Counter({name: int(n) for name, n in zip(sources, counts, strict=True) if n})
