"""How much of a drug a line of a medicine list makes a person take in a day, in milligrams.

``simvastatin 80 mg nightly``, ``metformin 500 mg tablet, 2 tablets bid``, ``650 mg q4-6h prn``.
What is unclear is not known, and nothing is guessed: a strength without a time (``Simvastatin 40 MG
Oral Tablet``) is no daily dose, a taper has none, a number that nothing explains makes all unclear,
and amounts by weight or by hour are not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ontologies.doses.amounts import EXPLAINED as AMOUNTS
from ontologies.doses.amounts import NUMBER, UNITS, number_of, taken_at_once, unit_of
from ontologies.doses.rates import EXPLAINED as RATES
from ontologies.doses.rates import how_often, times_pattern
from ontologies.doses.slots import PerDay, each_in_its_slot, three_in_a_row, without_three

__all__ = ["DailyDose", "daily_dose", "explained_words", "without_amounts"]

_MOST_MG = 1e6
"""Nobody takes a kilogram of a drug in a day."""
_CAP = re.compile(
    rf"\b(?:max(?:imum)?|up to|(?:not|no) (?:to exceed|more than)|at most)\b[\s:.,]*(?:of |dose )*"
    rf"(?P<low>{NUMBER})\s?(?:{UNITS})\s?(?:/|a|per|in|each|every)?\s?(?:a )?"
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
_LIMITS = re.compile(r"\b(?:up to|max(?:imum)?|at most|no more than|not more than)\b")
_AMBIGUOUS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}\.\d{3}(?!\d)")
"""A thousand or one and three decimals."""


@dataclass(frozen=True, slots=True)
class DailyDose:
    """What is taken in a day on average.

    ``mg`` is the most that the words allow; ``is_most`` tells that they allow less, as a range or
    ``as needed`` do. ``read_from`` are the words.
    """

    mg: float
    read_from: str
    is_most: bool = False

    @property
    def told_as(self) -> tuple[float, str]:
        """What tells lines of one name apart: how much, and the words without case and marks."""
        return self.mg, "".join(filter(str.isalnum, self.read_from.lower()))


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
    most = number_of(cap["low"]) * unit_of(cap) if cap else None
    told = _per_day(rest)
    found = None if told.mg is None else DailyDose(told.mg, text.strip(), told.is_most)
    if most is not None and not (found and found.mg <= most):
        found = DailyDose(most, text.strip(), is_most=True)
    return found if found and 0 < found.mg <= _MOST_MG else None


def _per_day(plain: str) -> PerDay:
    slotted = three_in_a_row(plain) or each_in_its_slot(plain)
    if slotted:
        return slotted
    rate, amount = how_often(plain), taken_at_once(plain)
    if rate is None or amount is None:
        return PerDay(None)
    is_most = rate.is_most or amount.low < amount.high or bool(_LIMITS.search(plain))
    return PerDay(amount.high * rate.times, is_most)


def _plain(text: str) -> str:
    """Write numbers in figures and abbreviations without dots; leave out what a pack holds."""
    plain = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b)", "", text.lower())
    plain = _WORD.sub(lambda m: _WORDS[m[0]], re.sub(r"\bone[- ]half\b", "half", plain))
    return _FRACTION.sub(_decimal, _LASTS.sub(" ", _PACK.sub("", plain)))


def _decimal(found: re.Match[str]) -> str:
    return f"{float(found['whole'] or 0) + _PARTS[found['part']]:g} "


def without_amounts(text: str) -> str:
    """Take amounts, numbers of tablets and times in figures out of a text."""
    plain = without_three(_plain(text))
    for known in (*AMOUNTS, *RATES):
        plain = known.sub(" ", plain)
    return plain


def explained_words(text: str) -> str:
    """Take the words of times and needs out of a text."""
    folded = " ".join(re.findall(r"[^\W_]+", text.lower()))
    return times_pattern()[1].sub(" ", folded)


def _unexplained(plain: str) -> bool:
    """Tell whether a number is left that nothing explains: it might be one of tablets."""
    return re.search(r"\d", without_amounts(plain)) is not None
