"""What the written name of a medicine says besides its substances: strength, dose form, brand.

Medicine lists write products by the rule of RxNorm (RxNorm Technical Documentation, section 5), or
nearly so. A text that leaves anything unexplained is not read: a substance must never get lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations

STRENGTH = re.compile(
    r"\b\d+(?:[.,]\d+)?\s*(?:mg|mcg|ug|g|ml|iu|units?|meq|mmol|%|hr)(?:/(?:ml|actuat|hr|h|day))?"
    r"(?![a-z])",
    re.IGNORECASE,
)
"""A strength, a volume or a duration."""
FORM_WORDS = frozenset(
    {
        "tablet", "tablets", "tab", "tabs", "capsule", "capsules", "cap", "caps", "oral",
        "solution", "suspension", "injection", "injectable", "cream", "ointment", "patch",
        "syrup", "spray", "inhaler", "drops", "gel", "er", "xr", "sr", "xl", "extended", "release",
        "delayed", "chewable", "film", "coated", "transdermal",
        "accuhaler", "breezhaler", "diskus", "easyhaler", "ellipta", "evohaler", "flexpen",
        "flextouch", "genuair", "handihaler", "inhub", "kwikpen", "nexthaler", "penfill",
        "pressair", "respimat", "solostar", "turbohaler", "turbuhaler",
    }
)  # fmt: skip
"""Words that say how a medicine is given, the names of inhalers and pens among them."""

MOST_PARTS = 4
"""More substances than this are not looked up as one combination, whose order is not known."""
_RXNORM_FORM_WORDS = FORM_WORDS | {
    "auto", "injector", "prefilled", "syringe", "system", "metered", "dose", "dry", "powder",
    "disintegrating", "nasal", "topical", "ophthalmic", "otic", "vaginal", "rectal", "inhalation",
    "inhalant", "mucosal", "sublingual", "buccal", "lotion", "implant", "intravenous", "lozenge",
    "suppository", "product", "pill", "cartridge", "pen", "intrauterine",
}  # fmt: skip
_BRAND = re.compile(r"\s*\[[^\[\]]+\]$")
_LEAD = re.compile(
    r"(?:(?:\d[\d.,]*\s?(?:hr|ml|actuat|hour)|NDA\d+|abuse-deterrent)\s+)+", re.IGNORECASE
)
_PART = re.compile(
    r"(?P<name>[a-z][^\d,&+;/\[\]{}]*?)"
    r"(?:\s+\d[\d.,]*\s?(?:mg|mcg|ug|g|ml|iu|units?|unt|meq|mmol|%)"
    r"(?:/(?:[\d.]*\s?(?:ml|actuat|hr|h|mg|g)))?)?"
    r"(?P<form>(?:(?<=[\d\w%])[ -][a-z]+)*)",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\b(?:and|with|plus|in)\b", re.IGNORECASE)


def substances(text: str) -> tuple[str, ...]:
    """Give the substances that a product's name lists, as written; none where a word is unclear.

    >>> substances("24 HR metoprolol succinate 100 MG Extended Release Oral Tablet [Toprol]")
    ('metoprolol succinate',)
    >>> substances("ibuprofen 200 MG and codeine 12.8 MG")
    ()
    """
    plain = _LEAD.sub("", _BRAND.sub("", text.strip()), count=1)
    *firsts, last = plain.split(" / ")
    read = [_part(part, ends=False) for part in firsts] + [_part(last, ends=True)]
    return tuple(read) if all(read) else ()


def readings(text: str) -> Iterator[str]:
    """Yield shorter ways to write a product: its substances, in every order where several."""
    found = substances(text)
    if len(found) <= MOST_PARTS:
        for names in permutations(found):
            joined = " / ".join(names)
            if joined and joined != text.strip():
                yield joined


def _part(part: str, *, ends: bool) -> str:
    """Give the substance of one part; only the last part may name a dose form."""
    if _JOINED.search(part):
        return ""
    found = _PART.fullmatch(_LEAD.sub("", part.strip(), count=1))
    if found is None:
        return ""
    form = re.split(r"[ -]+", found["form"].lower().strip())
    return (
        found["name"].strip() if form == [""] or (ends and set(form) <= _RXNORM_FORM_WORDS) else ""
    )
