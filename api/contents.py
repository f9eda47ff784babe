"""What a drug that was named stands for in a medicine list: itself, its ingredients, its base."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from api.notes import entry_of
from kg.graph import KnowledgeGraph
from kg.model import Edge
from kg.screening.patient import Entry, Regimen
from kg.screening.recent import Recent, of_drugs
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.lexicon import Candidate, Lexicon, Resolution
from ontologies.salts import ingredient, is_combination
from ontologies.vocabulary import Category, Predicate

INERT = "inert ingredients"
"""How RxNorm names what the empty tablets of a pack hold; no medicine."""


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a drug stands for, and its route where one is stated; whole: no product of several."""

    drugs: tuple[Curie, ...]
    route: str | None
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """Leads a product to its ingredients and a salt to its base, where nothing is said of either.

    A drug of which a source says how it interacts stands for itself alone, unless it holds several
    ingredients and something is said of each: what is said of one must not get lost. A salt leads
    to its base when the graph states so and the name, without its salt words, is a name of the
    base: some sources state a class or a relative in the same words.
    """

    graph: KnowledgeGraph
    lexicon: Lexicon
    _meant: Recent[Curie, _Meant] = field(
        init=False, repr=False, compare=False, default_factory=of_drugs
    )
    """By drug: what it stands for and its route, kept for all questions."""

    def drugs(self, drug: Curie) -> tuple[Curie, ...]:
        """Give what a drug stands for in a list: itself, or its ingredients, each once."""
        return self._of(drug).drugs

    def entries(self, found: Candidate) -> tuple[Entry, ...]:
        """Give the lines of a list that a resolved name stands for, each under that name.

        A product whose route the graph states hands it on, in the graph's word.
        """
        line = entry_of(found)
        meant = self._of(line.drug)
        return tuple(Entry(drug, line.written, meant.route) for drug in meant.drugs)

    def of(self, resolutions: Iterable[Resolution]) -> list[Entry]:
        """Give the lines that the resolved ones among some names stand for."""
        return [e for r in resolutions if r.candidate for e in self.entries(r.candidate)]

    def notes(self, resolutions: Iterable[Resolution]) -> Iterator[str]:
        """Yield, once per name, which ingredients or which base stand for it."""
        found = (resolution.candidate for resolution in resolutions)
        lines = dict.fromkeys(entry_of(candidate) for candidate in found if candidate)
        for line in lines:
            meant = self._of(line.drug)
            if meant.drugs == (line.drug,) and meant.is_whole:
                continue
            names = _listed([self.graph.name(drug) for drug in meant.drugs])
            if meant.is_whole:
                yield f"{line.written} was checked as {names}, of which it is a salt."
            else:
                yield f"{line.written} holds {names}{self._route(line.drug)}."

    def already_taken(self, added: Iterable[Resolution], current: Regimen) -> Iterator[str]:
        """Yield which ingredients of what is added are in the list under another name."""
        for line in self.of(added):
            if line.drug in current.drugs:
                yield f"{self.graph.name(line.drug)} is already taken; it would be taken twice."

    def also_ended(self, ended: Iterable[Resolution], current: Regimen) -> Iterator[str]:
        """Yield what else of the list ends with a drug or a combination, being what it holds."""
        for found in (resolution.candidate for resolution in ended):
            lines = self.entries(found) if found else ()
            drugs, names = {e.drug for e in lines}, {e.written.casefold() for e in lines}
            others = [
                entry.written
                for entry in current.entries
                if entry.drug in drugs and entry.written.casefold() not in names
            ]
            if others:
                yield f"Ending {lines[0].written} ends its ingredients under every name: " + (
                    f"{_listed(list(dict.fromkeys(others)))} as well."
                )

    def _of(self, drug: Curie) -> _Meant:
        known = self._meant.get(drug)
        if known is None:
            held, routes = self._held(drug), self._routes(drug)
            drugs = tuple(dict.fromkeys(self._base(part) for part in held)) or (self._base(drug),)
            route = routes[0] if len(routes) == 1 else None
            known = self._meant.put(drug, _Meant(drugs, route, is_whole=not held))
        return known

    def _held(self, drug: Curie) -> tuple[Curie, ...]:
        """Ingredients that stand for a drug; those within ingredients as well."""
        return tuple(dict.fromkeys(self._unfolded(drug, frozenset())))

    def _unfolded(self, drug: Curie, above: frozenset[Curie]) -> Iterator[Curie]:
        for edge in self._ingredient_edges(drug):
            if edge.object not in above | {drug}:
                inner = tuple(self._unfolded(edge.object, above | {drug}))
                yield from inner or (edge.object,)

    def _ingredient_edges(self, drug: Curie) -> tuple[Edge, ...]:
        stated = self.graph.edges_from(drug, Predicate.HAS_ACTIVE_INGREDIENT)
        edges = tuple(edge for edge in stated if fold(self.graph.name(edge.object)) != INERT)
        return () if self.graph.covers(drug) and not self._is_told_by_parts(edges) else edges

    def _is_told_by_parts(self, edges: Iterable[Edge]) -> bool:
        parts = {self._base(edge.object) for edge in edges}
        return len(parts) > 1 and all(map(self.graph.covers, parts))

    def _base(self, drug: Curie) -> Curie:
        """The base of a salt of which nothing is said; any other drug itself."""
        if self.graph.covers(drug) or not self.graph.has(drug):
            return drug
        named = self.lexicon.lookup(str(drug)).candidate
        if named and named.curie != str(drug):
            return Curie.parse(named.curie)
        name = self.graph.name(drug)
        bare = None if is_combination(name) else ingredient(name)
        bases = {e.object for e in self.graph.edges_from(drug, Predicate.SUBCLASS_OF)}
        fitting = [base for base in bases if bare and self._is_drug_named(base, bare)]
        return fitting[0] if len(fitting) == 1 else drug

    def _is_drug_named(self, drug: Curie, bare: str) -> bool:
        if not self.graph.has(drug):
            return False
        node = self.graph.node(drug)
        named = {fold(name) for name in (node.name, *node.synonyms)}
        return node.category is Category.DRUG and bare in named

    def _routes(self, drug: Curie) -> list[str]:
        edges = self._ingredient_edges(drug)
        return sorted({route for edge in edges if (route := edge.qualifier("route"))})

    def _route(self, drug: Curie) -> str:
        routes = self._routes(drug)
        return f" (route: {_listed(routes)})" if routes else ""


def _listed(names: list[str]) -> str:
    *firsts, last = names
    return f"{', '.join(firsts)} and {last}" if firsts else last
