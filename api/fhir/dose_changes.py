"""Orders of what is taken already in another dose: they are screened for the new one.

A new dose takes the place of the old, so that the two are not added up; whether it is meant on top
of it is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api.fhir.drafts import Listed
from api.fhir.naming import Therapy
from api.fhir.orders import Order, Orders, is_like
from ontologies.doses.daily import daily_dose

__all__ = ["DoseChange", "dose_changes"]


@dataclass(frozen=True, slots=True)
class DoseChange:
    """An order that tells a new dose of a therapy, both the only ones of their drugs."""

    order: Order
    therapy: Therapy


def dose_changes(orders: Orders) -> Iterator[DoseChange]:
    """Yield the orders that change the dose of what goes on.

    One that renews a therapy changes it where it tells another dose, or the first one; one of
    another product of the same drug where both doses are told and differ.
    """
    listed: tuple[Listed, ...] = (*orders.kept, *orders.renewed, *orders.added, *orders.beside)
    for order in (*orders.renewed, *orders.added):
        sharing = [each for each in listed if not _drugs(each).isdisjoint(_drugs(order))]
        therapies = [each for each in orders.kept if any(each is other for other in sharing)]
        if len(sharing) == 2 and len(therapies) == 1 and is_like(order, therapies[0]):
            old, new = _mg_a_day(therapies[0]), _mg_a_day(order)
            may_begin = old is not None or order in orders.renewed
            if new is not None and new != old and may_begin:
                yield DoseChange(order, therapies[0])


def _drugs(listed: Listed) -> set[str]:
    return {str(drug) for drug in listed.name.drugs}


def _mg_a_day(listed: Listed) -> float | None:
    """Give what a medicine of one drug makes a person take in a day, where that is told."""
    if len(listed.name.drugs) != 1 or len(listed.name.texts) != 1:
        return None
    words = listed.medicine.dose or ""
    found = daily_dose(words) or daily_dose(f"{listed.name.text} {words}")
    return found.mg if found and words else None
