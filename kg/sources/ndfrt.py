"""NDF-RT: identifiers of ingredients in NDF-RT, RxNorm, UNII, DrugBank and ChEBI.

Three maps are read with care. A product, a dose form or a class of NDF-RT is no ingredient, and
names cut at fifty letters are products too. The map to DrugBank holds wrong rows: one counts where
NDF-RT itself gives the concept that name and the name leads to one DrugBank drug. In the FDA's map
a brand stands on a row with the UNII of its substance: a row counts where its term is DrugBank's
own name of the drug.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table, read_text
from kg.sources.base_lookup import looked_up
from ontologies.vocabulary import Category

NAME = "ndfrt"
RXNORM = "NDFRT_RxNorm_mapping.csv.gz"
DRUGBANK = "Ndfrt-Drugbank-Mapped.csv.gz"
FDA = "FDA_RXNORM_DRUGBANK_CHEBI_COMBINED_MAPPING_04042014.tsv.gz"

_INGREDIENT = " [Chemical/Ingredient]"
_NO_INGREDIENT = re.compile(r"\[|\d(?:MG|MCG|GM|MEQ|MMOL|UNT|ML|%)|\d %")
_CUT_AT = 50
_NUI = "http://purl.bioontology.org/ontology/NDFRT/"
_DRUG = "http://bio2rdf.org/drugbank:"
_NONE = "None"


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the ingredients of NDF-RT with RxNorm and DrugBank codes, then the FDA's substances."""
    concepts = _concepts(files[RXNORM])
    drugbank = _drugbank(files[DRUGBANK], dict(zip(concepts["nui"], concepts["name"], strict=True)))
    xrefs = "RXCUI:" + concepts["rxcui"] + looked_up(concepts["nui"], drugbank)
    nodes = pd.DataFrame({"id": "NDFRT:" + concepts["nui"], "name": concepts["name"]})
    yield Chunk.of(ChunkKind.NODES, nodes.assign(xref=xrefs, category=Category.DRUG.value))
    yield _substances(files[FDA])


NDFRT = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:ndfrt",
        homepage="https://evs.nci.nih.gov/ftp1/NDF-RT/",
        citation="National Drug File - Reference Terminology (U.S. Department of Veterans "
        "Affairs): maps to RxNorm, UNII, DrugBank and ChEBI, 2014",
    ),
    files=(RXNORM, DRUGBANK, FDA),
    read=read,
)


def _concepts(path: Path) -> pd.DataFrame:
    text = read_text(NAME, path)
    lines = text.splitlines()
    if not lines or lines[0] != "rxcui;nui;drugname":
        raise MalformedSource(NAME, path.name, f"unexpected columns {lines[:1]}", 1)
    if not text.endswith("\n"):
        raise MalformedSource(NAME, path.name, "its last line is cut short", len(lines))
    cells = pd.Series(lines[1:], dtype=str).str.extract(r"^(\d+);(N\d{10});([^;]+)$")
    _refuse(path, cells.isna().any(axis="columns"), "is not a code, a NUI and a name")
    table = cells.set_axis(["rxcui", "nui", "name"], axis="columns")
    tagged = table["name"].str.endswith(_INGREDIENT)
    plain = (table["name"].str.len() < _CUT_AT) & ~table["name"].str.contains(_NO_INGREDIENT)
    kept = table[tagged | plain].reset_index(drop=True)
    return kept.assign(name=kept["name"].str.removesuffix(_INGREDIENT))


def _drugbank(path: Path, names: Mapping[str, str]) -> dict[str, str]:
    """Give the xref to DrugBank by NUI, with the mark that joins it to another."""
    table = read_table(NAME, path, ("NUI", "FDASubstancePrefName", "Drugbank_Bio2rdf"), ",")
    for column, pattern in (("NUI", _NUI + r"N\d{10}"), ("Drugbank_Bio2rdf", _DRUG + r"DB\d{5}")):
        _refuse(path, ~table[column].str.fullmatch(pattern), f"has no {column} of the usual form")
    table = table.assign(
        nui=table["NUI"].str.removeprefix(_NUI),
        drug=table["Drugbank_Bio2rdf"].str.removeprefix(_DRUG),
        name=table["FDASubstancePrefName"].str.lower(),
    )
    table = table[table["nui"].map(names).str.lower() == table["name"]]
    table = table.drop_duplicates(["nui", "drug"])
    single = table[table.groupby("name")["drug"].transform("nunique") == 1]
    return dict(zip(single["nui"], "|DRUGBANK:" + single["drug"], strict=True))


def _substances(path: Path) -> Chunk:
    columns = ("FDA_PreferredTerm", "FDA_UNII", "RxNorm_CUI", "DrugBank_Name", "DrugBank_CUI")
    table = read_table(NAME, path, (*columns, "ChEBI_CUI"))
    _refuse(path, ~table["RxNorm_CUI"].str.fullmatch(r"\d+|None"), "has a malformed RxNorm_CUI")
    _refuse(path, ~table["DrugBank_CUI"].str.fullmatch(r"DB\d{5}|None"), "has no DrugBank_CUI")
    named = table["FDA_PreferredTerm"].str.lower() == table["DrugBank_Name"].str.lower()
    rows = table[named & table["FDA_UNII"].str.fullmatch(r"[A-Z0-9]{10}")].drop_duplicates()
    rows = rows[~rows.duplicated("FDA_UNII", keep=False)]
    xrefs = "DRUGBANK:" + rows["DrugBank_CUI"]
    for column, prefix in (("RxNorm_CUI", "RXCUI:"), ("ChEBI_CUI", "CHEBI:")):
        codes = "|" + prefix + rows[column].str.removeprefix("CHEBI_")
        xrefs = xrefs + codes.where(rows[column] != _NONE, "")
    nodes = pd.DataFrame({"id": "UNII:" + rows["FDA_UNII"], "name": rows["DrugBank_Name"]})
    nodes = nodes.assign(xref=xrefs, category=Category.DRUG.value)
    return Chunk.of(ChunkKind.NODES, nodes.reset_index(drop=True))


def _refuse(path: Path, wrong: pd.Series[bool], reason: str) -> None:
    if wrong.any():
        raise MalformedSource(NAME, path.name, reason, int(wrong.to_numpy().argmax()) + 2)
