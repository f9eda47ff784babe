"""Cross-references that can mean identity: one identifier for one thing, both ways."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def exact_xrefs(stated: pd.DataFrame) -> pd.Series[str]:
    """Give by ``id`` the CURIEs that it has for itself, sorted and joined with ``|``.

    Args:
        stated: Columns id and xref, one CURIE a row. A CURIE that several ids claim, and the
            CURIEs of an id that claims several of one prefix, mean identity to nobody: a salt and
            its base share a number, or a mixture lists its parts. They are left out.
    """
    pairs = stated.loc[stated["xref"] != "", ["id", "xref"]].drop_duplicates()
    prefix = pairs["xref"].str.split(":", n=1).str[0]
    shared = pairs["xref"].duplicated(keep=False)
    several = pairs.assign(prefix=prefix).duplicated(["id", "prefix"], keep=False)
    exact = pairs[~shared & ~several].sort_values(["id", "xref"])
    return exact.groupby("id")["xref"].agg("|".join)


def in_columns(
    frame: pd.DataFrame, prefixes: Mapping[str, str], forms: Mapping[str, str]
) -> pd.DataFrame:
    """Make CURIEs of the columns that hold identifiers, and give them in rows of id and xref.

    Args:
        frame: The column id, and one column for each identifier system.
        prefixes: Prefix of the CURIE by column.
        forms: What an identifier looks like, by prefix; a cell of another form gives none.
    """
    parts = []
    for column, prefix in prefixes.items():
        cells = frame[column].str.strip()
        fits = cells.str.fullmatch(forms[prefix])
        parts.append(pd.DataFrame({"id": frame["id"][fits], "xref": prefix + ":" + cells[fits]}))
    return pd.concat(parts, ignore_index=True)
