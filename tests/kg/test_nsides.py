"""TWOSIDES and OFFSIDES: only what the release calls significant, from either file alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.nsides import NSIDES, OFFSIDES, TWOSIDES
from ontologies.vocabulary import KnowledgeLevel, Predicate
from tests.kg.samples_own import pack, packed_sample, plain, rows_of


def test_an_event_that_two_drugs_share_is_a_co_report(tmp_path: Path) -> None:
    pairs = rows_of(NSIDES, packed_sample(NSIDES, tmp_path), ChunkKind.CO_REPORTS)
    assert pairs[["drug_a", "drug_b", "effect"]].to_numpy().tolist() == [
        ["RXCUI:9000001", "RXCUI:9000002", "MEDDRA:10000001"],
        ["RXCUI:9000001", "RXCUI:9000014", "MEDDRA:10000001"],
    ]


def test_an_event_under_one_drug_is_an_edge_with_its_counts(tmp_path: Path) -> None:
    edges = rows_of(NSIDES, packed_sample(NSIDES, tmp_path), ChunkKind.EDGES)
    assert edges["text"].tolist()[0] == "50 reports with, 50 without the event; PRR 50.0"
    assert set(edges["predicate"]) == {Predicate.CO_REPORTED.value}
    assert set(edges["knowledge_level"]) == {KnowledgeLevel.STATISTICAL_ASSOCIATION.value}


def test_a_ratio_that_chance_explains_is_left_out(tmp_path: Path) -> None:
    edges = rows_of(NSIDES, packed_sample(NSIDES, tmp_path), ChunkKind.EDGES)
    assert "MEDDRA:10000003" not in set(edges["object"])


def test_a_header_in_the_middle_is_no_row_and_na_is_a_name(tmp_path: Path) -> None:
    files = packed_sample(NSIDES, tmp_path)
    assert len(rows_of(NSIDES, files, ChunkKind.EDGES)) == 3
    assert "samplium, USP" in set(rows_of(NSIDES, files, ChunkKind.NODES)["name"])


@pytest.mark.parametrize(
    ("file", "kind"), [(TWOSIDES, ChunkKind.CO_REPORTS), (OFFSIDES, ChunkKind.EDGES)]
)
def test_one_file_is_enough(file: str, kind: ChunkKind, tmp_path: Path) -> None:
    files = packed_sample(NSIDES, tmp_path)
    kinds = {chunk.kind for chunk in NSIDES.read({file: files[file]})}
    assert kinds == {kind, ChunkKind.NODES}


def test_a_block_without_a_significant_row_gives_nothing(tmp_path: Path) -> None:
    files = packed_sample(NSIDES, tmp_path)
    header, _, rest = plain(NSIDES, TWOSIDES).partition(b"\n")
    pack(files[TWOSIDES], header + b"\n" + rest.split(b"\n")[1] + b"\n")
    assert {chunk.kind for chunk in NSIDES.read({TWOSIDES: files[TWOSIDES]})} == {ChunkKind.NODES}


def test_a_ratio_that_is_no_number_is_refused_by_its_row(tmp_path: Path) -> None:
    files = packed_sample(NSIDES, tmp_path)
    pack(files[TWOSIDES], plain(NSIDES, TWOSIDES).replace(b"2.92", b"high"))
    with pytest.raises(MalformedSource, match=r"TWOSIDES.csv.gz, row 3: PRR is 'high'"):
        list(NSIDES.read(files))


def test_a_drug_that_is_no_number_is_refused_by_its_row(tmp_path: Path) -> None:
    files = packed_sample(NSIDES, tmp_path)
    pack(files[TWOSIDES], plain(NSIDES, TWOSIDES).replace(b"9000014,", b"90 14,"))
    with pytest.raises(MalformedSource, match=r"row 4: drug_2_rxnorm_id is '90 14'"):
        list(NSIDES.read(files))
