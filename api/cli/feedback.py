"""``coprescribe feedback``: what became of the cards of CDS Hooks, to measure noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from api.cds.feedback import feedback_in
from api.cds.rates import rates_json
from api.cli.options import HomeOption, JsonOption, QuietOption, VerboseOption
from api.cli.tables import grid
from api.cli.voice import Voice
from api.settings import find_home

_PARTS = (
    ("by_kind", "kind of finding"),
    ("by_severity", "severity"),
    ("by_indicator", "indicator"),
    ("by_hook", "hook"),
    ("by_finding", "finding"),
)
_EMPTY = "no card was shown yet: nothing is known of acceptance (the store is empty)"


def feedback(
    *,
    home: HomeOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Tell how often cards of CDS Hooks were taken or overridden: per kind, severity and reason."""
    del verbose
    store = feedback_in(find_home(home))
    try:
        found = {**rates_json(store.rows()), "days_kept": store.days_kept}
    finally:
        store.close()
    Voice(as_json, quiet).result(found, _text(found))


def _text(found: Mapping[str, Any]) -> RenderableType:
    if not found["shown"]:
        return Text(_EMPTY)
    return Group(*_parts(found))


def _parts(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield Text(
        f"{found['shown']} cards shown; {found['accepted']} accepted, {found['overridden']} "
        f"overridden, {found['unanswered']} without an answer "
        f"(cards are kept for {found['days_kept']} days)"
    )
    for part, title in _PARTS:
        rows = [_row(name, tally) for name, tally in found[part].items()]
        yield Text("")
        yield grid((title, "shown", "accepted", "overridden", "override rate"), rows)
    for part, title in (("override_reasons", "reason"), ("suggestions_taken", "suggestion")):
        if found[part]:
            yield Text("")
            yield grid((title, "times"), found[part].items())


def _row(name: str, tally: Mapping[str, Any]) -> tuple[object, ...]:
    rate = tally["override_rate"]
    counts = (tally[key] for key in ("shown", "accepted", "overridden"))
    return (name, *counts, "not known" if rate is None else f"{rate:.0%}")
