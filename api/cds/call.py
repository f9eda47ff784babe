"""Reads the body of a call: CDS Hooks 3.0, and the shapes that older clients send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from api.cds.errors import MalformedCall, MissingRecord
from api.cds.sent_parts import OLD_ORDER, ORDER, Resource, sent_parts
from api.fhir.orders import Draft
from api.fhir.resources import Found

MEDICATION_PRESCRIBE = "medication-prescribe"
ORDER_SELECT = "order-select"
ORDER_SIGN = "order-sign"
MOST_ORDERS = 100
_LONGEST_NAME = 200
_OPTIONS = "pddi-configuration-items"
"""How the HL7 guide to potential drug-drug interactions calls what a client may choose."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a client chose of repeats and of evidence; ``None`` where it did not say."""

    keep_for_sign: bool | None = None
    drop_repeats: bool | None = None
    show_evidence: bool | None = None
    show_slight: bool | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a service. What names a person or a place is never shown by ``repr``."""

    hook: str
    user: str = field(repr=False)
    patient: str = field(repr=False)
    server: str = field(repr=False)
    drafts: tuple[Draft, ...] = field(repr=False)
    beside: tuple[Resource, ...] = field(repr=False)
    """What else the Bundle of drafts holds: medications that orders refer to, other orders."""
    record: tuple[Resource, ...] = field(repr=False)
    """What came along of the record."""
    lacking: tuple[str, ...] = ()
    """Keys of the prefetch that are null or an OperationOutcome."""
    partial: tuple[str, ...] = ()
    """Keys of the prefetch of which there is more than came along."""
    had: tuple[str, ...] = ()
    """Keys of the prefetch that came along."""
    options: Options = Options()


def read_call(body: Mapping[str, Any], hook: str) -> Call:
    """Read the body of a call of the service for one hook.

    Raises:
        MalformedCall: What the hook requires is not there, is of another shape or another patient.
        MissingRecord: Nothing of the record came along.
    """
    _check_hook(body, hook)
    context = _context(body)
    patient = _named(context.get("patientId") or body.get("patient"), "context.patientId")
    patient = patient.removeprefix("Patient/")
    orders, beside = _orders(context, hook)
    drafts = _selected(orders, beside, context) if hook == ORDER_SELECT else tuple(orders)
    sent = sent_parts(body, context)
    _check_patient((*(d.resource for d in drafts), *sent.resources), patient)
    if not sent.resources:
        raise MissingRecord
    user = context.get("userId") or body.get("userId") or body.get("user")
    server = body.get("fhirServer")
    return Call(
        hook=hook,
        user=_named(user, "context.userId"),
        patient=patient,
        server=server if isinstance(server, str) else "",
        drafts=drafts,
        beside=tuple(each.resource for each in beside),
        record=sent.resources,
        lacking=sent.lacking,
        partial=sent.partial,
        had=sent.had,
        options=_options(body),
    )


def _check_hook(body: Mapping[str, Any], hook: str) -> None:
    found = body.get("hook")
    if not isinstance(found, str):
        raise MalformedCall("hook", f"the name of the hook is expected, which is {hook!r} here")
    if found != hook:
        raise MalformedCall("hook", f"this service is for {hook!r}, and not for {found[:60]!r}")
    _named(body.get("hookInstance"), "hookInstance", "a UUID")


def _named(value: object, place: str, expected: str = "an id") -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_NAME:
        message = f"{expected} is required, a text of at most {_LONGEST_NAME} characters"
        raise MalformedCall(place, message)
    return value.strip()


def _context(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The context; the oldest clients send a list of the drafts in its place."""
    context = body.get("context")
    if isinstance(context, list):
        return {"medications": context}
    if not isinstance(context, dict):
        raise MalformedCall("context", "an object is required")
    return context


