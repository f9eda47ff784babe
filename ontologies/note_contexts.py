"""What a note says of a drug that it names: taken, stopped, not tolerated, or spoken of otherwise.

The method is that of NegEx (Chapman and others, J Biomed Inform 2001;34:301-310) and ConText
(Harkema and others, J Biomed Inform 2009;42:839-851): a phrase speaks of the names that stand near
it in its clause, before or after it. The phrases are this project's own (`CONTEXTS_TABLE`).
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, get_args

from ontologies.fold import fold
from ontologies.note_words import Word, phrases_from

Context = Literal["current", "stopped", "allergy", "negated"]
"""`negated`: the text speaks of the drug otherwise than as taken, stopped or not tolerated."""
Span = tuple[int, int]
"""The first word and the one after the last, or the first letter and the one after the last."""

CONTEXTS_TABLE = files("ontologies") / "data" / "mention_contexts.tsv"
"""A phrase; whether it speaks of what comes before or after it or heads a section; what it says;
how many words may stand between; a word after which another drug must come for it to hold."""
MOST_PHRASE_WORDS = 6
_MOST_EXCHANGE_WORDS = 30
_COORDINATING = frozenset(
    {
        "and",
        "or",
        "nor",
        "the",
        "a",
        "any",
        "his",
        "her",
        "their",
        "your",
        "my",
        "plus",
        "all",
        "of",
    }
)
_HEADING = re.compile(
    r"(?:^|[.;][ \t]{1,4}|\A)[ \t]{0,20}(?:[-*\u2022#>]{1,4}|\d{1,3}[.)])?[ \t]{0,4}\*{0,2}"
    r"(?P<title>[A-Za-z][\w /&()',-]{0,60}?)\*{0,2}[ \t]{0,4}(?P<colon>:)\*{0,2}[ \t]{0,20}"
    r"(?=(?P<rest>[^\n]?))",
    re.MULTILINE,
)
_BARE_HEADING = re.compile(
    r"^[ \t]{0,20}[#*]{0,6}[ \t]{0,4}(?P<title>[A-Z][A-Za-z /&-]{2,40})\*{0,2}[ \t]{0,20}$",
    re.MULTILINE,
)
_MOST_TITLE_WORDS = 6
_MOST_BARE_WORDS = 4
_SENTENCE_END = re.compile(r"[.!?](?=\s)|(?<![,\n])\n|\Z")
_NOTHING = frozenset({"no", "none", "nkda", "nka", "not", "denies", "without"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the table on one side."""

    side: str
    context: Context
    reach: int
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text under a heading that says what the medicines in it are."""

    start: int
    end: int
    context: Context


@dataclass(frozen=True, slots=True)
class _Trigger:
    """A phrase in a text: its words, and what it says on each side."""

    first: int
    after: int
    sides: Mapping[str, Phrase]


@lru_cache(maxsize=1)
def phrases() -> Mapping[str, Mapping[str, Phrase]]:
    """Give, for each phrase of the table, what it says on each side and as a heading."""
    found: dict[str, dict[str, Phrase]] = {}
    lines = CONTEXTS_TABLE.read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        context = next(c for c in get_args(Context) if c == row["context"])
        ends = tuple(row["ends"].split("|")) if row["ends"] else ()
        phrase = Phrase(row["side"], context, int(row["reach"]), ends)
        found.setdefault(row["phrase"], {})[phrase.side] = phrase
    return found


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(phrase.partition(" ")[0] for phrase in phrases())


def sections(text: str, names: Sequence[Span] = ()) -> list[Section]:
    """Find the parts of a text whose heading says what the medicines in them are.

    ``names`` are the letters of the drugs, if they are known: a drug heads nothing.
    """
    drugs = {start for start, _ in names}
    bare = [m for m in _BARE_HEADING.finditer(text) if _of_bare(m["title"]) is not None]
    found = sorted([*_HEADING.finditer(text), *bare], key=lambda match: match.start("title"))
    found = [match for match in found if match.start("title") not in drugs]
    starts = [match.start("title") for match in found] + [len(text)]
    kept = []
    for place, match in enumerate(found):
        is_bare = "colon" not in match.groupdict()
        context = _of_bare(match["title"]) if is_bare else _of_title(match["title"])
        if context is None:
            continue
        start = match.end()
        end = starts[place + 1]
        if not is_bare and match["rest"].strip():
            ending = _SENTENCE_END.search(text, start, end)
            end = ending.start() if ending else end
        kept.append(Section(start, end, context))
    return kept


def section_at(found: Sequence[Section], place: int) -> Section | None:
    """Give the section in which a letter stands."""
    at = bisect_right(found, place, key=lambda section: section.start) - 1
    return found[at] if at >= 0 and place < found[at].end else None


def contexts_of(
    words: Sequence[Word], spans: Sequence[Span], found: Sequence[Section], glue: Collection[str]
) -> list[Context]:
    """Say for each name, given by its words, what the text says of it.

    Args:
        words: The words of the text.
        spans: The first word of each name and the one after its last, in order.
        found: The sections of the text.
        glue: Words that may stand between drugs of which one thing is said (doses, routes).
    """
    told = _Speech(words, spans, glue).told()
    contexts: list[Context] = []
    for place, (first, _) in enumerate(spans):
        section = section_at(found, words[first].start)
        said = told.get(place)
        if section is None:
            contexts.append(said or "current")
        elif section.context == "allergy" and said != "current":
            contexts.append("allergy")
        else:
            contexts.append(said or section.context)
    return contexts


class _Speech:
    """The phrases of one text, and of which names they speak."""

    def __init__(self, words: Sequence[Word], spans: Sequence[Span], glue: Collection[str]) -> None:
        self._words, self._spans = words, spans
        self._glue = {*glue, *_COORDINATING}
        self._name_at = {at: place for place, span in enumerate(spans) for at in range(*span)}
        self._triggers = list(self._found())
        self._phrase_at = {at: t for t in self._triggers for at in range(t.first, t.after)}
        self._told: dict[int, Context] = {}
        self._tellers: dict[int, _Trigger] = {}

    def told(self) -> Mapping[int, Context]:
        for trigger in self._triggers:
            forward = trigger.sides.get("before") or trigger.sides.get("both")
            backward = trigger.sides.get("after") or trigger.sides.get("both")
            name = self._name_after(trigger, forward) if forward else None
            if forward and name is not None:
                self._tell(name, 1, forward, trigger)
            elif backward:
                before = self._name_before(trigger, backward)
                if before is not None:
                    self._tell(before, -1, backward, trigger)
        return self._told

    def _found(self) -> Iterator[_Trigger]:
        place = 0
        while place < len(self._words):
            after = place + 1
            if place not in self._name_at and self._words[place].folded in _first_words():
                told = phrases_from(self._words, place, MOST_PHRASE_WORDS, across=True)
                known = [(text, end) for text, end in told if text in phrases()]
                known = [
                    each
                    for each in known
                    if not any(a in self._name_at for a in range(place, each[1]))
                ]
                if known:
                    text, after = known[-1]
                    yield _Trigger(place, after, phrases()[text])
            place = after

    def _name_after(self, trigger: _Trigger, phrase: Phrase) -> int | None:
        """Give the first name after a phrase that it may speak of."""
        for at in range(trigger.after, min(trigger.after + phrase.reach + 1, len(self._words))):
            if self._words[at].ends_clause or at in self._phrase_at:
                return None
            name = self._name_at.get(at)
            if name is not None:
                return name if not phrase.ends or self._is_exchanged(name, phrase) else None
        return None

    def _is_exchanged(self, name: int, phrase: Phrase) -> bool:
        """Say whether another name comes behind the word that must come."""
        start = self._spans[name][1]
        for at in range(start, min(start + _MOST_EXCHANGE_WORDS, len(self._words))):
            if self._words[at].ends_clause:
                return False
            if self._words[at].folded in phrase.ends:
                return any(near in self._name_at for near in range(at + 1, at + 3))
        return False

    def _name_before(self, trigger: _Trigger, phrase: Phrase) -> int | None:
        """Give the last name before a phrase that it may speak of."""
        between = 0
        for at in range(trigger.first - 1, -1, -1):
            if self._words[at + 1].ends_clause:
                return None
            name = self._name_at.get(at)
            if name is not None:
                return name
            other = self._phrase_at.get(at)
            if other is not None:
                return next((n for n, teller in self._tellers.items() if teller is other), None)
            between += not self._is_glue(at)
            if between > phrase.reach:
                return None
        return None

    def _tell(self, name: int, step: int, phrase: Phrase, trigger: _Trigger) -> None:
        """Say it of a name, and of those that are listed with it."""
        if step < 0 and phrase.context == "current" and self._told.get(name) == "negated":
            return
        while True:
            self._told[name] = phrase.context
            self._tellers[name] = trigger
            other = name + step
            if not 0 <= other < len(self._spans) or not self._are_listed(*sorted((name, other))):
                return
            if step < 0 and other in self._told:
                return
            name = other

    def _are_listed(self, left: int, right: int) -> bool:
        between = range(self._spans[left][1], self._spans[right][0])
        if self._words[self._spans[right][0]].ends_clause:
            return False
        return all(self._is_glue(at) and not self._words[at].ends_clause for at in between)

    def _is_glue(self, at: int) -> bool:
        folded = self._words[at].folded
        return at not in self._phrase_at and (folded in self._glue or folded[:1].isdigit())


def _of_title(title: str) -> Context | None:
    words = fold(title).split()
    is_denied = "take" not in words and not _NOTHING.isdisjoint(words[:-1])
    if is_denied or len(words) > _MOST_TITLE_WORDS:
        return None
    texts = {" ".join(words[a:b]) for a in range(len(words)) for b in range(a + 1, len(words) + 1)}
    known = phrases()
    told = {known[text]["heading"].context for text in texts if "heading" in known.get(text, ())}
    return next((context for context in ("stopped", "allergy", "current") if context in told), None)


def _of_bare(title: str) -> Context | None:
    """A line that is a heading though no colon stands behind it."""
    words = title.split()
    if len(words) > _MOST_BARE_WORDS or not _NOTHING.isdisjoint(fold(title).split()):
        return None
    named = [word for word in words if len(word) > 3]
    return _of_title(title) if all(word[0].isupper() for word in named) else None
