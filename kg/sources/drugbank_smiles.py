"""Structures of DrugBank 5.1 as SMILES, one line a drug without a header, as packaged with DRKG.

A node keeps the heavy atoms alone, by which unlike drugs are told apart; the structures stay in the
raw file, where :func:`read_smiles` finds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_text
from ontologies.heavy_atoms import drawing
from ontologies.vocabulary import Category

NAME = "drugbank_smiles"
FILE = "drugbank_smiles.txt.gz"
_LINE = r"DB\d{5}\t[A-Za-z0-9@+\-\[\]()=#$:/\\.%*]+"


def read_smiles(path: Path) -> pd.DataFrame:
    r"""Read the structures: columns id (CURIE) and smiles, one row a drug.

    Raises:
        MalformedSource: A line is not a DrugBank number, a tab and letters of a SMILES.
    """
    text = read_text(NAME, path)
    lines = pd.Series(text.splitlines(), dtype=object)
    if lines.empty or not text.endswith("\n"):
        raise MalformedSource(NAME, FILE, "is empty or its last line is cut short")
    wrong = ~lines.str.fullmatch(_LINE)
    if wrong.any():
        row = int(wrong.to_numpy().argmax()) + 1
        raise MalformedSource(NAME, FILE, "is no DrugBank number with a SMILES", row)
    parts = lines.str.partition("\t")
    frame = pd.DataFrame({"id": "DRUGBANK:" + parts[0], "smiles": parts[2]})
    if frame["id"].duplicated().any():
        row = int(frame["id"].duplicated().to_numpy().argmax()) + 1
        raise MalformedSource(NAME, FILE, "a drug stands twice", row)
    return frame


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield one node per drug with a structure."""
    frame = read_smiles(files[FILE])
    drawn = frame["smiles"].map(drawing)
    nodes = frame[["id"]].assign(category=Category.DRUG.value, drawing=drawn)
    yield Chunk.of(ChunkKind.NODES, nodes)


DRUGBANK_SMILES = Source(
    SourceInfo(
        NAME,
        "infores:drugbank",
        "https://github.com/gnn4dr/DRKG",
        "DrugBank 5.1 structures, as packaged with DRKG",
    ),
    (FILE,),
    read,
)
