"""Answers ``$screen``: a Bundle of DetectedIssue, and an OperationOutcome of what was not checked.

The OperationOutcome comes first and is never empty, so that no issue reads as no danger.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from api.errors import AlreadyTaken
from api.fhir.ask import read_sent
from api.fhir.bodies import NO_DRUG, asked_in, read_of
from api.fhir.detected import Implicated, address_of, detected_issue
from api.fhir.medicines import WrittenMedicine
from api.fhir.naming import Therapy
from api.fhir.outcome import issue, outcome_of
from api.fhir.questions import Asked, Order, question_of
from api.notes import NOT_CHECKED
from api.service import answer
from api.state import State

__all__ = ["screen_record"]

_OUTCOME = uuid.uuid5(uuid.NAMESPACE_URL, "https://w3id.org/coprescribe/fhir/outcome").urn
_MOST_PAIRS = 30
Answer = Mapping[str, Any]


def screen_record(body: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Answer what is sent to ``$screen``.

    Raises:
        QuestionError: The question cannot be answered; says which value is wrong.
    """
    asked = asked_in(read_sent(body), state)
    found, asked = _answered(asked, state)
    implicated = _implicated(asked)
    issues = [
        {
            "fullUrl": address_of(finding),
            "resource": detected_issue(finding, implicated, asked.subject, asked.on),
        }
        for finding in found["findings"]
    ]
    outcome = {**outcome_of(_told(asked, found, state)), "id": "not-checked"}
    entries = [{"fullUrl": _OUTCOME, "resource": outcome}, *issues]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _answered(asked: Asked, state: State) -> tuple[Answer, Asked]:
    """Answer; a draft under the very name of a current medicine is left out, with a warning."""
    body = question_of(asked)
    warnings = list(asked.warnings)
    while True:
        try:
            return answer(body, state), replace(asked, warnings=tuple(warnings))
        except AlreadyTaken as error:
            body["add"] = [text for text in body["add"] if text != error.query]
            warnings.append(f"{error.query!r} is listed already; it would be taken twice.")


def _implicated(asked: Asked) -> Implicated:
    found: dict[str, list[WrittenMedicine]] = {}
    for order in asked.adding:
        for drug in order.name.drugs:
            found.setdefault(str(drug), []).append(order.medicine)
    for therapy in (*asked.taking, *asked.ending):
        for drug in therapy.name.drugs:
            found.setdefault(str(drug), []).extend(therapy.records)
    return found


def _told(asked: Asked, found: Answer, state: State) -> Iterator[dict[str, Any]]:
    """Yield what must be told beside the findings: what was not checked comes first."""
    if not (asked.taking or asked.adding or asked.ending):
        yield issue("warning", "incomplete", NO_DRUG)
    for text in asked.warnings:
        yield issue("warning", "duplicate", text)
    yield from _not_checked(found)
    yield from (issue("information", "informational", text) for text in _counts(asked, found))
    notes = (*read_of(asked.patient, state), *asked.notes, *found["notes"])
    for note in dict.fromkeys(notes):
        if not note.startswith(NOT_CHECKED):
            yield issue("information", "informational", note)
    model = state.bundle.id if state.bundle else "none"
    sources = len(found["graph"]["sources"])
    graph = f"Answered from the graph {state.graph.id} ({sources} sources), model: {model}."
    yield issue("information", "informational", graph)
    yield issue("information", "informational", found["disclaimer"])


def _not_checked(found: Answer) -> Iterator[dict[str, Any]]:
    coverage = found["coverage"]
    for query in coverage["unresolved"]:
        text = f"{query!r} was not checked: this graph knows no such drug."
        yield issue("warning", "not-found", text)
    names = coverage["names"]
    for drug in coverage["not_covered"]:
        text = f"{names.get(drug, drug)} was not checked: no loaded source speaks of its effects."
        yield issue("warning", "incomplete", text)
    pairs = [p["drugs"] for p in coverage["pairs"] if p["status"] == "not_covered"]
    told = [" with ".join(names.get(drug, drug) for drug in pair) for pair in pairs]
    if told:
        more = f" and {len(told) - _MOST_PAIRS} more" if len(told) > _MOST_PAIRS else ""
        listed = "; ".join(told[:_MOST_PAIRS])
        yield issue("warning", "incomplete", f"Pairs that no source covers: {listed}{more}.")


def _counts(asked: Asked, found: Answer) -> Iterator[str]:
    added = ", ".join(_named(asked.adding)) or "nothing"
    taken = ", ".join(_named(asked.taking)) or "no current medicine"
    ended = f"; ended: {', '.join(_named(asked.ending))}" if asked.ending else ""
    yield f"Screened: {added} added to {taken}{ended}."
    pairs = [pair["status"] for pair in found["coverage"]["pairs"]]
    silent = pairs.count("none_found")
    said = f"Findings: {len(found['findings'])}. Pairs of drugs: {len(pairs)}"
    yield f"{said}; nothing is stated of {silent} of them, which does not make these safe."


def _named(listed: Iterable[Order | Therapy]) -> Iterator[str]:
    return (each.medicine.display for each in listed)
