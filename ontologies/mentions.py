"""Drugs that a free text names: where, as what it is written, and what the text says of them.

The names are those of a lexicon, the longest first. A word that is an ordinary one as well needs a
dose, a verb or a list of medicines beside it (`ontologies.mention_words`). A misspelt name is read
by the rules of the lexicon and only beside a dose or in a list. Nothing is guessed silently: what
stands where a medicine stands and cannot be read is given as ``unresolved-guess``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from ontologies.held_names import HeldNames
from ontologies.lexicon import Candidate, Lexicon, Resolution
from ontologies.mention_surroundings import Surroundings
from ontologies.mention_words import Need, dose_words, needs, phrases_of_no_medicine
from ontologies.note_contexts import (
    Context,
    Span,
    contexts_of,
    phrases,
    sections,
)
from ontologies.note_doses import dose_beside, is_timed, route_beside
from ontologies.note_words import Word, phrases_from, words_of
from ontologies.product_text import FORM_WORDS
from ontologies.salts import SALT_WORDS
from ontologies.slips import LEAST_LETTERS

MentionStatus = Literal["resolved", "ambiguous", "unresolved-guess"]
How = Literal["exact", "spelling"]

MOST_KNOWN = 10_000
"""So many names keep their meaning from text to text."""
MOST_SPELLINGS = 300
"""So many different unknown words of one text are looked up; further ones are given as they are."""
LEAST_GUESSED = 5
"""Shortest word that is given as a guess."""
_JOINTS = frozenset({"/", " / ", "-", "\u2013"})
_NO_NAMES = SALT_WORDS | FORM_WORDS
_MOST_PASSED_WORDS = 3
_EXACT = 100.0


@dataclass(frozen=True, slots=True)
class Mention:
    """A drug that a text names; `start` and `end` count code points."""

    start: int
    end: int
    text: str
    status: MentionStatus
    curie: str | None
    name: str | None
    how: How | None
    context: Context = "current"
    dose: str | None = None
    route: str | None = None
    candidates: tuple[Candidate, ...] = ()


class MentionFinder:
    """Finds the drugs that texts name, by the names of one lexicon.

    Of a text it keeps nothing but names that the lexicon holds, and words with which names begin.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        """Read the texts by these names."""
        self._lexicon = lexicon
        self._names = HeldNames(lexicon.index)
        self._known: dict[str, Resolution] = {}

    def find(self, text: str) -> list[Mention]:
        """Give the drugs that a text names, in its order, none within another."""
        return _Reading(text, self._lexicon, self._names, self._known).mentions()


@dataclass(frozen=True, slots=True)
class _Hit:
    """Words of a text that name something: the first and the one after the last."""

    first: int
    after: int
    resolution: Resolution
    status: MentionStatus
    how: How | None


