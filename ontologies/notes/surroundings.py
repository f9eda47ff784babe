"""What stands beside a word of a note: a dose, a verb of taking, a place in a list of medicines."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ontologies.notes.beside_names import dose_beside, figure_beside, is_cut_dose, is_timed
from ontologies.notes.context_phrases import allergy_words, phrases
from ontologies.notes.ordinary_words import SHORT
from ontologies.notes.sections import section_at, sections
from ontologies.notes.words import Word, clause_around
from ontologies.short_names import Need

_TAKING = frozenset(
    {"on", "oral", "iv", "po", "im", "inhaled", "topical", "intravenous", "subcutaneous"}
)
_SURELY_TAKING = frozenset(
    {
        "on", "take", "takes", "taking", "took", "start", "started", "starting", "stop", "stopped",
        "continue", "continues", "hold", "held",
    }
)  # fmt: skip
"""Behind these a misspelt name is looked for."""
_NOT_TAKING = frozenset(
    {"no", "without", "with", "not", "change", "changed", "use", "sensitive", "off"}
)
_SKIPPED = frozenset(
    {"the", "his", "her", "some", "on", "with", "taking", "oral", "daily", "your", "to"}
)
_ENDS_ITEM = re.compile(r"[ \t]*(?:[,;.:)(\n\u2022]|-[ \t]|\Z|and\b|\d)")
_BEGINS_ITEM = re.compile(r"(?:[,;:(\n\u2022]|\band\b)[ \t]*\Z")
_VALUE = re.compile(r"[ \t]*(?:level|of|was|is|[:=(<>])*[ \t]*\d")
_LISTING = frozenset({"and", "or", "plus"})
_LOOK_BACK = 12
_FIGURE = re.compile(r"\d")
_NEAR = 60
"""A dose that is further away is not one of a word."""


class Surroundings:
    """Tells for the words of one text whether what a name needs stands beside them."""

    def __init__(self, text: str, words: Sequence[Word]) -> None:
        """Find the sections of the text."""
        self._text, self._words = text, words
        self._sections = sections(text)
        self.last = 0
        """The place after the last drug that was found."""

    def has(self, need: Need, place: int, after: int) -> bool:
        """Say whether words have beside them what they need to name a medicine."""
        if need in {"none", "never"}:
            return need == "none"
        if self.is_dosed(place, after) or self.is_listed(place, after):
            return True
        if need == "name":
            is_named = self._is_taken(place) or self.is_capital(place)
            return is_named or self._goes_on_list(place)
        end = self._words[after - 1].end
        return need == "taken" and self._is_taken(place) and not _VALUE.match(self._text, end)

    def is_dosed(self, place: int, after: int) -> bool:
        """Say whether a dose stands close by."""
        start, end = self._words[place].start, self._words[after - 1].end
        return dose_beside(self._text, start, end, closely=True)[0] is not None

    def is_counted(self, after: int, strengths: Collection[str] = ()) -> bool:
        """Say whether a bare figure follows that is a dose: a usual one, or one with a time."""
        figure, end = figure_beside(self._text, self._words[after - 1].end)
        return figure is not None and (figure in strengths or is_timed(self._text, end))

    def is_joined(self, place: int) -> bool:
        """Say whether a stroke or a hyphen joins a word to a drug before it."""
        if not self.last or self.last != place:
            return False
        return self._text[self._words[place - 1].end : self._words[place].start] in {"/", "-"}

    def follows_verb(self, place: int) -> bool:
        """Say whether a verb of taking or stopping stands right before a word."""
        if place == 0 or not self._words[place].follows:
            return False
        return self._words[place - 1].folded in _SURELY_TAKING

    def tells_allergy(self, place: int) -> bool:
        """Say whether the section, or a word of the clause, speaks of an allergy."""
        section = section_at(self._sections, self._words[place].start)
        if section is not None:
            return section.context == "allergy"
        first, after = clause_around(self._words, place)
        return any(word.folded in allergy_words() for word in self._words[first:after])

    def may_be_read(self, place: int) -> bool:
        """Say whether a misspelt name may stand here though no dose with a unit is beside it.

        It may before a bare figure with a time or behind another drug of a list, and in a list of
        allergies.
        """
        figure, _ = figure_beside(self._text, self._words[place].end)
        if figure and (self.is_counted(place + 1) or self._goes_on_list(place)):
            return True
        section = section_at(self._sections, self._words[place].start)
        return section is not None and section.context == "allergy" and self.begins_item(place)

    def cuts_dose(self, after: int) -> bool:
        """Say whether words end with the number of a dose."""
        last = self._words[after - 1]
        return last.folded.isdigit() and is_cut_dose(self._text, last.end)

    def is_bare(self, place: int) -> bool:
        """Say at little cost that a word can have neither a dose nor a list beside it."""
        word = self._words[place]
        if section_at(self._sections, word.start) is not None:
            return False
        return not _FIGURE.search(self._text, max(0, word.start - _NEAR), word.end + _NEAR)

    def is_listed(self, place: int, after: int) -> bool:
        """Say whether words are an item of a list of medicines, alone or before a number."""
        section = section_at(self._sections, self._words[place].start)
        if section is None or section.context == "allergy":
            return False
        ends = _ENDS_ITEM.match(self._text, self._words[after - 1].end)
        return ends is not None and self.begins_item(place)

    def begins_item(self, place: int) -> bool:
        """Say whether a word is the first of a line or of an item of a list."""
        start = self._words[place].start
        before = self._text[max(0, start - _LOOK_BACK) : start]
        return self._words[place].starts_line or bool(_BEGINS_ITEM.search(before))

    def _is_taken(self, place: int) -> bool:
        """Say whether a verb of taking, a route or another drug stands before a word."""
        if self._follows_drug(place):
            return True
        for at in range(place - 1, max(-1, place - 4), -1):
            word = self._words[at].folded
            if self._words[at + 1].ends_clause or word in _NOT_TAKING:
                return False
            both = f"{self._words[at - 1].folded} {word}" if at else word
            sides = {**phrases().get(word, {}), **phrases().get(both, {})}
            if word in _TAKING or "before" in sides or "both" in sides:
                return True
            if word not in _SKIPPED:
                return False
        return False

    def _follows_drug(self, place: int) -> bool:
        """Say whether a word is listed behind another drug."""
        if not self.last or self._words[place].ends_clause:
            return False
        if self.last == place - 1:
            return self._words[place - 1].folded in _LISTING
        gap = self._text[self._words[place - 1].end : self._words[place].start]
        return self.last == place and gap.strip() == ","

    def _goes_on_list(self, place: int) -> bool:
        """Say whether a word begins an item behind an item of the same clause that is a drug."""
        if not self.last or not self.begins_item(place):
            return False
        gap = self._words[self.last : place + 1]
        parts = sum(word.opens_item for word in gap)
        return parts == 1 and not any(word.ends_clause for word in gap)

    def is_capital(self, place: int) -> bool:
        """Say whether a word of some length begins with a capital, and is not wholly of them."""
        word = self._words[place]
        written = self._text[word.start : word.end]
        return len(written) >= SHORT and written[0].isupper() and not written.isupper()
