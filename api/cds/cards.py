"""Cards: one for each finding that an order creates or worsens, the worst first."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from api.cds.detail import (
    MOST_SUMMARY,
    PatientRead,
    Written,
    brief_of,
    detail_of,
    subject_topics,
    summary_of,
    topic_of,
)
from api.cds.markdown import escaped, label, shortened
from api.cds.standing import Again
from api.cds.suggestions import Suggestion, suggestions_of
from api.cds.tables import SYSTEM, indicators, override_reasons
from api.fhir.orders import Order
from kg.model import Severity

CRITICAL, WARNING, INFO = INDICATORS = ("critical", "warning", "info")
"""What cards are marked with, the gravest in front."""
MOST_CARDS = 10
_MOST_ALREADY = 5
WATCHED = "will-monitor"
_TOPICS = "https://w3id.org/coprescribe/cds-hooks/topics"
_NEW = frozenset({"created", "worsened"})

Finding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What every card of one answer shares: where the service is, its graph, what may be shown."""

    base: str
    graph: str
    written: Written
    with_evidence: bool = True
    doubts: tuple[str, ...] = ()
    """What of the record was read with doubt, or not at all."""
    read: PatientRead = field(default_factory=PatientRead)


@dataclass(frozen=True, slots=True)
class Card:
    """One card as it is sent, with what the store of feedback keeps of it."""

    content: Mapping[str, Any]
    finding: Finding | None = None
    deeds: Mapping[str, str] = field(default_factory=dict)
    """What a suggestion does, by its uuid."""

    @property
    def uuid(self) -> str:
        """The id of the card, by which feedback names it."""
        return str(self.content["uuid"])


