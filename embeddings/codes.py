"""Facts and pairs as single numbers, and where these stand among sorted ones."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

_Integers: TypeAlias = npt.NDArray[np.integer]
_Codes: TypeAlias = npt.NDArray[np.int64]


def ordered(one: _Integers, effect: _Integers, other: _Integers) -> npt.NDArray[np.int32]:
    """Rows (drug, effect, drug), (rows, 3), of three columns: the lower drug index stands first."""
    rows = np.column_stack((np.minimum(one, other), effect, np.maximum(one, other)))
    return rows.astype(np.int32)


def encoded(array: npt.NDArray[np.int32], n_drugs: int) -> _Codes:
    """One number per (drug, effect, drug) row, whose lower drug index stands first."""
    wide = array.astype(np.int64)
    codes: _Codes = (wide[:, 0] * n_drugs + wide[:, 2]) + wide[:, 1] * n_drugs * n_drugs
    return codes


def places_among(held: _Codes, asked: _Codes) -> tuple[_Codes, npt.NDArray[np.bool_]]:
    """Where codes stand among sorted ones, and whether they do.

    >>> places_among(np.array([2, 5]), np.array([5, 3]))[1].tolist()
    [True, False]
    """
    if not len(held):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), np.bool_)
    place = np.minimum(np.searchsorted(held, asked), len(held) - 1)
    return place, held[place] == asked
