"""How much of a drug a line of a medicine list makes a person take in a day, in milligrams.

``simvastatin 80 mg nightly``, ``metformin 500 mg tablet, 2 tablets bid``, ``650 mg q4-6h prn``.
What is unclear is not known, and nothing is guessed: a strength without a time (``Simvastatin 40 MG
Oral Tablet``) is no daily dose, a taper has none, a number that nothing explains makes all unclear,
and amounts by weight or by hour are not read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

TIMES_TABLE = files("ontologies") / "data" / "dose_times.tsv"
"""Words, what they tell (a number of times, once a day, a part of the day, as needed, unclear), how
many times in how many days, and where they stand."""
_MOST_MG = 1e6
"""Nobody takes a kilogram of a drug in a day."""
_MOST_UNITS = 12.0
"""Of more tablets at once the number of a pack is meant."""
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+"
_MG = {"mg": 1.0, "g": 1000.0, "mcg": 0.001}
_UNITS = (
    r"(?P<mg>mgs?|milligrams?)|(?P<mcg>mcg|ug|\u00b5g|\u03bcg|micrograms?)|(?P<g>gm?|gms|grams?)"
)
AMOUNT = re.compile(
    rf"(?<![\w.,/])(?P<low>{NUMBER})(?:\s?(?:-|\u2013|to)\s?(?P<high>{NUMBER}))?\s?(?:{_UNITS})"
    rf"(?:\s?/\s?(?:(?P<volume>{NUMBER})\s?)?(?P<within>ml|kg|m2|day|d|hours?|hr?|24\s?h\w*|dose|tab\w*|cap\w*)"
    r"(?![a-z]))?(?![a-z\d])"
)
_VOLUME = re.compile(rf"(?<![\w.,/])(?P<low>{NUMBER})\s?mls?(?![a-z\d/])")
_COUNT = re.compile(
    rf"(?<![\w.,/-])(?P<low>{NUMBER})(?:\s?(?:-|\u2013|to|or)\s?(?P<high>{NUMBER}))?\s?(?:tablets?|tabs?"
    r"|capsules?|caps?|pills?|caplets?|softgels?|gelcaps?|lozenges?)(?![a-z])"
)
_TIMES_OF = re.compile(rf"(?<![\w.,/-])(?P<low>{NUMBER})\s?(?:x|\u00d7)\s?(?=\d)")
_HOURS = re.compile(
    r"(?<![a-z])(?:q|every)\.?\s?(?P<low>\d{1,3})(?:\s?\(\w+\))?"
    r"(?:\s?(?:-|\u2013|to)\s?q?(?P<high>\d{1,3}))?\s?(?P<unit>h(?:ou)?rs?|h|days?|d|weeks?)(?![a-z])"
)
_PER_PERIOD = re.compile(
    r"(?<![\w.,/-])(?P<low>\d{1,2})(?:\s?(?:-|\u2013|to)\s?(?P<high>\d{1,2}))?\s?"
    r"(?:(?:x|\u00d7|times?)\s?(?:(?:a|per|each|every|/)\s?)?|/)(?P<unit>day|daily|d|week|weekly|wk)(?![a-z])"
)
_SCHEDULE = re.compile(r"(?<![\d/.-])(?:[0-4](?:\.5)?-){2,3}[0-4](?:\.5)?(?![\d/.-])")
_CAP = re.compile(
    rf"\b(?:max(?:imum)?|up to|(?:not|no) (?:to exceed|more than)|at most)\b[\s:.,]*(?:of |dose )*"
    rf"(?P<low>{NUMBER})\s?(?:{_UNITS})\s?(?:/|a|per|in|each|every)?\s?(?:a )?"
    r"(?:day|d|daily|24\s?h(?:ours|rs?)?)(?![a-z])"
)
_PACK = re.compile(r"(?:\b(?:disp(?:ense)?|qty|quantity|refills?|supply)\b|#).*")
_FRACTION = re.compile(
    r"(?<![\d/.])(?:(?P<whole>\d)(?:\s|-|and)*)?(?P<part>1/2|1/4|3/4|\u00bd|\u00bc|\u00be)"
    r"[\s-]*(?:of )?(?:an? )?(?=tab|cap|pill)"
)
_PARTS = {"1/2": 0.5, "\u00bd": 0.5, "1/4": 0.25, "\u00bc": 0.25, "3/4": 0.75, "\u00be": 0.75}
_WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "half": "1/2"}
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")
_LASTS = re.compile(
    r"(?<![a-z])(?:(?:x|\u00d7|for|during)\s?\d+\s?(?:days?|weeks?|wks?|months?|d))(?![a-z])"
)
"""How long a course goes on: it does not change the dose of a day."""
_RELEASE = re.compile(r"(?<![\w.,-])\d+\s?(?:hours?|hrs?)(?![a-z])")
"""For how long a form releases."""
_EXPLAINED = (_TIMES_OF, AMOUNT, _VOLUME, _COUNT, _HOURS, _PER_PERIOD, _SCHEDULE, _RELEASE)
_LIMITS = re.compile(r"\b(?:up to|max(?:imum)?|at most|no more than|not more than)\b")
_AMBIGUOUS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}\.\d{3}(?!\d)")
"""A thousand or one and three decimals."""
_FORM = re.compile(r"\W*(?:[a-z-]+\s+){0,4}?(?:tablets?|tabs?|capsules?|caps?|er|xr|sr|xl|oral)\b")


@dataclass(frozen=True, slots=True)
class DailyDose:
    """What is taken in a day on average.

    ``mg`` is the most that the words allow; ``is_most`` tells that they allow less, as a range or
    ``as needed`` do. ``read_from`` are the words.
    """

    mg: float
    read_from: str
    is_most: bool = False


@dataclass(frozen=True, slots=True)
class _Span:
    low: float
    high: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Rate:
    """How often in a day, at most; ``is_most`` where less is allowed."""

    times: float
    is_most: bool = False


def daily_dose(text: str) -> DailyDose | None:
    """Read the daily dose of one substance; ``None`` where it is not plain.

    >>> daily_dose("simvastatin 40 mg tablet, 2 tablets nightly").mg
    80.0
    >>> daily_dose("acetaminophen 1 g q4-6h prn")
    DailyDose(mg=6000.0, read_from='acetaminophen 1 g q4-6h prn', is_most=True)
    >>> daily_dose("Simvastatin 40 MG Oral Tablet")
    """
    plain = _plain(text)
    cap = _CAP.search(plain)
    rest = plain[: cap.start()] + " " + plain[cap.end() :] if cap else plain
    if _AMBIGUOUS.search(plain) or _unexplained(rest):
        return None
    most = _number(cap["low"]) * _unit(cap) if cap else None
    rate, amount = _rate(rest), _amount(rest)
    if rate is None or amount is None:
        found = None
    else:
        is_most = rate.is_most or amount.low < amount.high or bool(_LIMITS.search(rest))
        found = DailyDose(amount.high * rate.times, text.strip(), is_most)
    if most is not None and not (found and found.mg <= most):
        found = DailyDose(most, text.strip(), is_most=True)
    return found if found and 0 < found.mg <= _MOST_MG else None


def _plain(text: str) -> str:
    """Write numbers in figures and abbreviations without dots; leave out what a pack holds."""
    plain = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b)", "", text.lower())
    plain = _WORD.sub(lambda m: _WORDS[m[0]], re.sub(r"\bone[- ]half\b", "half", plain))
    return _FRACTION.sub(_decimal, _LASTS.sub(" ", _PACK.sub("", plain)))


def _decimal(found: re.Match[str]) -> str:
    return f"{float(found['whole'] or 0) + _PARTS[found['part']]:g} "


def without_amounts(text: str) -> str:
    """Take amounts, numbers of tablets and times in figures out of a text."""
    plain = _plain(text)
    for known in _EXPLAINED:
        plain = known.sub(" ", plain)
    return plain


def explained_words(text: str) -> str:
    """Take the words of times and needs out of a text."""
    folded = " ".join(re.findall(r"[^\W_]+", text.lower()))
    return _times()[1].sub(" ", folded)


def _unexplained(plain: str) -> bool:
    """Tell whether a number is left that nothing explains: it might be one of tablets."""
    return re.search(r"\d", without_amounts(plain)) is not None


def _number(text: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


def _unit(found: re.Match[str]) -> float:
    return next(factor for name, factor in _MG.items() if found[name])


def _span(found: re.Match[str], factor: float = 1.0) -> _Span:
    low = _number(found["low"])
    high = _number(found["high"]) if found.groupdict().get("high") else low
    return _Span(low * factor, max(low, high) * factor, found.start(), found.end())


def _amount(plain: str) -> _Span | None:
    """What is taken at one time, in mg; ``None`` where it is not told or told in two ways."""
    found = list(AMOUNT.finditer(plain))
    if any(m["within"] in {"kg", "m2"} or (m["within"] or "")[:1] == "h" for m in found):
        return None
    contained = [m for m in found if m["within"] == "ml"]
    amounts = [_span(m, _unit(m)) for m in found if m["within"] != "ml"]
    if contained and not amounts:
        return _of_liquid(plain, contained)
    counts = [*map(_span, _COUNT.finditer(plain)), *map(_span, _TIMES_OF.finditer(plain))]
    if len({(c.low, c.high) for c in counts}) > 1 or any(c.high > _MOST_UNITS for c in counts):
        return None
    return _at_once(plain, amounts, counts[0] if counts else None)


def _of_liquid(plain: str, contained: list[re.Match[str]]) -> _Span | None:
    volumes = {_number(m["low"]) for m in _VOLUME.finditer(plain)}
    if len(contained) != 1 or len(volumes) != 1:
        return None
    (only,), (taken,) = contained, volumes
    volume = _number(only["volume"] or "1")
    if volume == 0:
        return None
    mg = _number(only["low"]) * _unit(only) / volume * taken
    return _Span(mg, mg, only.start(), only.end())


def _at_once(plain: str, amounts: list[_Span], count: _Span | None) -> _Span | None:
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


def _is_told_in_brackets(plain: str, amount: _Span) -> bool:
    return plain[: amount.start].rstrip().endswith("(")


def _rate(plain: str) -> _Rate | None:
    """How often in a day something is taken; ``None`` where it is not told or told in two ways."""
    numbers = {_rate_of(m) for m in _HOURS.finditer(plain)}
    numbers |= {_rate_of_period(m) for m in _PER_PERIOD.finditer(plain)}
    rest = _PER_PERIOD.sub(" , ", _HOURS.sub(" , ", plain))
    is_daily = any((m["within"] or "")[:1] in {"d", "2"} for m in AMOUNT.finditer(rest))
    scheduled = _SCHEDULE.search(rest)
    if scheduled:
        numbers.add(_Rate(sum(map(float, scheduled[0].split("-")))))
    day_parts: set[str] = set()
    is_needed = False
    for kind, times in _words(AMOUNT.sub(" , ", rest)):
        if kind == "unclear":
            return None
        if kind == "number":
            numbers.add(_Rate(times))
        elif kind.startswith("part:"):
            day_parts.add(kind)
        is_daily = is_daily or kind == "day"
        is_needed = is_needed or kind == "needed"
    found = _one_rate(numbers, len(day_parts), is_daily=is_daily)
    return replace(found, is_most=True) if found and is_needed else found


def _one_rate(numbers: set[_Rate], n_parts: int, *, is_daily: bool) -> _Rate | None:
    if len(numbers) > 1:
        return None
    if numbers:
        (only,) = numbers
        fits = n_parts <= max(1, only.times) and not (is_daily and only.times < 1)
        return only if fits and only.times > 0 else None
    if n_parts:
        return _Rate(float(n_parts))
    return _Rate(1.0) if is_daily else None


def _rate_of(found: re.Match[str]) -> _Rate:
    days = {"h": 1 / 24, "d": 1.0, "w": 7.0}[found["unit"][0]]
    low, high = float(found["low"]), float(found["high"] or found["low"])
    return _Rate(1 / (max(min(low, high), 1) * days), low != high)


def _rate_of_period(found: re.Match[str]) -> _Rate:
    low, high = float(found["low"]), float(found["high"] or found["low"])
    return _Rate(max(low, high) / (7 if found["unit"][0] == "w" else 1), low != high)


def _words(plain: str) -> Iterator[tuple[str, float]]:
    """Yield what the words of the table tell, the longest first, each place once."""
    known, pattern = _times()
    folded = " ".join(re.findall(r"[a-z0-9]+|,", plain))
    for found in pattern.finditer(folded):
        yield known[found[0]]


@lru_cache(maxsize=1)
def _times() -> tuple[Mapping[str, tuple[str, float]], re.Pattern[str]]:
    lines = TIMES_TABLE.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    known = {r["words"]: (r["kind"], float(r["times"]) / float(r["days"])) for r in rows}
    longest = sorted(known, key=lambda words: (-len(words), words))
    return known, re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, longest))})(?![a-z0-9])")
