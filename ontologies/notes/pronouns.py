"""Drugs of which a note speaks by a pronoun ("Started on lisinopril. It was stopped in June.").

A pronoun stands for the one drug of the clause before, "they" for all of them. "It" is not followed
where that clause names several, nor where something else stands between it and what is said ("it
was noted that ...").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ontologies.notes.words import FAR, Word, clause_around

_SUBJECTS = frozenset({"it", "this", "that"})
_OF_SEVERAL = frozenset({"they", "both", "these", "those"})
_OBJECTS = frozenset({"it", "this", "that"})
_CARRIED_ON = frozenset({"and", "so", "but"})
_MOST_BETWEEN = 2
"""Words between a pronoun and what is said of it: "it was then", "it has since been"."""
_MOST_CARRIED = 8
"""Words between them where "and" stands before what is said: "it made her cough and was"."""


def named_by_subject(words: Sequence[Word], at: int, names: Mapping[int, int]) -> tuple[int, ...]:
    """Give the drugs for which the pronoun stands that begins the clause before a phrase.

    So does "it" right before a phrase, for the one drug that its own clause names before it.

    ``names`` gives the drug to which each word belongs that names one; ``at`` is the first word of
    the phrase.
    """
    first, _ = clause_around(words, at)
    if first == at:
        return ()
    told = sorted({names[near] for near in range(first, at) if near in names})
    if words[at - 1].folded == "it" and told:
        return tuple(told) if len(told) == 1 else ()
    if not _speaks_on(words, first):
        return ()
    between = at - first - 1
    is_carried = words[at - 1].folded in _CARRIED_ON and between <= _MOST_CARRIED
    if between > _MOST_BETWEEN and not is_carried:
        return ()
    if told:
        return ()
    return _before(words, first, names, of_several=words[first].folded in _OF_SEVERAL)


def named_by_object(words: Sequence[Word], after: int, names: Mapping[int, int]) -> tuple[int, ...]:
    """Give the drugs for which the pronoun stands that follows a phrase ("she stopped it")."""
    if after >= len(words) or words[after].folded not in _OBJECTS or words[after].ends_clause:
        return ()
    first, end = clause_around(words, after)
    if any(near in names for near in range(first, end)):
        return ()
    is_followed = after + 1 < end and not words[after + 1].opens_item
    if words[after].folded != "it" and is_followed:
        return ()  # "stopped this habit", "took that day"
    return _before(words, first, names, of_several=False)


def _speaks_on(words: Sequence[Word], at: int) -> bool:
    return words[at].folded in _SUBJECTS | _OF_SEVERAL


def _before(
    words: Sequence[Word], first: int, names: Mapping[int, int], *, of_several: bool
) -> tuple[int, ...]:
    """Give the drugs of the clause before a place; of one that speaks by a pronoun, its own."""
    start = first
    for _ in range(2):
        if start == 0:
            return ()
        start, after = clause_around(words, start - 1)
        told = sorted({names[at] for at in range(start, after) if at in names})
        if told:
            return tuple(told) if len(told) == 1 or of_several else ()
        if not _speaks_on(words, start) or first - start > FAR:
            return ()
    return ()
