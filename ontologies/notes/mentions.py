"""Drugs that a free text names: where, as what it is written, and what the text says of them.

The names are those of a lexicon, the longest first. A word that is an ordinary one as well needs a
dose, a verb or a list of medicines beside it (`ordinary_words`). A misspelt name is read by the
rules of the lexicon, beside a dose, behind a verb of taking or in a list. Nothing is guessed
silently: what stands where a medicine stands and cannot be read is given as ``unresolved-guess``,
and so is an abbreviation of several medicines (`abbreviations`). A word for a class of medicines
counts as an allergy only, and is given as ``drug-class``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType

from ontologies.lexicon import Candidate, Lexicon, Resolution
from ontologies.notes.abbreviations import Classes, abbreviation_at, meaning_of
from ontologies.notes.beside_names import dose_beside, is_timed, route_beside
from ontologies.notes.context_phrases import phrases
from ontologies.notes.contexts import Context, Span, contexts_of
from ontologies.notes.held_names import HeldNames
from ontologies.notes.joints import Hit, How, Joints, MentionStatus, half_at
from ontologies.notes.ordinary_words import dose_words, needs, phrases_of_no_medicine
from ontologies.notes.sections import sections
from ontologies.notes.surroundings import Surroundings
from ontologies.notes.words import Word, phrases_from, words_of
from ontologies.product_text import FORM_WORDS
from ontologies.salts import SALT_WORDS
from ontologies.short_names import Need
from ontologies.slips import LEAST_LETTERS

__all__ = ["How", "Mention", "MentionFinder", "MentionStatus"]

MOST_KNOWN = 10_000
"""So many names keep their meaning from text to text."""
MOST_SPELLINGS = 300
"""So many different unknown words of one text are looked up; further ones are given as they are."""
LEAST_GUESSED = 5
"""Shortest word that is given as a guess."""
_NO_NAMES = SALT_WORDS | FORM_WORDS
_MOST_PASSED_WORDS = 3
_EXACT = 100.0
_NO_CLASSES: Mapping[str, str] = MappingProxyType({})


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

    def __init__(self, lexicon: Lexicon, classes: Mapping[str, str] = _NO_CLASSES) -> None:
        """Read the texts by these names.

        ``classes`` gives the class that each word for allergens names (sulfa, NSAIDs).
        """
        self._lexicon = lexicon
        self._names = HeldNames(lexicon.index)
        self._known: dict[str, Resolution] = {}
        self._classes = Classes(classes)

    def find(self, text: str) -> list[Mention]:
        """Give the drugs that a text names, in its order, none within another."""
        reading = _Reading(text, self._lexicon, self._names, self._known, self._classes)
        return reading.mentions()


@dataclass(slots=True)
class _Reading:
    """One text while it is read."""

    text: str
    lexicon: Lexicon
    names: HeldNames
    known: dict[str, Resolution]
    """What held names mean, kept from text to text."""
    classes: Classes
    words: list[Word] = field(init=False)
    around: Surroundings = field(init=False)
    _resolved: dict[str, Resolution] = field(default_factory=dict)
    _n_spelled: int = 0

    def __post_init__(self) -> None:
        self.words = words_of(self.text)
        self.around = Surroundings(self.text, self.words)

    def mentions(self) -> list[Mention]:
        joints = Joints(self.text, self.words, self._lookup, self._spelled)
        hits = joints.joined(list(self._hits()))
        spans: list[Span] = [(hit.first, hit.after) for hit in hits]
        places = [self._ends(*span) for span in spans]
        found = sections(self.text, places)
        contexts = contexts_of(self.text, self.words, spans, found, dose_words())
        told = zip(hits, contexts, strict=True)
        return [
            self._mention(hit, said)
            for hit, said in told
            if said == "allergy" or not hit.if_allergy
        ]

    def _hits(self) -> Iterator[Hit]:
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

    def _hit(self, place: int) -> Hit | None:
        begun = self.names.begun(self.words, place)
        short = abbreviation_at(self.words, place)
        if short and not any(after > short[0] for after, _ in begun):
            found = self._abbreviated(place)
            if found:
                return found
            begun = [each for each in begun if each[0] != short[0]]
        for after, key in reversed(begun):
            need: Need = "none" if key is None else self.names.need(key)
            if self.around.has(need, place, after) and not self.around.cuts_dose(after):
                after = self._with_salt(place, after)
                resolution = self._meaning(self._written(place, after))
                return Hit(place, after, resolution, _status_of(resolution), "exact")
        return self._class(place) or self._misspelt(place)

    def _abbreviated(self, place: int) -> Hit | None:
        """Read an abbreviation that has beside it what it needs."""
        told = abbreviation_at(self.words, place)
        if told is None:
            return None
        after, short = told
        is_counted = short.need != "never" and self.around.is_counted(after, short.strengths)
        is_half = self.around.is_joined(place) or half_at(self.text, self.words, place) is not None
        is_read = is_counted or is_half or self.around.has(short.need, place, after)
        if not is_read and (short.need == "never" or not self.around.tells_allergy(place)):
            return None
        meaning = meaning_of(self._written(place, after), short, self.lexicon)
        status = _status_of(meaning)
        how: How | None = "abbreviation" if meaning.candidate else None
        return Hit(place, after, meaning, status, how, if_allergy=not is_read)

    def _class(self, place: int) -> Hit | None:
        """Read a word for a class of medicines where an allergy is told of."""
        told = self.classes.at(self.words, place)
        if told is None or not self.around.tells_allergy(place):
            return None
        after, name = told
        written = self._written(place, after)
        unread = Resolution(written, "unresolved", None, ())
        return Hit(place, after, unread, "drug-class", None, group=name, if_allergy=True)

    def _with_salt(self, place: int, after: int) -> int:
        """Take the salt that follows a name as a part of it, where the lexicon reads both."""
        while after < len(self.words) and self.words[after].follows:
            if self.words[after].folded not in SALT_WORDS:
                break
            if self._lookup(self._written(place, after + 1)).status != "resolved":
                break
            after += 1
        return after

    def _misspelt(self, place: int) -> Hit | None:
        """Read a word that is no name and stands where a name stands."""
        word = self.words[place].folded
        if len(word) < LEAST_GUESSED or word in needs():
            return None
        is_taken = self.around.follows_verb(place)
        if not is_taken and self.around.is_bare(place):
            return None
        is_listed = self.around.is_listed(place, place + 1)
        is_dosed = is_listed or self.around.is_dosed(place, place + 1)
        half = None if is_listed or is_dosed else half_at(self.text, self.words, place)
        if half and self._may_be_misspelt(place):
            return self._half(place, half)
        if not (is_dosed or is_taken or self.around.may_be_read(place)):
            return None
        if not self._may_be_misspelt(place):
            return None
        written = self._written(place, place + 1)
        resolution = self._spelled(written)
        if resolution.candidate and len(word) >= LEAST_LETTERS:
            how: How = "exact" if resolution.candidate.score == _EXACT else "spelling"
            return Hit(place, place + 1, resolution, "resolved", how)
        return self._guessed(place, resolution, is_listed=is_listed) if is_dosed else None

    def _half(self, place: int, after: int) -> Hit:
        """Read two joined words before two strengths as one medicine, or not at all."""
        half = self._spelled(self._written(place, place + 1)).candidate
        other = self._written(after - 1, after)
        whole = self._lookup(f"{half.name} / {other}") if half else None
        if whole and whole.candidate:
            return Hit(place, after, whole, "resolved", "spelling")
        left = Resolution(self._written(place, after), "unresolved", None, ())
        return Hit(place, after, left, "unresolved-guess", None)

    def _guessed(self, place: int, resolution: Resolution, *, is_listed: bool) -> Hit | None:
        """Give a word that cannot be read, if it stands where a medicine stands."""
        start, end = self._ends(place, place + 1)
        if self.text[max(0, start - 1) : start] == "(" and is_listed:
            return None
        _, end = dose_beside(self.text, start, end)
        is_guess = is_listed or self.around.begins_item(place) or is_timed(self.text, end)
        if not is_guess:
            return None
        left = replace(resolution, status="unresolved", candidate=None)
        return Hit(place, place + 1, left, "unresolved-guess", None)

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

    def _mention(self, hit: Hit, context: Context) -> Mention:
        start, end = self._ends(hit.first, hit.after)
        dose, beyond = dose_beside(self.text, start, end)
        found = hit.resolution.candidate
        return Mention(
            start,
            end,
            self.text[start:end],
            hit.status,
            found.curie if found else None,
            found.name if found else hit.group,
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


def _status_of(found: Resolution) -> MentionStatus:
    return "unresolved-guess" if found.status == "unresolved" else found.status


@lru_cache(maxsize=1)
def _first_of_passed() -> frozenset[str]:
    return frozenset(text.partition(" ")[0] for text in phrases_of_no_medicine())
