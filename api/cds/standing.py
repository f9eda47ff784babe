"""What stands already and must be told all the same: orders that renew, or change a dose.

Such an order brings no new pair. But what the patient's own data forbid may have come since the
medicine was begun; and who writes a new strength should see what speaks against the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.fhir.naming import Therapy
from api.fhir.orders import Order, Orders, Twice

__all__ = ["Again", "orders_again", "patient_findings"]

_GRAVE = frozenset({"contraindicated", "major"})
_OLD = frozenset({"unchanged", "improved"})
_NEW = frozenset({"created", "worsened"})
_OF_PATIENT = frozenset({"drug_condition", "drug_gene"})
_OF_LIST = frozenset({"additive_effect", "drug_drug", "drug_drug_gene"})

Finding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Again:
    """An order of what is taken, or ordered, already; with what a reader should see of that.

    ``doubled`` are findings that it is given twice, ``standing`` the grave ones of the medicine
    with the rest of the list.
    """

    order: Order
    others: tuple[Order | Therapy, ...]
    doubled: tuple[Finding, ...] = ()
    standing: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that its card tells."""
        return (*self.doubled, *self.standing)

    @property
    def is_taken(self) -> bool:
        """Whether it is taken, and not only ordered twice."""
        return any(isinstance(other, Therapy) for other in self.others)


def orders_again(twice: Iterable[Twice], findings: Sequence[Finding]) -> list[Again]:
    """Give the orders of what is taken or ordered already, each once, with their findings."""
    by_order: dict[int, list[Twice]] = {}
    for each in twice:
        by_order.setdefault(id(each.order), []).append(each)
    return [
        Again(
            order=told[0].order,
            others=tuple(each.other for each in told),
            doubled=tuple(_doubled(told[0].order, findings)),
            standing=tuple(f for f in _standing([told[0].order], findings) if _of_list(f)),
        )
        for told in by_order.values()
    ]


def patient_findings(orders: Orders, findings: Sequence[Finding]) -> list[Finding]:
    """Give what the patient's own data forbid of the medicines that orders go on with."""
    going_on = [*orders.renewed, *(twice.order for twice in orders.twice)]
    return [f for f in _standing(going_on, findings) if f["kind"] in _OF_PATIENT]


def _of_list(finding: Finding) -> bool:
    return finding["kind"] in _OF_LIST


def _standing(orders: Sequence[Order], findings: Iterable[Finding]) -> Iterator[Finding]:
    drugs = {str(drug) for order in orders for drug in order.name.drugs}
    for finding in findings:
        is_grave = finding["severity"] in _GRAVE and not finding["folded"]
        if finding["change"] in _OLD and is_grave and not drugs.isdisjoint(_drugs(finding)):
            yield finding


def _doubled(order: Order, findings: Iterable[Finding]) -> Iterator[Finding]:
    own = set(map(str, order.name.drugs))
    for finding in findings:
        is_double = finding["kind"] == "duplication" and finding["change"] in _NEW
        if is_double and not finding["folded"] and _drugs(finding) <= own:
            yield finding


def _drugs(finding: Finding) -> set[str]:
    return {thing["curie"] for thing in (*finding["precipitants"], *finding["affected"])}
