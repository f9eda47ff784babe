"""What a card offers to do: order something else instead, or take the order back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.cds.markdown import label
from api.cds.sent_parts import ORDER
from api.fhir.orders import Order
from kg.model import Severity
from kg.screening.kinship import Kinship

REPLACE, CANCEL = "replace", "cancel"
"""Deeds of suggestions, as the store of feedback counts them."""
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_MOST_INSTEAD = 3
_KEPT = (
    "subject",
    "encounter",
    "context",
    "requester",
    "reasonCode",
    "reasonReference",
    "category",
)
"""What a new order takes over from the old; neither dose nor timing, which are of another drug."""

Alternative = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to do, which is a deed of the store too."""

    deed: str
    label: str
    actions: tuple[Mapping[str, Any], ...]


def suggestions_of(
    finding: Mapping[str, Any], orders: Sequence[Order], alternatives: Sequence[Alternative]
) -> Iterator[Suggestion]:
    """Yield what may be done about a finding with the orders that share in it.

    An order without an id cannot be taken back, and so nothing is suggested for it.
    """
    drugs = {thing["curie"] for thing in (*finding["precipitants"], *finding["affected"])}
    concerned = [o for o in orders if drugs & set(map(str, o.name.drugs)) and _reference(o)]
    for order in concerned:
        own = set(map(str, order.name.drugs))
        fitting = [a for a in alternatives if _fits(a, own, finding)]
        yield from (_instead(order, alternative) for alternative in fitting[:_MOST_INSTEAD])
    yield from (_cancelled(order) for order in concerned)


def _fits(alternative: Alternative, own: set[str], finding: Mapping[str, Any]) -> bool:
    """Tell whether an alternative stands for the drugs of an order and is better than a finding.

    What one press of a button orders is advised by what is said of the drug, or is of the same
    chemical subgroup, and leaves nothing major; anything else is for the page, where a reader
    chooses. Where genes matter the subgroup is not enough, for it is cleared alike. A therapy that
    is doubled calls for less, and not for another drug.
    """
    if finding["kind"] == "duplication":
        return False
    by_genes = finding["kind"] in {"drug_gene", "drug_drug_gene"}
    is_of_group = alternative["kinship"] == Kinship.SUBGROUP.value and not by_genes
    is_near = alternative["advised"] or is_of_group
    if alternative["instead_of"]["curie"] not in own or alternative["little_known"]:
        return False
    bound = min(_rank(finding), Severity.MAJOR.rank)
    return bool(is_near and _code(alternative)) and _remains(alternative) < bound


def _rank(graded: Mapping[str, Any]) -> int:
    severity = graded["severity"]
    return Severity(severity).rank if severity else Severity.MODERATE.rank


def _remains(alternative: Alternative) -> int:
    """How grave what is left would be; what nobody grades counts like moderate."""
    worst = alternative["worst_severity"]
    return _rank({"severity": worst}) if worst or alternative["findings"] else 0


def _code(alternative: Alternative) -> str:
    prefix, _, code = alternative["curie"].partition(":")
    return code if prefix == "RXCUI" else ""


def _reference(order: Order) -> str:
    reference = order.draft.reference
    is_known = reference.startswith(f"{ORDER}/") and not order.draft.is_old
    return reference if is_known else ""


def _instead(order: Order, alternative: Alternative) -> Suggestion:
    name = alternative["name"]
    worst = alternative["worst_severity"] or ("not graded" if alternative["findings"] else None)
    remains = f"at worst {worst} with this list" if worst else "no finding with this list"
    create = {
        "type": "create",
        "description": f"Order {name}; dose and timing are to be set",
        "resource": _new_order(order, name, _code(alternative)),
    }
    title = f"Order {name} instead of {label(order.medicine.display)[:80]} ({remains})"
    return Suggestion(REPLACE, title, (create, _deletion(order)))


def _cancelled(order: Order) -> Suggestion:
    title = f"Do not order {label(order.medicine.display)[:80]}"
    return Suggestion(CANCEL, title, (_deletion(order),))


def _deletion(order: Order) -> dict[str, Any]:
    return {
        "type": "delete",
        "description": f"Remove the order of {label(order.medicine.display)[:80]}",
        "resourceId": _reference(order),
    }


def _new_order(order: Order, name: str, code: str) -> dict[str, Any]:
    old = order.draft.resource
    kept = {key: old[key] for key in _KEPT if key in old}
    intent = old.get("intent")
    return {
        "resourceType": ORDER,
        "status": "draft",
        "intent": intent if isinstance(intent, str) else "order",
        **kept,
        "medicationCodeableConcept": {
            "coding": [{"system": RXNORM, "code": code, "display": name}],
            "text": name,
        },
    }
