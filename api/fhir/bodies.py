"""A FHIR record in place of our own request body, as the file of ``--patient`` or the body itself.

What was sent is kept under a key of the body until a graph is there to name what it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from api.fhir.ask import Sent, read_sent
from api.fhir.drafts import day_asked, is_older
from api.fhir.elements import Resource, text_of
from api.fhir.naming import MOST_MEDICINES, GraphWords, TooManyMedicines, therapies
from api.fhir.orders import Draft, read_orders
from api.fhir.questions import Asked, asked_of, question_of
from api.fhir.reading import read_record
from api.fhir.resources import Found
from api.merging import merged
from api.patients import reader_of
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
        TooManyMedicines: More are taken, or drafted, than are screened at once.
    """
    if len(sent.drafts) > MOST_MEDICINES:
        raise TooManyMedicines(len(sent.drafts))
    today = datetime.now(UTC).date()
    on = sent.on or day_asked(sent.drafts, today)
    contents, words = state.contents, GraphWords(state)
    record = read_record(sent.record, on=on, words=words)
    drafts = (Draft(draft, Found(draft).reference) for draft in sent.drafts)
    orders = read_orders(drafts, sent.references, contents, words)
    asked = asked_of(record, orders, therapies(record.current, contents), on)
    old = () if sent.on else tuple(_old(sent.drafts, today))
    return replace(asked, notes=(*old, *asked.notes))


def _old(drafts: Iterable[Resource], today: date) -> Iterator[str]:
    days = {text_of(draft.get("authoredOn"))[:10] for draft in drafts if is_older(draft, today)}
    if days:
        told = ", ".join(sorted(days))
        yield f"Drafts were first written on {told}; the record was read as it stands today."


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
    found = merged(question_of(asked.orders, asked.patient, state.lexicon), own)
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
    names = reader_of(state)
    allergies = [names.called(text) for text in patient.get("allergies", ())]
    told += [f"allergies: {', '.join(dict.fromkeys(allergies))}"] if allergies else []
    if told:
        yield f"Read of the patient: {'; '.join(told)}."


def _test(lab: Mapping[str, Any], state: State) -> str:
    test = state.patient_rules.tests.of(lab["loinc"])
    value = f"{lab['value']:.4g} {lab['unit'] or ''}".strip()
    return f"{test.name if test else lab['loinc']} {value}"


def _condition(text: str, state: State) -> str:
    found = state.patient_rules.conditions.ground(text)
    return " and ".join(state.graph.name(curie) for curie in found) or text
