"""The names of the drugs of a published graph, kept in files that a process maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.artifact import check_nested
from kg.serving.drug_names import drug_names
from ontologies.curie import default_prefixes
from ontologies.lexicon import Lexicon
from ontologies.name_index import index_names, open_index, write_index

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
        return Lexicon(open_index(artifact.folder / NAMES), default_prefixes())
    return Lexicon.from_names(drug_names(graph))
