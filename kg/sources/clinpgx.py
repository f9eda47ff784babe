"""The terms of ClinPGx (formerly PharmGKB): drugs, other chemicals and phenotypes with their names.

A cross-reference becomes an identity only where it is exact: one identifier of a vocabulary in a
row, in no other row of the file, and, for a phenotype, under a label that is a name of the row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, Source, SourceInfo
from kg.sources.base_edges import asserted
from kg.sources.clinpgx_cells import combination_parts, items, mixtures, only_one, records
from ontologies.heavy_atoms import drawing
from ontologies.vocabulary import Category, Predicate

CHEMICALS, DRUGS, PHENOTYPES = "chemicals.tsv.gz", "drugs.tsv.gz", "phenotypes.tsv.gz"
HAS_ACTIVE_INGREDIENT = "biolink:has_active_ingredient"
ID, NAME = "PharmGKB Accession Id", "Name"
GENERIC, TRADE, MIXTURES = "Generic Names", "Trade Names", "Brand Mixtures"
XREFS, VOCABULARIES, SMILES = "Cross-references", "External Vocabulary", "SMILES"
_CHEMICAL_COLUMNS = (
    *(ID, NAME, GENERIC, TRADE, MIXTURES, "Type", XREFS, VOCABULARIES, SMILES),
    *("RxNorm Identifiers", "ATC Identifiers", "PubChem Compound Identifiers"),
)
_PHENOTYPE_COLUMNS = (ID, NAME, "Alternate Names", XREFS, VOCABULARIES)
_CHEMICAL_XREFS = {
    "DrugBank": ("DRUGBANK", re.compile(r"DB\d{5}")),
    "ChEBI": ("CHEBI", re.compile(r"(?:CHEBI:)?(\d+)")),
    "ChEMBL": ("CHEMBL.COMPOUND", re.compile(r"CHEMBL\d+")),
    "UNII": ("UNII", re.compile(r"[A-Z0-9]{10}")),
    "MeSH": ("MESH", re.compile(r"[CD]\d+")),
    "UMLS": ("UMLS", re.compile(r"C\d{7}")),
    "RxNorm": ("RXCUI", re.compile(r"\d{1,7}")),
    "PubChem Compound": ("PUBCHEM.COMPOUND", re.compile(r"\d+")),
}
_MEDICAL_XREFS = {
    "MeSH": ("MESH", re.compile(r"[CD]\d+")),
    "UMLS": ("UMLS", re.compile(r"C\d{7}")),
}
_FEATURE_XREFS = _MEDICAL_XREFS | {
    "HP": ("HP", re.compile(r"HP:(\d{7})")),
    "MedDRA": ("MEDDRA", re.compile(r"\d{8}")),
}
_DISEASE_XREFS = _MEDICAL_XREFS | {
    "MONDO": ("MONDO", re.compile(r"MONDO:(\d{7})")),
    "SnoMedCT": ("SNOMEDCT", re.compile(r"\d{6,18}")),
}
_COMBINATION_GROUP = re.compile(r"C03A[BX]|C03EA|C09DX|C10B[AX]|G01AE|J05AR|M01BA|N06CA")
_LABELLED = re.compile(r"(?P<source>\w+):(?P<identifier>[^(]+)\((?P<label>.*)\)", re.DOTALL)

Row = dict[str, str]


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the terms of the three files, classes of drugs, ingredients of combinations."""
    tables = {f: records("clinpgx", files[f], _CHEMICAL_COLUMNS) for f in (CHEMICALS, DRUGS)}
    exact = _exact(
        (_chemical_id(row), xref)
        for rows in tables.values()
        for row in rows
        for xref in _chemical_xrefs(row)
    )
    mixed = _mixture_brands(row for rows in tables.values() for row in rows)
    for file, rows in tables.items():
        nodes = [*_chemicals(rows, exact, mixed), *_products(rows)]
        edges = [*_memberships(rows, file), *_ingredients(rows, file)]
        yield Chunk.of(ChunkKind.NODES, pd.DataFrame(nodes))
        yield Chunk.of(ChunkKind.EDGES, pd.DataFrame(edges))
    phenotypes = records("clinpgx", files[PHENOTYPES], _PHENOTYPE_COLUMNS)
    yield Chunk.of(ChunkKind.NODES, pd.DataFrame(_phenotypes(phenotypes)))


