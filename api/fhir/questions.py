"""The question of ``POST /v1/screen`` that a FHIR record and draft orders ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.contents import Contents
from api.convert import candidate_json
from api.errors import InvalidRequest, likely_names
from api.fhir.elements import day_of
from api.fhir.medicines import WrittenMedicine
from api.fhir.naming import (
    MOST_MEDICINES,
    Name,
    Therapy,
    TooManyMedicines,
    chosen_name,
    therapies,
)
from api.fhir.reading import Record
from api.fhir.resources import References
from api.notes import entry_of

__all__ = ["Asked", "Order", "UnidentifiedDraft", "asked_of", "day_asked", "question_of"]

_MOST_ROUTE = 80


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
class Order:
    """One draft order that adds a medicine."""

    name: Name
    medicine: WrittenMedicine


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: the therapies that go on, what is ordered, what ends, and what to tell."""

    taking: tuple[Therapy, ...]
    adding: tuple[Order, ...]
    ending: tuple[Therapy, ...]
    patient: Mapping[str, Any]
    subject: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    on: date


def day_asked(drafts: Iterable[Mapping[str, Any]], today: date) -> date:
    """Give the day of a question: the latest on which a draft was written, and never a later one.

    Without a day on any draft it is ``today``.
    """
    days = [day for draft in drafts if (day := day_of(draft.get("authoredOn")))]
    return min(max(days, default=today), today)


def asked_of(
    record: Record,
    drafts: Sequence[WrittenMedicine],
    contents: Contents,
    references: References,
    on: date,
) -> Asked:
    """Say what drafts change in a record that was read as of a day.

    A draft written as a current medicine renews it and adds nothing. One that follows another order
    (``priorPrescription``) ends that. Another draft of the drugs of a current medicine, or of a
    draft before it, adds a medicine; where the graph cannot tell the two products apart, a warning
    says that it would be taken twice.

    Raises:
        TooManyMedicines: More than are screened at once, taken or drafted.
        UnidentifiedDraft: The drug of a draft is not known.
    """
    if len(drafts) > MOST_MEDICINES:
        raise TooManyMedicines(len(drafts))
    current = list(therapies(record.current, contents))
    notes = list(record.notes)
    orders: list[Order] = []
    ending: list[Therapy] = []
    warnings: list[str] = []
    for medicine in drafts:
        name = chosen_name(medicine, contents)
        if not name.is_resolved:
            raise UnidentifiedDraft(medicine, name)
        notes += name.notes
        prior = references.name(medicine.resource.get("priorPrescription"))
        before = [t for t in current if prior and prior in {r.reference for r in t.records}]
        ending += [therapy for therapy in before if set(therapy.name.drugs) != set(name.drugs)]
        taken, drafted = _as_listed(name, current), _as_listed(name, orders)
        if before and set(before[0].name.drugs) == set(name.drugs):
            notes.append(f"{medicine.display!r} goes on with {prior}; it adds no drug.")
        elif taken is not None and not set(taken.names).isdisjoint(medicine.names):
            notes.append(f"{medicine.display!r} renews {_called(taken)}; it adds no drug.")
        elif taken is not None or drafted is not None:
            warnings.append(_twice(medicine, taken or drafted or medicine))
        else:
            orders.append(Order(name, medicine))
            notes += _route_note(medicine)
    ended = {id(therapy) for therapy in ending}
    ending = [therapy for therapy in ending if therapy.name.is_resolved]
    kept = tuple(therapy for therapy in current if id(therapy) not in ended)
    notes += [note for therapy in current for note in therapy.name.notes]
    return Asked(
        taking=kept,
        adding=tuple(orders),
        ending=tuple(ending),
        patient=record.patient,
        subject=record.subject,
        notes=tuple(dict.fromkeys(notes)),
        warnings=tuple(warnings),
        on=on,
    )


def question_of(asked: Asked) -> dict[str, Any]:
    """Write the body of ``POST /v1/screen``."""
    body: dict[str, Any] = {
        "taking": [*_lines((*asked.taking, *asked.ending))],
        "add": list(dict.fromkeys(t for order in asked.adding for t in order.name.texts)),
        "stop": list(dict.fromkeys(t for therapy in asked.ending for t in therapy.name.texts)),
        "patient": dict(asked.patient),
    }
    return {key: value for key, value in body.items() if value}


def _lines(taking: Iterable[Therapy]) -> Iterator[dict[str, Any]]:
    for therapy in taking:
        medicine = therapy.medicine
        more = {"route": (medicine.route or "")[:_MOST_ROUTE], "duration_days": _days(medicine)}
        line = {key: value for key, value in more.items() if value}
        yield from ({"drug": text, **line} for text in therapy.name.texts)


def _days(medicine: WrittenMedicine) -> float | None:
    days = medicine.duration_days
    return days if days is not None and days <= _MOST_DAYS else None


_MOST_DAYS = 36500


def _as_listed(name: Name, listed: Iterable[Therapy | Order]) -> WrittenMedicine | None:
    """Give what is listed already under the name by which the graph knows a draft."""
    same = (o.medicine for o in listed if o.name.drugs and _known_as(o.name) == _known_as(name))
    return next(same, None)


def _twice(medicine: WrittenMedicine, other: WrittenMedicine) -> str:
    return (
        f"{medicine.display!r} is of the same drug as {_called(other)}: it would be taken twice. "
        "Its other findings are those of the medicine that is listed already."
    )


def _known_as(name: Name) -> tuple[object, ...]:
    """Give the drugs of a name and how a list would write it, which is what tells two apart."""
    first = name.candidates[0] if name.candidates else None
    written = entry_of(first).written if first else name.text
    return (frozenset(name.drugs), written.casefold())


def _route_note(medicine: WrittenMedicine) -> Iterator[str]:
    if medicine.route and medicine.route != "oral":
        yield (
            f"The route of the draft {medicine.display!r} ({medicine.route}) was not used; its "
            "findings are those of the drug as it is usually taken."
        )


def _called(medicine: WrittenMedicine) -> str:
    where = f" ({medicine.reference})" if medicine.reference else ""
    return f"{medicine.display!r}{where}"
