"""What orders that are being written do to a list: add, renew, end; or nobody knows what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from api.cds.call import Call, Draft
from api.contents import Contents
from api.fhir.dose_forms import acts_in_place
from api.fhir.drafts import ended_by, ends, forbids
from api.fhir.medicines import WrittenMedicine, read_medicine
from api.fhir.naming import Name, Therapy, chosen_name, way_of
from api.fhir.resources import References, walk


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a medicine, with the name by which it is screened.

    ``prior`` is the reference of the order that it takes the place of; empty for none.
    """

    draft: Draft
    medicine: WrittenMedicine
    name: Name
    prior: str = ""


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
    ending = [order for order in read if ends(order.draft.resource)]
    starting = [o for o in read if not (ends(o.draft.resource) or forbids(o.draft.resource))]
    listed = tuple(_without(current, {o.draft.reference for o in starting} - {""}))
    over = [t for o in ending for t in ended_by(o.draft.reference, o.prior, o.name.drugs, listed)]
    ended = [t for t in listed if t in over or _is_replaced(t, starting)]
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
        prior = references.name(draft.resource.get("priorPrescription"))
        yield Order(draft, medicine, chosen_name(medicine, contents), prior)


def _without(current: Iterable[Therapy], references: set[str]) -> Iterator[Therapy]:
    """Leave out what is only the order that is being written, sent along with the record."""
    for therapy in current:
        others = tuple(r for r in therapy.records if r.reference not in references)
        if others:
            yield replace(therapy, records=others)


def _same(one: Order | Therapy, other: Order | Therapy) -> bool:
    drugs = set(one.name.drugs)
    return bool(drugs) and drugs == set(other.name.drugs)


def _is_replaced(therapy: Therapy, starting: Iterable[Order]) -> bool:
    references = {record.reference for record in therapy.records if record.reference}
    return any(order.prior in references for order in starting if order.name.is_resolved)


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
        yield from (Twice(order, o) for o in others if _same(order, o) and _alike(order, o))


def _alike(one: Order | Therapy, other: Order | Therapy) -> bool:
    """Tell whether both act where they are put, or neither does: a gel is no dose of a tablet."""
    places = {acts_in_place(way_of(each.medicine, each.name)) for each in (one, other)}
    return len(places) == 1
