"""The question of ``POST /v1/screen`` that a call of a service asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from api.cds.orders import Order, Orders, Twice
from api.fhir.medicines import WrittenMedicine
from api.fhir.naming import Name, Therapy
from ontologies.lexicon import Lexicon

__all__ = ["asks_anything", "question_of", "question_of_twice"]

_LONGEST = 80
_MOST_DAYS = 36500


def asks_anything(orders: Orders) -> bool:
    """Tell whether orders change the list at all."""
    return bool(orders.added or orders.ended)


def question_of(orders: Orders, patient: Mapping[str, Any], lexicon: Lexicon) -> dict[str, Any]:
    """The body that asks what the selected orders do beside everything else.

    A therapy of the drugs that are ordered again stands aside, so that what the order does is told
    as new.
    """
    again = {id(twice.other) for twice in orders.twice}
    going_on = [each for each in orders.kept if id(each) not in again]
    others = [each for each in orders.beside if id(each) not in again]
    taking = [*_lines((*going_on, *orders.ended)), *_lines(others)]
    added = _known((order.name for order in orders.added), lexicon)
    ended = _known((therapy.name for therapy in orders.ended), lexicon)
    return {"add": added, "stop": ended, "taking": taking, "patient": dict(patient)}


def question_of_twice(twice: Twice, lexicon: Lexicon) -> dict[str, Any]:
    """The body that asks whether an order is a duplication of what is taken or ordered."""
    added = _known([twice.order.name], lexicon)
    return {"add": added, "taking": list(_lines([twice.other]))}


def _lines(medicines: Sequence[Order | Therapy]) -> Iterator[dict[str, Any]]:
    for each in medicines:
        yield from (_line(text, each.medicine) for text in _texts(each.name))


def _texts(name: Name) -> tuple[str, ...]:
    """The names to ask; of what is not resolved what it is called, so that it is told."""
    return tuple(text for text in name.texts if text.strip())


def _line(text: str, medicine: WrittenMedicine) -> dict[str, Any]:
    line: dict[str, Any] = {"drug": text}
    if medicine.route:
        line["route"] = medicine.route[:_LONGEST]
    if medicine.duration_days is not None and medicine.duration_days <= _MOST_DAYS:
        line["duration_days"] = medicine.duration_days
    return line


def _known(names: Iterable[Name], lexicon: Lexicon) -> list[str]:
    """The names that the lexicon resolves, each once; the notes of a name tell the rest."""
    texts = dict.fromkeys(text for name in names if name.is_resolved for text in name.texts)
    return [text for text in texts if lexicon.lookup(text).candidate]
