"""Drug identifiers merged by IIT Demokritos: DrugBank, PubChem, ChEMBL, ChEBI, CAS and UMLS.

The file joins several databases by machine. Only what is one to one within the file counts as
identity, and no number that is that of the DrugBank row itself: in 64 rows the digits of a DrugBank
number (DB15401) stand under PubChem or ChEBI too, where they name another substance. TTD, ZINC,
KEGG, BindingDB and STITCH numbers are not taken: no source here speaks of drugs by them, and many
of them name a salt, a stereoisomer or a mixture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from kg.sources.exact_xrefs import exact_xrefs, in_columns
from ontologies.vocabulary import Category

NAME = "drug_mappings"
FILE = "drug-mappings.tsv.gz"
_PREFIXES = {
    "chembl_id": "CHEMBL.COMPOUND",
    "pubchem_cid": "PUBCHEM.COMPOUND",
    "chebi_id": "CHEBI",
    "cas_num": "CAS",
    "UMLS_cuis": "UMLS",
}
_FORMS = {
    "CHEMBL.COMPOUND": r"CHEMBL\d+",
    "PUBCHEM.COMPOUND": r"\d+",
    "CHEBI": r"\d+",
    "CAS": r"\d{2,7}-\d{2}-\d",
    "UMLS": r"C\d{7}",
}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield one node per row that has a DrugBank number, or else a ChEMBL number."""
    frame = read_table(NAME, files[FILE], ("drugbankId", "name", *_PREFIXES))
    odd = ~frame["drugbankId"].str.fullmatch(r"DB\d{5}|null")
    if odd.any():
        row = int(odd.to_numpy().argmax())
        reason = f"{frame['drugbankId'].iloc[row]!r} is no DrugBank number"
        raise MalformedSource(NAME, FILE, reason, row + 2)
    frame["id"] = _ids(frame)
    frame = frame[(frame["id"] != "") & (frame["name"] != "null")]
    xrefs = exact_xrefs(_others(frame))
    nodes = frame.drop_duplicates("id")
    yield Chunk.of(
        ChunkKind.NODES,
        pd.DataFrame(
            {
                "id": nodes["id"],
                "category": Category.DRUG.value,
                "name": nodes["name"],
                "xref": nodes["id"].map(xrefs),
            }
        ),
    )


DRUG_MAPPINGS = Source(
    SourceInfo(
        NAME,
        "infores:iit-demokritos-drug-mappings",
        "https://github.com/iit-Demokritos/drug_id_mapping",
        "Drug ID Mapping, NCSR Demokritos; Aisopos and Paliouras, BMC Bioinformatics 2023;24:272, "
        "doi:10.1186/s12859-023-05373-2",
    ),
    (FILE,),
    read,
)


def _ids(frame: pd.DataFrame) -> pd.Series[str]:
    chembl = frame["chembl_id"].str.strip()
    other = ("CHEMBL.COMPOUND:" + chembl).where(chembl.str.fullmatch(r"CHEMBL\d+"), "")
    return ("DRUGBANK:" + frame["drugbankId"]).where(frame["drugbankId"] != "null", other)


def _others(frame: pd.DataFrame) -> pd.DataFrame:
    stated = in_columns(frame, _PREFIXES, _FORMS)
    own = stated["id"].str.removeprefix("DRUGBANK:DB").str.lstrip("0")
    prefix, number = (stated["xref"].str.partition(":")[part] for part in (0, 2))
    copied = prefix.isin(["CHEBI", "PUBCHEM.COMPOUND"]) & (number == own)
    return stated[~copied & (stated["id"] != stated["xref"])]
