"""Questions of a note: whether something may be taken."""

from __future__ import annotations

from collections.abc import Sequence

from ontologies.notes.words import Word, clause_around

_ASKING = frozenset(
    {
        "any", "are", "can", "could", "do", "does", "how", "if", "is", "may", "might", "ok",
        "okay", "or", "safe", "shall", "should", "what", "which", "why", "will", "would",
    }
)  # fmt: skip
"""Words of a question."""
_TO_BE_TAKEN = frozenset(
    {"take", "taking", "use", "give", "have", "get", "start", "add", "try", "combine", "mix", "buy"}
)
"""Words of a question whether something may be taken."""


def is_asked(text: str, words: Sequence[Word], at: int) -> bool:
    """Say whether a name stands in a question about what may be taken."""
    first, after = clause_around(words, at)
    told = {word.folded for word in words[first:at]}
    if told.isdisjoint(_ASKING) or told.isdisjoint(_TO_BE_TAKEN):
        return False
    end = words[after].start if after < len(words) else len(text)
    return "?" in text[words[after - 1].end : end]
