"""The parts of a note under a heading that says what the medicines in them are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ontologies.fold import fold
from ontologies.notes.context_phrases import Context, phrases

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
_PRECEDENCE: tuple[Context, ...] = (
    "other_person",
    "stopped",
    "allergy",
    "plan",
    "current",
    "negated",
)
"""Of headings of one length the first of these holds."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text under a heading that says what the medicines in it are."""

    start: int
    end: int
    context: Context


def sections(text: str, names: Sequence[tuple[int, int]] = ()) -> list[Section]:
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


def _of_title(title: str) -> Context | None:
    words = fold(title).split()
    is_denied = "take" not in words and not _NOTHING.isdisjoint(words[:-1])
    if is_denied or len(words) > _MOST_TITLE_WORDS:
        return None
    for length in range(len(words), 0, -1):
        texts = (" ".join(words[at : at + length]) for at in range(len(words) - length + 1))
        known = (phrases().get(text, {}).get("heading") for text in texts)
        told = {phrase.context for phrase in known if phrase}
        if told:
            return next(context for context in _PRECEDENCE if context in told)
    return None


def _of_bare(title: str) -> Context | None:
    """A line that is a heading though no colon stands behind it."""
    words = title.split()
    if len(words) > _MOST_BARE_WORDS or not _NOTHING.isdisjoint(fold(title).split()):
        return None
    named = [word for word in words if len(word) > 3]
    return _of_title(title) if all(word[0].isupper() for word in named) else None
