"""PharmGKB's clinical annotations: a variant of a gene, a drug, and how good the evidence is.

An annotation says that the response to a drug goes with a variant. It asks for nothing, so it is
no recommendation: the guidelines have those.
"""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_edges import qualified
from kg.sources.clinpgx_cells import records
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel

ARCHIVE, CHEMICALS = "clinicalAnnotations.zip", "chemicals.tsv.gz"
ANNOTATIONS, EVIDENCE = "clinical_annotations.tsv", "clinical_ann_evidence.tsv"
ASSOCIATED_WITH_SENSITIVITY_TO = "biolink:associated_with_sensitivity_to"
"""A named thing whose change goes with the degree of sensitivity to treatment by a chemical."""
_ID = "Clinical Annotation ID"
_COLUMNS = {
    ANNOTATIONS: (
        *(_ID, "Variant/Haplotypes", "Gene", "Level of Evidence", "Phenotype Category"),
        *("Drug(s)", "Phenotype(s)", "URL", "Specialty Population"),
    ),
    EVIDENCE: (_ID, "PMID"),
}
_LEVELS = frozenset({"1A", "1B", "2A", "2B", "3", "4"})
"""Levels of evidence, best first (Whirl-Carrillo et al. 2021, PMID:34216021)."""
_RS_NUMBER = re.compile(r"rs\d+")
_MAX_MEMBER = 64 * 1024**2
"""A table of the archive that unpacks to more than this many bytes is refused."""

Row = dict[str, str]


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield one edge for each gene and drug of each annotation, and the nodes at their ends."""
    annotations = _table(files[ARCHIVE], ANNOTATIONS)
    papers = _papers(_table(files[ARCHIVE], EVIDENCE))
    drugs = _drugs(files[CHEMICALS])
    edges = [
        edge for at, row in enumerate(annotations, start=2) for edge in _edges(row, at, papers)
    ]
    nodes = [*_subject_nodes(edges), *_drug_nodes(edges, drugs)]
    ends = {name: _drug_id(name, drugs) for name in {edge["object"] for edge in edges}}
    frame = pd.DataFrame(edges)
    frame["object"] = frame["object"].map(ends)
    yield Chunk.of(ChunkKind.NODES, pd.DataFrame(nodes))
    yield Chunk.of(ChunkKind.EDGES, frame)


def _table(path: Path, member: str) -> list[Row]:
    rows = _unpacked(path, member)
    header = rows[0] if rows else []
    if missing := [column for column in _COLUMNS[member] if column not in header]:
        raise _malformed(f"{member}: columns {missing} are missing; found {header}")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            reason = f"{member} has {len(row)} cells where the header has {len(header)}"
            raise _malformed(reason, number)
    if len(rows) < 2:
        raise _malformed(f"{member} has no rows")
    return [dict(zip(header, row, strict=True)) for row in rows[1:]]


def _unpacked(path: Path, member: str) -> list[list[str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(member).file_size > _MAX_MEMBER:
                raise _malformed(f"{member} unpacks to over {_MAX_MEMBER} bytes")
            text = archive.read(member).decode("utf-8")
        return list(csv.reader(StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError) as error:
        raise _malformed(f"cannot unpack {member} ({error})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise _malformed(f"cannot read {member} ({error})") from error


def _malformed(reason: str, row: int | None = None) -> MalformedSource:
    return MalformedSource("pharmgkb", ARCHIVE, reason, row)


def _papers(rows: list[Row]) -> dict[str, str]:
    found: dict[str, set[int]] = defaultdict(set)
    for at, row in enumerate(rows, start=2):
        if row["PMID"]:
            if not row["PMID"].isdigit():
                raise _malformed(f"{EVIDENCE}: PMID {row['PMID']!r} is not a number", at)
            found[row[_ID]].add(int(row["PMID"]))
    return {
        annotation: "|".join(f"PMID:{number}" for number in sorted(numbers))
        for annotation, numbers in found.items()
    }


def _edges(row: Row, at: int, papers: Mapping[str, str]) -> Iterator[Row]:
    """One edge for each gene and drug; the variant stands where no gene is named."""
    level = row["Level of Evidence"]
    if level not in _LEVELS:
        raise _malformed(f"{ANNOTATIONS}: {level!r} is no level of evidence", at)
    stated = {
        "category": row["Phenotype Category"].replace(";", ", ").lower(),
        "level": level,
        "population": row["Specialty Population"].lower(),
        "variant": row["Variant/Haplotypes"],
    }
    if any("|" in value for value in stated.values()):
        raise _malformed(f"{ANNOTATIONS}: a bar stands in {stated}", at)
    shared = {
        "predicate": ASSOCIATED_WITH_SENSITIVITY_TO,
        "qualifiers": qualified(stated),
        "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
        "agent_type": AgentType.MANUAL_AGENT.value,
        "statement": f"clinical annotation {row[_ID]}",
        "condition": row["Phenotype(s)"].replace(";", "; "),
        "publications": papers.get(row[_ID], ""),
        "reference": row["URL"],
        "file": ARCHIVE,
    }
    subjects = [f"HGNC.SYMBOL:{gene}" for gene in _parts(row["Gene"])]
    if not subjects and _RS_NUMBER.fullmatch(row["Variant/Haplotypes"]):
        subjects = [f"DBSNP:{row['Variant/Haplotypes']}"]
    for subject in subjects:
        for drug in _parts(row["Drug(s)"]):
            yield {"subject": subject, "object": drug, **shared}


def _parts(cell: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in cell.split(";") if part.strip()))


def _drugs(path: Path) -> dict[str, tuple[str, Category]]:
    """CURIE and category of a chemical by its name."""
    columns = ("PharmGKB Accession Id", "Name", "Type")
    return {
        row["Name"]: (f"PHARMGKB.DRUG:{row[columns[0]]}", _category(row["Type"]))
        for row in records("pharmgkb", path, columns)
    }


def _category(kinds: str) -> Category:
    if "Drug Class" in kinds:
        return Category.DRUG_CLASS
    return Category.DRUG if "Drug" in kinds or "Prodrug" in kinds else Category.CHEMICAL_ENTITY


def _drug_id(name: str, drugs: Mapping[str, tuple[str, Category]]) -> str:
    known = drugs.get(name)
    return known[0] if known else f"coprescribe:drugname/{quote(name, safe='')}"


def _drug_nodes(edges: list[Row], drugs: Mapping[str, tuple[str, Category]]) -> Iterator[Row]:
    for name in sorted({edge["object"] for edge in edges}):
        category = drugs[name][1] if name in drugs else Category.DRUG
        yield {"id": _drug_id(name, drugs), "category": category.value, "name": name}


def _subject_nodes(edges: list[Row]) -> Iterator[Row]:
    for curie in sorted({edge["subject"] for edge in edges}):
        prefix, _, name = curie.partition(":")
        category = Category.ALLELE if prefix == "DBSNP" else Category.GENE
        yield {"id": curie, "category": category.value, "name": name}


PHARMGKB = Source(
    SourceInfo(
        name="pharmgkb",
        infores="infores:pharmgkb",
        homepage="https://www.pharmgkb.org/clinicalAnnotations",
        citation=(
            "Whirl-Carrillo et al. 2021, PMID:34216021 (PharmGKB clinical annotations and their "
            "levels of evidence)"
        ),
    ),
    files=(ARCHIVE, CHEMICALS),
    read=read,
)
