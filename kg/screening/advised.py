"""Drugs that advice names as what to use instead. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["is_advised"]

_EXAMPLE = re.compile(r"\be\.\s?g\.,?|\bi\.\s?e\.,?", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.;])\s+")
_CUE = re.compile(
    r"(?<!\bnot )(?<!never )\b(?:use(?! of| with)|consider|prefer|choose|switch to|change to|"
    r"replace\b.*?\b(?:by|with)|alternatives?(?! to)|such as|is safer|are safer)\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_AGAINST = re.compile(
    r"\b(?:avoid|rather than|instead of|unless|except|other than|not with|do not|caution)\b.*",
    re.IGNORECASE | re.DOTALL,
)


def is_advised(name: str, advice: Iterable[str]) -> bool:
    """Tell whether some advice names a drug as one to use.

    >>> is_advised("ticagrelor", ["Avoid clopidogrel. Use prasugrel or ticagrelor."])
    True
    >>> is_advised("clopidogrel", ["Avoid clopidogrel. Use prasugrel or ticagrelor."])
    False
    """
    wanted = re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
    return any(wanted.search(part) for text in advice for part in _positive(text))


def _positive(text: str) -> Iterable[str]:
    """Parts of a text that follow a word such as *use*, as far as nothing speaks against."""
    for sentence in _SENTENCE.split(_EXAMPLE.sub("such as", text)):
        found = _CUE.search(sentence)
        if found:
            yield _AGAINST.sub("", found["rest"])
