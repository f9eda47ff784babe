"""What follows from the hierarchies: the wider terms of a term beyond those that are stated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from kg.nquads import CLOSURE_GRAPH, Iris
from kg.nquads_columns import Coded, Lines, Places, array_of, each, lines
from kg.tables import Tables
from ontologies.vocabulary import Predicate

_SUBCLASS = Predicate.SUBCLASS_OF.value
_ROWS_PER_BLOCK = 50_000


def wider_terms(tables: Tables) -> pd.DataFrame:
    """Columns ``subject`` and ``object``: each term with each wider one that no release states.

    They follow from what ``biolink:subclass_of`` states of drugs and their forms, ATC, DOID, HP and
    every other hierarchy of the graph. Each pair stands once, in a fixed order. Terms in a circle
    are not wider than themselves.
    """
    edges = tables.edges
    stated = edges.loc[edges["predicate"] == _SUBCLASS, ["subject", "object"]].astype(str)
    names = np.unique(stated.to_numpy(dtype=object)) if len(stated) else np.empty(0, object)
    ends = [pd.Index(names).get_indexer(stated[end]) for end in ("subject", "object")]
    found = _following(np.asarray(ends[0], np.int64), np.asarray(ends[1], np.int64), len(names))
    narrow, wide = np.divmod(found, max(len(names), 1))
    return pd.DataFrame({"subject": names[narrow], "object": names[wide]})


def closure_lines(tables: Tables, iris: Iris) -> Iterator[Lines]:
    """Each pair of :func:`wider_terms` as a triple of the graph of closures."""
    found = wider_terms(tables)
    predicate = iris.of(_SUBCLASS)
    for start in range(0, len(found), _ROWS_PER_BLOCK):
        rows = found.iloc[start : start + _ROWS_PER_BLOCK]
        ends = [Coded.of(array_of(rows[end]), each(iris.of)).column() for end in rows.columns]
        graph = Coded(np.zeros(len(rows), np.int64), pa.array([f"<{CLOSURE_GRAPH}>"]))
        yield lines(ends[0], predicate, ends[1], graph=graph)


def _following(narrow: Places, wide: Places, n_names: int) -> Places:
    """Pairs that follow from those given and are not among them: ``narrow * n_names + wide``."""
    steps = pd.DataFrame({"middle": narrow, "wide": wide}).drop_duplicates()
    stated = np.unique(narrow * n_names + wide)
    known = newest = stated
    while len(newest):
        reached = pd.DataFrame({"narrow": newest // n_names, "middle": newest % n_names})
        joined = reached.merge(steps, on="middle")
        codes = np.unique((joined["narrow"] * n_names + joined["wide"]).to_numpy(np.int64))
        newest = np.setdiff1d(codes, known, assume_unique=True)
        known = np.union1d(known, newest)
    more = np.setdiff1d(known, stated, assume_unique=True)
    apart: Places = more[more // max(n_names, 1) != more % max(n_names, 1)]
    return apart
