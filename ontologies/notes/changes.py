"""Whether a note exchanges a drug for another, or only changes its dose, its form or its time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ontologies.notes.words import Word

_UNITS = frozenset({"mg", "mcg", "ug", "g", "ml", "iu", "meq", "mmol"})
_OF_ONE_DRUG = frozenset(
    {
        "extended", "immediate", "modified", "sustained", "er", "xr", "sr", "liquid", "generic",
        "morning", "mornings", "evening", "evenings", "night", "nights", "bedtime", "breakfast",
        "dinner", "once", "twice", "three", "every", "alternate", "half", "iv", "po", "subcut",
    }
)  # fmt: skip
"""Words for another form or time of the same drug."""
MOST_WORDS = 30
"""An exchange is told within so many words."""
_NEAR = 4
"""The name of another drug stands within so many words: "to oral apixaban"."""


def leads_over(words: Sequence[Word], gap: range, glue: Collection[str]) -> bool:
    """Say whether the words from the end of a drug to the next one hold an arrow and doses alone.

    ``gap`` ends with the first word of the next drug; ``glue`` are words that stand beside doses.
    """
    *between, last = [words[at] for at in gap]
    if any(word.ends_clause for word in (*between, last)):
        return False
    is_plain = all(
        word.folded in glue or word.folded in _UNITS or word.folded[:1].isdigit()
        for word in between
    )
    return is_plain and any(word.after_arrow for word in (*between, last))


def stays_same(
    words: Sequence[Word], after: int, names: Collection[int], glue: Collection[str]
) -> bool:
    """Say whether what follows "changed to" is a dose, a form or a time and no other drug.

    ``after`` is the word behind the phrase, ``names`` are the words that name drugs.
    """
    if after >= len(words) or words[after - 1].folded != "to" or words[after].ends_clause:
        return False
    word = words[after].folded
    if not (word[:1].isdigit() or word in glue or word in _OF_ONE_DRUG):
        return False
    for at in range(after, min(after + _NEAR, len(words))):
        if words[at].ends_clause or (at > after and words[at].opens_item):
            return True
        if at in names:
            return False
    return True


def is_exchanged(
    words: Sequence[Word], start: int, ends: Collection[str], names: Collection[int]
) -> bool:
    """Say whether the word comes that must come behind a drug, and then another drug.

    ``ends`` are such words, of which none may be asked for; behind one with a full stop no other
    drug is needed. An arrow does too.
    """
    if not ends:
        return True
    for at in range(start, min(start + MOST_WORDS, len(words))):
        word = words[at]
        if word.ends_clause:
            return False
        if f"{word.folded}." in ends:
            return True
        if word.folded in ends or word.after_arrow:
            return any(near in names for near in range(at, at + 3))
    return False
