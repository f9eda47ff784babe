"""What the terms of a source let others do with it, read off the words of its licence."""

from __future__ import annotations

import re
from enum import StrEnum


class Passing(StrEnum):
    """Whether what a source says may be passed on."""

    GRANTED = "granted"
    NOT_STATED = "not stated"
    FORBIDDEN = "forbidden"


_FORBIDDING = (
    r"all rights reserved",
    r"\bno redistribution\b",
    r"\b(not|never) (be )?(re-?distribut|pass(ed)? on|shar)",
    r"redistribution (is )?(forbidden|prohibited|not )",
    r"\bUMLS licen[cs]e",
    r"\bproprietary\b",
    r"\bconfidential\b",
    r"\binternal use\b",
    r"\bDrugBank academic licen[cs]e(?! CC)",
)
"""Words that forbid passing on. The UMLS Metathesaurus License, section 6, forbids it of its
content; so does DrugBank's academic licence of its XML release, unless it is given as CC BY-NC."""
_UNSTATED = (
    r"none stated",
    r"not stated",
    r"states no licence",
    r"\bunverified\b",
    r"terms of each",
    r"\bterms \(NLM\)",
    r"use wording",
)
"""Words that leave open whether it may be passed on, or that nobody has verified."""


def passing(licence: str) -> Passing:
    """Tell what a licence says of passing on; the strictest of its parts counts.

    >>> passing("CC BY-NC-SA 4.0").value, passing("none stated").value
    ('granted', 'not stated')
    >>> passing("package MIT; all rights reserved").value
    'forbidden'
    """
    if _says(_FORBIDDING, licence):
        return Passing.FORBIDDEN
    if not licence.strip() or _says(_UNSTATED, licence):
        return Passing.NOT_STATED
    return Passing.GRANTED


def _says(patterns: tuple[str, ...], licence: str) -> bool:
    return any(re.search(pattern, licence, re.IGNORECASE) for pattern in patterns)
