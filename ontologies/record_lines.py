"""How the records of hospitals write a medicine: name, brand in brackets, strengths, form, times.

``amoxicillin-clavulanate 875-125 mg tablet``, ``warfarin (Coumadin) 5 mg``, ``MTX 15 mg weekly``.
A line is read only if every word of it is explained: a substance must never get lost. The words
that explain something stand in `PRODUCT_WORDS_TABLE`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from ontologies.fold import fold

PRODUCT_WORDS_TABLE = files("ontologies") / "data" / "product_words.tsv"
"""Word, what it tells (form, release, route, injected, frequency, between, salt), the word it is
short for, and the list in which it stands."""
_NUMBER = r"\d+(?:[.,]\d+)*"
_SMALL = r"(?:mg|mcg|µg|ug|g|gm|micrograms?|milligrams?|grams?|iu|units?|unt|meq|mmol|%)"
_VOLUME = r"(?:ml|l|hrs?|hours?|h)"
"""Units of what a strength is in, and of durations."""
_WITHIN = rf"(?:{_VOLUME}|dose|actuat\w*|spray|puff|tab(?:let)?|cap(?:sule)?|each|day)"
_AMOUNT = rf"{_NUMBER}(?:\s?{_SMALL}(?:-{_SMALL})*(?![a-z\d])|(?!\s?{_VOLUME}\b)(?![\w.,%]))"
_STRENGTHS = re.compile(
    rf"(?<![\w.,/-]){_AMOUNT}(?:\s?[-/]\s?{_AMOUNT})*"
    rf"(?:\s?/\s?(?:(?:{_NUMBER}\s?)?{_WITHIN}|m?g))?(?![a-z\d])",
    re.IGNORECASE,
)
"""One strength or several that belong together, with what they are in."""
_UNIT = re.compile(rf"\d\s?{_SMALL}(?![a-z])", re.IGNORECASE)
_ONE_AMOUNT = re.compile(_AMOUNT, re.IGNORECASE)
_IN_WHAT = re.compile(rf"\s?/\s?(?:(?:{_NUMBER}\s?)?{_WITHIN}|m?g)$", re.IGNORECASE)
_ASIDE = re.compile(rf"(?<![\w.,/-]){_NUMBER}\s?{_VOLUME}(?![a-z\d])", re.IGNORECASE)
"""A volume or a duration that is no part of a strength."""
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_JOINTS = re.compile(r"\s*[/+]\s*|\s*-\s*|\s+(?:and|with)\s+", re.IGNORECASE)
_OF_NAMES = frozenset({None, "frequency", "between", "injected"})
"""Kinds of words that may be part of a name, such as Tylenol Night and Emend IV."""
_HALF = re.compile(r"(?<![\d/.,-])1/[24](?= *(?:tab|cap|pill)s?)", re.IGNORECASE)
"""A piece of a tablet, and no pair of strengths."""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """What a line names: a medicine, what stands in brackets beside it, and how many strengths.

    ``strengths`` counts the amounts that are written together, as in ``875-125 mg``.
    """

    name: str
    beside: tuple[str, ...]
    strengths: int


@lru_cache(maxsize=1)
def product_words() -> Mapping[str, str]:
    """Give, for each word of the table, what it tells."""
    return {row["word"]: row["kind"] for row in _rows() if row["kind"] != "salt"}


@lru_cache(maxsize=1)
def short_salts() -> Mapping[str, str]:
    """Give, for each shortened name of a metal, that name."""
    return {row["word"]: row["meaning"] for row in _rows() if row["kind"] == "salt"}


def read_line(text: str) -> RecordLine | None:
    """Read a line of a record; ``None`` where a word is not explained, or nothing but a name is.

    >>> read_line("apixaban (ELIQUIS) 5 mg Tab")
    RecordLine(name='apixaban', beside=('ELIQUIS',), strengths=1)
    >>> read_line("carbidopa-levodopa 25-100 mg").strengths
    2
    >>> read_line("aspirin 81 mg clopidogrel 75 mg")
    """
    beside = tuple(inner.strip() for inner in _BRACKETS.findall(text) if not _tells_amount(inner))
    plain = _BRACKETS.sub(" ", text)
    found = next(_strengths(plain), None)
    before = plain[: found.start()] if found else plain
    after = plain[found.end() :] if found else ""
    if not _explains(_ASIDE.sub(" ", after)):
        return None
    name = _without_words(_ASIDE.sub(" ", before) if found else before)
    if not name or _strength_in(name) or name == text.strip():
        return None
    return RecordLine(name, beside, n_strengths(plain))


def n_strengths(text: str) -> int:
    """Count the amounts that a text writes together: a combination has several, or a range two.

    >>> n_strengths("amoxicillin 875 mg-125 mg"), n_strengths("valproate 500 mg/5 mL")
    (2, 1)
    >>> n_strengths("metoprolol 1/2 tab bid")
    0
    """
    plain = _HALF.sub(" ", text)
    return max((_n_amounts(found[0]) for found in _strengths(plain)), default=0)


def parts(name: str) -> tuple[str, ...]:
    """Give what the joints of a name part, in its order; the name alone where there is none.

    >>> parts("amlodipine besylate-benazepril")
    ('amlodipine besylate', 'benazepril')
    """
    return tuple(part.strip() for part in _JOINTS.split(name))


def with_salt_behind(part: str) -> str | None:
    """Give a name whose first word is a shortened metal, as salts are called; else ``None``.

    >>> with_salt_behind("pot clavulanate")
    'clavulanate potassium'
    """
    first, _, rest = fold(part).partition(" ")
    return f"{rest} {short_salts()[first]}" if rest and first in short_salts() else None


def _strengths(text: str) -> Iterator[re.Match[str]]:
    """Yield amounts that have a unit, and numbers without one that are joined (5/160)."""
    for found in _STRENGTHS.finditer(text):
        if _UNIT.search(found[0]) or _n_amounts(found[0]) > 1:
            yield found


def _n_amounts(written: str) -> int:
    return len(_ONE_AMOUNT.findall(_IN_WHAT.sub("", written)))


def _strength_in(text: str) -> bool:
    return next(_strengths(text), None) is not None


def _explains(text: str) -> bool:
    """Say whether each word of a text tells something that is no substance."""
    return all(word in product_words() for word in fold(text).split())


def _tells_amount(inner: str) -> bool:
    """Say whether a bracket holds nothing but amounts and words of the table."""
    return _explains(_STRENGTHS.sub(" ", _ASIDE.sub(" ", inner)))


def _without_words(name: str) -> str:
    """Take the words of form, release and route off the end of a name.

    That something is injected, or for the night, may be part of a name; times stand behind
    strengths.
    """
    words = name.split()
    while words and product_words().get(fold(words[-1])) not in _OF_NAMES:
        words.pop()
    return " ".join(words).strip(" ,-")


def _rows() -> list[dict[str, str]]:
    lines = PRODUCT_WORDS_TABLE.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
