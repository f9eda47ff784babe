"""Lays one request body over another: options over a file, a body over a FHIR record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one body over another: lists grow, objects are joined, single values are replaced.

    >>> merged({"taking": ["warfarin"], "add": "aspirin"}, {"taking": "digoxin", "add": ["iron"]})
    {'taking': ['warfarin', 'digoxin'], 'add': ['aspirin', 'iron']}
    """
    result = dict(base)
    for key, value in more.items():
        held = result.get(key)
        if isinstance(held, Mapping) and isinstance(value, Mapping):
            result[key] = merged(held, value)
        elif None not in (held, value) and (isinstance(held, list) or isinstance(value, list)):
            result[key] = [*_listed(held), *_listed(value)]
        else:
            result[key] = value
    return result


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
