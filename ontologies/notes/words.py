"""A free text as words with their places, and where its clauses and lines end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ontologies.fold import fold

WRAPPED_FROM = 50
"""A line of so many letters that does not end a sentence goes on in the next one."""
FAR = 50
"""Nothing is said of a drug by a word further away."""

_WORD = re.compile(r"\d+(?:[.,]\d+)*[^\W\d_]*|[^\W_]+(?:['\u2019][^\W_]+)*")
_WITHIN_NAMES = frozenset(
    {" ", "-", "\u2010", "\u2011", "\u2013", "/", " / ", "- ", ". ", ".", " - "}
)
"""What may stand between two words of one name."""
_ABBREVIATED = frozenset({"st", "dr", "mr", "mrs", "ms", "approx", "vs"})
_CLAUSE_END = re.compile(r"[;\u2022]|[.!?]\s|\n")
_OPENS_ITEM = re.compile(r"[,)|\n]|[-=]>|[\u2192\u21d2]")
_ARROW = re.compile(r"[-=]>|[\u2192\u21d2]")
_ITEM_MARK = re.compile(r"[ \t]*(?:[-*\u2022\u2013>]|\d{1,3}[.)]|[a-z][.)])[ \t]*\Z")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its place in the text, in code points, its folded form, and what parts it."""

    start: int
    end: int
    folded: str
    follows: bool
    """It may go on a name that the word before it begins."""
    ends_clause: bool
    """A clause ends between the word before and it."""
    starts_line: bool
    """It is the first word of a line or of an item of a list."""
    opens_item: bool = False
    """A comma, a closing bracket or an arrow parts it from the word before."""
    after_arrow: bool = False
    """An arrow stands between the word before and it."""


def words_of(text: str) -> list[Word]:
    """Split a text into its words, in order."""
    return list(_words(text))


def _words(text: str) -> Iterator[Word]:
    end = 0
    previous = ""
    for match in _WORD.finditer(text):
        start = match.start()
        gap = text[end:start]
        written = match[0]
        plain = written.isascii() and written.isalnum()
        folded = written.lower() if plain else fold(written)
        if gap == " ":
            yield Word(
                start, match.end(), folded, follows=True, ends_clause=False, starts_line=False
            )
        else:
            yield _after_gap(text, (end, start), match.end(), folded, previous)
        end, previous = match.end(), folded


def _after_gap(text: str, gap: tuple[int, int], end: int, folded: str, previous: str) -> Word:
    before, start = gap
    between = text[before:start]
    is_first = before == 0
    is_wrapped = not is_first and _is_wrapped(text, before, between)
    is_short = previous in _ABBREVIATED or (len(previous) == 1 and previous.isalpha())
    abbreviated = between == ". " and is_short
    follows = is_wrapped or (between in _WITHIN_NAMES and (between != ". " or abbreviated))
    breaks = not is_wrapped and not abbreviated and bool(_CLAUSE_END.search(between))
    line = between.rpartition("\n")[2]
    opens = is_first or ("\n" in between and not is_wrapped)
    marked = opens and (not line.strip() or _ITEM_MARK.match(line) is not None)
    numbered = bool(re.fullmatch(r"[.)] *", between)) and previous.isdigit()
    return Word(
        start,
        end,
        folded,
        follows=follows,
        ends_clause=breaks,
        starts_line=marked or numbered,
        opens_item=_OPENS_ITEM.search(between) is not None and not is_wrapped,
        after_arrow=_ARROW.search(between) is not None,
    )


def _is_wrapped(text: str, before: int, between: str) -> bool:
    """Say whether a single line break stands where a long line had to end."""
    if between.strip() or between.count("\n") != 1:
        return False
    return before - text.rfind("\n", 0, before) > WRAPPED_FROM


def phrases_from(
    words: Sequence[Word], place: int, longest: int, *, across: bool = False
) -> Iterator[tuple[str, int]]:
    """Yield the words from a place on, folded and joined, and the place after them.

    The shortest comes first; a name ends where punctuation stands, a phrase (``across``) where a
    clause ends.
    """
    text = words[place].folded
    yield text, place + 1
    for end in range(place + 1, min(place + longest, len(words))):
        word = words[end]
        if word.ends_clause or not (across or word.follows):
            return
        text = f"{text} {word.folded}"
        yield text, end + 1


def clause_around(words: Sequence[Word], at: int) -> tuple[int, int]:
    """Give the first word of the clause of a word, and the one after its last, within `FAR`."""
    first, after = at, at + 1
    while first > max(0, at - FAR) and not words[first].ends_clause:
        first -= 1
    while after < min(at + FAR, len(words)) and not words[after].ends_clause:
        after += 1
    return first, after
