"""The two tables of the FDA on pharmacogenetics: associations, and biomarkers in drug labels.

An association of the section that supports a change of treatment is a recommendation; of the two
other sections, and of a biomarker, nothing is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_edges import asserted, qualified
from kg.sources.base_files import read_text
from ontologies.vocabulary import Category, Predicate

ASSOCIATIONS, BIOMARKERS = "fda_pgx_associations_table.json", "fda_pgx_biomarker_table.json"
HAS_ACTIVE_INGREDIENT = "biolink:has_active_ingredient"
ASSOCIATED_WITH_SENSITIVITY_TO = "biolink:associated_with_sensitivity_to"
SUBGROUP, DESCRIPTION = "Affected Subgroups+", "Description of Gene-Drug Interaction"
SECTIONS, AREA = "Labeling Sections", "Therapeutic Area"
_COLUMNS = {
    ASSOCIATIONS: ("Drug", "Gene", SUBGROUP, DESCRIPTION, "table"),
    BIOMARKERS: ("Drug", "Biomarker", SECTIONS, AREA),
}
_TABLES = {
    "recommendation": "therapeutic management recommendations",
    "impact": "potential impact on safety or response",
    "pk": "potential impact on pharmacokinetics only",
}
"""The three sections of the table of associations."""
_METABOLIZER = re.compile(r"\b(ultrarapid|normal|intermediate|poor)\b")
_FUNCTIONS = {"poor": "Poor Function", "intermediate": "Decreased Function"}
"""Transporter function in the words of CPIC, which calls one reduced copy decreased function."""
_HLA = re.compile(r"(\*\d{2,3}:\d{2,3}) allele positive")
_CARRIERS = {("VKORC1", "-1639G>A variant carriers"): ("-1639 AG", "-1639 AA")}
_NUMBERED = re.compile(r" \(\d+\)$")
_SUFFIX = re.compile(r"-\s?[a-z]{4}$")
"""The four letters without meaning that the FDA adds to the name of a biological product."""
_SYMBOL = re.compile(r"HLA-[A-Z0-9]+|[A-Z][A-Z0-9]+")
_FAMILIES = frozenset({"ACHR", "BRCA", "CYB5R", "ESR", "FGFR", "IGH", "NTRK", "RAS", "SSTR"})
"""Families of genes in the place of a gene: they name no single one."""

Row = dict[str, str]


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield recommendations, associations and biomarkers, and the parts of combined drugs."""
    edges = [*_associations(files[ASSOCIATIONS]), *_biomarkers(files[BIOMARKERS])]
    drugs = {edge["object"]: edge["file"] for edge in reversed(edges)}
    genes = {edge["subject"] for edge in edges}
    named = {drug: _names(drug) for drug in drugs}
    parts = [
        asserted(_drug_id(named[drug][0]), HAS_ACTIVE_INGREDIENT, _drug_id(part), file)
        for drug, file in sorted(drugs.items())
        for part in _parts(drug)
    ]
    for edge in edges:
        edge["object"] = _drug_id(named[edge["object"]][0])
    nodes = [*_drug_nodes(named), *_gene_nodes(genes)]
    yield Chunk.of(ChunkKind.NODES, pd.DataFrame(nodes))
    yield Chunk.of(ChunkKind.EDGES, pd.DataFrame([*edges, *parts]))


def _rows(path: Path, file: str) -> tuple[list[Row], str]:
    """Give the rows of a table, blanks tidied, and where the FDA publishes it."""
    try:
        table = json.loads(read_text("fda_pgx", path))
    except json.JSONDecodeError as error:
        raise MalformedSource("fda_pgx", file, f"not JSON ({error})") from error
    if not isinstance(table, dict) or not isinstance(table.get("table"), list):
        raise MalformedSource("fda_pgx", file, "expected an object with a list `table`")
    rows = [_tidied(row, file, at) for at, row in enumerate(table["table"], start=1)]
    return rows, str(table.get("sourceUrl", ""))


def _tidied(row: Any, file: str, at: int) -> Row:
    if not isinstance(row, dict) or set(_COLUMNS[file]) - set(row):
        reason = f"expected {list(_COLUMNS[file])}, found {row!r}"
        raise MalformedSource("fda_pgx", file, reason, at)
    cells = {column: " ".join(str(row[column]).split()) for column in _COLUMNS[file]}
    if not cells["Drug"] or any("|" in cell for cell in cells.values()):
        raise MalformedSource("fda_pgx", file, "a drug is missing, or a bar stands in a cell", at)
    return cells


