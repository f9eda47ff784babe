"""The names of the drugs of a published graph, kept in files that a process maps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kg.drug_names import drug_names
from ontologies.curie import default_prefixes
from ontologies.lexicon import Lexicon
from ontologies.name_index import index_names, open_index, write_index

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

NAMES = "names-1"
"""Name of their folder in that of the graph; its number is raised whenever the columns change."""


def write_names(graph: KnowledgeGraph, folder: Path) -> None:
    """Write the names of the drugs of a graph into a folder, which is made."""
    folder.mkdir()
    write_index(index_names(drug_names(graph)), folder)


def lexicon_of(graph: KnowledgeGraph, folder: Path) -> Lexicon:
    """Open the names in the folder of a graph; a graph that has none is asked for them.

    Raises:
        DamagedNameIndex: A file of the names is missing or cannot be read.
    """
    if (folder / NAMES).is_dir():
        return Lexicon(open_index(folder / NAMES), default_prefixes())
    return Lexicon.from_names(drug_names(graph))
