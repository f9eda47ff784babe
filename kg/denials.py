"""Tells what is written of a patient only to say that it is not so: a denial is no record.

A text that may be an instruction ("no aspirin") or says that a drug is borne no more ("no longer
tolerates aspirin") is no denial: whoever wrote it wants the drug left out.
"""

from __future__ import annotations

import re

__all__ = ["denies", "undenied_allergy"]

_WHO = r"(?:(?:the )?(?:patient|pt|he|she|they)\b )?(?:(?:is|was|has|have|had|reports|states)\b )?"
_WORD = r"(?!(?:due|because|since|given|as|for|with)\b)[^\W_][\w/'\u2019-]*"
_NOUN = r"(?:allerg(?:y|ies)|hypersensitivit(?:y|ies)|intolerances?|(?:adverse )?reactions?)"
_ADJECTIVE = r"(?:allergic|hypersensitive|intolerant)"
_ALLERGY_DENIED = (
    r"n\.?k\.?(?:[dfm]\.?)?a\.?(?: ?\([^)]*\))?",
    r"(?:none|nil)(?: known| recorded| reported)?",
    rf"{_WHO}(?:no|nil|without)(?! longer\b) (?:{_WORD} ){{0,8}}{_NOUN}\b.*",
    rf"{_WHO}(?:no|without)(?! longer\b) (?:{_WORD},? )+(?:or|nor) (?:{_WORD} )+{_NOUN}\b.*",
    rf"{_WHO}(?:not|never|no longer)(?: (?:been|known to be|currently))* {_ADJECTIVE}\b.*",
    rf"{_WHO}no longer (?:has |have )?(?:{_WORD} ){{0,8}}{_NOUN}\b.*",
    rf"{_WHO}(?:den(?:ies|ied|ying)|negative for)\b.*",
    rf".*\b{_NOUN}\b.*\b(?:denied|excluded|refuted|ruled out|de-?labell?ed)",
    rf".*\b{_NOUN}\b ?[:=-] ?(?:no|none|denied|negative)",
    r"(?:pas d['\u2019]|aucune |sans )(?:\w+ )*?(?:allergie|intol\u00e9rance)s?\b.*",
)
_ALLERGY = re.compile("|".join(f"(?:{form})" for form in _ALLERGY_DENIED), re.IGNORECASE)
_REACTED = r"\b(?:rash|hives|urticaria|swelling|angio-?o?edema|anaphyla\w+|caus\w+|allergic to)\b"
_NEXT = re.compile(
    r"\s*(?:;|\.\s|\b(?:but|however|except(?: for)?|other than|apart from|sauf)\b"
    rf"|,(?=[^,;]*{_REACTED}))\s*",
    re.IGNORECASE,
)
"""Where a text goes on with something else: what is excepted from a denial, or named beside it."""
_ANY = re.compile(
    rf"{_WHO}(?:no(?! longer\b)|not|never|without|absence of|den(?:ies|ied|ying)|negative for)\b.*"
    r"|.*\b(?:denied|excluded|ruled out)|.+[:=] ?(?:no|none|denied|negative)",
    re.IGNORECASE,
)


def denies(text: str) -> bool:
    """Tell whether a text says that a patient does not have something.

    >>> [denies(text) for text in ("no asthma", "denies chest pain", "asthma")]
    [True, True, False]
    """
    return _ANY.fullmatch(_plain(text)) is not None


def undenied_allergy(text: str) -> str:
    """Give what is left of the text of an allergy without what it denies; empty for a denial.

    >>> undenied_allergy("no known drug allergies except penicillin")
    'penicillin'
    >>> undenied_allergy("not allergic to penicillin")
    ''
    >>> undenied_allergy("no longer tolerates aspirin")
    'no longer tolerates aspirin'
    """
    parts = [part for part in _NEXT.split(_plain(text)) if part]
    kept = [part for part in parts if not _ALLERGY.fullmatch(part)]
    return text if len(kept) == len(parts) else "; ".join(kept)


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".!")
