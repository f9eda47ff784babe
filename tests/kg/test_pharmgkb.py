"""The source pharmgkb: what a clinical annotation becomes, and what is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.pharmgkb import (
    ANNOTATIONS,
    ARCHIVE,
    ASSOCIATED_WITH_SENSITIVITY_TO,
    EVIDENCE,
    PHARMGKB,
)
from ontologies.vocabulary import Category
from tests.kg.samples_g4 import sample_chunks, write_sample


@pytest.fixture
def edges(tmp_path: Path) -> pd.DataFrame:
    chunks = sample_chunks(PHARMGKB, tmp_path)
    return next(chunk.frame for chunk in chunks if chunk.kind is ChunkKind.EDGES)


@pytest.fixture
def nodes(tmp_path: Path) -> pd.DataFrame:
    chunks = sample_chunks(PHARMGKB, tmp_path)
    return next(c.frame for c in chunks if c.kind is ChunkKind.NODES).set_index("id")


def test_an_annotation_is_one_edge_for_each_gene_and_drug(edges: pd.DataFrame) -> None:
    assert set(zip(edges["subject"], edges["object"], strict=True)) == {
        ("HGNC.SYMBOL:CYP2C19", "PHARMGKB.DRUG:PA990001"),
        ("HGNC.SYMBOL:CYP2C19", "PHARMGKB.DRUG:PA990003"),
        ("HGNC.SYMBOL:CYP2D6", "coprescribe:drugname/novel-only%20drug"),
        ("HGNC.SYMBOL:CYP2D7", "coprescribe:drugname/novel-only%20drug"),
        ("DBSNP:rs990103", "PHARMGKB.DRUG:PA990008"),
    }
    assert set(edges["predicate"]) == {ASSOCIATED_WITH_SENSITIVITY_TO}


def test_an_annotation_says_variant_level_and_for_whom(edges: pd.DataFrame) -> None:
    row = edges.iloc[0]
    assert row["qualifiers"] == (
        "category=efficacy, toxicity|level=1A|population=pediatric|variant=rs990101"
    )
    assert row["condition"] == "Example Fever; Sample Syndrome"
    assert row["statement"] == "clinical annotation 990101"


def test_an_annotation_cites_its_papers_in_order(edges: pd.DataFrame) -> None:
    row = edges.iloc[0]
    assert row["publications"] == "PMID:9000001|PMID:20000002"
    assert row["reference"] == "https://www.pharmgkb.org/clinicalAnnotation/990101"


def test_an_annotation_asks_for_nothing(edges: pd.DataFrame) -> None:
    assert set(edges["recommendation"]) == {""}


def test_every_end_is_a_node_of_its_kind(nodes: pd.DataFrame, edges: pd.DataFrame) -> None:
    assert set(edges["subject"]) | set(edges["object"]) == set(nodes.index)
    assert nodes.loc["DBSNP:rs990103", "category"] == Category.ALLELE.value
    assert nodes.loc["PHARMGKB.DRUG:PA990008", "category"] == Category.DRUG_CLASS.value
    assert nodes.loc["PHARMGKB.DRUG:PA990001", "name"] == "examplol"


def repacked(folder: Path, member: str, old: str, new: str) -> dict[str, Path]:
    files = write_sample(PHARMGKB, folder)
    with zipfile.ZipFile(files[ARCHIVE]) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    texts[member] = texts[member].replace(old, new)
    with zipfile.ZipFile(files[ARCHIVE], "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return files


@pytest.mark.parametrize(
    ("member", "old", "new", "place"),
    [
        (ANNOTATIONS, "\t1A\t", "\t9\t", f"{ARCHIVE}, row 2"),
        (ANNOTATIONS, "rs990103\t", "rs|990103\t", f"{ARCHIVE}, row 4"),
        (ANNOTATIONS, "\tDosage\t", "\t", f"{ARCHIVE}, row 3"),
        (ANNOTATIONS, "Level of Evidence", "Level", ARCHIVE),
        (EVIDENCE, "20000002", "2000x", f"{ARCHIVE}, row 2"),
        (EVIDENCE, "PMID", "Paper", ARCHIVE),
    ],
)
def test_a_row_that_cannot_be_read_is_named(
    tmp_path: Path, member: str, old: str, new: str, place: str
) -> None:
    with pytest.raises(MalformedSource, match=place):
        list(PHARMGKB.read(repacked(tmp_path, member, old, new)))


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive"])
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    files = write_sample(PHARMGKB, tmp_path)
    files[ARCHIVE].write_bytes(content)
    with pytest.raises(MalformedSource, match=ARCHIVE):
        list(PHARMGKB.read(files))


def test_an_archive_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    files = write_sample(PHARMGKB, tmp_path)
    files[ARCHIVE].write_bytes(files[ARCHIVE].read_bytes()[:-40])
    with pytest.raises(MalformedSource, match=ARCHIVE):
        list(PHARMGKB.read(files))


def test_every_annotation_of_the_real_archive_becomes_an_edge(shared_data: Path) -> None:
    folder = shared_data / "pgx"
    files = {name: next(folder.rglob(name)) for name in PHARMGKB.files}
    edges = next(c.frame for c in PHARMGKB.read(files) if c.kind is ChunkKind.EDGES)
    assert edges["statement"].nunique() == 5_179
    assert edges["object"].str.startswith("PHARMGKB.DRUG:").mean() > 0.99
