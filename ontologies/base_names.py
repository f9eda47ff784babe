"""Which other names the name of a form leads to: its salt, its pharmaceutical form, its acid.

These rules give names, not answers: the caller asks whether a drug bears one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ontologies.fold import fold
from ontologies.salts import ingredient, is_combination

_TOLD_APART = re.compile(r"\s*\(CHEMBL\d+\)$")
"""What sets two nodes of one name apart; it says nothing of the substance."""
_CARRIER = re.compile(r" (?:liposom(?:e|es|al)|lipid complex)$")
"""Carriers out of which the drug itself is set free."""
_NUMBER = re.compile(r"\d")
_RESEARCH_CODE = re.compile(r"[A-Z]{1,4}[ -]?\d{3,7}[A-Z]?", re.IGNORECASE)


def base_names(name: str) -> Iterator[str]:
    """Yield folded names of what a name may be a form of, the nearest first; none if several.

    An anion and its acid are one substance in the body, as are a salt and its base. A name with a
    number in it is that of a product or of a chemical, and leads nowhere.

    >>> list(base_names("AMPHOTERICIN B LIPID COMPLEX"))
    ['amphotericin b']
    >>> list(base_names("etidronate disodium"))
    ['etidronate', 'etidronic acid']
    >>> list(base_names("acetaminophen / codeine"))
    []
    """
    told = _TOLD_APART.sub("", name) if name.endswith(")") else name
    if _NUMBER.search(told) or is_combination(told):
        return
    plain = fold(told)
    bare = _CARRIER.sub("", plain)
    salt_free = ingredient(bare)
    found = [text for text in (bare, salt_free) if text and text != fold(name)]
    yield from found[-1:]
    last = found[-1] if found else plain
    if last.endswith("ate") and " " not in last:
        yield f"{last.removesuffix('ate')}ic acid"


def is_research_code(name: str) -> bool:
    """Say whether a name is the code that a firm gave a substance before it had a name.

    >>> is_research_code("GS-9350"), is_research_code("vitamin b12")
    (True, False)
    """
    return _RESEARCH_CODE.fullmatch(name) is not None
