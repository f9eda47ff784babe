"""The OpenAPI document: the question and its answer by their schemas, every error as a problem."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE
from api.schemas import ScreenRequest

_REF = "#/components/schemas/"
_GENERATED = ("HTTPValidationError", "ValidationError")
_PROBLEM = {
    "title": "Problem",
    "description": "An error as RFC 9457 writes it; further members quote what was not accepted.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
    },
    "additionalProperties": True,
}
_PROBLEM_EXAMPLE = {
    "type": "about:blank",
    "title": "There is no such drug here",
    "status": 404,
    "detail": "the graph has no drug 'RXCUI:9999999'",
    "query": "RXCUI:9999999",
    "request_id": "ward-7:0042",
}


def describe_wholly(app: FastAPI) -> None:
    """Have an application describe also what its routes read and answer by themselves."""
    generated = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(generated())
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    known = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _GENERATED:
        known.pop(name, None)
    known.update(_schemas())
    shown = {"schema": {"$ref": f"{_REF}Problem"}, "example": _PROBLEM_EXAMPLE}
    problem = {"description": "A problem", "content": {MEDIA_TYPE: shown}}
    examples = json.loads((files("api") / "examples.json").read_text(encoding="utf-8"))
    for address, path in document["paths"].items():
        for method, operation in path.items():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
            _exemplify(operation, examples.get(f"{method.upper()} {address}", {}))
    return document


def _exemplify(operation: dict[str, Any], examples: Mapping[str, Mapping[str, Any]]) -> None:
    """Show what is asked and answered, by media type."""
    asked = operation.get("requestBody", {}).get("content", {})
    told = operation["responses"]["200"].setdefault("content", {})
    for part, content in (("asked", asked), ("told", told)):
        for media_type, example in examples.get(part, {}).items():
            content.setdefault(media_type, {})["example"] = example


def _schemas() -> dict[str, Any]:
    question = ScreenRequest.model_json_schema(ref_template=f"{_REF}{{model}}")
    parts = question.pop("$defs", {})
    text = (files("api") / "answer.schema.json").read_text(encoding="utf-8")
    answer = json.loads(text.replace("#/$defs/", f"{_REF}Answer."))
    answer.pop("$schema", None)
    own = {f"Answer.{name}": part for name, part in answer.pop("$defs", {}).items()}
    whole = {"ScreenRequest": question, "ScreeningAnswer": answer, "Problem": _PROBLEM}
    return {**parts, **own, **whole}
