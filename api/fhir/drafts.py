"""What both doors of FHIR share of orders: which give nothing, what they end, how to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from api.fhir.elements import Resource, first_code
from api.fhir.medicines import WrittenMedicine
from api.fhir.naming import Name, Therapy
from ontologies.curie import Curie

__all__ = [
    "Listed",
    "added_lines",
    "drug_of",
    "ended_by",
    "ends",
    "forbids",
    "lines_of",
    "what_ends",
]

_ENDED = frozenset({"cancelled", "completed", "entered-in-error", "on-hold", "stopped"})
"""Statuses of an order under which its medicine is not, or no longer, given."""
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
    """Yield medicines as lines of ``taking``: name, and route and length of the course if told."""
    for each in listed:
        medicine, days = each.medicine, each.medicine.duration_days
        more = {
            "route": (medicine.route or each.name.route or "")[:_LONGEST_ROUTE],
            "duration_days": days if days is not None and days <= _MOST_DAYS else None,
        }
        line = {key: value for key, value in more.items() if value}
        yield from ({"drug": text, **line} for text in each.name.texts if text.strip())


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
