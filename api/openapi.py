"""The OpenAPI document: the question and its answer by their schemas, every error as a problem."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE
from api.rxnav.errors import PREFIX
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


_OLD_PROBLEM = {
    "title": "OldProblem",
    "description": "An error in the words that clients of the old RxNav service can read.",
    "type": "object",
    "required": ["nlmDisclaimer", "error", "title", "status"],
    "properties": {
        "nlmDisclaimer": {"type": "string"},
        "error": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "request_id": {"type": "string"},
    },
    "additionalProperties": True,
}

_OUTCOME = {
    "title": "OperationOutcome",
    "description": "An error as FHIR R4 writes it.",
    "type": "object",
    "required": ["resourceType", "issue"],
    "properties": {
        "resourceType": {"const": "OperationOutcome"},
        "issue": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["severity", "code"],
                "properties": {
                    "severity": {"enum": ["fatal", "error", "warning", "information"]},
                    "code": {"type": "string"},
                    "diagnostics": {"type": "string"},
                    "expression": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}
_OF_FHIR = ("/cds-services", "/fhir")


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
    examples = json.loads((files("api") / "examples.json").read_text(encoding="utf-8"))
    for address, path in document["paths"].items():
        for method, operation in path.items():
            operation["responses"].pop("422", None)
            operation["responses"].setdefault("default", _problem_at(address))
            _exemplify(operation, examples.get(f"{method.upper()} {address}", {}))
    return document


def _problem_at(address: str) -> dict[str, Any]:
    """How an address tells an error, unless its route says otherwise."""
    shown = {"schema": {"$ref": f"{_REF}Problem"}, "example": _PROBLEM_EXAMPLE}
    own = {MEDIA_TYPE: shown}
    if address.startswith(PREFIX):
        own = {"application/json": {"schema": {"$ref": f"{_REF}OldProblem"}}}
    elif address.startswith(_OF_FHIR):
        # What is wrong before a route is found, or with us, is told as everywhere.
        own["application/fhir+json"] = {"schema": {"$ref": f"{_REF}OperationOutcome"}}
    return {"description": "A problem", "content": own}


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
    told = {"Problem": _PROBLEM, "OldProblem": _OLD_PROBLEM, "OperationOutcome": _OUTCOME}
    return {**parts, **own, **told, "ScreenRequest": question, "ScreeningAnswer": answer}
