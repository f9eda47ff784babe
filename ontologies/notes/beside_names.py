"""Doses and routes beside a name in a note, where they are written plainly."""

from __future__ import annotations

import re

_NUMBER = r"\d[\d.,]*(?:\s?[-\u2013/x]\s?\d[\d.,]*)?"
_UNIT = (
    r"(?:mg|mcg|\u00b5g|\u03bcg|ug|micrograms?|milligrams?|g|grams?|units?|iu|meq|mmol|ml|puffs?|tabs?|tablets?"
    r"|caps?|capsules?|drops?|gtts?|sprays?|patch(?:es)?|sachets?)(?:/(?:\d+\s?)?(?:ml|hr|hour|h|day|kg|actuation))?"
)
_CONCENTRATION = r"(?![A-Za-z])(?!\s?/\s?(?:d?l|100\s?ml)\b)"
_BETWEEN = (
    r"(?:[\s,:(\[\u2013-]|\b(?:er|xr|sr|xl|cr|la|dr|ec|hfa|hct|oral|tablets?|tabs?|capsules?|caps?|sodium"
    r"|injection|solution|inhaler|at|dose|of|a|to)\b){0,6}?"
)
_CLOSELY = (
    r"(?:[\s,:(\[\u2013-]|\b(?:er|xr|sr|xl|cr|la|dr|ec|hfa|oral|tablets?|tabs?|capsules?|caps?|injection"
    r"|solution|inhaler)\b){0,4}?"
)
_CHANGE = r"(?:\s?(?:[-=]>|[\u2192\u21d2]|\bto\b)\s?\d[\d.,]*)?"
_UNIT_AFTER = re.compile(rf"[.,]?\d*{_CHANGE}\s?{_UNIT}(?![A-Za-z])", re.IGNORECASE)
_DOSE_CLOSELY = re.compile(
    _CLOSELY + rf"(?P<dose>{_NUMBER}\s?{_UNIT}){_CONCENTRATION}", re.IGNORECASE
)
_DOSE_AFTER = re.compile(
    _BETWEEN + rf"(?P<dose>{_NUMBER}\s?{_UNIT}){_CONCENTRATION}", re.IGNORECASE
)
_DOSE_BEFORE = re.compile(
    rf"(?<![\w./])(?P<dose>{_NUMBER}\s?{_UNIT})\s+(?:of\s+)?(?:oral\s+|iv\s+|im\s+)?\Z",
    re.IGNORECASE,
)
_ROUTE = (
    r"(?:p\.?o\.?|i\.?v\.?|i\.?m\.?|s\.?c\.?|s/?q|sub-?cut(?:aneous(?:ly)?)?|s\.?l\.?|p\.?r\.?"
    r"|by mouth|oral(?:ly)?|sublingual(?:ly)?|intravenous(?:ly)?|intramuscular(?:ly)?|inhaled"
    r"|inhalation|nebuli[sz]ed|intranasal(?:ly)?|topical(?:ly)?|transdermal|rectal(?:ly)?"
    r"|vaginal(?:ly)?|ophthalmic|under the tongue|eye drops|nasal spray)"
)
_ROUTE_AFTER = re.compile(rf"[^\n;.]{{0,12}}?\b(?P<route>{_ROUTE})(?![\w.]*\w)", re.IGNORECASE)
_ROUTE_BEFORE = re.compile(rf"(?<![\w.])(?P<route>{_ROUTE})\s+\Z", re.IGNORECASE)
_FREQUENCY = re.compile(
    r"[^\n;]{0,16}?\b(?:daily|nightly|weekly|bid|tid|qid|qd|qhs|qam|qpm|od|bd|tds|qds|prn|once|twice|every|q\d+h|mane|nocte|qod|wkly|mwf"
    r"|\d-\d-\d(?:-\d)?"
    r"|at night|at bedtime|as needed|in the morning)\b",
    re.IGNORECASE,
)
_LOOK_BACK = 40
_BARE = re.compile(r"[ \t]{1,3}(?P<figure>\d{1,4}(?:[.,]\d{1,3})?)(?![\w/%]|[.,]\d)")


def dose_beside(
    text: str, start: int, end: int, *, closely: bool = False
) -> tuple[str | None, int]:
    """Give the dose beside a name, as written, and where the text goes on behind it.

    A concentration in blood (mg/dL) is no dose. ``closely`` lets only a dose form stand between.
    """
    after = (_DOSE_CLOSELY if closely else _DOSE_AFTER).match(text, end)
    if after:
        return after["dose"], after.end()
    before = _DOSE_BEFORE.search(text[max(0, start - _LOOK_BACK) : start])
    return (before["dose"] if before else None), end


def is_cut_dose(text: str, end: int) -> bool:
    """Say whether a unit follows, so that the number that ends here is a dose."""
    return _UNIT_AFTER.match(text, end) is not None


def route_beside(text: str, start: int, end: int) -> str | None:
    """Give the route before a name or soon behind it and its dose, as written."""
    found = _ROUTE_BEFORE.search(text[max(0, start - _LOOK_BACK) : start])
    found = found or _ROUTE_AFTER.match(text, end)
    return found["route"] if found else None


def figure_beside(text: str, end: int) -> tuple[str | None, int]:
    """Give the bare figure behind a name, as in ``trazodone 50 qhs``, and the place after it."""
    found = _BARE.match(text, end)
    return (found["figure"].replace(",", "."), found.end()) if found else (None, end)


def is_timed(text: str, end: int) -> bool:
    """Say whether a route, or how often something is taken, stands soon behind a place."""
    return bool(_FREQUENCY.match(text, end) or _ROUTE_AFTER.match(text, end))
