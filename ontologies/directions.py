"""A line of a medicine list without the directions behind the strength.

``simvastatin 40 mg tablet - take 1/2 tablet at bedtime``. A line is cut only where every word
behind the strength is one of directions: a substance must never get lost.
"""

from __future__ import annotations

import re

from ontologies.doses import explained_words, without_amounts
from ontologies.record_lines import product_words

__all__ = ["without_directions"]

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
"""Words of directions beside those of `ontologies.doses` and of the forms of products."""


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
