"""Errors at FHIR addresses as OperationOutcome, which is what their callers can read."""

from __future__ import annotations

import json

from api.fhir.outcome import operation_outcome

PREFIXES = ("/fhir/", "/cds-services")


def outcome(problem: bytes) -> bytes:
    """Write a problem as an OperationOutcome.

    >>> json.loads(outcome(b'{"status": 404, "detail": "no"}'))["issue"][0]["code"]
    'not-found'
    """
    return json.dumps(operation_outcome(json.loads(problem)), ensure_ascii=False).encode()
