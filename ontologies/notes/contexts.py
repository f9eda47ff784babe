"""What a note says of a drug that it names: taken, stopped, not tolerated, or spoken of otherwise.

The method is that of NegEx (Chapman and others, J Biomed Inform 2001;34:301-310) and ConText
(Harkema and others, J Biomed Inform 2009;42:839-851): a phrase speaks of the names that stand near
it in its clause, before or after it. The phrases are this project's own (`context_phrases`). A word
behind a name in a list with commas ("aspirin, metformin held") speaks of that name, never the next.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ontologies.notes.changes import MOST_WORDS, is_exchanged, leads_over, stays_same
from ontologies.notes.context_phrases import (
    AT_END,
    MOST_PHRASE_WORDS,
    Context,
    Phrase,
    first_words,
    phrases,
)
from ontologies.notes.persons import others_drugs
from ontologies.notes.pronouns import named_by_object, named_by_subject
from ontologies.notes.questions import is_asked
from ontologies.notes.sections import Section, section_at
from ontologies.notes.words import FAR, Word, phrases_from

__all__ = ["Context", "Span", "contexts_of"]

Span = tuple[int, int]
"""The first word and the one after the last, or the first letter and the one after the last."""
_AND = frozenset({"and", "or", "nor", "plus"})
_COORDINATING = _AND | {"the", "a", "any", "his", "her", "their", "your", "my", "all", "of"}
_TURNS = frozenset(
    {"and", "but", "then", "while", "due", "because", "for", "after", "since", "when", "given"}
)
"""What comes behind one of these, after a name and a word that speaks of it, is another matter."""
_OF_SEVERAL = frozenset({"were", "are", "have", "both", "allergies"})
_WEIGHING = frozenset({"consider", "considering"})
_STRUCK = re.compile(r"~~[^~\n]{1,200}~~")


@dataclass(frozen=True, slots=True)
class _Trigger:
    """A phrase in a text: its words, and what it says on each side."""

    first: int
    after: int
    sides: Mapping[str, Phrase]


def contexts_of(
    text: str,
    words: Sequence[Word],
    spans: Sequence[Span],
    found: Sequence[Section],
    glue: Collection[str],
) -> list[Context]:
    """Say for each name, given by its words, what the text says of it.

    Args:
        text: The text.
        words: The words of the text.
        spans: The first word of each name and the one after its last, in order.
        found: The sections of the text.
        glue: Words that may stand between drugs of which one thing is said (doses, routes).
    """
    speech = _Speech(words, spans, glue)
    told = speech.told()
    others = others_drugs(words, spans)
    struck = [match.span() for match in _STRUCK.finditer(text)]
    contexts: list[Context] = []
    for place, (first, _) in enumerate(spans):
        start = words[first].start
        section = section_at(found, start)
        if place in others or (section and section.context == "other_person"):
            contexts.append("other_person")
        elif any(begin < start < end for begin, end in struck):
            contexts.append("stopped")
        else:
            said = told.get(place)
            if said in {None, "current"} and speech.leads_on(place, section):
                said = "stopped"
            if said in {None, "current"} and is_asked(text, words, first):
                said = "plan"
            contexts.append(_within(section, said))
    return contexts


def _within(section: Section | None, said: Context | None) -> Context:
    if section is None:
        return said or "current"
    if section.context == "allergy" and said != "current":
        return "allergy"
    return said or section.context


class _Speech:
    """The phrases of one text, and of which names they speak."""

    def __init__(self, words: Sequence[Word], spans: Sequence[Span], glue: Collection[str]) -> None:
        self._words, self._spans = words, spans
        self._doses, self._glue = glue, {*glue, *_COORDINATING}
        self._name_at = {at: place for place, span in enumerate(spans) for at in range(*span)}
        self._triggers = list(self._found())
        self._phrase_at = {at: t for t in self._triggers for at in range(t.first, t.after)}
        self._told: dict[int, Context] = {}
        self._tellers: dict[int, _Trigger] = {}

    def told(self) -> Mapping[int, Context]:
        for trigger in self._triggers:
            self._hear(trigger)
        heard = {teller.first for teller in self._tellers.values()}
        for trigger in self._triggers:
            if trigger.first in heard and self._thinks(trigger):
                self._plan_rest(trigger)
        return self._told

    def _hear(self, trigger: _Trigger) -> None:
        forward = trigger.sides.get("before") or trigger.sides.get("both")
        backward = trigger.sides.get("after") or trigger.sides.get("both")
        if backward and not self._holds(trigger, backward):
            backward = None
        ahead = self._name_after(trigger, forward) if forward else None
        behind = self._name_before(trigger, backward) if backward else None
        if behind is not None and ahead is not None and self._turns(trigger, ahead):
            ahead = None
        if forward and ahead is not None:
            self._tell(ahead, 1, forward, trigger)
        elif backward and behind is not None:
            self._tell(behind, -1, backward, trigger)
        else:
            self._hear_pronoun(trigger, forward, backward)

    def _hear_pronoun(
        self, trigger: _Trigger, forward: Phrase | None, backward: Phrase | None
    ) -> None:
        """Say of the drugs of the clause before what a phrase says of a pronoun."""
        names: Sequence[int] = ()
        phrase = backward
        if backward and not backward.ends:
            names = named_by_subject(self._words, trigger.first, self._name_at)
        if not names and forward and not forward.ends:
            phrase = forward
            names = named_by_object(self._words, trigger.after, self._name_at)
        if not phrase or phrase.context == "plan":
            return
        for name in names:
            told = self._told.get(name, phrase.context)
            if phrase.context != "negated" or told in {"negated", "current"}:
                is_ended = (told, phrase.context) == ("current", "negated")
                self._told[name] = "stopped" if is_ended else phrase.context
                self._tellers[name] = trigger

    def leads_on(self, name: int, section: Section | None) -> bool:
        """Say whether an arrow leads from a drug to the next: the one was changed to the other."""
        if name + 1 >= len(self._spans) or (section and section.context != "current"):
            return False
        gap = range(self._spans[name][1], self._spans[name + 1][0] + 1)
        return leads_over(self._words, gap, self._glue)

    def _holds(self, trigger: _Trigger, phrase: Phrase) -> bool:
        """Say whether what must stand behind a phrase about a drug before it does."""
        if phrase.context == "stopped" and stays_same(
            self._words, trigger.after, self._name_at, self._doses
        ):
            return False
        if AT_END not in phrase.ends or trigger.after >= len(self._words):
            return True
        following = self._words[trigger.after]
        return following.ends_clause or following.opens_item

    def _turns(self, trigger: _Trigger, ahead: int) -> bool:
        """Say whether something parts a phrase from the name behind it."""
        first = self._spans[ahead][0]
        gap = self._words[trigger.after : first + 1]
        return any(word.opens_item or word.folded in _TURNS for word in gap)

    def _thinks(self, trigger: _Trigger) -> bool:
        forward = trigger.sides.get("before")
        plans = forward is not None and forward.context == "plan"
        return plans or self._words[trigger.first].folded in _WEIGHING

    def _plan_rest(self, trigger: _Trigger) -> None:
        """Take what else the clause of a plan names as planned, where nothing is said of it."""
        for at in range(trigger.after, min(trigger.after + FAR, len(self._words))):
            if self._words[at].ends_clause:
                return
            name = self._name_at.get(at)
            if name is not None:
                self._told.setdefault(name, "plan")

    def _found(self) -> Iterator[_Trigger]:
        place = 0
        while place < len(self._words):
            after = place + 1
            if place not in self._name_at and self._words[place].folded in first_words():
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
                left = self._spans[name][1]
                is_right = is_exchanged(self._words, left, phrase.ends, self._name_at)
                return name if is_right else None
        return None

    def _name_before(self, trigger: _Trigger, phrase: Phrase) -> int | None:
        """Give the last name before a phrase that it may speak of."""
        between = 0
        for at in range(trigger.first - 1, -1, -1):
            near = self._words[at + 1]
            if near.ends_clause or (near.opens_item and not phrase.reach):
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
        told = {word.folded for word in self._words[trigger.first : trigger.after]}
        several = not told.isdisjoint(_OF_SEVERAL)
        while True:
            self._told[name] = phrase.context
            self._tellers[name] = trigger
            other = name + step
            if not 0 <= other < len(self._spans) or not self._are_listed(*sorted((name, other))):
                return
            if step < 0:
                if other in self._told or not (several or self._goes_back(other, name)):
                    return
                several = several or not self._has_figure(other)
            elif phrase.context != "current" and not self._goes_on(name, other):
                return
            name = other

    def _goes_back(self, left: int, right: int) -> bool:
        """Say whether what is said of a name holds for the one before it: and, a stroke.

        It does not where only that one has a figure ("amlodipine 5 and metformin held").
        """
        gap = range(self._spans[left][1], self._spans[right][0])
        joined = not gap or any(self._words[at].folded in _AND for at in gap)
        if not joined or self._opens(left, right):
            return False
        return self._has_figure(right) or not self._has_figure(left)

    def _goes_on(self, left: int, right: int) -> bool:
        """Say whether what is said of a name holds for the next: not if only that has a figure."""
        if not self._opens(left, right) or self._has_figure(left):
            return True
        return not self._has_figure(right)

    def _opens(self, left: int, right: int) -> bool:
        gap = self._words[self._spans[left][1] : self._spans[right][0] + 1]
        return any(word.opens_item for word in gap)

    def _has_figure(self, name: int) -> bool:
        after = self._spans[name][1]
        for word in self._words[after : after + MOST_WORDS]:
            if word.ends_clause or word.opens_item:
                return False
            if word.folded[:1].isdigit():
                return True
        return False

    def _are_listed(self, left: int, right: int) -> bool:
        between = range(self._spans[left][1], self._spans[right][0])
        if self._words[self._spans[right][0]].ends_clause:
            return False
        return all(self._is_glue(at) and not self._words[at].ends_clause for at in between)

    def _is_glue(self, at: int) -> bool:
        folded = self._words[at].folded
        return at not in self._phrase_at and (folded in self._glue or folded[:1].isdigit())
