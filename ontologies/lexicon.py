"""A written drug name or code -> the drug it means, or ranked candidates; never a silent guess.

An exact name resolves when it names one drug. A name without its salt, strength or dose form, or
with one wrong letter, resolves with a score below 100 and shows the name that was matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ontologies.curie import Curie, MalformedCurie, PrefixMap, UnknownPrefix, default_prefixes
from ontologies.fold import fold
from ontologies.letters import differing_bits
from ontologies.name_index import NameIndex, NameKind, NameRow, Standing, index_names
from ontologies.product_text import FORM_WORDS, STRENGTH, readings
from ontologies.salts import ingredient, is_combination
from ontologies.several import several_meanings
from ontologies.slips import meant_by_slip, near_names, with_salt_spelt

__all__ = ["Candidate", "Lexicon", "NameKind", "NameRow", "Resolution", "Status"]

Status = Literal["resolved", "ambiguous", "unresolved"]

TRIMMED_SCORE = 95.0
"""Score of a match after salt, strength or dose form was left out."""
WORTH_SHOWING = 60.0
"""Least score of a candidate."""
LIKELY = 80.0
"""From this score on, the candidates of an unresolved name are called ambiguous."""
MOST_ALIKE = 200
"""Of the names that share most letters with a text so many are compared with it, to be shown."""
MOST_BEGUN = 50
"""So many names that a text begins are looked at."""

_MIRROR_IMAGE = "("
"""How the name of one of two mirror images begins; without it, the plain name is meant."""

_CODE_FORMS = (
    (re.compile(r"0*(\d{1,7})"), "RXCUI"),
    (re.compile(r"CID0*(\d+)", re.IGNORECASE), "PUBCHEM.COMPOUND"),
    (re.compile(r"(DB\d{5})", re.IGNORECASE), "DRUGBANK"),
    (re.compile(r"(CHEMBL\d+)", re.IGNORECASE), "CHEMBL.COMPOUND"),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A drug that a text may mean: its own name, the name that matched, and how well (0 to 100)."""

    curie: str
    name: str
    matched: str
    score: float


@dataclass(frozen=True, slots=True)
class Resolution:
    """What came of a text; `candidate` is set only when it is resolved, `candidates` best first."""

    query: str
    status: Status
    candidate: Candidate | None
    candidates: tuple[Candidate, ...]


