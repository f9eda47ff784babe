"""Answers a call of a service: the record is read, the question asked, the findings made cards."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.cds.call import Call, read_call
from api.cds.cards import (
    CRITICAL,
    INDICATORS,
    Card,
    Setting,
    again_cards,
    finding_cards,
    told_findings,
    worst_first,
)
from api.cds.detail import PatientRead, Written
from api.cds.feedback import FeedbackStore, Shown, StoreUnusable
from api.cds.repeats import remember, repeated
from api.cds.standing import Again, orders_again, patient_findings
from api.cds.swaps import swappable
from api.cds.tables import indicators
from api.cds.unchecked import coverage_card, guesses, unread_cards
from api.fhir.drafts import day_asked
from api.fhir.naming import GraphWords, Therapy, therapies
from api.fhir.orders import Order, Orders, orders_of, read_orders
from api.fhir.questions import asks_anything, question_of
from api.fhir.reading import Record, read_record
from api.fhir.resources import References, walk
from api.fhir.screening import answer_unlisted
from api.state import State

EXTENSION = "org.w3id.coprescribe.answer"
_NEW = frozenset({"created", "worsened"})
_MOST_WITH_ALTERNATIVES = 25
"""Length of a list up to which alternatives are searched, each of which is screened beside it."""
LOG = logging.getLogger("coprescribe.service")

Finding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Screened:
    """What the question of one call came to; no ``answer`` where there was nothing to ask."""

    answer: Mapping[str, Any] | None = None
    alternatives: Sequence[Mapping[str, Any]] = ()

    @property
    def findings(self) -> Sequence[Finding]:
        """All findings of the answer."""
        return self.answer["findings"] if self.answer else ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What of the findings has to be said: in cards of their own, or on those of orders again."""

    findings: Sequence[Finding]
    again: Sequence[Again]
    new: Sequence[Finding]
    """What the orders create or worsen, wherever it is said."""

    @property
    def every(self) -> list[Finding]:
        """All that is said, each once."""
        said = (*self.findings, *(f for each in self.again for f in each.findings))
        return list({finding["id"]: finding for finding in said}.values())


def answer_call(
    body: Mapping[str, Any], hook: str, state: State, store: FeedbackStore, base: str, on: date
) -> dict[str, Any]:
    """Answer a call of the service for a hook with cards.

    ``base`` is the address of this server, ``on`` its day.

    Raises:
        MalformedCall, MissingRecord: The call cannot be read, or nothing came along.
        QuestionError: What the record says is not accepted.
    """
    call = read_call(body, hook)
    on = day_asked((draft.resource for draft in call.drafts), on)
    contents = state.contents
    words = GraphWords(state)
    record = read_record((*call.record, *call.beside), on=on, words=words)
    around = (*(draft.resource for draft in call.drafts), *call.beside, *call.record)
    read = read_orders(call.drafts, References.of(walk(around)), contents, words)
    orders = orders_of(read, therapies(record.current, contents))
    screened = _screened(orders, record, state)
    told = _told(orders, screened, with_slight=call.options.show_slight is True)
    dropped = repeated(told.every, call, store)
    shown = worst_first(finding for finding in told.findings if finding["id"] not in dropped)
    again = [each for each in told.again if not _is_said(each, dropped)]
    setting = _setting(orders, record, call, state, base)
    cards = [
        *unread_cards(orders, setting),
        *finding_cards(shown, (*orders.added, *orders.renewed), screened.alternatives, setting),
        *again_cards(again, setting),
        *coverage_card(call, orders, screened.answer, setting),
    ]
    cards.sort(key=lambda card: INDICATORS.index(card.content["indicator"]))
    _keep(cards, call, state.graph.id, store)
    remember(told.every, call, store)
    return {
        "cards": [card.content for card in cards],
        "extension": {EXTENSION: _about(screened, told, dropped, orders, state)},
    }


def _screened(orders: Orders, record: Record, state: State) -> _Screened:
    """Ask what the orders do, and for alternatives where a new medicine does grave harm."""
    if not asks_anything(orders):
        return _Screened()
    question = question_of(orders, record.patient, state.lexicon)
    found, _ = answer_unlisted(question, state)
    new = told_findings(found["findings"])
    is_grave = any(indicators().get(f["severity"]) == CRITICAL for f in new)
    is_short = len(question.get("taking", ())) <= _MOST_WITH_ALTERNATIVES
    if not (orders.added and is_grave and is_short):
        return _Screened(found)
    found, _ = answer_unlisted({**question, "alternatives": True}, state)
    targets = state.patient_rules.targets
    return _Screened(found, swappable(found["alternatives"], orders, targets))


def _told(orders: Orders, screened: _Screened, *, with_slight: bool) -> _Told:
    new = told_findings(screened.findings, with_slight=with_slight)
    again = orders_again(orders.twice, screened.findings)
    elsewhere = {finding["id"] for each in again for finding in each.doubled}
    own = [finding for finding in new if finding["id"] not in elsewhere]
    return _Told([*own, *patient_findings(orders, screened.findings)], again, new)


def _is_said(again: Again, dropped: frozenset[str]) -> bool:
    """Tell whether all that a card of an order would tell was shown a moment ago."""
    return bool(again.findings) and all(f["id"] in dropped for f in again.findings)


def _setting(orders: Orders, record: Record, call: Call, state: State, base: str) -> Setting:
    return Setting(
        base=base,
        graph=state.graph.id,
        written=Written(
            ordered=dict(_written((*orders.beside, *orders.renewed, *orders.added))),
            taken=dict(_written((*orders.kept, *orders.ended))),
        ),
        with_evidence=call.options.show_evidence is not False,
        doubts=(*guesses(orders), *record.notes),
        read=PatientRead(record.measured, record.patient.get("age_years")),
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
    told: _Told,
    dropped: frozenset[str],
    orders: Orders,
    state: State,
) -> dict[str, Any]:
    """What a program may want to know beside the cards: never the patient's."""
    silent = [f["id"] for f in screened.findings if f["folded"] and f["change"] in _NEW]
    return {
        "graph": state.graph.id,
        "model": state.bundle.id if state.bundle else None,
        "checked": screened.answer is not None,
        "findings": [finding["id"] for finding in told.new],
        "standing": [f["id"] for f in told.every if f["change"] not in _NEW],
        "repeated": sorted(dropped),
        "folded": silent,
        "renewed": [order.draft.reference for order in orders.renewed],
    }
