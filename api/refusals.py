"""What is wrong with the fields of a request, each quoted beside what is accepted in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from api.schemas import Lab, Medicine, PatientBody, ScreenRequest

MOST_TOLD = 20
"""So many are told at once; a body may have as many that are wrong as it has bytes."""
_LISTS = frozenset({"list[constrained-str]", "list[union[constrained-str,Medicine]]"})
_SHAPES = frozenset({"Medicine", "constrained-str"}) | _LISTS
"""Parts of a place that tell which shape was tried, and no field that anybody wrote."""
_WRONG_SHAPE = frozenset({"string_type", "list_type", "model_type"})
_PLAIN = {
    "missing": "it must be given",
    "string_too_short": "it must not be empty",
    "string_type": "a text in quotation marks is expected",
    "list_type": "a list in square brackets is expected",
    "dict_type": "an object in curly brackets is expected",
    "float_type": "a number without quotation marks is expected",
    "bool_type": "true or false is expected, without quotation marks",
    "model_type": "an object in curly brackets is expected",
}


def refusals(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Give ``field``, ``value`` and ``expected`` of the first errors that pydantic found.

    Unknown fields come first. Where a value may have several shapes, what is wrong inside the shape
    that was written is told, and not that it has no other shape.
    """
    found = list(errors)
    within = {tuple(_place(e)[:depth]) for e in found for depth in range(1, len(_place(e)))}
    telling = [e for e in found if e["type"] not in _WRONG_SHAPE or tuple(_place(e)) not in within]
    telling.sort(key=lambda e: (e["type"] != "extra_forbidden", e["type"] in _WRONG_SHAPE))
    return [
        {
            "field": ".".join(map(str, _place(error))) or "body",
            "value": "nothing" if error["type"] == "missing" else repr(error.get("input"))[:200],
            "expected": _expected(error),
        }
        for error in telling[:MOST_TOLD]
    ]


def sentence_of(rows: Sequence[Mapping[str, str]]) -> str:
    """Say the first of the rows; the others go with it as they are."""
    first = rows[0]
    return f"{first['field']}: {first['value']} is not accepted: {first['expected']}"


def _place(error: Mapping[str, Any]) -> list[str | int]:
    return [part for part in error["loc"] if part not in _SHAPES]


def _expected(error: Mapping[str, Any]) -> str:
    place = _place(error)
    if error["type"] == "extra_forbidden":
        return f"there is no such field; there are: {', '.join(_body_at(place).model_fields)}"
    if error["type"] == "string_pattern_mismatch" and place[-1] == "loinc":
        return "a LOINC code is expected, such as 2823-3"
    return _PLAIN.get(error["type"], str(error["msg"]))


def _body_at(place: Sequence[str | int]) -> type[BaseModel]:
    """The kind of object whose field a place names."""
    if len(place) == 1:
        return ScreenRequest
    if "labs" in place:
        return Lab
    return Medicine if place[0] in {"add", "taking"} else PatientBody
