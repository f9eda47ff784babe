"""What orders that are being written do to a list: add, renew, end; or nobody knows what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from api.cds.call import Call, Draft
from api.contents import Contents
from api.fhir.elements import first_code, reference_of
from api.fhir.medicines import WrittenMedicine, read_medicine
from api.fhir.naming import Name, Therapy, chosen_name
from api.fhir.resources import References, walk

_ENDED = frozenset({"cancelled", "completed", "entered-in-error", "on-hold", "stopped"})
"""Statuses of an order under which its medicine is not, or no longer, given."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a medicine, with the name by which it is screened."""

    draft: Draft
    medicine: WrittenMedicine
    name: Name


@dataclass(frozen=True, slots=True)
class Twice:
    """An order of the drugs of another product that is taken, or is being ordered beside it."""

    order: Order
    other: Order | Therapy


@dataclass(frozen=True, slots=True)
class Orders:
    """What the orders of a call do to a list.

    ``added`` and ``unread`` are among the selected ones; of ``unread`` nobody knows what they
    order. ``beside`` are the others that add a medicine. ``kept`` are the therapies that go on.
    """

    added: tuple[Order, ...] = ()
    beside: tuple[Order, ...] = ()
    twice: tuple[Twice, ...] = ()
    renewed: tuple[Order, ...] = ()
    unread: tuple[Order, ...] = ()
    kept: tuple[Therapy, ...] = ()
    ended: tuple[Therapy, ...] = ()

    @property
    def unread_beside(self) -> tuple[Order, ...]:
        """Orders that were not selected and of which nobody knows what they order."""
        return tuple(order for order in self.beside if not order.name.is_resolved)


def orders_of(call: Call, current: Sequence[Therapy], contents: Contents) -> Orders:
    """Sort the orders of a call by what they do to the current medicines.

    - One that is stopped, cancelled or held ends what it is about; one that says what is not to be
      given does nothing.
    - One that names what it takes the place of (``priorPrescription``) ends that.
    - One of the same drugs as what ends, or written like a current medicine, renews it.
    - Another product of what is taken, or selected before it, is added, and stands in ``twice``.
    """
    read = tuple(_read(call, contents))
    ending = [order for order in read if _status(order) in _ENDED]
    starting = [o for o in read if o not in ending and not _is_forbidden(o)]
    listed = tuple(_without(current, {o.draft.reference for o in starting} - {""}))
    ended = [t for t in listed if _is_ended(t, ending) or _is_replaced(t, starting)]
    renewed = [order for order in starting if _renews(order, listed, ended)]
    new = [order for order in starting if order not in renewed]
    ended = [t for t in ended if not any(_same(order, t) for order in renewed)]
    kept = tuple(therapy for therapy in listed if therapy not in ended)
    chosen = [o for o in new if o.draft.selected]
    added = tuple(order for order in chosen if order.name.is_resolved)
    beside = tuple(o for o in new if not o.draft.selected)
    return Orders(
        added=added,
        beside=beside,
        twice=tuple(_twice(added, beside, kept)),
        renewed=tuple(renewed),
        unread=tuple(order for order in chosen if not order.name.is_resolved),
        kept=kept,
        ended=tuple(ended),
    )


def _read(call: Call, contents: Contents) -> Iterator[Order]:
    """Read the orders; what they refer to stands beside them, within them or in the record."""
    around = (*(draft.resource for draft in call.drafts), *call.beside, *call.record)
    references = References.of(walk(around))
    for draft in call.drafts:
        medicine = read_medicine(draft.resource, references)
        yield Order(draft, medicine, chosen_name(medicine, contents))


def _status(order: Order) -> str:
    return first_code(order.draft.resource.get("status"))


def _is_forbidden(order: Order) -> bool:
    return order.draft.resource.get("doNotPerform") is True


def _without(current: Iterable[Therapy], references: set[str]) -> Iterator[Therapy]:
    """Leave out what is only the order that is being written, sent along with the record."""
    for therapy in current:
        others = tuple(r for r in therapy.records if r.reference not in references)
        if others:
            yield replace(therapy, records=others)


def _same(one: Order | Therapy, other: Order | Therapy) -> bool:
    drugs = set(one.name.drugs)
    return bool(drugs) and drugs == set(other.name.drugs)


def _is_ended(therapy: Therapy, ending: Iterable[Order]) -> bool:
    """Tell whether an order that ends is about a therapy: by its id, what it follows, its drugs."""
    references = {record.reference for record in therapy.records if record.reference}
    return any(
        order.draft.reference in references
        or _prior(order) in references
        or (not _prior(order) and _same(order, therapy))
        for order in ending
    )


def _is_replaced(therapy: Therapy, starting: Iterable[Order]) -> bool:
    references = {record.reference for record in therapy.records if record.reference}
    return any(_prior(order) in references for order in starting if order.name.is_resolved)


def _prior(order: Order) -> str:
    written = reference_of(order.draft.resource.get("priorPrescription"))
    return "/".join(written.partition("/_history/")[0].split("/")[-2:])


def _renews(order: Order, listed: Iterable[Therapy], ended: Sequence[Therapy]) -> bool:
    same = [therapy for therapy in listed if _same(order, therapy)]
    written = _written(order.medicine)
    return any(
        therapy in ended or not written.isdisjoint(_written(record))
        for therapy in same
        for record in therapy.records
    )


def _written(medicine: WrittenMedicine) -> set[str]:
    return {name.casefold() for name in medicine.names}


def _twice(
    added: Sequence[Order], beside: Sequence[Order], kept: Sequence[Therapy]
) -> Iterator[Twice]:
    for place, order in enumerate(added):
        others: tuple[Order | Therapy, ...] = (*kept, *beside, *added[:place])
        yield from (Twice(order, other) for other in others if _same(order, other))
