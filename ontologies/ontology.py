"""Terms of an ontology: names, wider terms, and what became of obsolete ones."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ontologies.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterable


class UnknownTerm(LookupError):
    """An ontology holds no term under a CURIE."""

    def __init__(self, curie: str) -> None:
        super().__init__(f"no term has the identifier {curie!r}")
        self.curie = curie


@dataclass(frozen=True, slots=True)
class Term:
    """One term; `replaced_by` is set only for an obsolete term with a successor."""

    curie: str
    name: str
    synonyms: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    alternative_ids: tuple[str, ...] = ()
    obsolete: bool = False
    replaced_by: str | None = None


class Ontology:
    """Terms by CURIE, with their ancestors; reads no file."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Index terms; when a CURIE comes twice, the last one counts."""
        self._terms = {term.curie: term for term in terms}
        self._alternatives: dict[str, str] = {}
        self._names: dict[str, set[str]] = defaultdict(set)
        self._synonyms: dict[str, set[str]] = defaultdict(set)
        for term in self._terms.values():
            self._index(term)

    @classmethod
    def from_terms(cls, terms: Iterable[Term]) -> Self:
        """Build an ontology from its terms, in any order."""
        return cls(sorted(terms, key=lambda term: term.curie))

    def _index(self, term: Term) -> None:
        for other in term.alternative_ids:
            self._alternatives.setdefault(other, term.curie)
        if not term.obsolete:
            self._names[fold(term.name)].add(term.curie)
            for synonym in term.synonyms:
                self._synonyms[fold(synonym)].add(term.curie)

    def __contains__(self, curie: str) -> bool:
        """Say whether a CURIE is a term here, obsolete and alternative ones included."""
        return curie in self._terms or curie in self._alternatives

    def __len__(self) -> int:
        """Count the terms, obsolete ones included."""
        return len(self._terms)

    def term(self, curie: str) -> Term:
        """Give the term of a CURIE as it stands, obsolete or not; raises UnknownTerm."""
        found = self._terms.get(curie) or self._terms.get(self._alternatives.get(curie, ""))
        if found is None:
            raise UnknownTerm(curie)
        return found

    def current(self, curie: str) -> str | None:
        """Give the CURIE in force for an alternative or replaced one, following every step.

        `None` when the term is obsolete without a successor. A CURIE that is no term here is its
        own; so is each of a ring of terms that replace one another.
        """
        seen: set[str] = set()
        here = curie
        while here not in seen:
            seen.add(here)
            term = self._terms.get(here)
            if term is None:
                if here not in self._alternatives:
                    return here
                here = self._alternatives[here]
            elif not term.obsolete:
                return here
            elif term.replaced_by is None:
                return None
            else:
                here = term.replaced_by
        return curie

    def ancestors(self, curie: str) -> frozenset[str]:
        """Give all wider terms of a term, itself left out; raises UnknownTerm."""
        found: set[str] = set()
        waiting = list(self.term(curie).parents)
        while waiting:
            parent = waiting.pop()
            if parent not in found:
                found.add(parent)
                if parent in self._terms:
                    waiting.extend(self._terms[parent].parents)
        return frozenset(found)

    def find(self, text: str) -> tuple[str, ...]:
        """Give the terms in force that have this name, or, if none has, this synonym; sorted.

        Case, accents, blanks and punctuation do not matter; nothing is guessed.
        """
        key = fold(text)
        if not key:
            return ()
        return tuple(sorted(self._names.get(key) or self._synonyms.get(key) or ()))
