"""Whether two answers of a query are the same, as the SPARQL 1.1 tests define it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, Quad, Triple

from tests.kg.w3c_suite import Answer, Term

_SCHEMA = "http://www.w3.org/2001/XMLSchema#"
_Row = tuple[Term | None, ...]
_Match = dict[Term, Term]


def is_same(expected: Answer, found: Answer, *, in_order: bool) -> bool:
    """Compare up to the names of blank nodes, and to how a number is written."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, frozenset) or isinstance(found, frozenset):
        return _canonical(expected) == _canonical(found)
    (names, rows), (found_names, found_rows) = expected, found
    if sorted(names) != sorted(found_names):
        return False
    places = [found_names.index(name) for name in names]
    turned = [tuple(row[place] for place in places) for row in found_rows]
    return _match(rows, turned, {}, {}, in_order=in_order)


def _canonical(answer: Answer) -> Dataset | None:
    if not isinstance(answer, frozenset):
        return None
    dataset = Dataset(Quad(*_by_value(triple)) for triple in answer)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def _by_value(triple: Triple) -> Triple:
    value = _value(triple.object)
    is_number = isinstance(value, tuple)
    return Triple(*triple[:2], Literal(str(value))) if is_number else triple


def _match(
    rows: list[_Row], others: list[_Row], there: _Match, back: _Match, *, in_order: bool
) -> bool:
    """Find a row for each row under one pairing of blank nodes, trying all."""
    if len(rows) != len(others):
        return False
    if not rows:
        return True
    for place in range(1 if in_order else len(others)):
        pairing = _pair(rows[0], others[place], there, back)
        rest = [*others[:place], *others[place + 1 :]]
        if pairing and _match(rows[1:], rest, *pairing, in_order=in_order):
            return True
    return False


def _pair(row: _Row, other: _Row, there: _Match, back: _Match) -> tuple[_Match, _Match] | None:
    for one, two in zip(row, other, strict=True):
        if isinstance(one, BlankNode) and isinstance(two, BlankNode):
            if there.get(one, two) != two or back.get(two, one) != one:
                return None
            there, back = {**there, one: two}, {**back, two: one}
        elif _value(one) != _value(two):
            return None
    return there, back


def _value(term: Term | None) -> object:
    """A number or truth as its type and value, anything else as it is."""
    if not (isinstance(term, Literal) and term.datatype.value.startswith(_SCHEMA)):
        return term
    kind = term.datatype.value.removeprefix(_SCHEMA)
    try:
        if kind in {"integer", "decimal"}:
            return kind, Decimal(term.value).normalize()
        if kind in {"double", "float"}:
            return kind, float(term.value)
    except (InvalidOperation, ValueError):
        return term
    return (kind, term.value in {"1", "true"}) if kind == "boolean" else term
