"""Whether a text is a name with nothing behind it but a strength: little is lost by its name."""

from __future__ import annotations

import re

from ontologies.product_text import STRENGTH

_FIRST_OF_TWO = re.compile(r"(?<!\S)[\d.,]+[-/](?=[\d.,]+\s*(?:mg|mcg|g)\b)")
"""The first strength of a pair, as in 875-125 mg; 70/30 without a unit is a mixture."""
_BY_MOUTH = frozenset(
    {
        "tablet", "tablets", "tab", "tabs", "capsule", "capsules", "cap", "caps", "oral", "er",
        "xr", "sr", "xl", "extended", "release", "delayed", "chewable", "film", "coated",
    }
)  # fmt: skip
"""Words of forms that say no more than that a medicine is swallowed."""


def is_plain(written: str, name: str) -> bool:
    """Tell whether a text is a name with nothing behind it but a strength, or that it is swallowed.

    >>> is_plain("warfarin 5 mg tablet", "Warfarin"), is_plain("insulin glargine", "insulin")
    (True, False)
    >>> is_plain("diclofenac 1% gel", "diclofenac"), is_plain("x/y 875-125 mg tablet", "x/y")
    (False, True)
    >>> is_plain("insulin 70/30", "insulin")
    False
    """
    text, start = written.casefold().strip(), name.casefold()
    rest = text[len(start) :]
    if not text.startswith(start) or rest[:1].strip():
        return False
    return _BY_MOUTH.issuperset(STRENGTH.sub(" ", _FIRST_OF_TWO.sub("", rest)).split())