def told_findings(findings: Iterable[Finding], *, with_slight: bool = False) -> list[Finding]:
    """Choose what interrupts: created or worsened, not guessed, and not folded unless asked for."""
    return [
        finding
        for finding in findings
        if finding["change"] in _NEW
        and finding["kind"] != "predicted_effect"
        and (with_slight or not finding["folded"])
    ]


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by severity; what nobody grades comes last."""
    return sorted(findings, key=lambda f: -Severity(f["severity"]).rank if f["severity"] else 0)


def finding_cards(
    findings: Sequence[Finding],
    orders: Sequence[Order],
    alternatives: Sequence[Mapping[str, Any]],
    setting: Setting,
) -> Iterator[Card]:
    """Yield a card for each of the ten gravest findings, and one that names the rest.

    The findings come with the worst in front.
    """
    for finding in findings[:MOST_CARDS]:
        offered = tuple(suggestions_of(finding, orders, alternatives))
        yield _finding_card(finding, offered, setting)
    rest = findings[MOST_CARDS:]
    if rest:
        lines = "\n".join(f"- {escaped(summary_of(each))}" for each in rest)
        summary = f"{len(rest)} more findings of these orders are listed here"
        text = f"The {MOST_CARDS} gravest have cards of their own.\n\n{lines}"
        is_grave = indicators().get(rest[0]["severity"]) == CRITICAL
        yield plain_card(summary, text, WARNING if is_grave else INFO, setting)


def plain_card(summary: str, detail: str, indicator: str, setting: Setting) -> Card:
    """Make a card that is about no finding."""
    return Card(_content(summary, detail, indicator, "coverage", "What was checked", setting))


def again_cards(again: Sequence[Again], setting: Setting) -> Iterator[Card]:
    """Yield one card for each order of what is on the list already, whatever it is told with."""
    for each in again[:_MOST_ALREADY]:
        yield _again_card(each, setting)
    rest = dict.fromkeys(each.order.medicine.display for each in again[_MOST_ALREADY:])
    if rest:
        summary = f"{len(rest)} more orders are of what is on the list already"
        lines = "\n".join(f"- {escaped(name)}" for name in rest)
        yield plain_card(summary, lines, WARNING, setting)


def _again_card(again: Again, setting: Setting) -> Card:
    order, told = again.order, worst_first(again.standing)
    others = "; ".join(escaped(each.medicine.display) for each in again.others[:_MOST_ALREADY])
    parts = [
        f"**Ordered:** {escaped(order.medicine.display)}",
        f"**{'Taken' if again.is_taken else 'Ordered'} already:** {others}",
        "**Decide** whether this renews it, changes its dose or its product, or gives it twice; "
        "end the other if it is replaced.",
    ]
    if told:
        parts.append("**What stands already and counts for the new dose too:**")
    for finding in told[:_MOST_ALREADY]:
        parts.append(f"**{escaped(summary_of(finding))}**")
        parts += [text for text in brief_of(finding, setting.written, setting.read) if text]
    parts += [f"- {escaped(summary_of(finding))}" for finding in told[_MOST_ALREADY:]]
    is_worst = any(finding["severity"] == "contraindicated" for finding in told)
    content = _content(
        _again_summary(again, told),
        "\n\n".join(parts),
        CRITICAL if is_worst else WARNING,
        "duplication",
        "Duplicate therapy",
        setting,
    )
    reasons = _reasons(frozenset({"duplication"}), None)
    card = _with_suggestions(Card({**content, "overrideReasons": reasons}), _cancel(order))
    return replace(card, finding=next(iter(again.findings), None))


def _again_summary(again: Again, told: Sequence[Finding]) -> str:
    """One line of fewer than 140 characters: what is ordered again, and what stands with it."""
    asks = "taken already, a change of dose?" if again.is_taken else "ordered twice"
    text = f"{shortened(label(again.order.medicine.display), 60)}: {asks}"
    own = set(map(str, again.order.name.drugs))
    things = (thing for f in told for thing in _drugs_of(f))
    names = dict.fromkeys(thing["name"] for thing in things if thing["curie"] not in own)
    if not told or not names:
        return text
    if len(names) == 1:
        mine = next(thing["name"] for thing in _drugs_of(told[0]) if thing["curie"] in own)
        end = f"; {label(mine)} is {asks}"
        return shortened(summary_of(told[0]), MOST_SUMMARY - len(end)) + end
    end = f" ({told[0]['severity']})"
    room = MOST_SUMMARY - len(text) - len(end)
    return text + shortened(f" Stands with {label(', '.join(names))}", room) + end


def _drugs_of(finding: Finding) -> tuple[Mapping[str, Any], ...]:
    """The drugs of a finding, those that act first."""
    return (*finding["precipitants"], *finding["affected"])


def _cancel(order: Order) -> tuple[Suggestion, ...]:
    drugs = [{"curie": str(drug)} for drug in order.name.drugs]
    return tuple(suggestions_of({"precipitants": drugs, "affected": []}, [order], ()))


def _finding_card(finding: Finding, offered: Sequence[Suggestion], setting: Setting) -> Card:
    detail = detail_of(
        finding,
        setting.written,
        doubts=setting.doubts,
        graph=setting.graph,
        with_evidence=setting.with_evidence,
        read=setting.read,
    )
    indicator = indicators().get(finding["severity"], WARNING)
    content = {
        **_content(
            summary_of(finding), detail, indicator, finding["kind"], topic_of(finding), setting
        ),
        "overrideReasons": _reasons(subject_topics(finding), finding["severity"]),
        "links": _links(finding, setting),
    }
    return replace(_with_suggestions(Card(content), offered), finding=finding)


def _with_suggestions(card: Card, offered: Sequence[Suggestion]) -> Card:
    if not offered:
        return card
    named = {str(uuid4()): each for each in offered}
    suggestions = [
        {"label": each.label, "uuid": uuid, "actions": list(each.actions)}
        for uuid, each in named.items()
    ]
    content = {
        **card.content,
        "suggestions": suggestions,
        "selectionBehavior": "at-most-one",
    }
    return Card(content, card.finding, {uuid: each.deed for uuid, each in named.items()})


def _content(
    summary: str, detail: str, indicator: str, topic: str, display: str, setting: Setting
) -> dict[str, Any]:
    return {
        "uuid": str(uuid4()),
        "summary": summary,
        "detail": detail,
        "indicator": indicator,
        "source": {
            "label": f"coprescribe, graph {setting.graph}",
            "url": f"{setting.base}/v1/sources",
            "topic": {"system": _TOPICS, "code": topic, "display": display},
        },
    }


def _reasons(topics: frozenset[str], severity: str | None) -> list[dict[str, str]]:
    """Give the reasons that can be said of such a card; of a prohibition, to watch is the last."""
    fitting = [reason for reason in override_reasons() if reason.fits(topics)]
    if severity == "contraindicated":
        fitting.sort(key=lambda reason: reason.code == WATCHED)
    return [{"code": r.code, "system": SYSTEM, "display": r.display} for r in fitting]


def _links(finding: Finding, setting: Setting) -> list[dict[str, str]]:
    """Where the drugs of a finding are shown: on the page, and of two drugs their paths."""
    things = (*finding["precipitants"], *finding["affected"])
    names = {thing["curie"]: thing["name"] for thing in things}
    told = " and ".join(names.values())
    links = [_link(f"Open {told} on the page", f"{setting.base}/#{_fragment(names, setting)}")]
    if len(names) == 2:
        drugs = quote(",".join(names), safe=",:")
        url = f"{setting.base}/v1/explain?drugs={drugs}"
        links.append(_link(f"Paths that link {told} (JSON)", url))
    return links


def _link(label_: str, url: str) -> dict[str, str]:
    return {"label": label_, "url": url, "type": "absolute"}


def _fragment(names: Mapping[str, str], setting: Setting) -> str:
    """The drugs as ``api/web/share.js`` reads them, in a part of the address that stays here."""
    rows = {curie: {"t": name, "c": curie} for curie, name in names.items()}
    adding = [row for curie, row in rows.items() if curie in setting.written.ordered]
    state = {"taking": [row for row in rows.values() if row not in adding], "adding": adding}
    packed = base64.urlsafe_b64encode(json.dumps(state, ensure_ascii=False).encode())
    return f"v1={packed.decode().rstrip('=')}"
