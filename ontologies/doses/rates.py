"""How often in a day, and at which parts of it, a line tells to take something."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

from ontologies.doses.amounts import AMOUNT

__all__ = ["EXPLAINED", "TIMES_TABLE", "Rate", "how_often", "times_pattern", "times_told"]

TIMES_TABLE = files("ontologies") / "data" / "dose_times.tsv"
"""Words, what they tell (a number of times, once a day, a part of the day, a day of the week, as
needed, unclear), how many times in how many days, and where they stand."""
_WEEK = 7
_HOURS = re.compile(
    r"(?<![a-z])(?:q|every)\.?\s?(?P<low>\d{1,3})(?:\s?\(\w+\))?"
    r"(?:\s?(?:-|\u2013|to)\s?q?(?P<high>\d{1,3}))?\s?(?P<unit>h(?:ou)?rs?|h|days?|d|weeks?)(?![a-z])"
)
_PER_PERIOD = re.compile(
    r"(?<![\w.,/-])(?P<low>\d{1,2})(?:\s?(?:-|\u2013|to)\s?(?P<high>\d{1,2}))?\s?"
    r"(?:(?:x|\u00d7|times?)\s?(?:(?:a|per|each|every|/)\s?)?|/)(?P<unit>day|daily|d|week|weekly|wk)(?![a-z])"
)
_SCHEDULE = re.compile(r"(?<![\d/.-])(?:[0-4](?:\.5)?-){2,3}[0-4](?:\.5)?(?![\d/.-])")
_RELEASE = re.compile(r"(?<![\w.,-])\d+\s?(?:hours?|hrs?)(?![a-z])")
"""For how long a form releases."""
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?"
_SPAN_OF_DAYS = re.compile(
    rf"\b(?<!-){_WEEKDAY}\s?(?:-|\u2013|to|thru|through|until)\s?{_WEEKDAY}\b(?!\s?-)"
)
"""Monday to Friday; three days with dashes between are a list."""
EXPLAINED = (_HOURS, _PER_PERIOD, _SCHEDULE, _RELEASE)


@dataclass(frozen=True, slots=True)
class Rate:
    """How often in a day, at most; ``is_most`` where less is allowed."""

    times: float
    is_most: bool = False


def how_often(plain: str) -> Rate | None:
    """How often in a day something is taken; ``None`` where it is not told or told in two ways."""
    numbers = {_rate_of(m) for m in _HOURS.finditer(plain)}
    numbers |= {_rate_of_period(m) for m in _PER_PERIOD.finditer(plain)}
    rest = _PER_PERIOD.sub(" , ", _HOURS.sub(" , ", plain))
    is_daily = any((m["within"] or "")[:1] in {"d", "2"} for m in AMOUNT.finditer(rest))
    scheduled = _SCHEDULE.search(rest)
    if scheduled:
        numbers.add(Rate(sum(map(float, scheduled[0].split("-")))))
    told = list(times_told(AMOUNT.sub(" , ", rest)))
    days = {kind for kind, _ in told if kind.startswith("weekday:")}
    if any(kind == "unclear" for kind, _ in told) or (days and _SPAN_OF_DAYS.search(rest)):
        return None
    numbers |= {Rate(times) for kind, times in told if kind == "number"}
    day_parts = {kind for kind, _ in told if kind.startswith("part:")}
    is_daily = is_daily or any(kind == "day" for kind, _ in told)
    if days:
        found = _on_days(numbers, len(day_parts), len(days))
    else:
        found = _one_rate(numbers, len(day_parts), is_daily=is_daily)
    is_needed = any(kind == "needed" for kind, _ in told)
    return replace(found, is_most=True) if found and is_needed else found


def times_told(text: str) -> Iterator[tuple[str, float]]:
    """Yield what the words of the table tell, the longest first, each place once."""
    known, pattern = times_pattern()
    folded = " ".join(re.findall(r"[a-z0-9]+|,", text))
    for found in pattern.finditer(folded):
        yield known[found[0]]


@lru_cache(maxsize=1)
def times_pattern() -> tuple[Mapping[str, tuple[str, float]], re.Pattern[str]]:
    """Give what the words of the table tell, and how they are found in a text of plain words."""
    lines = TIMES_TABLE.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    known = {r["words"]: (r["kind"], float(r["times"]) / float(r["days"])) for r in rows}
    longest = sorted(known, key=lambda words: (-len(words), words))
    return known, re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, longest))})(?![a-z0-9])")


def _one_rate(numbers: set[Rate], n_parts: int, *, is_daily: bool) -> Rate | None:
    if len(numbers) > 1:
        return None
    if numbers:
        (only,) = numbers
        fits = n_parts <= max(1, only.times) and not (is_daily and only.times < 1)
        return only if fits and only.times > 0 else None
    if n_parts:
        return Rate(float(n_parts))
    return Rate(1.0) if is_daily else None


def _on_days(numbers: set[Rate], n_parts: int, n_days: int) -> Rate | None:
    """How often in a day on average what is taken on some days of the week is taken."""
    share = n_days / _WEEK
    if len(numbers) > 1:
        return None
    only = next(iter(numbers), Rate(float(max(1, n_parts))))
    if only.times < 1:
        return only if abs(only.times - share) < 1e-9 and n_parts <= 1 else None
    return Rate(only.times * share, only.is_most) if n_parts <= only.times else None


def _rate_of(found: re.Match[str]) -> Rate:
    days = {"h": 1 / 24, "d": 1.0, "w": 7.0}[found["unit"][0]]
    low, high = float(found["low"]), float(found["high"] or found["low"])
    return Rate(1 / (max(min(low, high), 1) * days), low != high)


def _rate_of_period(found: re.Match[str]) -> Rate:
    low, high = float(found["low"]), float(found["high"] or found["low"])
    return Rate(max(low, high) / (_WEEK if found["unit"][0] == "w" else 1), low != high)