def _associations(path: Path) -> Iterator[Row]:
    rows, url = _rows(path, ASSOCIATIONS)
    for at, row in enumerate(rows, start=1):
        if row["table"] not in _TABLES:
            reason = f"{row['table']!r} is no section; expected {sorted(_TABLES)}"
            raise MalformedSource("fda_pgx", ASSOCIATIONS, reason, at)
        advises = row["table"] == "recommendation"
        for gene in _symbols(row["Gene"].replace(" and/or ", ", ")):
            for phenotype in _phenotypes(gene, row[SUBGROUP]):
                stated = phenotype | ({} if advises else {"recommendation": "none"})
                edge = asserted(f"HGNC.SYMBOL:{gene}", Predicate.AFFECTS_RESPONSE_TO.value,
                             row["Drug"], ASSOCIATIONS)  # fmt: skip
                yield edge | {
                    "qualifiers": qualified(stated),
                    "statement": f"{row['Drug']}: {gene} {row[SUBGROUP]} ({_TABLES[row['table']]})",
                    "condition": f"{gene} {row[SUBGROUP]}",
                    "recommendation": row[DESCRIPTION] if advises else "",
                    "text": "" if advises else row[DESCRIPTION],
                    "reference": url,
                }


def _phenotypes(gene: str, subgroup: str) -> list[Row]:
    """Qualifiers of each phenotype that a subgroup names; a bare variant has no phenotype."""
    allele = _HLA.fullmatch(subgroup)
    if allele is not None:
        return [{"phenotype": f"{allele[1]} positive"}]
    if (gene, subgroup) in _CARRIERS:
        return [{"phenotype": phenotype} for phenotype in _CARRIERS[gene, subgroup]]
    words = _METABOLIZER.findall(subgroup.casefold())
    if "function transporter" in subgroup:
        return [{"phenotype": _FUNCTIONS[word]} for word in words if word in _FUNCTIONS]
    named = [{"phenotype": f"{word.capitalize()} Metabolizer"} for word in words]
    return named or [{"variant": subgroup}]


def _biomarkers(path: Path) -> Iterator[Row]:
    rows, url = _rows(path, BIOMARKERS)
    for row in rows:
        for gene in _symbols(row["Biomarker"]):
            edge = asserted(f"HGNC.SYMBOL:{gene}", ASSOCIATED_WITH_SENSITIVITY_TO,
                         row["Drug"], BIOMARKERS)  # fmt: skip
            stated = {"area": row[AREA].lower(), "sections": row[SECTIONS].lower()}
            yield edge | {
                "qualifiers": qualified(stated),
                "statement": f"biomarker in the label of {_NUMBERED.sub('', row['Drug'])}",
                "condition": row["Biomarker"],
                "reference": url,
            }


def _symbols(text: str) -> list[str]:
    """Genes that a cell names by symbol; fusions, families and chromosomes name no gene."""
    plain = re.sub(r"\([^)]*\)", "", text)
    parts = (part.strip() for part in plain.split(","))
    return [p for p in dict.fromkeys(parts) if _SYMBOL.fullmatch(p) and p not in _FAMILIES]


def _names(written: str) -> tuple[str, str]:
    """Name of a drug in lower case, and how the FDA writes it."""
    plain = _NUMBERED.sub("", written)
    parts = _parts(written)
    return (" / ".join(parts) if parts else _SUFFIX.sub("", plain.lower())), plain


def _parts(written: str) -> list[str]:
    """Substances of a combination, sorted; none for a single substance."""
    plain = _NUMBERED.sub("", written).lower()
    parts = re.split(r", and |, | and ", plain) if " and " in plain else []
    return sorted(_SUFFIX.sub("", part.strip()) for part in parts)


def _drug_nodes(named: Mapping[str, tuple[str, str]]) -> Iterator[Row]:
    synonyms: dict[str, set[str]] = {}
    for written, (name, plain) in named.items():
        synonyms.setdefault(name, set()).add(plain)
        for part in _parts(written):
            synonyms.setdefault(part, set())
    for name, others in sorted(synonyms.items()):
        yield {
            "id": _drug_id(name),
            "category": Category.DRUG.value,
            "name": name,
            "synonym": "|".join(sorted(o for o in others if o.lower() != name)),
        }


def _gene_nodes(genes: Iterable[str]) -> Iterator[Row]:
    for curie in sorted(genes):
        name = curie.partition(":")[2]
        yield {"id": curie, "category": Category.GENE.value, "name": name}


def _drug_id(name: str) -> str:
    return f"coprescribe:drugname/{quote(name, safe='')}"


FDA_PGX = Source(
    SourceInfo(
        name="fda_pgx",
        infores="infores:fda-pgx",
        homepage="https://www.fda.gov/medical-devices/precision-medicine",
        citation=(
            "U.S. Food and Drug Administration: Table of Pharmacogenetic Associations; Table of "
            "Pharmacogenomic Biomarkers in Drug Labeling"
        ),
    ),
    files=(ASSOCIATIONS, BIOMARKERS),
    read=read,
)
