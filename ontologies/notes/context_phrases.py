"""The phrases by which a note says what it says of a drug: a table, read once."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, get_args

Context = Literal["current", "stopped", "allergy", "negated", "plan", "other_person"]
"""`negated`: the text speaks of the drug otherwise than as taken, stopped or not tolerated;
`plan`: somebody thinks of giving it, or asks; `other_person`: another than the patient takes it."""

CONTEXTS_TABLE = files("ontologies.notes") / "contexts.tsv"
"""A phrase; whether it speaks of what comes before or after it or heads a section; what it says;
how many words may stand between; words of which one must come behind the drug for it to hold, and
after it another drug, unless a full stop stands behind the word. A full stop alone: the phrase
speaks of the drug before it only where nothing follows it ("ibuprofen use: denies")."""
AT_END = "."
MOST_PHRASE_WORDS = 6
_LONG = 6


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the table on one side."""

    side: str
    context: Context
    reach: int
    ends: tuple[str, ...]


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
def first_words() -> frozenset[str]:
    """Give the words with which a phrase begins."""
    return frozenset(phrase.partition(" ")[0] for phrase in phrases())


@lru_cache(maxsize=1)
def allergy_words() -> frozenset[str]:
    """Give the words that tell of an allergy: those of some length in a phrase that says so."""
    told = (text for text, sides in phrases().items() if _says(sides, "allergy"))
    return frozenset(word for text in told for word in text.split() if len(word) >= _LONG)


def _says(sides: Mapping[str, Phrase], context: Context) -> bool:
    return any(phrase.context == context for phrase in sides.values())
