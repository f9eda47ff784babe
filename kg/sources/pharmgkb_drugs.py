"""Drug cross-references of PharmGKB (now ClinPGx), in SSSOM, as exported by PyOBO.

The file calls every link exact; PharmGKB also files salts, products and mixtures under one drug.
Only what is one to one counts as identity here, and CAS numbers are not taken: a fifth of them are
those of a salt. An ATC code is a place in a classification, so the drug becomes a subclass of it.
The file has no names of drugs or codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from kg.sources.exact_xrefs import exact_xrefs
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "pharmgkb_drugs"
FILE = "pharmgkb.drug.sssom.tsv.gz"
_SYSTEMS = {
    "rxnorm": ("RXCUI", r"\d{1,7}"),
    "drugbank": ("DRUGBANK", r"DB\d{5}"),
    "chebi": ("CHEBI", r"\d+"),
    "chembl": ("CHEMBL.COMPOUND", r"CHEMBL\d+"),
    "pubchem.compound": ("PUBCHEM.COMPOUND", r"\d+"),
    "mesh": ("MESH", r"[CDQ]\d+"),
    "umls": ("UMLS", r"C\d{7}"),
    "unii": ("UNII", r"[A-Z0-9]{10}"),
    "atc": ("ATC", r"[A-Z](\d{2}([A-Z]([A-Z](\d{2})?)?)?)?"),
}
"""Systems of the file in lower case: our prefix and the form of its identifiers."""


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield one node per PharmGKB drug with its exact identifiers, and its ATC codes."""
    frame = read_table(NAME, files[FILE], ("subject_id", "object_id", "predicate_id"))
    exact = frame["predicate_id"] == "skos:exactMatch"
    wrong = exact & ~frame["subject_id"].str.fullmatch(r"pharmgkb\.drug:PA\d+")
    if wrong.any() or not exact.any():
        row = int(wrong.to_numpy().argmax())
        reason = f"{frame['subject_id'].iloc[row]!r} is no PharmGKB drug with an exact match"
        raise MalformedSource(NAME, FILE, reason, row + 2)
    links = frame[exact]
    ids = "PHARMGKB.DRUG:" + links["subject_id"].str.partition(":")[2]
    stated = pd.DataFrame({"id": ids, "xref": _curies(links["object_id"])})
    codes = stated["xref"].str.startswith("ATC:")
    members = stated[codes].drop_duplicates()
    yield Chunk.of(ChunkKind.NODES, _drugs(ids, exact_xrefs(stated[~codes])))
    yield Chunk.of(ChunkKind.NODES, _codes(members["xref"]))
    yield Chunk.of(ChunkKind.EDGES, _memberships(members))


PHARMGKB_DRUGS = Source(
    SourceInfo(
        NAME,
        "infores:pharmgkb",
        "https://www.clinpgx.org",
        "PharmGKB/ClinPGx drug cross-references, exported with PyOBO",
    ),
    (FILE,),
    read,
)


def _drugs(ids: pd.Series[str], xrefs: pd.Series[str]) -> pd.DataFrame:
    each = ids.drop_duplicates().sort_values()
    return pd.DataFrame({"id": each, "category": Category.DRUG.value, "xref": each.map(xrefs)})


def _codes(codes: pd.Series[str]) -> pd.DataFrame:
    each = codes.drop_duplicates().sort_values()
    return pd.DataFrame({"id": each, "category": Category.DRUG_CLASS.value})


def _curies(objects: pd.Series[str]) -> pd.Series[str]:
    """Give our CURIE for each object of a known system and form, blank for the rest."""
    parts = objects.str.partition(":")
    system = parts[0].str.lower()
    curies = pd.Series("", index=objects.index, dtype=object)
    for name, (prefix, form) in _SYSTEMS.items():
        fits = (system == name) & parts[2].str.fullmatch(form)
        curies[fits] = prefix + ":" + parts[2][fits]
    return curies


def _memberships(stated: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame({"subject": stated["id"], "object": stated["xref"]})
    return frame.assign(
        predicate=Predicate.SUBCLASS_OF.value,
        knowledge_level=KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
        agent_type=AgentType.MANUAL_AGENT.value,
        file=FILE,
    )
