"""Reading JSON that a stranger wrote: strictly JSON, an object, no deeper than makes sense."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from api.errors import InvalidRequest
from api.pharmcat import is_report, report_body

MAX_DEPTH = 32
"""Levels of nesting; our own bodies have five."""


class MalformedJson(InvalidRequest):
    """A text is not the JSON object that is expected."""

    status = 400
    title = "The body cannot be read as one JSON object"


class NotReadYet(InvalidRequest):
    """A body of a known foreign kind that this release does not read."""

    title = "This kind of document is not read yet"


def read_object(content: bytes, what: str) -> dict[str, Any]:
    """Read a JSON object; ``what`` names its origin in errors.

    Raises:
        MalformedJson: It is not UTF-8 or not JSON (as NaN is not), nested too deeply, or no object,
            or an object in it has one key twice, of which JSON would let the last one win.
    """
    try:
        value = json.loads(
            content.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
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
    return value


def read_question(content: bytes, what: str) -> dict[str, Any]:
    """Read our own request body, or the one that a PharmCAT report makes, told apart by shape.

    Raises:
        MalformedJson: It is not a JSON object.
        MalformedReport: It is a PharmCAT report that cannot be read.
        NotReadYet: It is a FHIR resource.
    """
    body = read_object(content, what)
    if "resourceType" in body:
        raise NotReadYet(
            f"{what}: a FHIR {body['resourceType']!s:.40} is not read yet; write {_OWN}"
        )
    if is_report(body):
        return report_body(body, what)
    return body


_OWN = "the body of POST /v1/screen (taking, add, patient)"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


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
