"""What of a written medicine may be left aside, and when a medicine would get lost by that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from api.contents import Contents
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.lexicon import TRIMMED_SCORE, Resolution
from ontologies.record_lines import n_strengths, parts, product_words, read_line

BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
STRENGTH = re.compile(r"(?<![\w.])\d[\d,.]*\s?(?:%|[a-zA-Zµ])")
_STROKE = re.compile(r"\s/\s")
_PER = re.compile(
    r"/\s?(?:\d[\d.]*\s?)?(?:m?l|hr?|hour|actuat\w*|dose|g|mg|day|spray|\d+)\b", re.IGNORECASE
)
"""What a strength is said to be in, behind a stroke."""
_SEVERAL = re.compile(r"[/+&;]|\b(?:and|with|in)\b", re.IGNORECASE)
"""What joins the names of several substances."""
_ADDED = re.compile(r"[\[(]\s*(?:and|with|plus|\+)\b", re.IGNORECASE)
"""How a bracket begins that adds a substance."""
_LEAST_LETTERS = 4
"""Shorter words behind a strength are not looked up."""


def before_strength(text: str) -> str:
    """Give the words before the first strength of a text that names one medicine; else nothing.

    >>> before_strength("Fentanyl 25micrograms/hour patch")
    'Fentanyl'
    >>> before_strength("Acetaminophen 325 MG / Oxycodone 5 MG Oral Tablet")
    ''
    """
    plain = BRACKETS.sub(" ", text)
    strength = STRENGTH.search(plain)
    bare = _PER.sub(" ", plain)
    if _ADDED.search(text) or _SEVERAL.search(bare) or (strength is None and plain == text):
        return ""
    return " ".join((plain[: strength.start()] if strength else plain).split())


def loses_a_drug(text: str, drugs: Iterable[Curie], contents: Contents) -> bool:
    """Say whether a text tells more than some drugs: by its strengths, brackets or last words."""
    known = set(drugs)
    if len(known) < 2 <= n_strengths(text):
        return True
    told = (contents.lexicon.lookup(name) for name in _told_beside(text))
    others = {entry.drug for entry in contents.of(told)}
    return any(contents.graph.covers(drug) for drug in others - known)


def joined_medicines(text: str, contents: Contents) -> list[Resolution]:
    """Read a combination that is not held by its parts, if each has its strength; else nothing.

    RxNorm writes every substance with its strength, a stroke between two; records write
    ``ramipril-indapamide 5-1.25 mg``.
    """
    pieces = _STROKE.split(BRACKETS.sub(" ", text))
    if len(pieces) < 2 or not all(map(STRENGTH.search, pieces)):
        line = read_line(text)
        pieces = list(parts(line.name)) if line and not line.beside else []
        if line is None or not 1 < len(pieces) == line.strengths:
            return []
    found = [contents.lexicon.lookup(piece.strip()) for piece in pieces]
    return found if all(map(_is_certain, found)) else []


def _is_certain(found: Resolution) -> bool:
    return found.candidate is not None and found.candidate.score >= TRIMMED_SCORE


def _told_beside(text: str) -> Iterator[str]:
    """Yield what stands in brackets, and the words behind the first strength."""
    yield from (inner[1:-1] for inner in BRACKETS.findall(text))
    plain = BRACKETS.sub(" ", text)
    strength = STRENGTH.search(plain)
    for word in fold(plain[strength.end() :]).split() if strength else ():
        if len(word) >= _LEAST_LETTERS and word.isalpha() and word not in product_words():
            yield word
