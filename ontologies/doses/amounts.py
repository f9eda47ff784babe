"""How much of a substance a line tells to take at one time, in milligrams."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

__all__ = [
    "AMOUNT",
    "COUNT",
    "EXPLAINED",
    "NUMBER",
    "Span",
    "number_of",
    "taken_at_once",
    "unit_of",
]

_MOST_UNITS = 12.0
"""Of more tablets at once the number of a pack is meant."""
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+"
_MG = {"mg": 1.0, "g": 1000.0, "mcg": 0.001}
UNITS = (
    r"(?P<mg>mgs?|milligrams?)|(?P<mcg>mcg|ug|\u00b5g|\u03bcg|micrograms?)|(?P<g>gm?|gms|grams?)"
)
AMOUNT = re.compile(
    rf"(?<![\w.,/])(?P<low>{NUMBER})(?:\s?(?:-|\u2013|to)\s?(?P<high>{NUMBER}))?\s?(?:{UNITS})"
    rf"(?:\s?/\s?(?:(?P<volume>{NUMBER})\s?)?(?P<within>ml|kg|m2|day|d|hours?|hr?|24\s?h\w*|dose|tab\w*|cap\w*)"
    r"(?![a-z]))?(?![a-z\d])"
)
_VOLUME = re.compile(rf"(?<![\w.,/])(?P<low>{NUMBER})\s?mls?(?![a-z\d/])")
COUNT = re.compile(
    rf"(?<![\w.,/-])(?P<low>{NUMBER})(?:\s?(?:-|\u2013|to|or)\s?(?P<high>{NUMBER}))?\s?(?:tablets?|tabs?"
    r"|capsules?|caps?|pills?|caplets?|softgels?|gelcaps?|lozenges?)(?![a-z])"
)
_TIMES_OF = re.compile(rf"(?<![\w.,/-])(?P<low>{NUMBER})\s?(?:x|\u00d7)\s?(?=\d)")
_UNITS_BEFORE = ("mg", "mgs", "mcg", r"\dg", r"\d\sg")
_FORMS_BEFORE = ("tab", "tabs", "tablet", "tablets", "cap", "caps", "capsule", "capsules")
_BEHIND = "|".join(
    rf"(?<={word}{blank}[x\u00d7])"
    for word in (*_UNITS_BEFORE, *_FORMS_BEFORE)
    for blank in ("", r"\s")
)
_SO_MANY = re.compile(
    rf"[x\u00d7](?:{_BEHIND})\s?(?P<low>\d{{1,2}})"
    r"(?!\d|[.,/]\d|\s?(?:/|m?c?g\b|ug\b|days?|d\b|weeks?|wks?|w\b|months?|doses?|times?|h(?:ours?|rs?)?\b))"
)
"""How many of a strength are taken, behind it: 30 mg x 2 qid."""
_FORM = re.compile(r"\W*(?:[a-z-]+\s+){0,4}?(?:tablets?|tabs?|capsules?|caps?|er|xr|sr|xl|oral)\b")
EXPLAINED = (_SO_MANY, _TIMES_OF, AMOUNT, _VOLUME, COUNT)


@dataclass(frozen=True, slots=True)
class Span:
    """An amount in mg or a number, from the least to the most, and where a text tells it."""

    low: float
    high: float
    start: int
    end: int


def number_of(text: str) -> float:
    """Give a number as people write it, with a point or a comma, or commas between thousands."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


def unit_of(found: re.Match[str]) -> float:
    """Give how many mg the unit of a match is."""
    return next(factor for name, factor in _MG.items() if found[name])


def _span(found: re.Match[str], factor: float = 1.0) -> Span:
    low = number_of(found["low"])
    high = number_of(found["high"]) if found.groupdict().get("high") else low
    return Span(low * factor, max(low, high) * factor, found.start(), found.end())


def taken_at_once(plain: str) -> Span | None:
    """What is taken at one time, in mg; ``None`` where it is not told or told in two ways."""
    found = list(AMOUNT.finditer(plain))
    if any(m["within"] in {"kg", "m2"} or (m["within"] or "")[:1] == "h" for m in found):
        return None
    contained = [m for m in found if m["within"] == "ml"]
    amounts = [_span(m, unit_of(m)) for m in found if m["within"] != "ml"]
    if contained and not amounts:
        return _of_liquid(plain, contained)
    counts = [*map(_span, COUNT.finditer(plain)), *map(_span, _TIMES_OF.finditer(plain))]
    counts += map(_span, _SO_MANY.finditer(plain))
    if len({(c.low, c.high) for c in counts}) > 1 or any(c.high > _MOST_UNITS for c in counts):
        return None
    return _at_once(plain, amounts, counts[0] if counts else None)


def _of_liquid(plain: str, contained: list[re.Match[str]]) -> Span | None:
    volumes = {number_of(m["low"]) for m in _VOLUME.finditer(plain)}
    if len(contained) != 1 or len(volumes) != 1:
        return None
    (only,), (taken,) = contained, volumes
    volume = number_of(only["volume"] or "1")
    if volume == 0:
        return None
    mg = number_of(only["low"]) * unit_of(only) / volume * taken
    return Span(mg, mg, only.start(), only.end())


def _at_once(plain: str, amounts: list[Span], count: Span | None) -> Span | None:
    """Join the amounts of a text with a number of tablets.

    An amount before the number is that of one tablet. One in brackets behind it may be that of one
    or of all, and says nothing unless another says which.
    """
    values = list(dict.fromkeys((a.low, a.high) for a in amounts))
    if len(values) == 1:
        first = amounts[0]
        if count is None or plain[: count.start].rstrip().endswith("("):
            return first
        if _is_told_in_brackets(plain, first) and count.high != 1:
            return first if re.match(r"\s*total\b", plain[first.end :]) else None
        return replace(first, low=first.low * count.low, high=first.high * count.high)
    if len(values) != 2:
        return None
    one, other = amounts[0], next(a for a in amounts if (a.low, a.high) != values[0])
    if count is not None:
        small, large = sorted((one, other), key=lambda a: a.high)
        total = replace(small, low=small.low * count.low, high=small.high * count.high)
        return total if total.high == large.high else None
    return other if _FORM.match(plain[one.end : other.start]) else None


def _is_told_in_brackets(plain: str, amount: Span) -> bool:
    return plain[: amount.start].rstrip().endswith("(")
