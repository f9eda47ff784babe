"""What this server says of itself in FHIR: CapabilityStatement and OperationDefinition."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Any

__all__ = ["capability_statement", "operation_definition"]

_DATE = "2026-11-20"
_OPERATION = "screen"
_INPUTS = (
    (
        "record",
        "*",
        "Resource",
        "What is known of the patient: a Bundle, or resources one by one. Read are Patient, the "
        "medicines (MedicationRequest, MedicationStatement, MedicationDispense, "
        "MedicationAdministration, Medication), Condition, Observation and AllergyIntolerance.",
    ),
    ("draft", "*", "MedicationRequest", "A medicine that is about to be ordered."),
    (
        "on",
        "1",
        "date",
        "The day of the question; else today, whenever the draft was first written.",
    ),
)
_OUTPUT = (
    "A collection: an OperationOutcome with what was not checked, and a DetectedIssue for each "
    "finding. An answer without a DetectedIssue is no statement of safety."
)


def capability_statement(base: str) -> dict[str, Any]:
    """Give the CapabilityStatement of a server at a base address such as ``http://host/fhir``."""
    operation = {"name": _OPERATION, "definition": f"{base}/OperationDefinition/{_OPERATION}"}
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _DATE,
        "kind": "instance",
        "software": {"name": "coprescribe", "version": version_of("coprescribe")},
        "implementation": {
            "description": "Screens a list of medicines; stores nothing, and reads no other server",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{"mode": "server", "operation": [operation]}],
    }


def operation_definition(base: str) -> dict[str, Any]:
    """Give the OperationDefinition of ``$screen``."""
    inputs = [
        {"name": name, "use": "in", "min": 0, "max": most, "documentation": text, "type": kind}
        for name, most, kind, text in _INPUTS
    ]
    told = {"name": "return", "use": "out", "min": 1, "max": "1", "documentation": _OUTPUT}
    return {
        "resourceType": "OperationDefinition",
        "id": _OPERATION,
        "url": f"{base}/OperationDefinition/{_OPERATION}",
        "name": "Screen",
        "title": "What a change of medicines does for one patient",
        "status": "active",
        "kind": "operation",
        "date": _DATE,
        "description": (
            "Screens draft orders against the medicines, genes, conditions and laboratory values "
            "of one patient. A Bundle may also be sent in place of Parameters: its requests of "
            "the status draft are then the drafts."
        ),
        "affectsState": False,
        "code": _OPERATION,
        "system": True,
        "type": False,
        "instance": False,
        "parameter": [*inputs, {**told, "type": "Bundle"}],
    }
