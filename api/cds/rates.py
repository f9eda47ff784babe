"""How often cards were taken or overridden: per kind, severity, hook, reason and finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from api.cds.feedback import Row
from api.cds.tables import override_reasons

ACCEPTED, OVERRIDDEN = "accepted", "overridden"
MOST_FINDINGS = 20


def rates_json(rows: Sequence[Row]) -> dict[str, Any]:
    """The report of ``coprescribe feedback``; rates are of the cards of which the end is known."""
    return {
        **_tally(rows),
        "by_kind": _by(rows, lambda row: row.kind),
        "by_severity": _by(rows, lambda row: row.severity or "not stated"),
        "by_indicator": _by(rows, lambda row: row.indicator),
        "by_hook": _by(rows, lambda row: row.hook),
        "override_reasons": _reasons(rows),
        "suggestions_taken": dict(sorted(Counter(d for row in rows for d in row.deeds).items())),
        "by_finding": _by(rows, lambda row: row.finding, MOST_FINDINGS),
    }


def _by(
    rows: Iterable[Row], part: Callable[[Row], str], most: int | None = None
) -> dict[str, dict[str, Any]]:
    """Tallies by a part of the rows, those most often shown first."""
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(part(row), []).append(row)
    ordered = sorted(parts.items(), key=lambda item: (-len(item[1]), item[0]))
    return {name: _tally(held) for name, held in ordered[:most]}


def _tally(rows: Sequence[Row]) -> dict[str, Any]:
    accepted = sum(row.outcome == ACCEPTED for row in rows)
    overridden = sum(row.outcome == OVERRIDDEN for row in rows)
    known = accepted + overridden
    return {
        "shown": len(rows),
        "accepted": accepted,
        "overridden": overridden,
        "unanswered": len(rows) - known,
        "acceptance_rate": round(accepted / known, 3) if known else None,
        "override_rate": round(overridden / known, 3) if known else None,
    }


def _reasons(rows: Iterable[Row]) -> Mapping[str, int]:
    """How often each reason was given; one that is not ours counts as other."""
    given = Counter(row.reason or "not given" for row in rows if row.outcome == OVERRIDDEN)
    order = [reason.code for reason in override_reasons()]
    last = len(order)
    return dict(sorted(given.items(), key=lambda i: order.index(i[0]) if i[0] in order else last))
