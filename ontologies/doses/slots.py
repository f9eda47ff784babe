"""A line that tells several amounts, each for its own part of the day or day of the week.

``500 mg in the morning and 1000 mg in the evening``, ``5 mg Mon/Wed/Fri and 2.5 mg Tue/Thu``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ontologies.doses.amounts import (
    AMOUNT,
    COUNT,
    NUMBER,
    UNITS,
    Span,
    number_of,
    taken_at_once,
    unit_of,
)
from ontologies.doses.rates import Rate, how_often, times_pattern, times_told

__all__ = ["NO_SLOTS", "PerDay", "each_in_its_slot", "three_in_a_row", "without_three"]

_PARTS = ("part:", "weekday:")
_WEEK = 7
_WORD = re.compile(r"[a-z]+")
_THREE = re.compile(
    rf"(?<![\w.,/-])(?P<one>{NUMBER})\s?(?P<sep>[/-])\s?(?P<two>{NUMBER})\s?(?P=sep)\s?"
    rf"(?P<low>{NUMBER})\s?(?:{UNITS})(?![a-z\d/-])"
)


@dataclass(frozen=True, slots=True)
class PerDay:
    """What the amounts of a line make in a day, in mg; ``None`` where that is not plain."""

    mg: float | None
    is_most: bool = False


NO_SLOTS = PerDay(None)
"""Amounts for different times that cannot be added."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A place of a line: of an amount (``slot`` is empty) or of a time."""

    start: int
    end: int
    slot: str = ""


def each_in_its_slot(plain: str) -> PerDay | None:
    """Add up amounts that each have their own time; ``None`` where a line is not of this kind."""
    amounts = [_Item(m.start(), m.end()) for each in (AMOUNT, COUNT) for m in each.finditer(plain)]
    if len(amounts) < 2:
        return None
    known, ends, pattern = _slots()
    if sum(word in ends for word in _WORD.findall(plain)) < 2:
        return None
    slots = [_Item(m.start(), m.end(), known[_folded(m[0])]) for m in pattern.finditer(plain)]
    groups = _groups(sorted((*amounts, *slots), key=lambda item: item.start))
    if len(slots) < 2 or len(groups) < 2:
        return None
    names = [slot for group in groups for slot in group[1]]
    kinds = {name.partition(":")[0] for name in names}
    days = _WEEK if kinds == {"weekday"} else 1
    rate = how_often(plain)
    is_plain = rate is not None and abs(rate.times * days - len(names)) < 1e-6
    if rate is None or not is_plain or len(kinds) != 1 or len(names) != len(set(names)):
        return NO_SLOTS
    spans = _amounts_of(plain, [group[0] for group in groups])
    if spans is None:
        return NO_SLOTS
    counted = [(span, len(group[1])) for span, group in zip(spans, groups, strict=True)]
    low, high = sum(s.low * n for s, n in counted), sum(s.high * n for s, n in counted)
    return PerDay(high / days, is_most=rate.is_most or low < high)


def three_in_a_row(plain: str) -> PerDay | None:
    """Add three amounts of one day, as 500/500/1000 mg three times a day.

    ``None`` where there are none; three strengths to choose from are told without a time.
    """
    found = _THREE.search(plain) if plain.count("/") > 1 or plain.count("-") > 1 else None
    if found is None:
        return None
    rest = f"{plain[: found.start()]} , {plain[found.end() :]}"
    rate = how_often(rest)
    is_alone = not any(each.search(rest) for each in (AMOUNT, COUNT))
    is_of_day = rate == Rate(1.0) and not any(kind[:5] == "part:" for kind, _ in times_told(rest))
    if not is_alone or not (is_of_day or (rate and rate.times == 3 and not rate.is_most)):
        return NO_SLOTS
    return PerDay(sum(number_of(found[name]) for name in ("one", "two", "low")) * unit_of(found))


def without_three(plain: str) -> str:
    """Take three amounts in a row out of a text."""
    is_short = plain.count("/") < 2 and plain.count("-") < 2
    return plain if is_short else _THREE.sub(" ", plain)


def _groups(items: Sequence[_Item]) -> list[tuple[tuple[int, int], list[str]]]:
    """Give pieces of a line that each hold amounts, with the times behind them."""
    found: list[tuple[tuple[int, int], list[str]]] = []
    start, has_amount = 0, False
    for item in items:
        if not item.slot:
            has_amount = True
        elif has_amount:
            found.append(((start, item.end), [item.slot]))
            start, has_amount = item.end, False
        elif found:
            found[-1][1].append(item.slot)
            start = item.end
        else:
            return []
    # What stands behind the last time is of none of them.
    return [] if has_amount else found


def _amounts_of(plain: str, pieces: Sequence[tuple[int, int]]) -> list[Span] | None:
    """Give what each piece tells to take; one of tablets alone by the strength of the first."""
    first = plain[slice(*pieces[0])]
    told = list(AMOUNT.finditer(first))
    strength = told[0][0] if told and COUNT.search(first, told[0].end()) else ""
    spans = []
    for place, (start, end) in enumerate(pieces):
        piece = plain[start:end]
        if place and not AMOUNT.search(piece):
            piece = f"{strength} , {piece}" if strength else ""
        span = taken_at_once(piece)
        if span is None or any(
            (m["within"] or "")[:1] in {"d", "2"} for m in AMOUNT.finditer(piece)
        ):
            return None
        spans.append(span)
    return spans


def _folded(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text))


@lru_cache(maxsize=1)
def _slots() -> tuple[Mapping[str, str], frozenset[str], re.Pattern[str]]:
    words = {w: kind for w, (kind, _) in times_pattern()[0].items() if kind.startswith(_PARTS)}
    longest = sorted(words, key=lambda each: (-len(each), each))
    written = "|".join(each.replace(" ", r"[^a-z0-9]+") for each in longest)
    ends = frozenset(each.split()[-1] for each in words)
    return words, ends, re.compile(rf"(?<![a-z0-9])(?:{written})(?![a-z0-9])")
