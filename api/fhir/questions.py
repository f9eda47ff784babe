"""The question of ``POST /v1/screen`` that a FHIR record and the orders being written ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.convert import candidate_json
from api.errors import InvalidRequest, likely_names
from api.fhir.dose_changes import dose_changes
from api.fhir.dose_forms import place_of
from api.fhir.drafts import added_lines, drug_of, lines_of, what_ends
from api.fhir.medicines import WrittenMedicine
from api.fhir.naming import Name, Therapy, way_of
from api.fhir.orders import Order, Orders, is_like, orders_of
from api.fhir.reading import Record
from api.notes import entry_of
from ontologies.lexicon import Lexicon

__all__ = ["Asked", "UnidentifiedDraft", "asked_of", "asks_anything", "question_of"]


class UnidentifiedDraft(InvalidRequest):
    """A draft order is of a drug that is not known, or may be several."""

    title = "The drug of a draft order cannot be identified"

    def __init__(self, medicine: WrittenMedicine, name: Name) -> None:
        found = [candidate_json(candidate) for candidate in name.candidates]
        names = likely_names(found, name.text)
        hint = f"; did you mean: {names}?" if names else ""
        codes = f" ({', '.join(medicine.codes)})" if medicine.codes else ""
        super().__init__(
            f"the draft order {medicine.reference or 'without an id'} of {medicine.display!r}"
            f"{codes} was not checked: this graph knows no such drug{hint}",
            {
                "code": "not-found",
                "query": medicine.display,
                "candidates": found,
                "expression": ["MedicationRequest.medication"],
            },
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: what the orders do to the list, the patient, and what to tell beside it.

    ``unread`` are the drafts of which nobody knows what they order.
    """

    orders: Orders
    patient: Mapping[str, Any]
    subject: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    on: date

    @property
    def unread(self) -> list[UnidentifiedDraft]:
        """The drafts of which nobody knows what they order, each as the error that it is."""
        return [UnidentifiedDraft(order.medicine, order.name) for order in self.orders.unread]

    @property
    def is_empty(self) -> bool:
        """Whether there is no medicine to be screened."""
        return not (self.orders.kept or asks_anything(self.orders))


def asked_of(
    record: Record, drafts: Iterable[Order], current: Sequence[Therapy], on: date
) -> Asked:
    """Say what drafts change in a record that was read as of a day."""
    orders = orders_of(drafts, current)
    listed: tuple[Order | Therapy, ...] = (*orders.renewed, *orders.added, *current)
    notes = (*record.notes, *_told(orders), *(n for each in listed for n in each.name.notes))
    return Asked(
        orders=orders,
        patient=record.patient,
        subject=record.subject,
        notes=tuple(dict.fromkeys(notes)),
        warnings=tuple(_twice(orders)),
        on=on,
    )


def asks_anything(orders: Orders) -> bool:
    """Tell whether orders change the list, or go on with a part of it."""
    return bool(orders.added or orders.ended or orders.renewed)


def question_of(orders: Orders, patient: Mapping[str, Any], lexicon: Lexicon) -> dict[str, Any]:
    """Write the body that asks what the selected orders do beside everything else.

    What is ordered again stays on the list, so that only what an order changes is told as new; in
    another dose it takes the place of what is listed. A second order of what the graph knows by one
    name alone cannot be added to it.
    """
    changes = list(dose_changes(orders))
    ending = list(what_ends(orders.ended, (*orders.kept, *orders.beside)))
    anew = [change.order for change in changes]
    added = added_lines([*anew, *(each for each in _distinct(orders) if each not in anew)])
    over = (*ending, *(change.therapy for change in changes))
    body: dict[str, Any] = {
        "taking": [*lines_of((*orders.kept, *ending)), *lines_of(orders.beside)],
        "add": [entry for entry in added if lexicon.lookup(drug_of(entry)).candidate],
        "stop": _known((therapy.name for therapy in over), lexicon),
        "patient": dict(patient),
    }
    return {key: value for key, value in body.items() if value}


def _known(names: Iterable[Name], lexicon: Lexicon) -> list[str]:
    """The names that the lexicon resolves, each once; the notes of a name tell the rest."""
    texts = dict.fromkeys(text for name in names if name.is_resolved for text in name.texts)
    return [text for text in texts if lexicon.lookup(text).candidate]


def _distinct(orders: Orders) -> Iterator[Order]:
    """Yield what is added without what is listed already under the same name of the graph."""
    listed: tuple[Order | Therapy, ...] = (*orders.kept, *orders.beside)
    seen = set(map(_known_as, listed))
    for order in orders.added:
        if _known_as(order) not in seen:
            seen.add(_known_as(order))
            yield order


def _known_as(listed: Therapy | Order) -> tuple[object, ...]:
    """Give what tells two medicines apart: drugs, how a list would write them, where they act."""
    name = listed.name
    first = name.candidates[0] if name.candidates else None
    written = entry_of(first).written if first else name.text
    place = place_of(way_of(listed.medicine, name))
    return (frozenset(name.drugs), written.casefold(), place)


def _told(orders: Orders) -> Iterator[str]:
    """Yield what becomes of the orders that add no drug."""
    for order in orders.forbidden:
        yield f"{_called(order.medicine)} says what is not to be given; it adds no drug."
    for order, about in orders.ending:
        names = ", ".join(_called(each.medicine) for each in about) or "nothing that is taken"
        yield f"{_called(order.medicine)} is not given (any more); it ends {names}."
    for order in orders.renewed:
        before = next((t for t in orders.kept if is_like(order, t)), None)
        of_prior = before and order.prior in {record.reference for record in before.records}
        if of_prior:
            yield f"{order.medicine.display!r} goes on with {order.prior}; it adds no drug."
        elif before:
            yield f"{order.medicine.display!r} renews {_called(before.medicine)}; it adds no drug."


def _twice(orders: Orders) -> Iterator[str]:
    others: dict[int, tuple[Order, list[str]]] = {}
    for each in orders.twice:
        others.setdefault(id(each.order), (each.order, []))[1].append(_called(each.other.medicine))
    for order, listed in others.values():
        yield (
            f"{_called(order.medicine)} is of the same drug as {' and '.join(listed)}: unless it "
            "takes the place of that (a renewal, another dose), it would be taken twice. Beside "
            "that, its findings are those of the medicine that is listed already."
        )


def _called(medicine: WrittenMedicine) -> str:
    where = f" ({medicine.reference})" if medicine.reference else ""
    return f"{medicine.display!r}{where}"
