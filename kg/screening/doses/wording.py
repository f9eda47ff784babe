"""What is said of a daily dose and the limit that it is held against. Pure."""

from __future__ import annotations

import re
from typing import Protocol

from kg.model import Severity
from kg.screening.documented import ADVICE

_QUOTE = " «"
_FORBIDS = ADVICE[Severity.CONTRAINDICATED]
_STOPS = ("Do not", "Hold", "Never", "No ", "Not ", "Stop")
"""How advice begins that is against the drug whatever its dose."""
_PERIODS = {1: "a day", 7: "a week"}
_G = 1000
_DOSED = re.compile(r"\d ?mg\b(?!/)")


class Amount(Protocol):
    """What is taken in a day; ``mg`` is ``None`` where only a part of it is known."""

    @property
    def mg(self) -> float | None:
        """The whole, in mg."""

    @property
    def known_mg(self) -> float:
        """The part that is known, in mg."""

    @property
    def is_most(self) -> bool:
        """Whether the words allow less."""


class Limit(Protocol):
    """How much may be taken in some days."""

    @property
    def mg(self) -> float:
        """The amount, in mg."""

    @property
    def days(self) -> int:
        """The days in which it may be taken."""

    @property
    def is_below(self) -> bool:
        """Whether the amount itself is too much."""

    @property
    def beside(self) -> str:
        """The target of another drug, or nothing."""

    @property
    def recommendation(self) -> str:
        """What a reader is told to do."""


def amount(taken: Amount, limit: Limit) -> str:
    """Say what is taken in the days of a limit; ``up to`` where the words allow less."""
    known = taken.known_mg * limit.days
    said = f"{_mg(known)} {_in(limit)}"
    if taken.mg is None:
        return f"{said} and a line without a dose" if known <= limit.mg else f"at least {said}"
    return f"up to {said}" if taken.is_most else said


def above(name: str, taken: Amount, limit: Limit) -> str:
    """Say that a dose passes its limit."""
    word = "reaches" if limit.is_below and taken.mg is not None else "is above"
    return f"{_headed(name)} as written, {amount(taken, limit)}, {word} {_mg(limit.mg)}."


def within(name: str, taken: Amount, limit: Limit) -> str:
    """Say that a dose keeps to its limit."""
    what = "up to " if taken.is_most else ""
    mg = _mg((taken.mg or 0.0) * limit.days)
    kept = "below" if limit.is_below else "within the limit of"
    return f"{_headed(name)} as written, {what}{mg} {_in(limit)}, is {kept} {_mg(limit.mg)}."


def advised(said: str, limit: Limit, recommendation: str | None) -> str:
    """Advice on a dose that was held against its limit, before what else is advised.

    A prohibition stays in front, our general words for a level make way, and a source's own words
    stay behind. What a drug must not be given at all for has no dose beside it.
    """
    quoted = _quoted(recommendation or "")
    own = (recommendation or "").removesuffix(quoted)
    told = own if _tells(own, limit.mg) else limit.recommendation
    if own.startswith(_FORBIDS):
        return f"{own} {said}{quoted}" if told is own else f"{own} {said} {told}{quoted}"
    if own.startswith(_STOPS) and own not in ADVICE.values():
        return f"{own} {said}{quoted}"
    more = "" if told is own or own in ADVICE.values() else own
    return " ".join(filter(None, (said, told, more))) + quoted


def kept(said: str, limit: Limit, recommendation: str | None) -> str:
    """Advice where nothing but a limit was told, and the dose keeps to it."""
    old = recommendation or ""
    quoted = _quoted(old)
    own = old.removesuffix(quoted)
    return f"{said} {own if _tells(own, limit.mg) else limit.recommendation}{quoted}"


def advice_beside(recommendation: str | None, limit: Limit) -> str | None:
    """Let a limit join the advice; ``None`` where that forbids the drug or tells it already.

    What tells another dose of the drug by itself (100 mg every twelve hours) tells it too.
    """
    if recommendation is None:
        return limit.recommendation
    if recommendation.startswith(_FORBIDS) or _tells(recommendation, limit.mg):
        return None
    if not limit.beside and _DOSED.search(recommendation):
        return None
    quoted = _quoted(recommendation)
    own = recommendation.removesuffix(quoted)
    return f"{own} {limit.recommendation}{quoted}"


def _tells(recommendation: str, mg: float) -> bool:
    amounts = {f"{mg:g} mg", f"{mg:,g} mg", *([f"{mg / _G:g} g"] if mg >= _G else [])}
    written = "|".join(re.escape(amount).replace("\\ ", " ?") for amount in sorted(amounts))
    return re.search(rf"(?<![\d.,])(?:{written})\b", recommendation) is not None


def _quoted(recommendation: str) -> str:
    return recommendation[recommendation.index(_QUOTE) :] if _QUOTE in recommendation else ""


def _mg(mg: float) -> str:
    return f"{round(mg, 3):.10g} mg"


def _in(limit: Limit) -> str:
    return _PERIODS.get(limit.days) or f"in {limit.days} days"


def _headed(name: str) -> str:
    return name[:1].upper() + name[1:]
