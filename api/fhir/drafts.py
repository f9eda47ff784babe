"""What both doors of FHIR share of orders: which give nothing, what they end, how to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Protocol

from api.doses import tells_dose
from api.fhir.elements import Resource, day_of, first_code
from api.fhir.medicines import WrittenMedicine
from api.fhir.naming import Name, Therapy
from ontologies.curie import Curie

__all__ = [
    "Listed",
    "added_lines",
    "day_asked",
    "drug_of",
    "ended_by",
    "ends",
    "forbids",
    "is_older",
    "lines_of",
    "what_ends",
]

_ENDED = frozenset({"cancelled", "completed", "entered-in-error", "on-hold", "stopped"})
"""Statuses of an order under which its medicine is not, or no longer, given."""
_OTHER_CLOCKS = timedelta(days=1)
"""So far the day of an author may be from that of this server, being counted elsewhere."""
_LONGEST_ROUTE = 80
_MOST_DAYS = 36500


class Listed(Protocol):
    """A medicine of a list, taken or ordered, with the name by which it is screened."""

    @property
    def name(self) -> Name:
        """How it is named in a question."""

    @property
    def medicine(self) -> WrittenMedicine:
        """How its record writes it."""


def day_asked(drafts: Iterable[Resource], today: date) -> date:
    """Give the day of a question that names none: ``today``, by the clock of who writes the drafts.

    ``authoredOn`` is when an order was first written (FHIR R4, MedicationRequest): by the clock of
    its author, so that the latest counts that is at most a day from ``today``. A draft that was
    kept or copied from an older one does not turn the record back to that day.
    """
    days = (day_of(draft.get("authoredOn")) for draft in drafts)
    near = [day for day in days if day and abs(day - today) <= _OTHER_CLOCKS]
    return max(near, default=today)


def is_older(draft: Resource, on: date) -> bool:
    """Tell whether a draft was first written longer than a day before the day of a question."""
    day = day_of(draft.get("authoredOn"))
    return day is not None and on - day > _OTHER_CLOCKS


def ends(order: Resource) -> bool:
    """Tell whether an order says by its status that its medicine is not, or no longer, given."""
    return first_code(order.get("status")) in _ENDED


def forbids(order: Resource) -> bool:
    """Tell whether an order says what is not to be given."""
    return order.get("doNotPerform") is True


def ended_by(
    reference: str, prior: str, drugs: Iterable[Curie], current: Iterable[Therapy]
) -> list[Therapy]:
    """Give the therapies that an order which ends is about.

    They are told by its own reference or by that of the order it follows; without either, those
    of its drugs are meant.
    """
    listed = list(current)
    told = {reference, prior} - {""}
    named = [each for each in listed if told & {record.reference for record in each.records}]
    if named or prior:
        return named
    meant = set(drugs)
    return [each for each in listed if meant and meant == set(each.name.drugs)]


def what_ends(ended: Iterable[Therapy], going_on: Iterable[Listed]) -> Iterator[Therapy]:
    """Yield what ends without the drugs that go on in another medicine; the rest by their codes.

    To stop a drug ends it under every name, and what is said of one that goes on must not get lost.
    """
    kept = {drug for each in going_on for drug in each.name.drugs}
    for therapy in ended:
        rest = tuple(drug for drug in therapy.name.drugs if drug not in kept)
        if rest == therapy.name.drugs:
            yield therapy
        elif rest:
            first, *others = map(str, rest)
            yield replace(therapy, name=Name(first, tuple(others), "resolved", rest))


def lines_of(listed: Sequence[Listed]) -> Iterator[dict[str, Any]]:
    """Yield medicines as lines of ``taking``: name, and route, dose and length if they are told."""
    for each in listed:
        medicine, days = each.medicine, each.medicine.duration_days
        more = {
            "route": (medicine.route or each.name.route or "")[:_LONGEST_ROUTE],
            "duration_days": days if days is not None and days <= _MOST_DAYS else None,
        }
        line = {key: value for key, value in more.items() if value}
        for text in filter(str.strip, each.name.texts):
            dose = medicine.dose or ""
            yield {"drug": text, **line} | ({"dose": dose} if tells_dose(text, dose) else {})


def added_lines(listed: Sequence[Listed]) -> list[str | dict[str, Any]]:
    """Give medicines as entries of ``add``, each once: a name alone where nothing else is told."""
    found: list[str | dict[str, Any]] = []
    for line in lines_of(listed):
        entry = line if len(line) > 1 else str(line["drug"])
        found += [] if entry in found else [entry]
    return found


def drug_of(entry: str | Mapping[str, Any]) -> str:
    """Give the name in an entry of ``add``."""
    return entry if isinstance(entry, str) else str(entry["drug"])
