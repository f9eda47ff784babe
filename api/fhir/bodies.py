"""A FHIR record in place of our own request body, as the file of ``--patient`` or the body itself.

What was sent is kept under a key of the body until a graph is there to name what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from api.fhir.ask import Sent, read_sent
from api.fhir.medicines import read_medicine
from api.fhir.naming import GraphWords, contents_of
from api.fhir.questions import Asked, asked_of, day_asked, question_of
from api.fhir.reading import read_record
from api.merging import merged
from api.state import State

__all__ = ["FHIR", "NO_DRUG", "asked_in", "fhir_body", "read_of", "with_record"]

FHIR = "fhir"
"""Key of a request body under which a FHIR record stands until a graph reads it."""
NO_DRUG = "Nothing was screened: no current medicine and no draft order was found."
_NAMING = frozenset({"add", "stop", "replace", "taking"})
_UNITS = {"age_years": "age {:g}", "weight_kg": "{:g} kg", "height_cm": "{:g} cm"}
_EGFR = "eGFR {:g} mL/min"


def fhir_body(document: Mapping[str, Any], *, checked: bool = True) -> dict[str, Any]:
    """Give the part of a request body that a FHIR document makes.

    Raises:
        MalformedFhir, InvalidResource: It is not the FHIR that is read.
    """
    return {FHIR: read_sent(document, checked=checked)}


def asked_in(sent: Sent, state: State) -> Asked:
    """Say what a FHIR document asks of a graph.

    Raises:
        SeveralPatients: It is of more than one patient.
    """
    on = sent.on or day_asked(sent.drafts, datetime.now(UTC).date())
    record = read_record(sent.record, on=on, words=GraphWords(state))
    drafts = [read_medicine(draft, sent.references) for draft in sent.drafts]
    return asked_of(record, drafts, contents_of(state), sent.references, on)


def with_record(body: Mapping[str, Any], state: State) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Lay the record of a body under what the body states itself, with notes on how it was read.

    Lists grow, and a fact of the patient that the body states counts before that of the record.

    Raises:
        UnidentifiedDraft: The drug of a draft order is not known.
        QuestionError: The record cannot be read.
    """
    sent = body.get(FHIR)
    if not isinstance(sent, Sent):
        return dict(body), ()
    asked = asked_in(sent, state)
    if asked.unread:
        raise asked.unread[0]
    own = {key: value for key, value in body.items() if key != FHIR}
    found = merged(question_of(asked), own)
    nothing = () if _NAMING.intersection(k for k, v in found.items() if v) else (NO_DRUG,)
    notes = (*nothing, *asked.warnings, *read_of(asked.patient, state), *asked.notes)
    return found, notes


def read_of(patient: Mapping[str, Any], state: State) -> Iterator[str]:
    """Say what a record was found to hold of the patient, so that a reader can check it."""
    told = [form.format(patient[key]) for key, form in _UNITS.items() if key in patient]
    told += [patient["sex"]] if "sex" in patient else []
    if "pregnant" in patient:
        told.append("pregnant" if patient["pregnant"] else "not pregnant")
    if "egfr_ml_min" in patient:
        told.append(_EGFR.format(patient["egfr_ml_min"]))
    for part in ("diplotypes", "phenotypes"):
        told += [f"{gene} {result}" for gene, result in patient.get(part, {}).items()]
    tests = [_test(lab, state) for lab in patient.get("labs", ())]
    told += tests
    conditions = [_condition(text, state) for text in patient.get("conditions", ())]
    told += [f"conditions: {', '.join(dict.fromkeys(conditions))}"] if conditions else []
    allergies = patient.get("allergies", ())
    told += [f"allergies: {', '.join(allergies)}"] if allergies else []
    if told:
        yield f"Read of the patient: {'; '.join(told)}."


def _test(lab: Mapping[str, Any], state: State) -> str:
    test = state.patient_rules.tests.of(lab["loinc"])
    value = f"{lab['value']:.4g} {lab['unit'] or ''}".strip()
    return f"{test.name if test else lab['loinc']} {value}"


def _condition(text: str, state: State) -> str:
    found = state.patient_rules.conditions.ground(text)
    return " and ".join(state.graph.name(curie) for curie in found) or text
