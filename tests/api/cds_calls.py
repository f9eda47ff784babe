"""Calls of CDS Hooks services in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1950-03-01", "gender": "female"}


def order(
    key: str, name: str, code: str | None = None, status: str = "active", **more: Any
) -> dict[str, Any]:
    """A MedicationRequest of a medicine by its text, and perhaps its RxCUI."""
    concept: dict[str, Any] = {"text": name}
    if code:
        concept["coding"] = [{"system": RXNORM, "code": code, "display": name}]
    return {
        "resourceType": "MedicationRequest",
        "id": key,
        "status": status,
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": concept,
        **more,
    }


def draft(key: str, name: str, code: str | None = None, **more: Any) -> dict[str, Any]:
    """An order that is being written."""
    return order(key, name, code, "draft", **more)


def bundle(*resources: Mapping[str, Any]) -> dict[str, Any]:
    """A Bundle of resources."""
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def call(
    drafts: Sequence[Mapping[str, Any]],
    current: Sequence[Mapping[str, Any]] = (),
    *record: Mapping[str, Any],
    hook: str = "order-sign",
    selections: Sequence[str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A call with drafts, current orders, and other resources of the record."""
    chosen = {} if selections is None else {"selections": list(selections)}
    return {
        "hook": hook,
        "hookInstance": INSTANCE,
        "fhirServer": "https://ehr.example/fhir",
        "context": {
            "userId": "Practitioner/u1",
            "patientId": "p1",
            "draftOrders": bundle(*drafts),
            **chosen,
        },
        "prefetch": {
            "patient": PATIENT,
            "medicationRequests": bundle(*current),
            "conditions": bundle(*record),
        },
        **more,
    }
