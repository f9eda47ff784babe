"""Looking texts up in a table of a source, absent ones included."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def looked_up(
    keys: pd.Series[str], table: Mapping[str, str] | pd.Series[str], absent: object = ""
) -> pd.Series[str]:
    """Give the text of each key; ``absent``, one text or one for each key, where there is none.

    Pandas calls what it finds in an empty table numbers, which is why it is not asked directly.

    >>> looked_up(pd.Series(["a"]), {}).tolist()
    ['']
    """
    found = keys.map(table).astype(object)
    return found.where(found.notna(), absent).astype(str)