class Lexicon:
    """All names of the drugs of a graph, ready for look-up."""

    def __init__(self, index: NameIndex, prefixes: PrefixMap) -> None:
        """Answer from an index that was made at any time before."""
        self.index = index
        self._prefixes = prefixes

    @classmethod
    def from_names(cls, rows: Iterable[NameRow], prefixes: PrefixMap | None = None) -> Self:
        """Build a lexicon over the shipped prefixes, or over others; order does not matter."""
        return cls(index_names(rows), prefixes or default_prefixes())

    def name(self, curie: str) -> str:
        """Give the preferred name of a drug; the CURIE itself when it has none."""
        drug = self.index.drug(curie)
        return curie if drug is None else self._name(drug)

    def _name(self, drug: int) -> str:
        return self.index.drug_names[drug] or self.index.drugs[drug]

    def holds(self, text: str) -> bool:
        """Say whether a text is a name that is held, as it stands or without what is not name."""
        return bool(self._exact(text, 100.0) or self._trimmed(text))

    def lookup(self, text: str, limit: int = 5) -> Resolution:
        """Find the drug that a text means.

        Case, accents, blanks and punctuation do not matter. A CURIE in any known spelling, a bare
        RxCUI (a number), a `CID000003746`, a DrugBank or a ChEMBL number are read as codes. A text
        that exactly names one drug, or is the preferred name of one drug, resolves to it; so does a
        product's name that is not held, by its substances (`ontologies.product_text`). A word that
        usually means several medicines (`ontologies.several`) brings them, and none is chosen.
        """
        code = self._code(text.strip())
        if code is not None:
            return self._decided(text, self._of_code(code), limit)
        meanings = several_meanings().get(fold(text))
        if meanings:
            return self._open(text, meanings, limit)
        exact = self._exact(text, 100.0)
        if exact:
            return self._decided(text, exact, limit)
        trimmed = self._trimmed(text)
        if trimmed:
            return self._decided(text, trimmed, limit)
        return self._as_product(text, limit) or self._slips(text, limit) or self._alike(text, limit)

    def _decided(self, text: str, found: Sequence[Candidate], limit: int) -> Resolution:
        """Close a look-up whose candidates all match exactly: one is an answer, several are not.

        A drug's own name outweighs the synonym of another, unless nothing is said of that drug.
        """
        if not found:
            return Resolution(text, "unresolved", None, ())
        best = [hit for hit in found if hit.score == found[0].score and _is_own_name(hit)]
        choice = best if len(best) == 1 and self._outweighs(best[0], found) else found
        if len(choice) == 1:
            return Resolution(text, "resolved", choice[0], tuple(found[:limit]))
        return Resolution(text, "ambiguous", None, tuple(found[:limit]))

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

    def _code(self, text: str) -> str | None:
        for form, prefix in _CODE_FORMS:
            match = form.fullmatch(text)
            if match:
                return str(Curie(prefix, match[1].upper()))
        try:
            return str(self._prefixes.standard(text))
        except (MalformedCurie, UnknownPrefix):
            return None

    def _of_code(self, code: str) -> list[Candidate]:
        drugs = self.index.drugs_of_code(code)
        return [Candidate(self.index.drugs[drug], self._name(drug), code, 100.0) for drug in drugs]

    def _exact(self, text: str, score: float) -> list[Candidate]:
        key = self.index.key(fold(text))
        keys = self.index.keys_joined(fold(text).replace(" ", "")) if key is None else [key]
        found = self._candidates((key, score) for key in keys)
        return [hit for hit in found if _is_like_signed(hit.matched, text)] or found

    def _trimmed(self, text: str) -> list[Candidate]:
        """Match a single substance without strength, dose form and salt."""
        tried = (self._exact(shorter, TRIMMED_SCORE) for shorter in _shorter(text))
        return next((found for found in tried if found), [])

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
            exact = self._exact(shorter, TRIMMED_SCORE) or self._trimmed(shorter)
            found = self._decided(text, exact, limit) if exact else self._slips(shorter, limit)
            if found and found.candidate:
                score = min(found.candidate.score, TRIMMED_SCORE)
                choice = replace(found.candidate, score=score)
                return Resolution(text, "resolved", choice, (choice, *found.candidates[1:]))
        return None

    def _slips(self, text: str, limit: int) -> Resolution | None:
        """Forgive one wrong letter in a name as it stands, or without salt, strength and form."""
        tried = (self._slip(name, limit) for name in (text, *_shorter(text)))
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
        alike = process.extract(
            query,
            {key: self.index.keys[key] for key in self._with_like_letters(query)},
            scorer=OSA.normalized_similarity,
            score_cutoff=WORTH_SHOWING / 100,
            limit=max(limit * 4, 20),
        )
        found = self._candidates(
            [(key, round(99.0 * score, 1)) for _, score, key in alike] + list(self._begun(query))
        )
        likely = bool(found) and found[0].score >= LIKELY
        status: Status = "ambiguous" if likely else "unresolved"
        return Resolution(text, status, None, tuple(found[:limit]))

    def _with_like_letters(self, query: str) -> list[int]:
        """Give the keys whose letters are most like those of a query, in the order of length."""
        share = WORTH_SHOWING / 100
        bounds = (len(query) * share, len(query) / share + 1)
        start, end = (int(place) for place in np.searchsorted(self.index.lengths, bounds))
        differing = differing_bits(query, self.index.marks[start:end])
        n_within = np.cumsum(np.bincount(differing))
        most = int(np.searchsorted(n_within, MOST_ALIKE, side="right"))
        return [int(key) for key in self.index.by_length[start:end][differing <= most]]

    def _begun(self, query: str) -> Iterator[tuple[int, float]]:
        """Names that the text begins, for a text of three letters or more."""
        if len(query) >= 3:
            for key in self.index.keys_that_begin(query, MOST_BEGUN):
                share = len(query) / len(self.index.keys[key])
                yield key, round(WORTH_SHOWING + 35.0 * share, 1)


def _shorter(text: str) -> Iterator[str]:
    """Yield the name of one substance without strength and dose form, then without its salt."""
    named = STRENGTH.sub(" ", text)
    if is_combination(named):
        return
    words = [word for word in fold(named).split() if word not in FORM_WORDS]
    bare = " ".join(words)
    for shorter in dict.fromkeys((bare, ingredient(with_salt_spelt(bare)))):
        if shorter and shorter != fold(text):
            yield shorter


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
