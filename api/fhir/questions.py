"""The question of ``POST /v1/screen`` that a FHIR record and draft orders ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from api.contents import Contents
from api.convert import candidate_json
from api.errors import InvalidRequest, likely_names
from api.fhir.dose_forms import acts_in_place
from api.fhir.drafts import added_lines, ended_by, ends, forbids, lines_of, what_ends
from api.fhir.elements import day_of
from api.fhir.medicines import WrittenMedicine
from api.fhir.naming import (
    MOST_MEDICINES,
    Name,
    Therapy,
    TooManyMedicines,
    chosen_name,
    therapies,
    way_of,
)
from api.fhir.reading import Record
from api.fhir.resources import References
from api.notes import entry_of
from ontologies.curie import Curie

__all__ = ["Asked", "Order", "UnidentifiedDraft", "asked_of", "day_asked", "question_of"]


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
    """What is asked: the therapies that go on, what is ordered, what ends, and what to tell.

    ``unread`` are the drafts of which nobody knows what they order.
    """

    taking: tuple[Therapy, ...]
    adding: tuple[Order, ...]
    ending: tuple[Therapy, ...]
    patient: Mapping[str, Any]
    subject: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    on: date
    unread: tuple[UnidentifiedDraft, ...] = ()


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

    A draft that is stopped, cancelled or held ends what it is about, and one that says what is not
    to be given does nothing. A draft written as a current medicine renews it and adds nothing. One
    that follows another order (``priorPrescription``) ends that, unless a draft goes on with it.
    Another draft of the drugs of a current medicine, or of a draft before it, adds a medicine;
    where the graph cannot tell the two products apart, a warning says that it would be taken twice.
    A draft whose drug is not known is left out and stands in ``unread``.

    Raises:
        TooManyMedicines: More than are screened at once, taken or drafted.
    """
    if len(drafts) > MOST_MEDICINES:
        raise TooManyMedicines(len(drafts))
    current = list(therapies(record.current, contents))
    ending, told = _not_given(drafts, current, contents, references)
    found = _Sorted(notes=[*record.notes, *told], ending=ending)
    for medicine in filter(_is_given, drafts):
        name = chosen_name(medicine, contents)
        if name.is_resolved:
            prior = references.name(medicine.resource.get("priorPrescription"))
            found.sort(Order(name, medicine), prior, current)
        else:
            found.unread.append(UnidentifiedDraft(medicine, name))
    ended = {id(t): t for t in found.ending if set(t.name.drugs) not in found.going_on}
    notes = [*found.notes, *(note for therapy in current for note in therapy.name.notes)]
    return Asked(
        taking=tuple(each for each in current if id(each) not in ended),
        adding=tuple(found.orders),
        ending=tuple(each for each in ended.values() if each.name.is_resolved),
        patient=record.patient,
        subject=record.subject,
        notes=tuple(dict.fromkeys(notes)),
        warnings=tuple(found.warnings),
        on=on,
        unread=tuple(found.unread),
    )


@dataclass(slots=True)
class _Sorted:
    """Drafts by what they do; it grows from draft to draft."""

    notes: list[str]
    ending: list[Therapy]
    orders: list[Order] = field(default_factory=list)
    going_on: list[set[Curie]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unread: list[UnidentifiedDraft] = field(default_factory=list)

    def sort(self, order: Order, prior: str, current: Sequence[Therapy]) -> None:
        """Put a draft where it belongs; ``prior`` names the order that it follows, if any."""
        name, medicine = order.name, order.medicine
        self.notes += name.notes
        before = [t for t in current if prior and prior in {r.reference for r in t.records}]
        self.ending += [t for t in before if set(t.name.drugs) != set(name.drugs)]
        taken, drafted = _as_listed(order, current), _as_listed(order, self.orders)
        if before and set(before[0].name.drugs) == set(name.drugs):
            self.notes.append(f"{medicine.display!r} goes on with {prior}; it adds no drug.")
        elif taken is not None and not set(taken.names).isdisjoint(medicine.names):
            self.notes.append(f"{medicine.display!r} renews {_called(taken)}; it adds no drug.")
        elif taken is not None or drafted is not None:
            self.warnings.append(_twice(medicine, taken or drafted or medicine))
        else:
            self.orders.append(order)
            return
        self.going_on.append(set(name.drugs))


def _is_given(draft: WrittenMedicine) -> bool:
    return not (ends(draft.resource) or forbids(draft.resource))


def _not_given(
    drafts: Iterable[WrittenMedicine],
    current: Sequence[Therapy],
    contents: Contents,
    references: References,
) -> tuple[list[Therapy], list[str]]:
    """Give what the drafts end that order nothing, and a note on each of them."""
    ending: list[Therapy] = []
    notes = []
    for draft in drafts:
        if forbids(draft.resource):
            notes.append(f"{_called(draft)} says what is not to be given; it adds no drug.")
        elif ends(draft.resource):
            prior = references.name(draft.resource.get("priorPrescription"))
            drugs = chosen_name(draft, contents).drugs
            ended = ended_by(draft.reference, prior, drugs, current)
            names = ", ".join(_called(each.medicine) for each in ended) or "nothing that is taken"
            notes.append(f"{_called(draft)} is not given (any more); it ends {names}.")
            ending += ended
    return ending, notes


def question_of(asked: Asked) -> dict[str, Any]:
    """Write the body of ``POST /v1/screen``."""
    ending = list(what_ends(asked.ending, asked.taking))
    body: dict[str, Any] = {
        "taking": [*lines_of((*asked.taking, *ending))],
        "add": added_lines(asked.adding),
        "stop": list(dict.fromkeys(t for therapy in ending for t in therapy.name.texts)),
        "patient": dict(asked.patient),
    }
    return {key: value for key, value in body.items() if value}


def _as_listed(order: Order, listed: Iterable[Therapy | Order]) -> WrittenMedicine | None:
    """Give what is listed already under the name by which the graph knows a draft."""
    same = (o.medicine for o in listed if o.name.drugs and _known_as(o) == _known_as(order))
    return next(same, None)


def _twice(medicine: WrittenMedicine, other: WrittenMedicine) -> str:
    return (
        f"{medicine.display!r} is of the same drug as {_called(other)}: it would be taken twice. "
        "Its other findings are those of the medicine that is listed already."
    )


def _known_as(listed: Therapy | Order) -> tuple[object, ...]:
    """Give what tells two medicines apart: drugs, how a list would write them, where they act."""
    name = listed.name
    first = name.candidates[0] if name.candidates else None
    written = entry_of(first).written if first else name.text
    place = acts_in_place(way_of(listed.medicine, name))
    return (frozenset(name.drugs), written.casefold(), place)


def _called(medicine: WrittenMedicine) -> str:
    where = f" ({medicine.reference})" if medicine.reference else ""
    return f"{medicine.display!r}{where}"
