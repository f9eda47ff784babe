"""Every way to write a drug of a graph: its names and codes, salts, usual meanings and brands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from kg.graph import KnowledgeGraph
from kg.model import Node
from ontologies.base_names import base_names, is_research_code
from ontologies.brands import brand_names
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.name_index import NameRow, Standing
from ontologies.one_substance import forms_of_one_substance
from ontologies.usual_names import generic_names, usual_names
from ontologies.vocabulary import Category, Predicate

_NAME_LISTS = frozenset({"ATC", "DRUGCENTRAL", "WIKIDATA"})
"""Who knows a drug by these alone knows a name of it and no more."""
_MOST_STEPS = 4
"""From a form to its base, to a second node of that, to what is covered; a ring leads nowhere."""


def drug_names(graph: KnowledgeGraph) -> Iterator[NameRow]:
    """Yield the rows of a lexicon over the drugs of a graph.

    A drug about which no source says anything means another when it is a form of that, or a second
    node of it (see `_Meanings`). A name that the hand-kept table of usual meanings lists means what
    stands there, and nothing else. A name that a medicine of several ingredients bears is not one
    of its ingredients: sources file the brand of a combination under a part of it.
    """
    drugs = list(graph.nodes(Category.DRUG))
    meanings = _Meanings.of(drugs, graph)
    for node in drugs:
        yield from meanings.rows(node)
    usual = meanings.usual.items()
    yield from (NameRow(name, curie, "synonym", "other") for name, curie in usual)
    yield from meanings.brands()
    for name in generic_names():
        curie = meanings.by_synonym.get(name)
        if curie:
            yield NameRow(name, curie, "generic")


@dataclass(frozen=True, slots=True)
class _Meanings:
    """Tells which drug the name of a node means."""

    graph: KnowledgeGraph
    nodes: Mapping[str, Node]
    covered: frozenset[str]
    usual: Mapping[str, str]
    by_name: Mapping[str, str]
    by_synonym: Mapping[str, str | None]
    """The covered drug that bears a synonym; `None` where several do."""
    mixtures: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What the medicines of several ingredients hold that bear a synonym of a covered drug."""
    forms: Mapping[str, str] = field(default_factory=dict)
    """The drug of each form that is the same substance to the body, both nodes of the graph."""

    @classmethod
    def of(cls, drugs: list[Node], graph: KnowledgeGraph) -> _Meanings:
        covered = frozenset(str(node.curie) for node in drugs if graph.covers(node.curie))
        known = {str(node.curie): node for node in drugs}
        usual = dict(_usual(drugs))
        names = _by_name(drugs, covered)
        found = cls(graph, known, covered, usual, names, _by_synonym(drugs, covered))
        return replace(found, mixtures=dict(found._mixtures()), forms=dict(_forms(drugs)))

    def rows(self, node: Node) -> Iterator[NameRow]:
        """Yield the names and the codes of a node, for the drug that it means."""
        own, meant = str(node.curie), self.meant(node)
        if meant == own:
            yield NameRow(node.name, own, "name", self._standing(node))
        for written in (node.name, *node.synonyms):
            of_part = written != node.name and meant in self.mixtures.get(fold(written), ())
            if self.usual.get(written.lower(), meant) == meant and not of_part:
                yield NameRow(written, meant, "synonym", "other")
        for code in (node.curie, *node.equivalents):
            yield NameRow(str(code), meant, "code", "other")

    def brands(self) -> Iterator[NameRow]:
        """Yield the brands of the shipped table, for the ingredient, that no product is called."""
        for brand in brand_names():
            drug = brand.curie if brand.curie in self.nodes else self.by_name.get(brand.ingredient)
            product = self.by_name.get(_key(brand.name))
            if drug and not (product and self._ingredients(product)):
                yield NameRow(brand.name, self.meant(self.nodes[drug]), "brand", "other")

    def meant(self, node: Node) -> str:
        """Give the drug that a node means in the end: itself, if a source says something of it."""
        own = meant = str(node.curie)
        for _ in range(_MOST_STEPS):
            node = self.nodes[meant]
            meant = self._next(node)
            if meant == str(node.curie):
                return meant
        return own

    def _next(self, node: Node) -> str:
        """Give what a node means next; itself at the end.

        It may be a second node of one name, a salt, a carrier form or an anion; or a name from a
        list, or a research code, that one covered drug alone bears as a synonym.
        """
        own = str(node.curie)
        if own in self.covered:
            return own
        usual = self.usual.get(node.name.lower())
        if usual:
            return usual
        if own in self.forms:
            return self.forms[own]
        same = self.by_name.get(_key(node.name))
        bases = (self.by_name.get(n) or self.by_synonym.get(n) for n in base_names(node.name))
        for base in (same, *bases):
            if base and base != own:
                return base
        return self._twin(node) or own

    def _twin(self, node: Node) -> str | None:
        prefixes = {code.prefix for code in (node.curie, *node.equivalents)}
        if prefixes <= _NAME_LISTS or is_research_code(node.name):
            return self.by_synonym.get(fold(node.name))
        return None

    def _standing(self, node: Node) -> Standing:
        """Say what is known of a node; whether it is a product, only where that can matter."""
        is_covered = str(node.curie) in self.covered
        matters = is_covered or fold(node.name) in self.by_synonym
        if matters and self._ingredients(str(node.curie)):
            return "product"
        return "covered" if is_covered else "other"

    def _ingredients(self, drug: str) -> list[str]:
        edges = self.graph.edges_from(Curie.parse(drug), Predicate.HAS_ACTIVE_INGREDIENT)
        return [str(edge.object) for edge in edges]

    def _mixtures(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield each synonym of a covered drug that a medicine of several ingredients bears."""
        for curie, node in self.nodes.items():
            names = {fold(name) for name in (node.name, *node.synonyms)} & self.by_synonym.keys()
            held = self._ingredients(curie) if names else ()
            parts = frozenset(self.meant(self.nodes[part]) for part in held if part in self.nodes)
            if len(parts) > 1:
                yield from ((name, parts) for name in names)


def _usual(drugs: Iterable[Node]) -> Iterator[tuple[str, str]]:
    names = usual_names()
    nodes = _nodes_of(set(names.values()), drugs)
    yield from ((name, nodes[code]) for name, code in names.items() if code in nodes)


def _nodes_of(listed: Set[str], drugs: Iterable[Node]) -> dict[str, str]:
    """Give the node that stands for each listed code, under whichever of its codes."""
    codes = ((str(code), str(n.curie)) for n in drugs for code in (n.curie, *n.equivalents))
    return {code: curie for code, curie in codes if code in listed}


def _forms(drugs: Iterable[Node]) -> Iterator[tuple[str, str]]:
    rows = forms_of_one_substance()
    nodes = _nodes_of({end for row in rows for end in (row.form, row.drug)}, drugs)
    for row in rows:
        form, drug = nodes.get(row.form), nodes.get(row.drug)
        if form and drug and form != drug:
            yield form, drug


def _by_name(drugs: Iterable[Node], covered: frozenset[str]) -> dict[str, str]:
    """The drug that bears each name; of several, one about which a source says something."""
    found: dict[str, str] = {}
    for node in drugs:
        key = _key(node.name)
        if found.get(key) not in covered:
            found[key] = str(node.curie)
    return found


def _key(name: str) -> str:
    """Fold a name, unless it begins with a sign of its mirror image, which must not get lost."""
    return name.casefold() if name.startswith("(") else fold(name)


def _by_synonym(drugs: Iterable[Node], covered: frozenset[str]) -> dict[str, str | None]:
    bearers: dict[str, set[str]] = defaultdict(set)
    for node in drugs:
        if str(node.curie) in covered:
            for name in node.synonyms:
                bearers[fold(name)].add(str(node.curie))
    return {
        name: next(iter(curies)) if len(curies) == 1 else None for name, curies in bearers.items()
    }
