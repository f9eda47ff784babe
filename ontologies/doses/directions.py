"""A line of a medicine list without the directions behind the strength.

``simvastatin 40 mg tablet - take 1/2 tablet at bedtime``. A line is cut only where every word
behind the strength is one of directions: a substance must never get lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ontologies.doses.daily import explained_words, without_amounts
from ontologies.record_lines import product_words

__all__ = ["names_before_directions", "without_directions"]

_STRENGTH = re.compile(
    r"\d[\d.,]*(?:\s?m?c?g)?(?:\s?[-/]\s?\d[\d.,]*(?:\s?m?c?g)?)*\s?(?:mg|mcg|g|ug|\u00b5g)"
    r"(?:/(?:\d+\s?)?ml)?(?![a-z\d])"
    r"|(?<![\w.,/-])\d[\d.,]*[-/]\d{2,}(?:[.,]\d+)?(?![\w.,/-])",
    re.IGNORECASE,
)
_WORDS = frozenset(
    {
        "take", "takes", "taking", "use", "give", "sig", "by", "mouth", "po", "orally", "a", "an",
        "the", "of", "and", "or", "with", "without", "food", "meals", "meal", "water", "each", "at",
        "total", "up", "to", "max", "maximum", "not", "exceed", "more", "than", "no", "for", "pain",
        "per", "in", "on", "x", "times", "time", "swallow", "whole", "dose", "doses",
    }
)  # fmt: skip
"""Words of directions beside those of `ontologies.doses.daily` and of the forms of products."""


_AS_TOLD = frozenset(
    {
        "as", "directed", "needed", "prn", "taper", "inr", "one", "two", "three", "half", "puff",
        "puffs", "unit", "units", "iu", "drop", "drops", "gtt", "spray", "sprays", "squirt",
        "application", "apply", "inhale", "inject", "chew", "dissolve", "under", "tongue", "skin",
        "eye", "eyes", "ear", "ears", "nostril", "nostrils", "nose", "both", "left", "right",
        "affected", "area", "when", "if", "day", "days", "week", "weeks", "month", "night", "hour",
        "hours", "first", "thing", "empty", "stomach", "ml", "po", "until", "finished", "gone",
    }
)  # fmt: skip
"""Words of directions behind a name that stands without its strength."""
_OF_PRODUCTS = frozenset({"form", "route", "release", "injected"})
"""Kinds of words that tell of a product, and nothing of how it is taken."""
_OF_BRANDS = frozenset({"am", "pm", "day", "night"})
"""Words that directions and brands share: Tylenol PM holds more than Tylenol."""
_NUMBER = re.compile(r"\d+(?:[./-]\d+)?|\u00bd|\u00bc")
_FEW = frozenset({"1", "2", "1/2", "\u00bd"})
"""Numbers that alone count tablets, as in "1 daily"."""
_TOKEN = re.compile(r"\S+")
_LEAST_LETTERS = 3
_MOST_WORDS = 30


def names_before_directions(text: str) -> Iterator[str]:
    """Yield what may be the name in a line without a strength, the longest first.

    Behind it stand directions alone, and more than the words for a form or a route. A number is
    one of them where a word that counts follows, as in "1 tablet": "omega 3 daily" keeps its 3.

    >>> list(names_before_directions("Tylenol PM 2 tablets nightly"))
    ['Tylenol PM 2 tablets', 'Tylenol PM 2', 'Tylenol PM']
    >>> list(names_before_directions("aspirin and clopidogrel daily"))
    ['aspirin and clopidogrel']
    >>> list(names_before_directions("omega 3 daily"))
    ['omega 3']
    """
    tokens = list(_TOKEN.finditer(text))[:_MOST_WORDS]
    for place in range(len(tokens) - 1, 0, -1):
        head, tail = text[: tokens[place].start()].rstrip(" ,;:-"), text[tokens[place].start() :]
        is_of_brand = tokens[place].group().lower().strip(".,;:") in _OF_BRANDS
        has_name = sum(map(str.isalpha, head)) >= _LEAST_LETTERS
        if has_name and not is_of_brand and _is_directions(tail):
            yield head


def _is_directions(tail: str) -> bool:
    words = [each.strip(".,;:()-") for each in tail.lower().split()]
    for number, counted in zip(words, (*words[1:], ""), strict=True):
        if _NUMBER.fullmatch(number):
            is_time = bool(counted) and not explained_words(counted).strip()
            if not (number in _FEW if is_time else _is_told(counted)):
                return False
    plain = " ".join(word for word in words if not _NUMBER.fullmatch(word))
    left = re.findall(r"[^\W_]+", explained_words(plain))
    is_how = any(product_words().get(word) not in _OF_PRODUCTS for word in words)
    return is_how and all(map(_is_told, left))


def _is_told(word: str) -> bool:
    return word in _WORDS or word in _AS_TOLD or word in product_words()


def without_directions(text: str) -> str | None:
    """Give a line up to its strength, where nothing but directions follows; else ``None``.

    >>> without_directions("hydrocodone-acetaminophen 5-325 mg 2 tabs every 6 hours as needed")
    'hydrocodone-acetaminophen 5-325 mg'
    >>> without_directions("co-codamol 30/500 x 2 qid")
    'co-codamol 30/500'
    >>> without_directions("aspirin 81 mg and clopidogrel daily")
    """
    found = _STRENGTH.search(text)
    if found is None or not text[: found.start()].strip():
        return None
    # The strength stands for itself before the tail, as what "x 2" is said of.
    tail = explained_words(without_amounts(f"1 mg{text[found.end() :]}"))
    words = re.findall(r"[^\W_]+", tail.lower())
    known = product_words()
    if not words and not text[found.end() :].strip():
        return None
    return text[: found.end()] if all(w in _WORDS or w in known for w in words) else None
