"""Every way to write a drug of a graph: its names and codes, salts, usual meanings and brands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.graph import KnowledgeGraph
from kg.model import Node
from ontologies.brands import brand_names
from ontologies.lexicon import NameRow
from ontologies.salts import ingredient
from ontologies.usual_names import usual_names
from ontologies.vocabulary import Category


def drug_names(graph: KnowledgeGraph) -> Iterator[NameRow]:
    """Yield the rows of a lexicon over the drugs of a graph.

    A salt, or a second node of one name, about which no source says anything means the ingredient;
    a name that the hand-kept table of usual meanings lists means what stands there, and nothing
    else.
    """
    drugs = list(graph.nodes(Category.DRUG))
    known = {str(node.curie) for node in drugs}
    usual = {name: curie for name, curie in usual_names().items() if curie in known}
    by_name = _by_name(drugs, graph)
    for node in drugs:
        alone = _is_bare(node.name) and by_name[node.name] == str(node.curie)
        base = None if alone else by_name.get(ingredient(node.name) or "")
        meant = base if base and not graph.covers(node.curie) else str(node.curie)
        yield from _rows(node, meant, usual)
    yield from (NameRow(name, curie, "synonym") for name, curie in usual.items())
    yield from (row for row in brand_names() if row.curie in known)


def _by_name(drugs: Iterable[Node], graph: KnowledgeGraph) -> dict[str, str]:
    """The drug that bears each name; of several, one about which a source says something."""
    found: dict[str, Node] = {}
    for node in drugs:
        held = found.get(node.name)
        if held is None or not graph.covers(held.curie):
            found[node.name] = node
    return {name: str(node.curie) for name, node in found.items()}


def _is_bare(name: str) -> bool:
    """Tell quickly that a name is one plain word in small letters, which names no salt."""
    return name.isalpha() and name.isascii() and name.islower()


def _rows(node: Node, meant: str, usual: Mapping[str, str]) -> Iterator[NameRow]:
    own = str(node.curie)
    if meant == own:
        yield NameRow(node.name, own, "name")
    for written in (node.name, *node.synonyms):
        if usual.get(written.lower(), meant) == meant:
            yield NameRow(written, meant, "synonym")
    yield from (NameRow(str(code), meant, "code") for code in (node.curie, *node.equivalents))