def _orders(context: Mapping[str, Any], hook: str) -> tuple[list[Draft], tuple[Draft, ...]]:
    """The orders of medicines, and what else stands beside them."""
    is_old = hook == MEDICATION_PRESCRIBE and "draftOrders" not in context
    place = "context.medications" if is_old else "context.draftOrders"
    orders: list[Draft] = []
    beside: list[Draft] = []
    for full_url, resource in _entries(context.get(place.partition(".")[2]), place):
        kind = resource["resourceType"]
        is_order = kind in {ORDER, OLD_ORDER}
        read = {**resource, "resourceType": ORDER} if is_order else resource
        named = Found(read).reference
        names = frozenset(_last(name) for name in (named, full_url) if name)
        made = Draft(read, named or full_url, names, is_old=kind == OLD_ORDER)
        (orders if is_order else beside).append(made)
    if len(orders) > MOST_ORDERS:
        raise MalformedCall(place, f"{len(orders)} orders of medicines; at most {MOST_ORDERS}")
    named_orders = [order.reference for order in orders if order.reference]
    if len(set(named_orders)) < len(named_orders):
        raise MalformedCall(place, "two orders have one id, so that none can be told apart")
    return orders, tuple(beside)


def _entries(value: object, place: str) -> Iterator[tuple[str, Resource]]:
    """Yield the resources of a Bundle or a list, each with its full URL, where there is one."""
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        entries = value.get("entry", [])
    else:
        entries = value
    if not isinstance(entries, list):
        raise MalformedCall(place, "a Bundle with the orders is required")
    for number, entry in enumerate(entries):
        inner = entry.get("resource", entry) if isinstance(entry, dict) else None
        if not isinstance(inner, dict) or not isinstance(inner.get("resourceType"), str):
            raise MalformedCall(f"{place}.entry[{number}]", "a resource is expected")
        full_url = entry.get("fullUrl")
        yield (full_url if isinstance(full_url, str) else ""), inner


def _selected(orders: list[Draft], beside: tuple[Draft, ...], context: Any) -> tuple[Draft, ...]:
    place = "context.selections"
    chosen = context.get("selections")
    if not isinstance(chosen, list) or not chosen or not all(isinstance(c, str) for c in chosen):
        raise MalformedCall(place, "the references of the selected orders are required")
    names = {_last(choice) for choice in chosen}
    known = frozenset[str]().union(*(draft.names for draft in (*orders, *beside)))
    if not names <= known:
        lost = len(names - known)
        raise MalformedCall(place, f"{lost} of {len(names)} do not stand in context.draftOrders")
    return tuple(replace(draft, selected=not names.isdisjoint(draft.names)) for draft in orders)


def _last(reference: str) -> str:
    """What is the same in every way to refer to one order: its id."""
    return reference.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _check_patient(resources: tuple[Resource, ...], patient: str) -> None:
    """Refuse what is of another patient: it must not be screened together."""
    waiting: list[Any] = list(resources)
    while waiting:
        resource = waiting.pop()
        if not isinstance(resource, dict):
            continue
        if resource.get("resourceType") == "Bundle":
            entries = resource.get("entry")
            inner = entries if isinstance(entries, list) else []
            waiting += [e.get("resource", e) if isinstance(e, dict) else None for e in inner]
        elif _patient_of(resource) not in {"", patient}:
            place = f"{str(resource.get('resourceType'))[:40]}.subject"
            raise MalformedCall(place, "it is of another patient than context.patientId")


def _patient_of(resource: Resource) -> str:
    """Id of the patient of a resource; empty where none is told."""
    if resource.get("resourceType") == "Patient":
        key = resource.get("id")
        return key if isinstance(key, str) else ""
    subject = resource.get("subject") or resource.get("patient")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    if not isinstance(reference, str) or "Patient/" not in reference:
        return ""
    return reference.rpartition("Patient/")[2].partition("/")[0]


def _options(body: Mapping[str, Any]) -> Options:
    extension = body.get("extension")
    items = extension.get(_OPTIONS) if isinstance(extension, dict) else None
    if not isinstance(items, dict):
        return Options()

    def chosen(name: str) -> bool | None:
        value = items.get(name)
        return value if isinstance(value, bool) else None

    return Options(
        keep_for_sign=chosen("cache-for-order-sign-filtering"),
        drop_repeats=chosen("filter-out-repeated-alerts"),
        show_evidence=chosen("show-evidence-support"),
        show_slight=chosen("alert-non-serious"),
    )