@dataclass(slots=True)
class _Reading:
    """One text while it is read."""

    text: str
    lexicon: Lexicon
    names: HeldNames
    known: dict[str, Resolution]
    """What held names mean, kept from text to text."""
    words: list[Word] = field(init=False)
    around: Surroundings = field(init=False)
    _resolved: dict[str, Resolution] = field(default_factory=dict)
    _n_spelled: int = 0

    def __post_init__(self) -> None:
        self.words = words_of(self.text)
        self.around = Surroundings(self.text, self.words)

    def mentions(self) -> list[Mention]:
        hits = self._joined(list(self._hits()))
        spans: list[Span] = [(hit.first, hit.after) for hit in hits]
        places = [self._ends(*span) for span in spans]
        found = sections(self.text, places)
        contexts = contexts_of(self.words, spans, found, dose_words())
        return [self._mention(hit, said) for hit, said in zip(hits, contexts, strict=True)]

    def _hits(self) -> Iterator[_Hit]:
        place = 0
        while place < len(self.words):
            passed = self._passed(place)
            hit = None if passed else self._hit(place)
            if hit is not None:
                self.around.last = hit.after
                yield hit
            place = passed or (hit.after if hit else place + 1)

    def _passed(self, place: int) -> int | None:
        """Give the place after a phrase that names no medicine."""
        if self.words[place].folded not in _first_of_passed():
            return None
        told = phrases_from(self.words, place, _MOST_PASSED_WORDS)
        return next((end for text, end in told if text in phrases_of_no_medicine()), None)

    def _hit(self, place: int) -> _Hit | None:
        for after, key in reversed(self.names.begun(self.words, place)):
            need: Need = "none" if key is None else self.names.need(key)
            if self.around.has(need, place, after) and not self.around.cuts_dose(after):
                after = self._with_salt(place, after)
                resolution = self._meaning(self._written(place, after))
                status: MentionStatus = (
                    "unresolved-guess" if resolution.status == "unresolved" else resolution.status
                )
                return _Hit(place, after, resolution, status, "exact")
        return self._misspelt(place)

    def _with_salt(self, place: int, after: int) -> int:
        """Take the salt that follows a name as a part of it, where the lexicon reads both."""
        while after < len(self.words) and self.words[after].follows:
            if self.words[after].folded not in SALT_WORDS:
                break
            if self._lookup(self._written(place, after + 1)).status != "resolved":
                break
            after += 1
        return after

    def _misspelt(self, place: int) -> _Hit | None:
        """Read a word that is no name and stands where a name stands."""
        word = self.words[place].folded
        if len(word) < LEAST_GUESSED or word in needs() or self.around.is_bare(place):
            return None
        is_listed = self.around.is_listed(place, place + 1)
        if not is_listed and not self.around.is_dosed(place, place + 1):
            return None
        if not self._may_be_misspelt(place):
            return None
        written = self._written(place, place + 1)
        resolution = self._spelled(written)
        if resolution.candidate and len(word) >= LEAST_LETTERS:
            how: How = "exact" if resolution.candidate.score == _EXACT else "spelling"
            return _Hit(place, place + 1, resolution, "resolved", how)
        start, end = self._ends(place, place + 1)
        _, end = dose_beside(self.text, start, end)
        is_guess = is_listed or self.around.begins_item(place) or is_timed(self.text, end)
        if not is_guess:
            return None
        left = replace(resolution, status="unresolved", candidate=None)
        return _Hit(place, place + 1, left, "unresolved-guess", None)

    def _may_be_misspelt(self, place: int) -> bool:
        """Leave out what is a word of a longer name, unless it stands as a name does."""
        word = self.words[place].folded
        if not word.isalpha() or word in _NO_NAMES or word in phrases():
            return False
        stands_so = self.around.is_capital(place) and self.around.begins_item(place)
        return stands_so or not self.lexicon.index.knows_words([word])

    def _spelled(self, written: str) -> Resolution:
        """Look an unknown word up, unless too many were looked up already."""
        if written not in self._resolved:
            if self._n_spelled >= MOST_SPELLINGS:
                return Resolution(written, "unresolved", None, ())
            self._n_spelled += 1
        return self._lookup(written)

    def _meaning(self, written: str) -> Resolution:
        """Look a held name up, once for all texts."""
        found = self.known.get(written)
        if found is None:
            found = self.lexicon.lookup(written)
            if len(self.known) < MOST_KNOWN:
                self.known[written] = found
        return found

    def _lookup(self, written: str) -> Resolution:
        if written not in self._resolved:
            self._resolved[written] = self.lexicon.lookup(written)
        return self._resolved[written]

    def _joined(self, hits: Sequence[_Hit]) -> list[_Hit]:
        """Join names that are written as one medicine, such as lisinopril-hydrochlorothiazide."""
        joined: list[_Hit] = []
        for hit in hits:
            both = self._both(joined[-1], hit) if joined else None
            if both:
                joined[-1] = both
            else:
                joined.append(hit)
        return joined

    def _both(self, left: _Hit, right: _Hit) -> _Hit | None:
        _, end = self._ends(left.first, left.after)
        start, _ = self._ends(right.first, right.after)
        if self.text[end:start] not in _JOINTS:
            return None
        found = self._lookup(f"{left.resolution.query} / {right.resolution.query}")
        if found.candidate is None and left.resolution.candidate and right.resolution.candidate:
            names = (left.resolution.candidate.name, right.resolution.candidate.name)
            found = self._lookup(" / ".join(names))
        if found.candidate is None:
            return None
        return _Hit(left.first, right.after, found, "resolved", "exact")

    def _mention(self, hit: _Hit, context: Context) -> Mention:
        start, end = self._ends(hit.first, hit.after)
        dose, beyond = dose_beside(self.text, start, end)
        found = hit.resolution.candidate
        return Mention(
            start,
            end,
            self.text[start:end],
            hit.status,
            found.curie if found else None,
            found.name if found else None,
            hit.how,
            context,
            dose,
            route_beside(self.text, start, beyond),
            () if found else hit.resolution.candidates,
        )

    def _ends(self, place: int, after: int) -> Span:
        return self.words[place].start, self.words[after - 1].end

    def _written(self, place: int, after: int) -> str:
        start, end = self._ends(place, after)
        return self.text[start:end]


@lru_cache(maxsize=1)
def _first_of_passed() -> frozenset[str]:
    return frozenset(text.partition(" ")[0] for text in phrases_of_no_medicine())
