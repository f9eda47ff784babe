"""The small tables of this door, each row with what it rests on."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SYSTEM = "https://w3id.org/coprescribe/cds-hooks/override-reasons"
"""The code system of our reasons for going on in spite of a card."""
_ANY = "any"


@dataclass(frozen=True, slots=True)
class Prefetch:
    """One part of a record that a client is asked to send along.

    ``lack`` is the indicator of the card that says that it could not be had; empty for none.
    """

    key: str
    query: str
    holds: str
    lack: str


@dataclass(frozen=True, slots=True)
class OverrideReason:
    """One reason for going on in spite of a card; ``topics`` are what a card must be about."""

    code: str
    display: str
    topics: frozenset[str] = frozenset({_ANY})

    def fits(self, topics: Collection[str]) -> bool:
        """Tell whether it may be said of a card about some topics."""
        return _ANY in self.topics or not self.topics.isdisjoint(topics)


@dataclass(frozen=True, slots=True)
class ValueInAdvice:
    """What is to be said beside advice that asks for a value which is known, and out of bounds.

    ``factor`` is how the modifier begins that holds, ``advice`` a word of the advice.
    """

    factor: str
    advice: str
    added: str


@cache
def prefetches() -> tuple[Prefetch, ...]:
    """What a client is asked to send, by key."""
    rows = _rows("prefetch.tsv")
    return tuple(Prefetch(r["key"], r["query"], r["holds"], r["lack"]) for r in rows)


@cache
def override_reasons() -> tuple[OverrideReason, ...]:
    """Why a reader may go on in spite of a card, in the order in which they are offered."""
    rows = _rows("override_reasons.tsv")
    return tuple(
        OverrideReason(row["code"], row["display"], frozenset(row["topics"].split("|")))
        for row in rows
    )


@cache
def indicators() -> dict[str | None, str]:
    """The indicator of a card by the severity of its finding; ``None`` where none is stated."""
    return {row["severity"] or None: row["indicator"] for row in _rows("indicators.tsv")}


@cache
def not_swapped() -> frozenset[str]:
    """Groups of drugs of which none is given instead of another by one press of a button."""
    return frozenset(row["target"] for row in _rows("not_swapped.tsv"))


@cache
def values_in_advice() -> tuple[ValueInAdvice, ...]:
    """What is added to advice that asks for a value which is known to be out of bounds."""
    rows = _rows("values_in_advice.tsv")
    return tuple(ValueInAdvice(row["factor"], row["advice"], row["added"]) for row in rows)


def _rows(name: str) -> list[dict[str, str]]:
    lines = (files("api") / "cds" / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
