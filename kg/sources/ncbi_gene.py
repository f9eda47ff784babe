"""NCBI Gene: human genes by number, their symbols and the same genes at HGNC and Ensembl."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table, read_text
from ontologies.vocabulary import Category

NAME = "ncbi_gene"
_GENES = "Homo_sapiens.gene_info.xz"
_SYMBOLS, _XREFS = "entrez_symbols-human.tsv.gz", "entrez_xrefs-human.tsv.gz"
_COLUMNS = ("tax_id", "GeneID", "Symbol", "description", "type_of_gene")
_HUMAN = "9606"
_TYPES = frozenset({"protein-coding", "rRNA", "other", "unknown"})
"""Genes that can matter for a drug: proteins, ribosomal RNA, complex loci such as UGT1A."""
_PREFIXES = {"HGNC": "", "Ensembl": "ENSEMBL:"}
"""Resources whose identifiers name the same gene, with what their file leaves off."""
_HEADER_MARK = "#Format: "


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield one node per human gene: symbol, other symbols, full name, identifiers elsewhere."""
    genes = _genes(files[_GENES])
    symbols = read_table(NAME, files[_SYMBOLS], ("GeneID", "type", "symbol"))
    xrefs = read_table(NAME, files[_XREFS], ("GeneID", "resource", "identifier"))
    wanted = set(genes["GeneID"])
    others = symbols[(symbols["type"] == "synonym") & symbols["GeneID"].isin(wanted)]
    full = genes.loc[~genes["description"].isin({"-", ""}), ["GeneID", "description"]]
    texts = pd.concat([others[["GeneID", "symbol"]], full.set_axis(["GeneID", "symbol"], axis=1)])
    nodes = pd.DataFrame(
        {
            "id": "NCBIGene:" + genes["GeneID"],
            "category": Category.GENE.value,
            "name": genes["Symbol"],
            "synonym": genes["GeneID"].map(_joined(texts["symbol"], texts["GeneID"])),
            "xref": genes["GeneID"].map(_identifiers(xrefs)),
        }
    )
    yield Chunk.of(ChunkKind.NODES, nodes)


NCBI_GENE = Source(
    SourceInfo(
        NAME,
        "infores:ncbi-gene",
        "https://www.ncbi.nlm.nih.gov/gene",
        "NCBI Gene, human genes of 2015-2016: symbols and cross-references",
    ),
    (_GENES, _SYMBOLS, _XREFS),
    read,
)


def _genes(path: Path) -> pd.DataFrame:
    """Read the table of genes, whose first line names its columns in a sentence."""
    text = read_text(NAME, path)
    head, *lines = text.split("\n")
    if not head.startswith(_HEADER_MARK):
        raise MalformedSource(NAME, path.name, f"does not begin with {_HEADER_MARK!r}", 1)
    columns = head.removeprefix(_HEADER_MARK).partition(" (")[0].split()
    missing = [column for column in _COLUMNS if column not in columns]
    if missing:
        reason = f"columns {missing} are missing; found {columns}"
        raise MalformedSource(NAME, path.name, reason, 1)
    if lines[-1:] != [""]:
        raise MalformedSource(NAME, path.name, "its last line is cut short", len(lines) + 1)
    rows = [line.split("\t") for line in lines[:-1]]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(columns):
            reason = f"has {len(row)} cells where the header has {len(columns)}"
            raise MalformedSource(NAME, path.name, reason, number)
    frame = pd.DataFrame(rows, columns=columns, dtype=str)
    return frame[(frame["tax_id"] == _HUMAN) & frame["type_of_gene"].isin(_TYPES)]


def _identifiers(xrefs: pd.DataFrame) -> pd.Series[str]:
    """Give the identifiers that name one gene only and are the only one of their resource."""
    rows = xrefs[xrefs["resource"].isin(_PREFIXES)].drop_duplicates()
    several = rows.duplicated(["GeneID", "resource"], keep=False)
    shared = rows.duplicated(["resource", "identifier"], keep=False)
    rows = rows[~several & ~shared]
    return _joined(rows["resource"].map(_PREFIXES) + rows["identifier"], rows["GeneID"])


def _joined(values: pd.Series[str], keys: pd.Series[str]) -> pd.Series[str]:
    cells = values.str.replace("|", "/", regex=False)
    joined: pd.Series[str] = cells.groupby(keys).agg(lambda group: "|".join(sorted(set(group))))
    return joined
