"""DDInter: graded pairs, forms led to their drug, the level "Unknown" left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.ddinter import DDINTER, FILES
from tests.kg.samples_g3 import pack, packed_sample, plain, real_files, rows_of


def test_a_pair_keeps_its_level_as_stated_beside_our_severity(tmp_path: Path) -> None:
    pairs = rows_of(DDINTER, packed_sample(DDINTER, tmp_path), ChunkKind.PAIRS)
    first = pairs.iloc[0]
    assert (first["drug_a"], first["drug_b"]) == (
        "DDINTER.DRUG:DDInter9001",
        "DDINTER.DRUG:DDInter9002",
    )
    assert (first["severity"], first["severity_as_stated"]) == ("major", "Major")
    assert first["statement"] == "DDInter9001 / DDInter9002"


def test_a_pair_of_unknown_level_is_left_out(tmp_path: Path) -> None:
    pairs = rows_of(DDINTER, packed_sample(DDINTER, tmp_path), ChunkKind.PAIRS)
    assert "Unknown" not in set(pairs["severity_as_stated"])
    assert "DDInter9002 / DDInter9005" not in set(pairs["statement"])


def test_a_pair_that_stands_in_two_files_is_given_by_both(tmp_path: Path) -> None:
    pairs = rows_of(DDINTER, packed_sample(DDINTER, tmp_path), ChunkKind.PAIRS)
    twice = pairs[pairs["statement"] == "DDInter9004 / DDInter9005"]
    assert twice["file"].tolist() == list(FILES[:2])


def test_a_form_leads_to_its_drug_and_is_not_the_drug(tmp_path: Path) -> None:
    edges = rows_of(DDINTER, packed_sample(DDINTER, tmp_path), ChunkKind.EDGES)
    ends = dict(zip(edges["subject"], edges["object"], strict=True))
    assert ends["DDINTER.DRUG:DDInter9004"] == "DDINTER.DRUG:DDInter9006"
    assert ends["DDINTER.DRUG:DDInter9007"] == "coprescribe:drug_xylometazoline"
    assert "DDINTER.DRUG:DDInter9013" not in ends, "no word for a form that we know"


def test_a_drug_called_na_keeps_its_name(tmp_path: Path) -> None:
    nodes = rows_of(DDINTER, packed_sample(DDINTER, tmp_path), ChunkKind.NODES)
    assert dict(zip(nodes["id"], nodes["name"], strict=True))["DDINTER.DRUG:DDInter9011"] == "NA"


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"DDInter9002", b"DD Inter9002"), (b"Major", b"Severe"), (b"Simvastatin", b" ")],
)
def test_a_cell_of_another_form_is_refused_with_its_row(
    old: bytes, new: bytes, tmp_path: Path
) -> None:
    files = packed_sample(DDINTER, tmp_path)
    pack(files[FILES[0]], plain(DDINTER, FILES[0]).replace(old, new))
    with pytest.raises(MalformedSource) as refusal:
        list(DDINTER.read(files))
    assert refusal.value.row == 2


@pytest.mark.shared
def test_the_published_files_hold_the_pairs_that_were_counted(shared_data: Path) -> None:
    files = real_files(DDINTER, shared_data)
    pairs = rows_of(DDINTER, files, ChunkKind.PAIRS)
    assert len(pairs) == 175_201
    assert len(pairs.drop_duplicates(["drug_a", "drug_b"])) == 130_422
    nodes = rows_of(DDINTER, files, ChunkKind.NODES)
    assert nodes["id"].str.startswith("DDINTER.DRUG:").sum() == 1_939
