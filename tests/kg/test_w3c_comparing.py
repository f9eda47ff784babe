"""Answers that differ in more than names of blank nodes are told apart: the tests can fail."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from tests.kg.w3c_comparing import is_same
from tests.kg.w3c_suite import Answer

A, B, C, D = (BlankNode(name) for name in "abcd")
X, Y, P = (NamedNode(f"http://a/{name}") for name in "xyp")
INTEGER, DOUBLE = (
    NamedNode(f"http://www.w3.org/2001/XMLSchema#{name}") for name in ("integer", "double")
)


def table(*rows: tuple[object, ...], names: tuple[str, ...] = ("s", "o")) -> Answer:
    return names, list(rows)  # type: ignore[arg-type]


SAME = (
    (True, True),
    (table((A, B), (B, A)), table((C, D), (D, C))),
    (table((X, Y), (Y, X)), table((Y, X), (X, Y))),
    (table((X, Y)), table((Y, X), names=("o", "s"))),
    (table((X, Literal("1.0", datatype=DOUBLE))), table((X, Literal("1", datatype=DOUBLE)))),
    (table((X, None)), table((X, None))),
    (frozenset({Triple(A, P, B)}), frozenset({Triple(C, P, D)})),
)
APART = (
    (True, False),
    (True, table()),
    (table((A, A)), table((C, D))),
    (table((A, B)), table((C, C))),
    (table((A, B), (B, A)), table((C, D), (C, D))),
    (table((X, Y)), table((X, Y), (X, Y))),
    (table((X, Y)), table((X, Y), names=("s", "p"))),
    (table((X, None)), table((X, Literal("")))),
    (table((X, A)), table((X, Y))),
    (table((X, Literal("1", datatype=INTEGER))), table((X, Literal("1", datatype=DOUBLE)))),
    (table((X, Literal("1"))), table((X, Literal("1", language="en")))),
    (frozenset({Triple(A, P, B)}), frozenset({Triple(C, P, C)})),
    (frozenset({Triple(X, P, Y)}), frozenset({Triple(Y, P, X)})),
)


@pytest.mark.parametrize(("expected", "found"), SAME)
def test_names_of_blank_nodes_order_and_ways_to_write_a_number_do_not_count(
    expected: Answer, found: Answer
) -> None:
    assert is_same(expected, found, in_order=False)


@pytest.mark.parametrize(("expected", "found"), APART)
def test_whatever_else_differs_counts(expected: Answer, found: Answer) -> None:
    assert not is_same(expected, found, in_order=False)


def test_the_order_of_rows_counts_where_it_is_asked_for() -> None:
    there, back = table((X, Y), (Y, X)), table((Y, X), (X, Y))
    assert is_same(there, there, in_order=True)
    assert not is_same(there, back, in_order=True)
