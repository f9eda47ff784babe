"""Answers ``$screen``: a Bundle of DetectedIssue, and an OperationOutcome of what was not checked.

The OperationOutcome comes first and is never empty, so that no issue reads as no danger.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.errors import AlreadyTaken
from api.fhir.ask import read_sent
from api.fhir.bodies import asked_in
from api.fhir.detected import Implicated, address_of, detected_issue
from api.fhir.drafts import drug_of
from api.fhir.medicines import WrittenMedicine
from api.fhir.orders import Orders
from api.fhir.outcome import outcome_of
from api.fhir.questions import question_of
from api.fhir.telling import issues_beside
from api.service import answer
from api.state import State

__all__ = ["answer_unlisted", "screen_record"]

_OUTCOME = uuid.uuid5(uuid.NAMESPACE_URL, "https://w3id.org/coprescribe/fhir/outcome").urn
Answer = Mapping[str, Any]


def screen_record(body: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Answer what is sent to ``$screen``.

    A draft whose drug is not known is an issue of its own, and the rest is screened; where there is
    nothing else, it is refused.

    Raises:
        QuestionError: The question cannot be answered; says which value is wrong.
    """
    asked = asked_in(read_sent(body), state)
    if asked.unread and asked.is_empty:
        raise asked.unread[0]
    question = question_of(asked.orders, asked.patient, state.lexicon)
    found, listed = answer_unlisted(question, state)
    again = (f"{name!r} is listed already; it would be taken twice." for name in listed)
    asked = replace(asked, warnings=(*asked.warnings, *again))
    implicated = _implicated(asked.orders)
    issues = [
        {
            "fullUrl": address_of(finding),
            "resource": detected_issue(finding, implicated, asked.subject, asked.on),
        }
        for finding in found["findings"]
    ]
    outcome = {**outcome_of(issues_beside(asked, found, state)), "id": "not-checked"}
    entries = [{"fullUrl": _OUTCOME, "resource": outcome}, *issues]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def answer_unlisted(question: Answer, state: State) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Answer; what would be added under the very name of a current medicine is left out and named.

    Raises:
        QuestionError: The question cannot be answered for another reason.
    """
    adding, listed = list(question.get("add", ())), list[str]()
    while True:
        try:
            return answer({**question, "add": adding}, state), tuple(listed)
        except AlreadyTaken as error:
            rest = [entry for entry in adding if drug_of(entry) != error.query]
            if len(rest) == len(adding):
                raise
            adding = rest
            listed.append(error.query)


def _implicated(orders: Orders) -> Implicated:
    """The resources of each drug: the drafts first, those that renew a medicine among them."""
    found: dict[str, list[WrittenMedicine]] = {}
    for order in (*orders.added, *orders.renewed):
        for drug in order.name.drugs:
            found.setdefault(str(drug), []).append(order.medicine)
    for therapy in (*orders.kept, *orders.ended):
        for drug in therapy.name.drugs:
            found.setdefault(str(drug), []).extend(therapy.records)
    return found
