"""Cards that say what could not be checked, so that silence is never read as safety."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.cds.call import Call
from api.cds.cards import INFO, WARNING, Card, Setting, plain_card
from api.cds.markdown import escaped, label, shortened
from api.cds.tables import prefetches
from api.fhir.orders import Order, Orders
from api.patients import NOT_KNOWN
from ontologies.lexicon import TRIMMED_SCORE

_MOST_CANDIDATES = 5
_MOST_CARDS = 5
_MOST_NAMED = 20
_NAME = 70
_MISSPELT = "Orders whose names were not read letter by letter"


def unread_cards(orders: Orders, setting: Setting) -> Iterator[Card]:
    """Yield a card for each selected order of which nobody knows what it orders."""
    for order in orders.unread[:_MOST_CARDS]:
        yield _unread_card(order, setting)
    rest = orders.unread[_MOST_CARDS:]
    if rest:
        lines = _lines([order.medicine.display for order in rest])
        summary = f"Not checked: {len(rest)} more orders whose medicine is not known"
        yield plain_card(summary, lines, WARNING, setting)


def _unread_card(order: Order, setting: Setting) -> Card:
    name = label(order.medicine.display)
    is_open = order.name.status == "ambiguous"
    reason = "it may be several medicines" if is_open else "the medicine is not known"
    meant = [f"{c.name} ({c.curie})" for c in order.name.candidates[:_MOST_CANDIDATES]]
    detail = [
        f"**Ordered:** {escaped(order.medicine.display)}",
        "Neither its codes nor its text lead to one medicine of the graph, so that **nothing was "
        "checked for this order**. Order it by an RxNorm or ATC code or by the name of its "
        "ingredient, or check it by other means.",
    ]
    if meant:
        detail.append(f"**Perhaps meant:**\n\n{_lines(meant)}")
    summary = f"Not checked: {shortened(name, _NAME)} ({reason})"
    return plain_card(summary, "\n\n".join(detail), WARNING, setting)


def coverage_card(
    call: Call, orders: Orders, answer: Mapping[str, Any] | None, setting: Setting
) -> Iterator[Card]:
    """Yield the one card of everything else that was not checked, if there is anything.

    What of the record was read with doubt stands on it too; alone it makes no card.
    """
    sections = [*_readings(orders), *_medicines(call, orders, answer), *_lacking(call)]
    if not sections:
        return
    texts = [f"**{title}:**\n\n{_lines(items)}" for _, title, items in sections]
    if setting.doubts:
        texts.append(f"**Of the record:**\n\n{_lines(setting.doubts)}")
    indicator = WARNING if any(kind == WARNING for kind, _, _ in sections) else INFO
    named = [item for _, _, items in sections for item in items]
    is_all_read = all(title == _MISSPELT for _, title, _ in sections)
    begins = "Read as a slip of spelling" if is_all_read else "Not everything was checked"
    summary = f"{begins}: {shortened(label(', '.join(named)), 100)}"
    yield plain_card(summary, "\n\n".join(texts), indicator, setting)


_Section = tuple[str, str, list[str]]


def guesses(orders: Orders) -> Iterator[str]:
    """Yield how orders were read whose names are not held letter by letter.

    They were checked, so that this stands in the text of cards and makes none of its own.
    """
    for order in orders.added:
        found = order.name.candidates[:1]
        if order.name.is_resolved and not order.name.also:
            yield from order.name.notes
        yield from (
            f"{order.medicine.display} was read as {each.matched}."
            for each in found
            if each.score < TRIMMED_SCORE and _is_within(each.matched, order.medicine.display)
        )


def _is_within(name: str, text: str) -> bool:
    return name.casefold() in text.casefold()


def _readings(orders: Orders) -> Iterator[_Section]:
    """How orders were read that are not as plain as they should be."""
    contradicting = [n for order in orders.added if order.name.also for n in order.name.notes]
    if contradicting:
        yield WARNING, "Orders that were not read as one medicine", contradicting
    guessed = [
        f"{order.medicine.display} was read as {order.name.candidates[0].matched}"
        for order in orders.added
        if order.name.candidates
        and order.name.candidates[0].score < TRIMMED_SCORE
        and not _is_within(order.name.candidates[0].matched, order.medicine.display)
    ]
    if guessed:
        yield INFO, _MISSPELT, guessed


def _medicines(call: Call, orders: Orders, answer: Mapping[str, Any] | None) -> Iterator[_Section]:
    going_on = (*orders.kept, *orders.ended)
    if not going_on and not _may_hold_medicines(call):
        lacking = "no list of current medicines came along; the orders were checked without it"
        yield WARNING, "Current medicines", [lacking]
    unknown = [t.medicine.display for t in going_on if not t.name.is_resolved]
    unknown += [o.medicine.display for o in orders.unread_beside]
    if unknown:
        yield WARNING, "Medicines that are not known, and were not checked", unknown
    if answer:
        names = answer["coverage"]["names"]
        silent = answer["coverage"]["not_covered"]
        drugs = {str(drug) for order in orders.added for drug in order.name.drugs}
        ordered = [names.get(curie, curie) for curie in silent if curie in drugs]
        others = [names.get(curie, curie) for curie in silent if curie not in drugs]
        if ordered:
            yield WARNING, "Ordered medicines of which no source says anything", ordered
        if others:
            yield INFO, "Current medicines of which no source says anything", others
        unused = [n for n in answer["notes"] if n.startswith("Allergy ") and NOT_KNOWN in n]
        if unused:
            yield INFO, "Allergies", unused


def _may_hold_medicines(call: Call) -> bool:
    """Tell whether a part came along that may list medicines: one so named, or not one of ours."""
    ours = {part.key: part.query.startswith("Medication") for part in prefetches()}
    return any(ours.get(key, True) for key in call.had)


def _lacking(call: Call) -> Iterator[_Section]:
    """What a client was asked for and could not send, or sent in part."""
    for keys, words in ((call.lacking, "could not be had"), (call.partial, "came in part")):
        known = {p.key: p for p in prefetches() if p.key in keys and p.lack}
        if known:
            held = [part.holds for part in known.values()]
            worst = WARNING if any(p.lack == WARNING for p in known.values()) else INFO
            yield worst, f"Parts of the record that {words}", held
        others = [key for key in keys if key not in {p.key for p in prefetches()}]
        if others:
            yield WARNING, f"Other parts of the prefetch that {words}", others


def _lines(items: Sequence[str]) -> str:
    lines = [f"- {escaped(item)}" for item in items[:_MOST_NAMED]]
    more = len(items) - _MOST_NAMED
    return "\n".join([*lines, f"- and {more} more"] if more > 0 else lines)
