"""The names of the drugs of a published graph, kept in files that a process maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.artifact import check_nested
from kg.serving.drug_names import drug_names
from ontologies.curie import Curie, default_prefixes
from ontologies.lexicon import Ingredients, Lexicon
from ontologies.name_index import index_names, open_index, write_index
from ontologies.vocabulary import Predicate

if TYPE_CHECKING:
    from pathlib import Path

    from kg.artifact import Artifact
    from kg.graph import KnowledgeGraph

NAMES = "names-1"
"""Name of their folder in that of the graph; its number is raised whenever the columns change."""


def write_names(graph: KnowledgeGraph, folder: Path) -> None:
    """Write the names of the drugs of a graph into a folder, which is made."""
    folder.mkdir()
    write_index(index_names(drug_names(graph)), folder)


def lexicon_of(artifact: Artifact, graph: KnowledgeGraph) -> Lexicon:
    """Open the names of a published graph; a graph that has none is asked for them.

    Raises:
        DamagedArtifact: A file of the names has changed.
        DamagedNameIndex: A file of the names cannot be read.
    """
    if artifact.holds(NAMES):
        check_nested(artifact, f"{NAMES}/")
        index = open_index(artifact.folder / NAMES)
        return Lexicon(index, default_prefixes(), ingredients_in(graph))
    return Lexicon.from_names(drug_names(graph), ingredients=ingredients_in(graph))


def ingredients_in(graph: KnowledgeGraph) -> Ingredients:
    """Give what tells the ingredients of a drug, by their CURIEs, as the graph states them."""

    def ingredients(drug: str) -> list[str]:
        edges = graph.edges_from(Curie.parse(drug), Predicate.HAS_ACTIVE_INGREDIENT)
        return [str(edge.object) for edge in edges]

    return ingredients
