"""Grounds what is written of a condition, in words or as a code, to nodes of the graph."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kg.graph import KnowledgeGraph
from kg.rules.conditions import Condition
from ontologies.curie import Curie, MalformedCurie
from ontologies.fold import fold
from ontologies.vocabulary import Category

CATEGORIES: tuple[Category, ...] = (Category.DISEASE, Category.PHENOTYPIC_FEATURE)
"""What a condition may be in the graph."""
_ICD10 = re.compile(r"(?:ICD-?10(?:-?CM)?:)?([A-Z]\d[\dAB](?:\.?[\dA-Z]{1,4})?)", re.IGNORECASE)
_CATEGORY = 3
"""Letters of a code of ICD-10-CM before its dot, which many records leave out."""
_SNOMED = re.compile(r"(?:SNOMED(?:CT)?:)?(\d{6,18})", re.IGNORECASE)
_KIND = re.compile(r"\((?:disorder|finding|situation|morphologic abnormality|event)\)\s*$")
_PAST = re.compile(r"^(?:(?:personal )?history of|past|h/o|hx of|known|previous|prior) ")


@dataclass(frozen=True)
class ConditionNames:
    """Every way to write a condition: those of the curated table first, then names of the graph."""

    graph: KnowledgeGraph
    conditions: tuple[Condition, ...]
    _words: Mapping[str, tuple[Curie, ...]] = field(init=False, repr=False, compare=False)
    _snomed: Mapping[str, tuple[Curie, ...]] = field(init=False, repr=False, compare=False)
    _icd10: Mapping[str, tuple[Curie, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the table by word and by code."""
        rows = self.conditions
        words = ((_folded(w), c.curie) for c in rows for w in (c.name, *c.synonyms))
        object.__setattr__(self, "_words", _indexed(words))
        codes = ((code, c.curie) for c in rows for code in c.snomed)
        object.__setattr__(self, "_snomed", _indexed(codes))
        starts = ((code.replace(".", ""), c.curie) for c in rows for code in c.icd10)
        object.__setattr__(self, "_icd10", _indexed(starts))

    def ground(self, text: str) -> tuple[Curie, ...]:
        """Give the conditions that a text means, several where one code covers them; else none.

        A text is a name in any case and either spelling of English, perhaps after "history of"; a
        code of ICD-10-CM or SNOMED CT; or the CURIE of a node. A family history, a suspicion and a
        denial are none.
        """
        written = text.strip()
        if found := _SNOMED.fullmatch(written):
            return self._snomed.get(found[1]) or self._exact(f"SNOMEDCT:{found[1]}")
        if found := _ICD10.fullmatch(written):
            return self._of_icd10(found[1].upper())
        return self._of_curie(written) or self._of_words(written)

    def _of_words(self, text: str) -> tuple[Curie, ...]:
        plain = _KIND.sub("", text.casefold()).strip()
        for form in dict.fromkeys((plain, _PAST.sub("", plain))):
            key = _folded(form)
            if found := self._words.get(key) or self._named.get(key):
                return found
        return ()

    def _of_icd10(self, code: str) -> tuple[Curie, ...]:
        plain = code.replace(".", "")
        dotted = f"{plain[:_CATEGORY]}.{plain[_CATEGORY:]}".removesuffix(".")
        if found := self._exact(f"ICD10CM:{dotted}"):
            return found
        starts = (plain[:length] for length in range(len(plain), 0, -1))
        return next((self._icd10[start] for start in starts if start in self._icd10), ())

    def _of_curie(self, text: str) -> tuple[Curie, ...]:
        try:
            curie = Curie.parse(text)
        except MalformedCurie:
            return ()
        if any(row.curie == curie for row in self.conditions):
            return (curie,)
        is_one = self.graph.has(curie) and self.graph.node(curie).category in CATEGORIES
        return (curie,) if is_one else self._exact(text)

    def _exact(self, code: str) -> tuple[Curie, ...]:
        return self._coded.get(code, ())

    @cached_property
    def _named(self) -> Mapping[str, tuple[Curie, ...]]:
        nodes = [node for category in CATEGORIES for node in self.graph.nodes(category)]
        names = _indexed((_folded(node.name), node.curie) for node in nodes)
        others = _indexed((_folded(word), node.curie) for node in nodes for word in node.synonyms)
        alone = {word: found for word, found in others.items() if len(found) == 1}
        return {**alone, **names}

    @cached_property
    def _coded(self) -> Mapping[str, tuple[Curie, ...]]:
        nodes = (node for category in CATEGORIES for node in self.graph.nodes(category))
        return _indexed((str(code), node.curie) for node in nodes for code in node.equivalents)


def _indexed(pairs: Iterable[tuple[str, Curie]]) -> Mapping[str, tuple[Curie, ...]]:
    found: dict[str, dict[Curie, None]] = defaultdict(dict)
    for key, curie in pairs:
        found[key][curie] = None
    return {key: tuple(sorted(curies)) for key, curies in found.items()}


def _folded(text: str) -> str:
    """Fold a name, and British spelling with American: anaemia is anemia."""
    return fold(text).replace("ae", "e").replace("oe", "e").replace("our", "or")
