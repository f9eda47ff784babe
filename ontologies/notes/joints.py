"""Names that a note joins to one medicine, such as lisinopril-hydrochlorothiazide.

Half a combination never stands for the whole: where the other half is misspelt it is read by the
rules of the lexicon, and where it cannot be read, neither is the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ontologies.lexicon import Resolution
from ontologies.notes.beside_names import dose_beside
from ontologies.notes.context_phrases import phrases
from ontologies.notes.ordinary_words import dose_words, needs
from ontologies.notes.words import Word
from ontologies.product_text import FORM_WORDS
from ontologies.salts import SALT_WORDS
from ontologies.slips import LEAST_LETTERS

MentionStatus = Literal["resolved", "ambiguous", "unresolved-guess", "drug-class"]
How = Literal["exact", "spelling", "abbreviation"]
Look = Callable[[str], Resolution]

_JOINTS = frozenset({"/", " / ", "-", "\u2013", "+", " + "})
_PAIR = re.compile(r"[ \t]*\d[\d.,]*\s?(?:mg|mcg|g)?\s?[-/]\s?\d")
"""Two strengths, of the two halves."""

_GOES_BEFORE = "/-0123456789"
"""What stands before a unit (0.25 MG/ACTUAT) or the middle of a longer name."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Words of a text that name something: the first and the one after the last."""

    first: int
    after: int
    resolution: Resolution
    status: MentionStatus
    how: How | None
    group: str | None = None
    """The class of medicines that the words name."""
    if_allergy: bool = False
    """It counts only where the text tells of an allergy to it."""


class Joints:
    """Joins the names of one text."""

    def __init__(self, text: str, words: Sequence[Word], lookup: Look, spelled: Look) -> None:
        """Look names up by these two, the second of which counts how often it is asked."""
        self._text, self._words = text, words
        self._lookup, self._spelled = lookup, spelled

    def joined(self, hits: Sequence[Hit]) -> list[Hit]:
        """Join names that are written as one medicine."""
        joined: list[Hit] = []
        for hit in hits:
            both = self._both(joined[-1], hit) if joined else None
            if both:
                joined[-1] = both
            else:
                joined.append(hit)
        held = {at for hit in joined for at in range(hit.first, hit.after)}
        return [self._whole(hit, held) for hit in joined]

    def _both(self, left: Hit, right: Hit) -> Hit | None:
        if left.group or right.group or not self._are_joined(left.after, right.first):
            return None
        found = self._lookup(f"{left.resolution.query} / {right.resolution.query}")
        if found.candidate is None and left.resolution.candidate and right.resolution.candidate:
            names = (left.resolution.candidate.name, right.resolution.candidate.name)
            found = self._lookup(" / ".join(names))
        if found.candidate is None:
            return None
        slips = "spelling" in {left.how, right.how}
        return Hit(left.first, right.after, found, "resolved", "spelling" if slips else "exact")

    def _whole(self, hit: Hit, held: set[int]) -> Hit:
        """Take an unread word that is joined to a name as the other half of it."""
        for at, is_left in ((hit.first - 1, True), (hit.after, False)):
            if not 0 <= at < len(self._words) or at in held or hit.group:
                continue
            ends = (at + 1, hit.first) if is_left else (hit.after, at)
            if self._are_joined(*ends) and self._may_be_half(at, is_left=is_left):
                return self._with_half(hit, at, is_left=is_left)
        return hit

    def _with_half(self, hit: Hit, at: int, *, is_left: bool) -> Hit:
        word = self._words[at]
        found = self._spelled(self._text[word.start : word.end])
        if found.candidate:
            half = Hit(at, at + 1, found, "resolved", "spelling")
            both = self._both(half, hit) if is_left else self._both(hit, half)
            if both:
                return both
        first, after = (at, hit.after) if is_left else (hit.first, at + 1)
        start, end = self._words[first].start, self._words[after - 1].end
        is_dosed = dose_beside(self._text, start, end, closely=True)[0] is not None
        if not (found.candidate or is_dosed or _PAIR.match(self._text, end)):
            return hit
        left = Resolution(self._text[start:end], "unresolved", None, ())
        return Hit(first, after, left, "unresolved-guess", None)

    def _may_be_half(self, at: int, *, is_left: bool) -> bool:
        word, start = self._words[at].folded, self._words[at].start
        if is_left and start and self._text[start - 1] in _GOES_BEFORE:
            return False
        if len(word) < LEAST_LETTERS or not word.isalpha() or word in phrases() or word in needs():
            return False
        return word not in FORM_WORDS | SALT_WORDS | dose_words()

    def _are_joined(self, end: int, start: int) -> bool:
        return self._text[self._words[end - 1].end : self._words[start].start] in _JOINTS


def half_at(text: str, words: Sequence[Word], place: int) -> int | None:
    """Give the place after two words that a joint makes one and two strengths follow."""
    if place + 1 >= len(words):
        return None
    word, other = words[place], words[place + 1]
    is_joined = text[word.end : other.start] in _JOINTS and other.folded.isalpha()
    is_long = len(other.folded) >= LEAST_LETTERS
    return place + 2 if is_joined and is_long and _PAIR.match(text, other.end) else None
