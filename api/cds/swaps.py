"""Which alternatives a card may offer at one press of a button, and which a reader must choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.cds.tables import not_swapped
from api.fhir.naming import way_of
from api.fhir.orders import Order, Orders
from kg.screening.kinship import ORAL
from kg.screening.targets import Targets
from ontologies.curie import Curie

__all__ = ["swappable"]

Alternative = Mapping[str, Any]


def swappable(
    alternatives: Sequence[Alternative], orders: Orders, targets: Targets
) -> list[Alternative]:
    """Leave the alternatives that can simply be ordered in the place of an order.

    What is suggested is ordered without a route, so that only an order by mouth, or one of which
    nobody says how it is given, is swapped. An order of what is taken already changes a dose. Drugs
    of the groups of ``not_swapped.tsv`` are never changed, nor changed to, in passing.
    """
    again = {id(twice.order) for twice in orders.twice}
    apart = {
        str(drug)
        for order in orders.added
        if id(order) in again or not _is_by_mouth(order)
        for drug in order.name.drugs
    }
    return [
        each
        for each in alternatives
        if each["instead_of"]["curie"] not in apart
        and not _is_barred(each["curie"], targets)
        and not _is_barred(each["instead_of"]["curie"], targets)
    ]


def _is_by_mouth(order: Order) -> bool:
    return way_of(order.medicine, order.name) in {None, ORAL}


def _is_barred(drug: str, targets: Targets) -> bool:
    return not not_swapped().isdisjoint(targets.of(Curie.parse(drug)))
