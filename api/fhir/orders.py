"""What orders that are being written do to a list: add, renew, end; or nobody knows what.

Every door that reads orders sorts them here, so that one order does the same at each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from api.contents import Contents
from api.fhir.chart import Words, legible
from api.fhir.dose_forms import place_of
from api.fhir.drafts import ended_by, ends, forbids
from api.fhir.elements import Resource
from api.fhir.medicines import WrittenMedicine, read_medicine
from api.fhir.naming import Name, Therapy, chosen_name, way_of
from api.fhir.resources import References

__all__ = ["Draft", "Order", "Orders", "Twice", "is_like", "orders_of", "read_orders"]


@dataclass(frozen=True, slots=True)
class Draft:
    """One order that is being written; ``selected`` where the question is about it.

    ``names`` are the ids by which a selection may mean it.
    """

    resource: Resource
    reference: str
    names: frozenset[str] = frozenset()
    selected: bool = True
    is_old: bool = False
    """Whether it is of DSTU2, for which nothing is suggested."""


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
    """What orders do to a list.

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
    forbidden: tuple[Order, ...] = ()
    """Orders that say what is not to be given."""
    ending: tuple[tuple[Order, tuple[Therapy, ...]], ...] = field(default=())
    """Orders that are stopped, cancelled or held, each with what it is about."""

    @property
    def unread_beside(self) -> tuple[Order, ...]:
        """Orders that were not selected and of which nobody knows what they order."""
        return tuple(order for order in self.beside if not order.name.is_resolved)


def read_orders(
    drafts: Iterable[Draft], references: References, contents: Contents, words: Words
) -> Iterator[Order]:
    """Read orders; what they refer to is looked for among ``references``."""
    for draft in drafts:
        medicine = legible(read_medicine(draft.resource, references), words)
        prior = references.name(draft.resource.get("priorPrescription"))
        yield Order(draft, medicine, chosen_name(medicine, contents), prior)


def orders_of(orders: Iterable[Order], current: Iterable[Therapy]) -> Orders:
    """Sort orders by what they do to the current medicines.

    - One that is stopped, cancelled or held ends what it is about; one that says what is not to be
      given does nothing.
    - One that names what it takes the place of (``priorPrescription``) ends that.
    - One of the same drugs as what ends, or written like a current medicine, renews it, unless one
      of the two acts where it is put and the other elsewhere.
    - Another product of what is taken, or selected before it, is added, and stands in ``twice``.
    """
    read = tuple(orders)
    forbidden = tuple(order for order in read if forbids(order.draft.resource))
    stopping = [o for o in read if ends(o.draft.resource) and o not in forbidden]
    starting = [o for o in read if o not in forbidden and o not in stopping]
    listed = tuple(_without(current, {o.draft.reference for o in starting} - {""}))
    ending = tuple((order, _ended(order, listed)) for order in stopping)
    over = [therapy for _, about in ending for therapy in about]
    ended = [t for t in listed if t in over or _is_replaced(t, starting)]
    renewed = [order for order in starting if _renews(order, listed, ended)]
    ended = [t for t in ended if not any(is_like(order, t) for order in renewed)]
    kept = tuple(therapy for therapy in listed if therapy not in ended)
    new = [order for order in starting if order not in renewed]
    chosen = [order for order in new if order.draft.selected]
    added = tuple(order for order in chosen if order.name.is_resolved)
    beside = tuple(order for order in new if not order.draft.selected)
    return Orders(
        added=added,
        beside=beside,
        twice=tuple(_twice(added, beside, kept)),
        renewed=tuple(renewed),
        unread=tuple(order for order in chosen if not order.name.is_resolved),
        kept=kept,
        ended=tuple(ended),
        forbidden=forbidden,
        ending=ending,
    )


def is_like(one: Order | Therapy, other: Order | Therapy) -> bool:
    """Tell whether two are of the same drugs, and act in the same place or in the whole body.

    A gel is no dose of a tablet, nor is a nasal spray one of an inhaler.
    """
    drugs = set(one.name.drugs)
    places = {place_of(way_of(each.medicine, each.name)) for each in (one, other)}
    return bool(drugs) and drugs == set(other.name.drugs) and len(places) == 1


def _ended(order: Order, listed: Sequence[Therapy]) -> tuple[Therapy, ...]:
    return tuple(ended_by(order.draft.reference, order.prior, order.name.drugs, listed))


def _without(current: Iterable[Therapy], references: set[str]) -> Iterator[Therapy]:
    """Leave out what is only the order that is being written, sent along with the record."""
    for therapy in current:
        others = tuple(r for r in therapy.records if r.reference not in references)
        if others:
            yield replace(therapy, records=others)


def _is_replaced(therapy: Therapy, starting: Iterable[Order]) -> bool:
    references = {record.reference for record in therapy.records if record.reference}
    return any(order.prior in references for order in starting if order.name.is_resolved)


def _renews(order: Order, listed: Iterable[Therapy], ended: Sequence[Therapy]) -> bool:
    return any(
        therapy in ended or any(_is_written_like(order.medicine, r) for r in therapy.records)
        for therapy in listed
        if is_like(order, therapy)
    )


def _is_written_like(one: WrittenMedicine, other: WrittenMedicine) -> bool:
    """Tell whether two are written alike: by codes of the most exact system of both, else in words.

    Two products may bear one text, such as the name of the drug, and differ in their codes.
    """
    for prefix in dict.fromkeys(code.partition(":")[0] for code in one.codes):
        codes, others = ({c for c in m.codes if c.startswith(f"{prefix}:")} for m in (one, other))
        if others:
            return not codes.isdisjoint(others)
    return not _words(one).isdisjoint(_words(other))


def _words(medicine: WrittenMedicine) -> set[str]:
    return {text.casefold() for text in medicine.texts}


def _twice(
    added: Sequence[Order], beside: Sequence[Order], kept: Sequence[Therapy]
) -> Iterator[Twice]:
    for place, order in enumerate(added):
        others: tuple[Order | Therapy, ...] = (*kept, *beside, *added[:place])
        yield from (Twice(order, other) for other in others if is_like(order, other))
