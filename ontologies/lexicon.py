"""A written drug name or code -> the drug it means, or ranked candidates; never a silent guess.

An exact name resolves when it names one drug. A name without its salt, strength or dose form, or
with one wrong letter, resolves with a score below 100 and shows the name that was matched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Self

from rapidfuzz.distance import OSA

from ontologies.alike import WORTH_SHOWING, names_alike
from ontologies.curie import PrefixMap, default_prefixes
from ontologies.doses.directions import names_before_directions, without_directions
from ontologies.fold import fold
from ontologies.line_meaning import meaning_of_line
from ontologies.name_index import NameIndex, NameKind, NameRow, Standing, index_names
from ontologies.plain_names import plain_names
from ontologies.product_text import readings
from ontologies.record_lines import n_strengths
from ontologies.resolution import Candidate, Resolution, Status
from ontologies.several import several_meanings
from ontologies.short_meanings import meaning_of_short
from ontologies.slips import meant_by_slip, near_names
from ontologies.written_codes import written_code

__all__ = [
    "WORTH_SHOWING",
    "Candidate",
    "Ingredients",
    "Lexicon",
    "NameKind",
    "NameRow",
    "Resolution",
    "Status",
]

TRIMMED_SCORE = 95.0
"""Score of a match after salt, strength or dose form was left out."""
TEXTS_KEPT = 4_096
LONGEST_KEPT = 120
"""Of how many texts, of how many letters at most, it stays known what they mean."""
LIKELY = 80.0
"""From this score on, the candidates of an unresolved name are called ambiguous."""

Ingredients = Callable[[str], Iterable[str]]
"""Gives the CURIEs of what a drug holds, none where it holds nothing else."""

_MIRROR_IMAGE = "("
"""How the name of one of two mirror images begins; without it, the plain name is meant."""


class Lexicon:
    """All names of the drugs of a graph, ready for look-up."""

    def __init__(
        self, index: NameIndex, prefixes: PrefixMap, ingredients: Ingredients = lambda _: ()
    ) -> None:
        """Answer from an index that was made at any time before.

        What the drugs hold is asked where several drugs bear a name, and where one stands for
        several substances; without it, only the names of combinations tell that.
        """
        self.index = index
        self._prefixes = prefixes
        self._ingredients = ingredients
        self._known = lru_cache(TEXTS_KEPT)(self._look_up)

    @classmethod
    def from_names(
        cls,
        rows: Iterable[NameRow],
        prefixes: PrefixMap | None = None,
        ingredients: Ingredients = lambda _: (),
    ) -> Self:
        """Build a lexicon over the shipped prefixes, or over others; order does not matter."""
        return cls(index_names(rows), prefixes or default_prefixes(), ingredients)

    def name(self, curie: str) -> str:
        """Give the preferred name of a drug; the CURIE itself when it has none."""
        drug = self.index.drug(curie)
        return curie if drug is None else self._name(drug)

    def _name(self, drug: int) -> str:
        return self.index.drug_names[drug] or self.index.drugs[drug]

    def holds(self, text: str) -> bool:
        """Say whether a text is a name that is held, as it stands or without what is not name."""
        return any(self._exact(name, 100.0) for name in (text, *plain_names(text)))

    def lookup(self, text: str, limit: int = 5) -> Resolution:
        """Find the drug that a text means.

        Case, accents, blanks and punctuation do not matter. A CURIE in any known spelling, a bare
        RxCUI (a number), a `CID000003746`, a DrugBank or a ChEMBL number are read as codes. A text
        that exactly names one drug, or is the preferred name of one drug, resolves to it; so does a
        product's name that is not held, by its substances (`ontologies.product_text`). A word that
        usually means several medicines (`ontologies.several`) brings them, and none is chosen.
        """
        return (self._known if len(text) <= LONGEST_KEPT else self._look_up)(text, limit)

    def _look_up(self, text: str, limit: int) -> Resolution:
        code = written_code(text.strip(), self._prefixes)
        if code is not None:
            return self._decided(text, self._of_code(code), limit)
        held = self._held(text, text, 100.0, limit)
        if held:
            return held
        read = (
            self.named(text, limit)
            or self._as_product(text, limit)
            or meaning_of_line(text, self, limit)
        )
        if read is None and (directed := self._directed(text, limit)):
            return directed
        read = read or self._slips(text, limit)
        return self._whole(read, text) if read else self._alike(text, limit)

    def named(self, text: str, limit: int) -> Resolution | None:
        """Give what a name means as it stands, or without strength, form and salt."""
        for name in (text, *plain_names(text)):
            held = self._held(text, name, TRIMMED_SCORE, limit)
            if held:
                return held
        return None

    def substances(self, curie: str) -> frozenset[str]:
        """Give what a drug holds in the end; itself, where it holds nothing else."""
        return frozenset(self._substances(curie, frozenset()))

    def _substances(self, curie: str, above: frozenset[str]) -> Iterator[str]:
        known = self.index.drugs_of_code(curie)
        own = self.index.drugs[known[0]] if len(known) == 1 else curie
        listed = [*self._ingredients(own)] or self._parts_of_name(self.name(own))
        held = [part for part in listed if part not in above | {own}]
        for part in held:
            yield from self._substances(part, above | {own})
        if not held:
            yield own

    def _parts_of_name(self, name: str) -> list[str]:
        """Give the drugs that the name of a combination lists, if each is held."""
        found = [self._exact(part, 100.0) for part in name.split(" / ")]
        return [hits[0].curie for hits in found] if len(found) > 1 and all(found) else []

    def _held(self, text: str, name: str, score: float, limit: int) -> Resolution | None:
        """Give what a name means that is held, or that usually means several medicines."""
        meanings = several_meanings().get(fold(name))
        if meanings:
            return self._open(text, meanings, limit)
        exact = self._exact(name, score)
        decided = self._decided(text, exact, limit) if exact else None
        read = meaning_of_short(name, decided, self, limit)
        return read and replace(read, query=text)

    def _whole(self, read: Resolution, text: str) -> Resolution:
        """Leave open what holds one substance where a text writes the strengths of several."""
        if read.candidate is None or n_strengths(text) < 2:
            return read
        curie = read.candidate.curie
        held = self.substances(curie)
        is_whole = len(held) > 1 or (held == {curie} and self._standing(curie) == "product")
        return read if is_whole else replace(read, status="ambiguous", candidate=None)

    def _decided(self, text: str, found: Sequence[Candidate], limit: int) -> Resolution:
        """Close a look-up whose candidates all match exactly: one is an answer, several are not.

        A drug's own name outweighs the synonym of another, unless nothing is said of that drug.
        """
        if not found:
            return Resolution(text, "unresolved", None, ())
        best = [hit for hit in found if hit.score == found[0].score and _is_own_name(hit)]
        choice = best if len(best) == 1 and self._outweighs(best[0], found) else found
        one = choice[0] if len(choice) == 1 else self._shared(choice)
        return Resolution(text, "resolved" if one else "ambiguous", one, tuple(found[:limit]))

    def _shared(self, found: Sequence[Candidate]) -> Candidate | None:
        """Give the substance of which all of several drugs that bear a name consist alone."""
        held = {self.substances(hit.curie) for hit in found}
        shared = next(iter(held)) if len(held) == 1 else frozenset[str]()
        if len(shared) != 1:
            return None
        curie = next(iter(shared))
        return Candidate(curie, self.name(curie), found[0].matched, TRIMMED_SCORE)

    def _open(self, text: str, meanings: Iterable[str], limit: int) -> Resolution:
        """Leave open which of some medicines is meant, those first that are usual."""
        drugs = dict.fromkeys(drug for code in meanings for drug in self.index.drugs_of_code(code))
        names = ((self.index.drugs[drug], self._name(drug)) for drug in drugs)
        found = tuple(Candidate(curie, name, name, 100.0) for curie, name in names)
        return Resolution(text, "ambiguous" if found else "unresolved", None, found[:limit])

    def _outweighs(self, own: Candidate, found: Sequence[Candidate]) -> bool:
        standings = {hit.curie: self._standing(hit.curie) for hit in found}
        return standings[own.curie] != "other" or "covered" not in standings.values()

    def _standing(self, curie: str) -> Standing:
        drug = self.index.drug(curie)
        return "other" if drug is None else self.index.standing(drug)

    def _of_code(self, code: str) -> list[Candidate]:
        drugs = self.index.drugs_of_code(code)
        return [Candidate(self.index.drugs[drug], self._name(drug), code, 100.0) for drug in drugs]

    def _exact(self, text: str, score: float) -> list[Candidate]:
        key = self.index.key(fold(text))
        keys = self.index.keys_joined(fold(text).replace(" ", "")) if key is None else [key]
        found = self._candidates((key, score) for key in keys)
        return [hit for hit in found if _is_like_signed(hit.matched, text)] or found

    def _candidates(self, keys: Iterable[tuple[int, float]]) -> list[Candidate]:
        """Give each drug once, at its best; own names before others where scores are equal."""
        best: dict[int, Candidate] = {}
        for key, score in keys:
            for row in self.index.rows(key):
                drug = int(self.index.row_drugs[row])
                written = self.index.row_names[row]
                hit = Candidate(self.index.drugs[drug], self._name(drug), written, score)
                held = best.get(drug)
                if held is None or _order(hit) < _order(held):
                    best[drug] = hit
        return sorted(best.values(), key=_order)

    def _as_product(self, text: str, limit: int) -> Resolution | None:
        """Read the name of a product that is not held as the substances that it lists."""
        for shorter in readings(text):
            found = self.named(shorter, limit) or self._slips(shorter, limit)
            if found and found.candidate:
                score = min(found.candidate.score, TRIMMED_SCORE)
                choice = replace(found.candidate, score=score)
                return Resolution(text, "resolved", choice, (choice, *found.candidates[1:]))
        return None

    def _directed(self, text: str, limit: int) -> Resolution | None:
        """Read a line with directions behind its name or strength as the line without them."""
        strong = without_directions(text)
        for shorter in (strong,) if strong else names_before_directions(text):
            found = self.named(shorter, limit) or meaning_of_line(shorter, self, limit)
            if found:
                return replace(self._whole(found, shorter), query=text)
        return None

    def _slips(self, text: str, limit: int) -> Resolution | None:
        """Forgive one wrong letter in a name as it stands, or without salt, strength and form."""
        tried = (self._slip(name, limit) for name in (text, *plain_names(text)))
        found = next((resolution for resolution in tried if resolution), None)
        return found and replace(found, query=text)

    def _slip(self, text: str, limit: int) -> Resolution | None:
        """Forgive one wrong letter in a long word that is not held, where no other drug is near."""
        query = fold(text)
        if not query or self.index.knows_words(query.split()):
            return None
        near = near_names(self.index, query)
        meant = meant_by_slip(query, near)
        if meant is None:
            return None
        found = self._candidates((name.key, _likeness(query, name.text)) for name in near)
        curie = self.index.drugs[meant]
        choice = next(hit for hit in found if hit.curie == curie)
        others = [hit for hit in found if hit.curie != curie]
        return Resolution(text, "resolved", choice, (choice, *others)[:limit])

    def _alike(self, text: str, limit: int) -> Resolution:
        """Rank the names that resemble a text, or that it begins; none is chosen."""
        query = fold(text)
        if not query:
            return Resolution(text, "unresolved", None, ())
        found = self._candidates(names_alike(self.index, query, max(limit * 4, 20)))
        likely = bool(found) and found[0].score >= LIKELY
        status: Status = "ambiguous" if likely else "unresolved"
        return Resolution(text, status, None, tuple(found[:limit]))


def _is_like_signed(name: str, text: str) -> bool:
    """Say whether two alike names do not differ by the sign of a mirror image."""
    if text.startswith(_MIRROR_IMAGE):
        return name.casefold() == text.casefold()
    return not name.startswith(_MIRROR_IMAGE)


def _likeness(query: str, key: str) -> float:
    return round(99.0 * OSA.normalized_similarity(query, key), 1)


def _is_own_name(hit: Candidate) -> bool:
    return hit.name == hit.matched


def _order(hit: Candidate) -> tuple[float, bool, str, str]:
    return -hit.score, not _is_own_name(hit), hit.curie, hit.matched
