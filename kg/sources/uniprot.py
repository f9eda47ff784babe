"""UniProt: which protein is the product of which human gene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from ontologies.vocabulary import Category

NAME = "uniprot"
_FILE = "uniprot_HGNC.tsv.gz"


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield one node per protein; one that several genes encode is the product of none alone."""
    frame = read_table(NAME, files[_FILE], ("uniprot", "HGNC"))
    wrong = ~frame["HGNC"].str.fullmatch(r"HGNC:\d+") | (frame["uniprot"] == "")
    if wrong.any():
        row = int(wrong.argmax())
        reason = f"expected an accession and an HGNC identifier, found {frame.iloc[row].tolist()}"
        raise MalformedSource(NAME, _FILE, reason, row + 2)
    frame = frame[["uniprot", "HGNC"]].drop_duplicates()
    shared = frame["uniprot"].duplicated(keep=False)
    rows = frame.assign(xref=frame["HGNC"].where(~shared, "")).drop_duplicates("uniprot")
    nodes = pd.DataFrame(
        {
            "id": "UniProtKB:" + rows["uniprot"],
            "category": Category.GENE.value,
            "name": rows["uniprot"],
            "xref": rows["xref"],
        }
    )
    yield Chunk.of(ChunkKind.NODES, nodes)


UNIPROT = Source(
    SourceInfo(
        NAME,
        "infores:uniprot",
        "https://www.uniprot.org",
        "UniProt identifier mapping of 2015: accessions of human proteins and HGNC genes",
    ),
    (_FILE,),
    read,
)
