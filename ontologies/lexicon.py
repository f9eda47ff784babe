"""A written drug name or code -> the drug it means, or ranked candidates; never a silent guess.

An exact name resolves when it names one drug. A name without its salt, strength or dose form, or
with one wrong letter, resolves with a score below 100 and shows the name that was matched.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import takewhile
from typing import TYPE_CHECKING, Literal, Self

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ontologies.curie import Curie, MalformedCurie, PrefixMap, UnknownPrefix, default_prefixes
from ontologies.fold import fold
from ontologies.product_text import FORM_WORDS, STRENGTH, readings
from ontologies.salts import ingredient, is_combination

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NameKind = Literal["name", "synonym", "brand", "french", "code"]
Status = Literal["resolved", "ambiguous", "unresolved"]

BRANDS_TABLE = files("ontologies") / "data" / "brands.tsv"
"""Common brand names of medicines of one ingredient: brand, ingredient, rxcui of the ingredient."""

TRIMMED_SCORE = 95.0
"""Score of a match after salt, strength or dose form was left out."""
WORTH_SHOWING = 60.0
"""Least score of a candidate."""
LIKELY = 80.0
"""From this score on, the candidates of an unresolved name are called ambiguous."""
LEAST_LETTERS = 6
"""Shortest word in which one wrong letter is forgiven."""
CLEAR_MARGIN = 2
"""No other drug may be this many edits away, or fewer, from a misspelt name that is resolved."""
LONG_NAME, LONG_MARGIN = 8, 1
"""Margin of an own name of so many letters against mere synonyms (see `docs/lexicon.md`)."""

_CODE_FORMS = (
    (re.compile(r"0*(\d{1,7})"), "RXCUI"),
    (re.compile(r"CID0*(\d+)", re.IGNORECASE), "PUBCHEM.COMPOUND"),
    (re.compile(r"(DB\d{5})", re.IGNORECASE), "DRUGBANK"),
    (re.compile(r"(CHEMBL\d+)", re.IGNORECASE), "CHEMBL.COMPOUND"),
)


@dataclass(frozen=True, slots=True, order=True)
class NameRow:
    """One name of one drug; a row of kind `code` holds another CURIE of the drug as its name."""

    name: str
    curie: str
    kind: NameKind


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

    def __init__(self, rows: Iterable[NameRow], prefixes: PrefixMap) -> None:
        """Index rows; their order does not matter."""
        self._prefixes = prefixes
        self._names: dict[str, str] = {}
        self._codes: dict[str, set[str]] = defaultdict(set)
        self._rows: dict[str, list[NameRow]] = defaultdict(list)
        self._joined: dict[str, set[str]] = defaultdict(set)
        for row in sorted(set(rows)):
            self._add(row)
        self._keys = sorted(self._rows)
        self._words = {word for key in self._keys for word in key.split()}
        self._of_length: dict[int, list[str]] = defaultdict(list)
        for key in self._keys:
            self._of_length[len(key)].append(key)

    @classmethod
    def from_names(cls, rows: Iterable[NameRow], prefixes: PrefixMap | None = None) -> Self:
        """Build a lexicon over the shipped prefixes, or over others."""
        return cls(rows, prefixes or default_prefixes())

    def _add(self, row: NameRow) -> None:
        self._codes[row.curie].add(row.curie)
        if row.kind == "code":
            self._codes[row.name].add(row.curie)
            return
        key = fold(row.name)
        if not key:
            return
        self._rows[key].append(row)
        self._joined[key.replace(" ", "")].add(key)
        if row.kind == "name":
            self._names.setdefault(row.curie, row.name)

    def name(self, curie: str) -> str:
        """Give the preferred name of a drug; the CURIE itself when it has none."""
        return self._names.get(curie, curie)

    def lookup(self, text: str, limit: int = 5) -> Resolution:
        """Find the drug that a text means.

        Case, accents, blanks and punctuation do not matter. A CURIE in any known spelling, a bare
        RxCUI (a number), a `CID000003746`, a DrugBank or a ChEMBL number are read as codes. A text
        that exactly names one drug, or is the preferred name of one drug, resolves to it; so does a
        product's name that is not held, by its substances (`ontologies.product_text`).
        """
        code = self._code(text.strip())
        if code is not None:
            return self._decided(text, self._of_code(code), limit)
        exact = self._exact(text, 100.0)
        if exact:
            return self._decided(text, exact, limit)
        trimmed = self._trimmed(text)
        if trimmed:
            return self._decided(text, trimmed, limit)
        return self._as_product(text, limit) or self._slip(text, limit) or self._alike(text, limit)

    def _decided(self, text: str, found: Sequence[Candidate], limit: int) -> Resolution:
        """Close a look-up whose candidates all match exactly: one is an answer, several are not."""
        if not found:
            return Resolution(text, "unresolved", None, ())
        best = [hit for hit in found if hit.score == found[0].score and _is_own_name(hit)]
        choice = best if len(best) == 1 else found
        if len(choice) == 1:
            return Resolution(text, "resolved", choice[0], tuple(found[:limit]))
        return Resolution(text, "ambiguous", None, tuple(found[:limit]))

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
        found = sorted(self._codes.get(code, ()))
        return [Candidate(curie, self.name(curie), code, 100.0) for curie in found]

    def _exact(self, text: str, score: float) -> list[Candidate]:
        key = fold(text)
        keys = [key] if key in self._rows else sorted(self._joined.get(key.replace(" ", ""), ()))
        return self._candidates((key, score) for key in keys)

    def _trimmed(self, text: str) -> list[Candidate]:
        """Match a single substance without strength, dose form and salt."""
        if is_combination(STRENGTH.sub(" ", text)):
            return []
        words = [w for w in fold(STRENGTH.sub(" ", text)).split() if w not in FORM_WORDS]
        bare = " ".join(words)
        for shorter in (bare, ingredient(bare)):
            if shorter and shorter != fold(text):
                found = self._exact(shorter, TRIMMED_SCORE)
                if found:
                    return found
        return []

    def _candidates(self, keys: Iterable[tuple[str, float]]) -> list[Candidate]:
        """Give each drug once, at its best; own names before others where scores are equal."""
        best: dict[str, Candidate] = {}
        for key, score in keys:
            for row in self._rows[key]:
                hit = Candidate(row.curie, self.name(row.curie), row.name, score)
                held = best.get(row.curie)
                if held is None or _order(hit) < _order(held):
                    best[row.curie] = hit
        return sorted(best.values(), key=_order)

    def _as_product(self, text: str, limit: int) -> Resolution | None:
        """Read the name of a product that is not held as the substances that it lists."""
        for shorter in readings(text):
            exact = self._exact(shorter, TRIMMED_SCORE) or self._trimmed(shorter)
            found = self._decided(text, exact, limit) if exact else self._slip(shorter, limit)
            if found and found.candidate:
                score = min(found.candidate.score, TRIMMED_SCORE)
                choice = replace(found.candidate, score=score)
                return Resolution(text, "resolved", choice, (choice, *found.candidates[1:]))
        return None

    def _slip(self, text: str, limit: int) -> Resolution | None:
        """Forgive one wrong letter in a long word that is not held, where no other drug is near."""
        query = fold(text)
        if not query or self._words.issuperset(query.split()):
            return None
        near = self._near(query)
        found = self._candidates((key, _likeness(query, key)) for key in near)
        if not found or not _is_one_slip(query, fold(found[0].matched)):
            return None
        if len(query) >= LONG_NAME and _is_own_name(found[0]):
            near = [k for k in near if self._is_named(k) or OSA.distance(query, k) <= LONG_MARGIN]
        if {curie for key in near for curie in self._owners(key)} != {found[0].curie}:
            return None
        return Resolution(text, "resolved", found[0], tuple(found[:limit]))

    def _near(self, query: str) -> list[str]:
        """Give the names that at most `CLEAR_MARGIN` edits part from a query."""
        keys = self._as_long(len(query) - CLEAR_MARGIN, len(query) + CLEAR_MARGIN)
        near = process.extract(
            query, keys, scorer=OSA.distance, score_cutoff=CLEAR_MARGIN, limit=None
        )
        return [key for key, *_ in near]

    def _as_long(self, least: float, most: float) -> list[str]:
        """Give the names whose number of letters lies between two bounds."""
        lengths = sorted(length for length in self._of_length if least <= length <= most)
        return [key for length in lengths for key in self._of_length[length]]

    def _alike(self, text: str, limit: int) -> Resolution:
        """Rank the names that resemble a text, or that it begins; none is chosen."""
        query = fold(text)
        if not query:
            return Resolution(text, "unresolved", None, ())
        share = WORTH_SHOWING / 100
        alike = process.extract(
            query,
            self._as_long(len(query) * share, len(query) / share),
            scorer=OSA.normalized_similarity,
            score_cutoff=share,
            limit=max(limit * 4, 20),
        )
        found = self._candidates(
            [(key, round(99.0 * score, 1)) for key, score, _ in alike] + list(self._begun(query))
        )
        likely = bool(found) and found[0].score >= LIKELY
        status: Status = "ambiguous" if likely else "unresolved"
        return Resolution(text, status, None, tuple(found[:limit]))

    def _begun(self, query: str) -> Iterator[tuple[str, float]]:
        """Names that the text begins, for a text of three letters or more."""
        if len(query) >= 3:
            later = self._keys[bisect_left(self._keys, query) :][:50]
            for key in takewhile(lambda key: key.startswith(query), later):
                yield key, round(WORTH_SHOWING + 35.0 * len(query) / len(key), 1)

    def _is_named(self, key: str) -> bool:
        return any(row.kind == "name" for row in self._rows[key])

    def _owners(self, key: str) -> set[str]:
        """Give the one drug whose own name this is; else all drugs that bear it."""
        rows = self._rows[key]
        own = {row.curie for row in rows if row.kind == "name"}
        return own if len(own) == 1 else {row.curie for row in rows}


def _likeness(query: str, key: str) -> float:
    return round(99.0 * OSA.normalized_similarity(query, key), 1)


def _is_own_name(hit: Candidate) -> bool:
    return hit.name == hit.matched


def _order(hit: Candidate) -> tuple[float, bool, str, str]:
    return -hit.score, not _is_own_name(hit), hit.curie, hit.matched


def _is_one_slip(query: str, key: str) -> bool:
    """Say whether two names differ by one letter inside one long word, its first letter apart."""
    written, meant = query.split(), key.split()
    if len(written) != len(meant):
        return False
    unlike = [pair for pair in zip(written, meant, strict=True) if pair[0] != pair[1]]
    if len(unlike) != 1:
        return False
    left, right = unlike[0]
    return (
        min(len(left), len(right)) >= LEAST_LETTERS
        and left[0] == right[0]
        and left.isalpha()
        and right.isalpha()
        and OSA.distance(left, right) == 1
    )
