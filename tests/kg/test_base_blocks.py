"""Reading block by block: the same rows as at once, the same refusals, and the bounds."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kg.sources import base_blocks
from kg.sources.base import MalformedSource
from kg.sources.base_blocks import read_blocks, read_headless_blocks, read_row_blocks


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    read = base_blocks.read_blocks
    monkeypatch.setattr(base_blocks, "read_blocks", lambda source, path: read(source, path, 7))


@pytest.mark.usefixtures("small_blocks")
def test_rows_keep_their_numbers_over_all_blocks(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a,b\n1,x\n2,"y,z"\n3,NA\n4,w\n', encoding="utf-8")
    parts = list(read_row_blocks("x", path, ("b", "a")))
    assert [cell for part in parts for cell in part.texts("b")] == ["x", "y,z", "NA", "w"]
    assert [part.first + place for part in parts for place in range(len(part))] == [2, 3, 4, 5]


@pytest.mark.usefixtures("small_blocks")
def test_a_row_of_another_length_is_named_by_its_number_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.rrf"
    path.write_text("1|x|\n2|y|\n3|z|\n4\n5|w|\n", encoding="utf-8")
    with pytest.raises(MalformedSource) as refusal:
        list(read_headless_blocks("x", path, ("a", "b", "end"), ("a",), "|"))
    assert refusal.value.row == 4


@pytest.mark.usefixtures("small_blocks")
def test_a_letter_that_is_not_utf8_is_found_in_a_column_that_nobody_reads(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1,x\n2,y\n3,\xe9\n")
    with pytest.raises(MalformedSource, match=r"row 4: is not UTF-8"):
        list(read_row_blocks("x", path, ("a",)))


def test_a_file_that_unpacks_to_a_thousand_times_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"\0" * 4_000_000))
    with pytest.raises(MalformedSource, match="unpacks to over"):
        list(read_blocks("x", path, 1 << 16))


def test_a_packed_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n" * 99)[:-9])
    with pytest.raises(MalformedSource, match="cannot be unpacked"):
        list(read_row_blocks("x", path, ("a", "b")))
