"""What ``$screen`` tells beside its findings, as issues: what was not checked before all else.

Notes of one kind are one issue, so that the few that matter are not lost among the many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from api.fhir.bodies import NO_DRUG, read_of
from api.fhir.naming import Therapy
from api.fhir.orders import Order
from api.fhir.outcome import issue
from api.fhir.questions import Asked
from api.notes import NO_MEDICINE, NO_RULE, NO_USE, NOT_CHECKED, NOT_READ
from api.patients import NOT_KNOWN
from api.state import State

__all__ = ["issues_beside"]

_MOST_PAIRS = 30
_READING = re.compile(r" (?:was read as|holds|was checked as) ")
_PLAIN = re.compile(r"(?P<product>.+) holds (?P<drug>[^,]+?)(?: \(route: [^()]+\))?\.")
"""What a product holds, where that is one drug."""
_PAST = "Not counted among"
_UNUSED = (NO_RULE, NO_USE, NO_MEDICINE)

Answer = Mapping[str, Any]
Issue = dict[str, Any]


def issues_beside(asked: Asked, found: Answer, state: State) -> Iterator[Issue]:
    """Yield what must be told beside the findings; the last says who answered."""
    for draft in asked.unread:
        places = draft.details["expression"]
        yield issue("error", "not-found", f"{draft}; the rest was screened without it.", places)
    if asked.is_empty:
        yield issue("warning", "incomplete", NO_DRUG)
    for text in asked.warnings:
        yield issue("warning", "duplicate", text)
    yield from _not_checked(found)
    notes = [n for n in dict.fromkeys(found["notes"]) if not n.startswith(NOT_CHECKED)]
    unknown = [note for note in notes if NOT_KNOWN in note]
    yield from _one("warning", "incomplete", unknown)
    yield from _information(asked, found, [note for note in notes if note not in unknown], state)


def _information(
    asked: Asked, found: Answer, notes: Sequence[str], state: State
) -> Iterator[Issue]:
    readings = [n for n in dict.fromkeys((*asked.notes, *notes)) if _READING.search(n)]
    unused = [note for note in notes if note.startswith(_UNUSED)]
    cited = [note for note in notes if note.startswith(NOT_READ)]
    past = [note for note in asked.notes if note.startswith(_PAST)]
    grouped = {*readings, *unused, *cited, *past}
    told = [
        [*_counts(asked, found)],
        [*read_of(asked.patient, state)],
        *([note] for note in dict.fromkeys((*asked.notes, *notes)) if note not in grouped),
        past,
        unused,
        [note for note in readings if not _is_plain(note)],
        [*cited, *_answered_from(found, state)],
    ]
    for texts in told:
        yield from _one("information", "informational", texts)


def _one(severity: str, code: str, texts: Sequence[str]) -> Iterator[Issue]:
    if texts:
        yield issue(severity, code, " ".join(texts))


def _is_plain(note: str) -> bool:
    """Tell whether a note only says that a product holds the drug that it is named after."""
    told = _PLAIN.fullmatch(note)
    return told is not None and told["drug"].casefold() in told["product"].casefold()


def _answered_from(found: Answer, state: State) -> Iterator[str]:
    model = state.bundle.id if state.bundle else "none"
    sources = len(found["graph"]["sources"])
    yield f"Answered from the graph {state.graph.id} ({sources} sources), model: {model}."
    yield found["disclaimer"]


def _not_checked(found: Answer) -> Iterator[Issue]:
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
    orders = asked.orders
    added = ", ".join(_named(orders.added)) or "nothing"
    taken = ", ".join(_named(orders.kept)) or "no current medicine"
    ended = f"; ended: {', '.join(_named(orders.ended))}" if orders.ended else ""
    yield f"Screened: {added} added to {taken}{ended}."
    pairs = [pair["status"] for pair in found["coverage"]["pairs"]]
    silent = pairs.count("none_found")
    said = f"Findings: {len(found['findings'])}. Pairs of drugs: {len(pairs)}"
    yield f"{said}; nothing is stated of {silent} of them, which does not make these safe."


def _named(listed: Iterable[Order | Therapy]) -> Iterator[str]:
    return (each.medicine.display for each in listed)
