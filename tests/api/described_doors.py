"""What the OpenAPI document says of the doors, to try each of them and to hold them to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema

from api.app import create_app
from api.state import open_state

DOCUMENT: dict[str, Any] = create_app(lambda: open_state(Path("nowhere"))).openapi()
OPERATIONS = [
    (method.upper(), path, operation)
    for path, operations in sorted(DOCUMENT["paths"].items())
    for method, operation in operations.items()
]
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]
TAKING = {
    path: next(iter(operation["requestBody"]["content"]))
    for method, path, operation in OPERATIONS
    if method == "POST" and "requestBody" in operation
}
"""Addresses that take a body, with the first media type in which they read it."""
_FILLED = {"curie": "RXCUI:36567", "rxcui": "36567", "service": "order-sign"}


def filled(path: str) -> str:
    """An address of the document with something in its places."""
    for name, value in _FILLED.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def described(method: str, address: str) -> dict[str, Any] | None:
    """What the document says of a method at an address, by the likest of its paths."""
    found = [
        (path.count("{"), operation)
        for known, path, operation in OPERATIONS
        if known == method and re.fullmatch(_pattern(path), address)
    ]
    return min(found, key=lambda each: each[0])[1] if found else None


def _pattern(path: str) -> str:
    return re.sub(r"\\{[a-z_]+\\}", "[^/]*", re.escape(path))


def assert_described(method: str, address: str, response: Any) -> None:
    """Status, media type and shape are those that the document tells."""
    operation = described(method, address)
    assert operation is not None
    answers = operation["responses"]
    told = answers.get(str(response.status_code), answers["default"])["content"]
    media_type = response.headers["content-type"].partition(";")[0]
    assert media_type in told, response.text[:500]
    schema = told[media_type].get("schema", {})
    if media_type.endswith("json") and "$ref" in schema:
        jsonschema.validate(response.json(), {**schema, "components": DOCUMENT["components"]})
