"""What follows from the hierarchies: the wider terms of a term beyond those that are stated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from kg.nquads import CLOSURE_GRAPH, Iris
from kg.nquads_columns import Coded, Lines, Places, array_of, each, lines
from kg.tables import Tables
from ontologies.vocabulary import Predicate

_SUBCLASS = Predicate.SUBCLASS_OF.value
_ROWS_PER_BLOCK = 50_000
_ATC = re.compile(r"ATC:[A-Z](?:\d\d(?:[A-Z](?:[A-Z](?:\d\d)?)?)?)?")
_ATC_ABOVE = {7: 5, 5: 4, 4: 3, 3: 1}
"""Letters of the group that a code of so many letters belongs to: it is the begin of the code."""


def wider_terms(tables: Tables) -> pd.DataFrame:
    """Columns ``subject`` and ``object``: each term with each wider one that no release states.

    They follow from what ``biolink:subclass_of`` states of drugs and their forms, ATC, DOID, HP and
    every other hierarchy of the graph, and from the codes of the ATC, each of which begins with the
    code of its group, whether a source lists the groups or not. Each pair stands once, in a fixed
    order. Terms in a circle are not wider than themselves.
    """
    edges = tables.edges
    stated = edges.loc[edges["predicate"] == _SUBCLASS, ["subject", "object"]].astype(str)
    steps = _steps_of_atc(pd.concat([stated["subject"], stated["object"]]).unique())
    links = pd.concat([stated, steps], ignore_index=True)
    ends = pd.concat([links["subject"], links["object"]], ignore_index=True)
    places, names = pd.factorize(ends, sort=True)
    narrow, wide = np.split(np.asarray(places, np.int64), 2)
    found = _following(narrow, wide, len(stated), len(names))
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


def _steps_of_atc(terms: Iterable[str]) -> pd.DataFrame:
    """Each code of the ATC among some terms with its group, that group with its own, and so on."""
    found = set[tuple[str, str]]()
    for term in terms:
        code = term.removeprefix("ATC:") if _ATC.fullmatch(term) else ""
        while len(code) in _ATC_ABOVE:
            group = code[: _ATC_ABOVE[len(code)]]
            found.add((f"ATC:{code}", f"ATC:{group}"))
            code = group
    return pd.DataFrame(sorted(found), columns=["subject", "object"], dtype=str)


def _following(narrow: Places, wide: Places, n_stated: int, n_names: int) -> Places:
    """Pairs that follow from those given, of which the first are stated and not given again.

    A pair is ``narrow * n_names + wide``.
    """
    radix = max(n_names, 1)
    given = narrow * radix + wide
    stated, linked = _distinct(given[:n_stated]), _distinct(given)
    narrow, wide = np.divmod(linked, radix)
    starts = np.searchsorted(narrow, np.arange(n_names + 1))
    known = newest = linked
    while len(newest):
        narrowest, middle = np.divmod(newest, radix)
        first, n_wider = starts[middle], starts[middle + 1] - starts[middle]
        # Where the wider terms of each middle one stand: one run after the other.
        runs = np.repeat(first - np.cumsum(n_wider) + n_wider, n_wider)
        reached = wide[runs + np.arange(len(runs))]
        newest = _without(_distinct(np.repeat(narrowest, n_wider) * radix + reached), known)
        known = np.sort(np.concatenate((known, newest)), kind="stable")
    more = _without(known, stated)
    apart: Places = more[more // radix != more % radix]
    return apart


def _distinct(codes: Places) -> Places:
    """Each code once, sorted; several times as fast as numpy's own."""
    return np.sort(np.asarray(pd.unique(codes), np.int64))


def _without(codes: Places, others: Places) -> Places:
    """Codes that are not among others, which are sorted."""
    if not len(others):
        return codes
    places = np.searchsorted(others, codes)
    places[places == len(others)] = 0
    kept: Places = codes[others[places] != codes]
    return kept
