"""Words of a user's own file are led to what other sources already know by these words. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kg.sources.base import MalformedSource
from kg.sources.own_csv import NAME, ROWS
from ontologies.brands import brand_names
from ontologies.fold import fold
from ontologies.plain_names import plain_names
from ontologies.several import several_meanings
from ontologies.vocabulary import Category

if TYPE_CHECKING:
    import pandas as pd

    from kg.identity import Identity

OWN_WORDS = ("coprescribe:own_drug.", "coprescribe:own_effect.")
"""How the CURIE of a thing begins that a user's own file has by name alone."""
_MOST_TOLD = 5


def with_known_names(stated: pd.DataFrame, identity: Identity) -> pd.DataFrame:
    """Give node rows in which the user's words state what else bears their name.

    A brand, a synonym or a name in another case, also with a strength, a form or a salt, is meant
    where it names one thing of the same category alone; a name outweighs synonyms, as in every
    look-up. Without this a word of the user's would be a new drug of which nothing else is known,
    and screening would find that drug under a name under which it found the known one before. The
    same frame comes back where there is nothing to state.

    Raises:
        MalformedSource: A drug's name may mean several drugs.
    """
    own = stated[stated["id"].str.startswith(OWN_WORDS)]
    own = own[own["id"].map(identity.normalizer.preferred) == own["id"]]
    if own.empty:
        return stated
    words = {fold(each) for name in own["name"] for each in (name, *plain_names(name))}
    meant = _Meanings(identity, words)
    found = [meant.of(*row) for row in zip(own["category"], own["name"], strict=True)]
    if not any(found):
        return stated
    told = stated.copy()
    told.loc[own.index, "xref"] = found
    return told


def unknown_words(unmapped: pd.DataFrame) -> list[str]:
    """Give the user's words that no other source clearly knows, sorted."""
    own = unmapped[unmapped["id"].str.startswith(OWN_WORDS)]
    return sorted(set(own["name"]), key=str.casefold)


class _Meanings:
    """What bears each of some folded words, by category: by its name, and by other names."""

    def __init__(self, identity: Identity, words: set[str]) -> None:
        self._names: Mapping[tuple[str, str], set[str]] = defaultdict(set)
        self._others: Mapping[tuple[str, str], set[str]] = defaultdict(set)
        columns = ("id", "category", "name", "synonym")
        rows = zip(*(identity.nodes[column] for column in columns), strict=True)
        known = set[str]()
        for curie, category, name, synonym in rows:
            if not curie.startswith(OWN_WORDS):
                known.add(curie)
                self._put(self._names, words, (category, name, curie))
                for other in filter(None, synonym.split("|")):
                    self._put(self._others, words, (category, other, curie))
        for brand in brand_names():
            curie = identity.normalizer.preferred(brand.curie)
            if curie in known:
                self._put(self._others, words, (Category.DRUG.value, brand.name, curie))

    def of(self, category: str, name: str) -> str:
        """Give the one thing that a word names; nothing where it names none."""
        is_drug = category == Category.DRUG.value
        for word in map(fold, (name, *plain_names(name)) if is_drug else (name,)):
            usual = several_meanings().get(word, ()) if is_drug else ()
            found = self._names.get((category, word)) or self._others.get((category, word), set())
            if is_drug and (usual or len(found) > 1):
                many = ", ".join(sorted({*usual, *found})[:_MOST_TOLD])
                reason = f"{name!r} may be several drugs ({many}); say which under [drugs]"
                raise MalformedSource(NAME, ROWS, reason)
            if found:
                return next(iter(found)) if len(found) == 1 else ""
        return ""

    @staticmethod
    def _put(
        held: Mapping[tuple[str, str], set[str]], words: set[str], said: tuple[str, str, str]
    ) -> None:
        category, name, curie = said
        if (word := fold(name)) in words:
            held[category, word].add(curie)
