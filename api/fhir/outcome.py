"""OperationOutcome (R4): what is wrong, or what must be told beside an answer, in FHIR's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["MEDIA_TYPE", "code_of_status", "issue", "operation_outcome", "outcome_of"]

MEDIA_TYPE = "application/fhir+json"
_CODES = {
    400: "structure",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    412: "required",
    413: "too-long",
    415: "not-supported",
    422: "processing",
    503: "transient",
}
"""Codes of IssueType (http://hl7.org/fhir/issue-type) by HTTP status."""
_DEFECT = "exception"


def code_of_status(status: int) -> str:
    """Give the code of an issue for an HTTP status."""
    return _CODES.get(status, _DEFECT if status >= 500 else "invalid")


def issue(
    severity: str, code: str, diagnostics: str, expression: Iterable[str] = ()
) -> dict[str, Any]:
    """Make one issue: fatal, error, warning or information; a code of IssueType; the elements."""
    places = [place for place in expression if place]
    told: dict[str, Any] = {"severity": severity, "code": code, "diagnostics": diagnostics}
    return {**told, "expression": places} if places else told


def outcome_of(issues: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Make an OperationOutcome of issues; one that has none says that all is well."""
    listed = [dict(each) for each in issues]
    none = [issue("information", "informational", "nothing is to be told")]
    return {"resourceType": "OperationOutcome", "issue": listed or none}


def operation_outcome(problem: Mapping[str, Any]) -> dict[str, Any]:
    """Say the members of a problem (RFC 9457) as an OperationOutcome.

    ``issues`` of a problem stand as they are; each of its ``problems`` is an issue of its own;
    ``code`` and ``expression`` are taken over. Candidates for a drug follow as information.
    """
    told = problem.get("issues")
    if told:
        return outcome_of(told)
    status = int(problem.get("status", 500))
    code = str(problem.get("code") or code_of_status(status))
    detail = str(problem.get("detail") or problem.get("title") or "the request failed")
    found = [issue("error", code, detail, problem.get("expression") or ())]
    found += [
        issue("information", "informational", f"did you mean {each['name']} ({each['curie']})?")
        for each in problem.get("candidates") or ()
    ]
    return outcome_of(found)
