"""The OpenAPI document: the question and its answer by their schemas, every error as a problem."""

from __future__ import annotations

import json
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
    },
    "additionalProperties": True,
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
    problem = {
        "description": "A problem",
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}Problem"}}},
    }
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
    return document


def _schemas() -> dict[str, Any]:
    question = ScreenRequest.model_json_schema(ref_template=f"{_REF}{{model}}")
    parts = question.pop("$defs", {})
    text = (files("api") / "answer.schema.json").read_text(encoding="utf-8")
    answer = json.loads(text.replace("#/$defs/", f"{_REF}Answer."))
    answer.pop("$schema", None)
    own = {f"Answer.{name}": part for name, part in answer.pop("$defs", {}).items()}
    whole = {"ScreenRequest": question, "ScreeningAnswer": answer, "Problem": _PROBLEM}
    return {**parts, **own, **whole}
