"""Reading JSON that a stranger wrote: strictly JSON, an object, no deeper than makes sense."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from api.errors import InvalidRequest
from api.fhir.bodies import fhir_body
from api.pharmcat import is_report, report_body

MAX_DEPTH = 32
"""Levels of nesting; our own bodies have five."""
_MOST_DIGITS = 300
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escape that may be half a character: nothing that holds one can be written in an answer."""


class MalformedJson(InvalidRequest):
    """A text is not the JSON object that is expected."""

    status = 400
    title = "The body cannot be read as one JSON object"


def read_object(content: bytes, what: str) -> dict[str, Any]:
    """Read a JSON object; ``what`` names its origin in errors.

    Raises:
        MalformedJson: It is not UTF-8 or not JSON (as NaN is not), nested too deeply, or no object,
            or an object in it has one key twice, of which JSON would let the last one win, or a
            number that no quantity has, or a text with half a character.
    """
    try:
        value = json.loads(
            content.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            parse_int=_whole_number,
            object_pairs_hook=_without_repeats,
        )
    except UnicodeDecodeError as error:
        raise MalformedJson(f"{what}: byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        message = f"{what}: {place}: this is not JSON ({error.msg.lower()})"
        raise MalformedJson(message) from error
    except RecursionError:
        raise MalformedJson(f"{what}: nested more than {MAX_DEPTH} levels deep") from None
    except ValueError as error:
        raise MalformedJson(f"{what}: {error}") from error
    if not isinstance(value, dict):
        raise MalformedJson(f"{what}: an object is expected, not {type(value).__name__}")
    if _is_deeper(value, MAX_DEPTH):
        raise MalformedJson(f"{what}: nested more than {MAX_DEPTH} levels deep")
    if _HALF.search(content) and _has_half_a_character(value):
        raise MalformedJson(f"{what}: a text in it has half a character (a lone surrogate)")
    return value


def read_question(content: bytes, what: str) -> dict[str, Any]:
    """Read our own request body, or what a FHIR record or a PharmCAT report makes, by the shape.

    Raises:
        MalformedJson: It is not a JSON object.
        MalformedReport: It is a PharmCAT report that cannot be read.
        MalformedFhir, InvalidResource: It is a FHIR resource that cannot be read.
    """
    body = read_object(content, what)
    if "resourceType" in body:
        return fhir_body(body)
    if is_report(body):
        return report_body(body, what)
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _whole_number(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number has {len(text)} digits; at most {_MOST_DIGITS} are read")
    return int(text)


def _has_half_a_character(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:100]!r} stands twice in one object")
        found[key] = value
    return found


def _is_deeper(value: object, depth: int) -> bool:
    waiting = [(value, 1)]
    while waiting:
        part, level = waiting.pop()
        if not isinstance(part, dict | list):
            continue
        if level > depth:
            return True
        children = part.values() if isinstance(part, dict) else part
        waiting.extend((child, level + 1) for child in children)
    return False
