"""Which drugs of a note are another person's: a relative stands in the clause and takes them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from ontologies.notes.words import FAR, Word

PERSONS_TABLE = files("ontologies.notes") / "persons.tsv"
"""A word, folded, and what it is: a relative; the patient; what a relative does for the patient
(reports, gives); a word that makes a relative company (with); a word that joins clauses."""
_FAR = 5
"""A drug so many words before a relative is not said to be the relative's."""
_PASSED = frozenset({"her", "his", "their", "the", "a", "my", "pt", "patient", "patients", "who"})


@lru_cache(maxsize=1)
def roles() -> Mapping[str, str]:
    """Give what each word of the table is."""
    lines = PERSONS_TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["word"]: row["role"] for row in rows}


def others_drugs(words: Sequence[Word], spans: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Give the places of the names that a clause says another person takes.

    A relative who tells something or gives a drug, or who is company ("lives with her husband"),
    takes none; what stands before a relative is theirs only within the same item of a list.
    """
    names = {at: place for place, span in enumerate(spans) for at in range(*span)}
    found: set[int] = set()
    for at, word in enumerate(words):
        if _role(word) == "relative" and at not in names and not _is_lifted(words, at):
            reached = [*_ahead(words, at), *_behind(words, at)]
            found.update(names[near] for near in reached if near in names)
    return frozenset(found)


def _role(word: Word) -> str | None:
    known = roles().get(word.folded)
    if known is None and word.folded.endswith("s") and roles().get(word.folded[:-1]) == "relative":
        return "relative"
    return known


def _is_lifted(words: Sequence[Word], at: int) -> bool:
    """Say whether a relative acts for the patient, or only stands by."""
    for near in words[at + 1 : at + 3]:
        if near.ends_clause:
            break
        if _role(near) == "telling":
            return True
    before = at
    while (
        before > max(0, at - _FAR)
        and not words[before].ends_clause
        and words[before - 1].folded in _PASSED
    ):
        before -= 1
    if before == 0 or words[before].ends_clause:
        return False
    near = words[before - 1]
    is_agent = near.folded == "by" and before > 1 and _role(words[before - 2]) == "telling"
    return is_agent or _role(near) == "company"


def _ahead(words: Sequence[Word], at: int) -> Iterator[int]:
    """Yield the words behind a relative until the clause ends or the patient comes."""
    for near in range(at + 1, min(at + FAR, len(words))):
        word = words[near]
        joined = word.opens_item or _role(words[near - 1]) == "joining"
        if word.ends_clause or (joined and _role(word) == "patient"):
            return
        yield near


def _behind(words: Sequence[Word], at: int) -> Iterator[int]:
    for near in range(at, max(0, at - _FAR), -1):
        if words[near].ends_clause or words[near].opens_item:
            return
        yield near - 1
