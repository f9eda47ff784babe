"""A body for every door that takes one, with every field that it reads; nobody's data."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

SCREEN: dict[str, Any] = {
    "add": ["clarithromycin"],
    "stop": ["omeprazole"],
    "replace": {"amlodipine": "verapamil"},
    "taking": [
        "amlodipine",
        "omeprazole",
        {
            "drug": "simvastatin",
            "route": "oral",
            "dose": "40 mg",
            "started": "2026-01-02",
            "duration_days": 30,
        },
    ],
    "patient": {
        "age_years": 70,
        "sex": "female",
        "pregnant": False,
        "lactating": False,
        "weight_kg": 60.5,
        "height_cm": 160,
        "egfr_ml_min": 35,
        "child_pugh": "A",
        "ancestry": "Asian",
        "diplotypes": {"CYP2C19": "*1/*2"},
        "phenotypes": {"CYP2D6": "poor metabolizer"},
        "conditions": ["gout"],
        "allergies": ["penicillin"],
        "labs": [{"loinc": "2823-3", "value": 5.6, "unit": "mmol/L"}],
    },
    "alternatives": True,
    "all": True,
}

PHARMCAT: dict[str, Any] = {
    "title": "one report",
    "pharmcatVersion": "3.0.0",
    "genes": {
        "CYP2C19": {
            "geneSymbol": "CYP2C19",
            "recommendationDiplotypes": [
                {
                    "allele1": {"gene": "CYP2C19", "name": "*2"},
                    "allele2": {"gene": "CYP2C19", "name": "*2"},
                    "gene": "CYP2C19",
                    "label": "*2/*2",
                    "phenotypes": ["Poor Metabolizer"],
                    "activityScore": None,
                    "lookupKey": ["Poor Metabolizer"],
                }
            ],
        }
    },
}

_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_DRAFT: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "id": "draft-1",
    "status": "draft",
    "intent": "order",
    "medicationCodeableConcept": {
        "coding": [{"system": _RXNORM, "code": "21212", "display": "clarithromycin"}],
        "text": "clarithromycin 500 mg",
    },
    "subject": {"reference": "Patient/p-1", "display": "A. Nobody"},
    "dosageInstruction": [
        {
            "text": "twice a day",
            "route": {"coding": [{"system": "http://snomed.info/sct", "code": "26643006"}]},
            "doseAndRate": [{"doseQuantity": {"value": 500, "unit": "mg"}}],
        }
    ],
    "note": [{"text": "call the ward"}],
}
_RECORD: list[dict[str, Any]] = [
    {
        "resourceType": "Patient",
        "id": "p-1",
        "identifier": [{"system": "urn:ward", "value": "0001"}],
        "name": [{"family": "Nobody", "given": ["Anna"]}],
        "gender": "female",
        "birthDate": "1950-02-03",
        "address": [{"city": "Nowhere", "line": ["1 Street"]}],
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m-1",
        "status": "active",
        "intent": "order",
        "contained": [
            {
                "resourceType": "Medication",
                "id": "c-1",
                "code": {"coding": [{"system": _RXNORM, "code": "36567"}], "text": "simvastatin"},
            }
        ],
        "medicationReference": {"reference": "#c-1", "display": "simvastatin 40 mg"},
        "subject": {"reference": "Patient/p-1"},
        "authoredOn": "2026-01-02",
        "reasonCode": [{"text": "high cholesterol"}],
    },
    {
        "resourceType": "Condition",
        "id": "k-1",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "90560007"}]}
        | {"text": "gout"},
        "subject": {"reference": "Patient/p-1"},
    },
    {
        "resourceType": "Observation",
        "id": "o-1",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "potassium"},
        "subject": {"reference": "Patient/p-1"},
        "effectiveDateTime": "2026-01-03",
        "valueQuantity": {"value": 5.6, "unit": "mmol/L", "code": "mmol/L"},
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "a-1",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"text": "penicillin"},
        "patient": {"reference": "Patient/p-1"},
        "reaction": [{"manifestation": [{"text": "rash"}]}],
    },
]


def bundle_of(resources: list[dict[str, Any]]) -> dict[str, Any]:
    """Resources as a collection."""
    entries = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


BUNDLE = bundle_of([*_RECORD, _DRAFT])
CALL: dict[str, Any] = {
    "hook": "order-select",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "fhirServer": "https://ehr.example/fhir",
    "fhirAuthorization": {"access_token": "opaque", "token_type": "Bearer", "expires_in": 300},
    "context": {
        "userId": "Practitioner/u-1",
        "patientId": "p-1",
        "encounterId": "e-1",
        "selections": ["MedicationRequest/draft-1"],
        "draftOrders": bundle_of([_DRAFT]),
    },
    "prefetch": {
        "patient": _RECORD[0],
        "medications": bundle_of(_RECORD[1:2]),
        "conditions": bundle_of(_RECORD[2:3]),
        "observations": bundle_of(_RECORD[3:4]),
        "allergies": bundle_of(_RECORD[4:]),
    },
    "extension": {"org.example.ward": "north"},
}
SIGN = {**CALL, "hook": "order-sign"}
FEEDBACK: dict[str, Any] = {
    "feedback": [
        {
            "card": "f6b95768-b1c8-40dc-8385-bf3504b82ffb",
            "outcome": "overridden",
            "overrideReason": {
                "reason": {"code": "patient-tolerated", "system": "urn:reasons", "display": "has"},
                "userComment": "as the daughter says",
            },
            "outcomeTimestamp": "2026-01-31T12:00:00Z",
        },
        {
            "card": "2b2b5768-b1c8-40dc-8385-bf3504b82ffb",
            "outcome": "accepted",
            "acceptedSuggestions": [{"id": "1b2b5768-b1c8-40dc-8385-bf3504b82ffb"}],
            "outcomeTimestamp": "2026-01-31T12:00:00Z",
        },
    ]
}
MENTIONS = {"text": "Takes simvastatin 40 mg and warfarn at night. Allergic to penicillin."}

JSON, FHIR = "application/json", "application/fhir+json"


class Asked(NamedTuple):
    """One body and the door that it is for."""

    path: str
    body: dict[str, Any]
    media_type: str = JSON

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        return json.dumps(self.body).encode()


ASKED = (
    Asked("/v1/screen", SCREEN),
    Asked("/v1/screen", PHARMCAT),
    Asked("/v1/screen", BUNDLE),
    Asked("/v1/screen/batch", SCREEN, "application/x-ndjson"),
    Asked("/v1/report", SCREEN),
    Asked("/v1/mentions", MENTIONS),
    Asked("/fhir/$screen", BUNDLE, FHIR),
    Asked("/cds-services/order-select", CALL),
    Asked("/cds-services/order-sign", SIGN),
    Asked("/cds-services/order-select/feedback", FEEDBACK),
)
