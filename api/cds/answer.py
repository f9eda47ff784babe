"""Answers a call of a service: the record is read, the question asked, the findings made cards."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from api.cds.call import Call, read_call
from api.cds.cards import (
    CRITICAL,
    INDICATORS,
    Card,
    Setting,
    already_cards,
    finding_cards,
    told_findings,
    worst_first,
)
from api.cds.detail import Written
from api.cds.feedback import FeedbackStore, Shown, StoreUnusable
from api.cds.orders import Order, Orders, Twice, orders_of
from api.cds.question import asks_anything, question_of, question_of_twice
from api.cds.repeats import remember, repeated
from api.cds.tables import indicators
from api.cds.unchecked import coverage_card, unread_cards
from api.errors import AlreadyTaken
from api.fhir.naming import GraphWords, Therapy, contents_of, therapies
from api.fhir.reading import Record, read_record
from api.service import answer
from api.state import State

EXTENSION = "org.w3id.coprescribe.answer"
_MOST_TWICE = 10
_MOST_WITH_ALTERNATIVES = 25
"""Length of a list up to which alternatives are searched, each of which is screened beside it."""
LOG = logging.getLogger("coprescribe.service")

Finding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Screened:
    """What the questions of one call came to; no ``answer`` where there was nothing to ask."""

    answer: Mapping[str, Any] | None = None
    findings: Sequence[Finding] = ()
    alternatives: Sequence[Mapping[str, Any]] = ()
    already: Sequence[Twice] = field(default_factory=tuple)


def answer_call(
    body: Mapping[str, Any], hook: str, state: State, store: FeedbackStore, base: str, on: date
) -> dict[str, Any]:
    """Answer a call of the service for a hook with cards; ``base`` is the address of this server.

    Raises:
        MalformedCall, MissingRecord: The call cannot be read, or nothing came along.
        QuestionError: What the record says is not accepted.
    """
    call = read_call(body, hook)
    contents = contents_of(state)
    record = read_record((*call.record, *call.beside), on=on, words=GraphWords(state))
    orders = orders_of(call, therapies(record.current, contents), contents)
    screened = _screened(orders, record, state)
    told = told_findings(screened.findings, with_slight=call.options.show_slight is True)
    dropped = repeated(told, call, store)
    shown = worst_first(finding for finding in told if finding["id"] not in dropped)
    setting = _setting(orders, record, call, state, base)
    cards = [
        *unread_cards(orders, setting),
        *finding_cards(shown, orders.added, screened.alternatives, setting),
        *already_cards(screened.already, setting),
        *coverage_card(call, orders, screened.answer, setting),
    ]
    cards.sort(key=lambda card: INDICATORS.index(card.content["indicator"]))
    _keep(cards, call, state.graph.id, store)
    remember(shown, call, store)
    return {
        "cards": [card.content for card in cards],
        "extension": {EXTENSION: _about(screened, told, dropped, orders, state)},
    }


def _screened(orders: Orders, record: Record, state: State) -> _Screened:
    """Ask what the orders do; and of those that stand on the list already, whether they double."""
    if not asks_anything(orders):
        return _Screened()
    question = question_of(orders, record.patient, state.lexicon)
    found = answer(question, state)
    new = told_findings(found["findings"])
    is_grave = any(indicators().get(f["severity"]) == CRITICAL for f in new)
    if orders.added and is_grave and len(question["taking"]) <= _MOST_WITH_ALTERNATIVES:
        found = answer({**question, "alternatives": True}, state)
    doubled, already = _doubled(orders.twice[:_MOST_TWICE], state)
    already += orders.twice[_MOST_TWICE:]
    return _Screened(found, [*found["findings"], *doubled], found["alternatives"], already)


def _doubled(twice: Sequence[Twice], state: State) -> tuple[list[Finding], list[Twice]]:
    findings: dict[str, Finding] = {}
    already = []
    for each in twice:
        try:
            found = answer(question_of_twice(each, state.lexicon), state)["findings"]
        except AlreadyTaken:
            found = []
        told = [f for f in told_findings(found) if f["kind"] == "duplication"]
        findings |= {finding["id"]: finding for finding in told}
        already += [] if told else [each]
    return list(findings.values()), already


def _setting(orders: Orders, record: Record, call: Call, state: State, base: str) -> Setting:
    return Setting(
        base=base,
        graph=state.graph.id,
        written=Written(
            ordered=dict(_written((*orders.beside, *orders.added))),
            taken=dict(_written((*orders.kept, *orders.ended))),
        ),
        with_evidence=call.options.show_evidence is not False,
        doubts=record.notes,
    )


def _written(medicines: Sequence[Order | Therapy]) -> Iterator[tuple[str, str]]:
    for each in medicines:
        yield from ((str(drug), each.medicine.display) for drug in each.name.drugs)


def _keep(cards: Sequence[Card], call: Call, graph: str, store: FeedbackStore) -> None:
    """Write down which findings are being shown; a store that fails keeps no card back."""
    now = time.time()
    shown = [
        Shown(
            card=card.uuid,
            finding=card.finding["id"],
            kind=card.finding["kind"],
            severity=card.finding["severity"] or "",
            indicator=str(card.content["indicator"]),
            hook=call.hook,
            graph=graph,
            shown_at=now,
        )
        for card in cards
        if card.finding
    ]
    deeds = {uuid: (card.uuid, deed) for card in cards for uuid, deed in card.deeds.items()}
    try:
        store.keep(shown, deeds)
    except StoreUnusable as error:
        LOG.warning("%s; what becomes of these cards will not be known", error)


def _about(
    screened: _Screened,
    told: Sequence[Finding],
    dropped: frozenset[str],
    orders: Orders,
    state: State,
) -> dict[str, Any]:
    """What a program may want to know beside the cards: never the patient's."""
    silent = [
        f["id"] for f in screened.findings if f["folded"] and f["change"] in {"created", "worsened"}
    ]
    return {
        "graph": state.graph.id,
        "model": state.bundle.id if state.bundle else None,
        "checked": screened.answer is not None,
        "findings": [finding["id"] for finding in told],
        "repeated": sorted(dropped),
        "folded": silent,
        "renewed": [order.draft.reference for order in orders.renewed],
    }