def names(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield each name of each chemical of a file with its CURIE and its kind.

    The kind is `name`, `synonym` or `brand`; brands of mixtures are left out.
    """
    rows = records("clinpgx", path, _CHEMICAL_COLUMNS)
    mixed = _mixture_brands(rows)
    for row in rows:
        curie = _chemical_id(row)
        yield row[NAME], curie, "name"
        yield from ((text, curie, "synonym") for text in items(row[GENERIC]))
        yield from ((text, curie, "brand") for text in _brands(row, mixed))


def _chemicals(rows: list[Row], exact: frozenset[str], mixed: frozenset[str]) -> Iterator[Row]:
    for row in rows:
        yield {
            "id": _chemical_id(row),
            "category": _category(row).value,
            "name": row[NAME],
            "synonym": _joined([*items(row[GENERIC]), *_brands(row, mixed)]),
            "xref": "|".join(sorted(set(_chemical_xrefs(row)) & exact)),
            "drawing": drawing(row[SMILES]),
        }


def _chemical_id(row: Row) -> str:
    return f"PHARMGKB.DRUG:{row[ID]}"


def _category(row: Row) -> Category:
    kinds = set(items(row["Type"]))
    if "Drug Class" in kinds:
        return Category.DRUG_CLASS
    return Category.DRUG if kinds & {"Drug", "Prodrug"} else Category.CHEMICAL_ENTITY


def _brands(row: Row, mixed: frozenset[str]) -> list[str]:
    return [brand for brand in items(row[TRADE]) if brand.casefold() not in mixed]


def _mixture_brands(rows: Iterable[Row]) -> frozenset[str]:
    return frozenset(name.casefold() for row in rows for name, _ in mixtures(row[MIXTURES]))


def _chemical_xrefs(row: Row) -> list[str]:
    """CURIEs of the vocabularies of which a row names exactly one identifier."""
    written = (part.partition(":") for part in items(row[XREFS]) + items(row[VOCABULARIES]))
    own_column = {"RxNorm", "PubChem Compound"}
    stated = [(kind, code) for kind, _, code in written if kind not in own_column]
    stated += [("RxNorm", code) for code in items(row["RxNorm Identifiers"])]
    stated += [("PubChem Compound", c) for c in items(row["PubChem Compound Identifiers"])]
    xrefs = only_one(stated, _CHEMICAL_XREFS)
    if _category(row) is Category.DRUG_CLASS:
        codes = items(row["ATC Identifiers"])
        xrefs = [f"ATC:{code}" for code in codes if len(codes) == 1 and len(code) < 7]
    return xrefs


def _exact(stated: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Cross-references that stand with one term only: any other is wider than each of its terms."""
    holders = Counter(xref for _, xref in set(stated))
    return frozenset(xref for xref, n_terms in holders.items() if n_terms == 1)


def _memberships(rows: list[Row], file: str) -> Iterator[Row]:
    for row in rows:
        if _category(row) is Category.DRUG:
            single = len(combination_parts(row[NAME])) < 2
            for code in items(row["ATC Identifiers"]):
                if len(code) == 7 and not (single and _is_combination(code)):
                    target = f"ATC:{code}"
                    yield asserted(_chemical_id(row), Predicate.SUBCLASS_OF.value, target, file)


def _is_combination(code: str) -> bool:
    """Tell the code of a combination (WHO: 30, the 50s and above, groups of combinations)."""
    return bool(_COMBINATION_GROUP.match(code)) or int(code[5:]) == 30 or int(code[5:]) >= 50


def _ingredients(rows: list[Row], file: str) -> Iterator[Row]:
    """Ingredients of combinations and of branded mixtures whose parts are all known by name."""
    known = _known(rows)
    for row in rows:
        parts = combination_parts(row[NAME])
        targets = [known.get(part.casefold(), "") for part in parts]
        if len(targets) > 1 and all(targets):
            for target in sorted(set(targets)):
                yield asserted(_chemical_id(row), HAS_ACTIVE_INGREDIENT, target, file)
    for brand, mix in _branded(rows, known).items():
        for target in mix:
            yield asserted(_product_id(brand), HAS_ACTIVE_INGREDIENT, target, file)


def _known(rows: list[Row]) -> dict[str, str]:
    """Drugs of one substance by their names, folded; a name of two drugs names neither."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if _category(row) is Category.DRUG and len(combination_parts(row[NAME])) < 2:
            for name in (row[NAME], *items(row[GENERIC])):
                found.setdefault(name.casefold(), set()).add(_chemical_id(row))
    return {name: next(iter(curies)) for name, curies in found.items() if len(curies) == 1}


def _branded(rows: list[Row], known: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Branded mixtures with their ingredients; a brand of two mixtures is left out."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for row in rows:
        for brand, parts in mixtures(row[MIXTURES]):
            targets = [known.get(part.casefold(), "") for part in parts]
            found.setdefault(brand, set()).add(tuple(sorted(set(targets))))
    single = {brand: next(iter(mixes)) for brand, mixes in found.items() if len(mixes) == 1}
    return {brand: mix for brand, mix in sorted(single.items()) if len(mix) > 1 and all(mix)}


def _products(rows: list[Row]) -> Iterator[Row]:
    for brand in _branded(rows, _known(rows)):
        yield {"id": _product_id(brand), "category": Category.DRUG.value, "name": brand}


def _product_id(brand: str) -> str:
    return f"coprescribe:product/{quote(brand, safe='')}"


def _phenotypes(rows: list[Row]) -> Iterator[Row]:
    stated = {row[ID]: _phenotype_xrefs(row) for row in rows}
    exact = _exact((term, xref) for term, xrefs in stated.items() for xref in xrefs)
    for row in rows:
        xrefs = stated[row[ID]]
        category = Category.PHENOTYPIC_FEATURE if _is_feature(xrefs) else Category.DISEASE
        yield {
            "id": f"PHARMGKB.DISEASE:{row[ID]}",
            "category": category.value,
            "name": row[NAME],
            "synonym": _joined(items(row["Alternate Names"])),
            "xref": "|".join(sorted(set(xrefs) & exact)),
        }


def _phenotype_xrefs(row: Row) -> list[str]:
    own = {name.casefold() for name in (row[NAME], *items(row["Alternate Names"]))}
    stated = []
    written = items(row[XREFS]) + items(row[VOCABULARIES])
    for found in map(_LABELLED.fullmatch, written):
        if found is not None:
            label = found["label"].casefold().removesuffix(" [disease/finding]")
            if label in own or found["label"] == found["identifier"]:
                stated.append((found["source"], found["identifier"]))
    feature = only_one(stated, _FEATURE_XREFS)
    return feature if _is_feature(feature) else only_one(stated, _DISEASE_XREFS)


def _is_feature(xrefs: list[str]) -> bool:
    """A term of the Human Phenotype Ontology is a feature, and then not a disease as well."""
    return any(curie.startswith("HP:") for curie in xrefs)


def _joined(names_: Iterable[str]) -> str:
    return "|".join(dict.fromkeys(name.replace("|", "/") for name in names_))


CLINPGX = Source(
    SourceInfo(
        name="clinpgx",
        infores="infores:pharmgkb",
        homepage="https://www.clinpgx.org/downloads",
        citation="Whirl-Carrillo et al. 2021, PMID:34216021 (PharmGKB, now ClinPGx)",
    ),
    files=(CHEMICALS, DRUGS, PHENOTYPES),
    read=read,
)
