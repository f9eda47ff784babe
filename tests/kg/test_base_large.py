"""Large delimited files: what is refused, and where it is said to be."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest

from kg.sources import base_large
from kg.sources.base import MalformedSource
from kg.sources.base_large import Rows, read_headless_rows, read_rows


def table(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows_of(folder: Path, text: str) -> Rows:
    return read_rows("x", table(folder, text), ("a", "b"))


def test_the_words_na_and_null_and_the_empty_cell_stay_what_they_are(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "a,b\nNA,null\n,x\n")
    assert rows.frame().to_numpy().tolist() == [["NA", "null"], ["", "x"]]


def test_windows_line_ends_and_quoted_commas_are_read(tmp_path: Path) -> None:
    assert rows_of(tmp_path, 'a,b\r\n1,"x, y"\r\n').frame().to_numpy().tolist() == [["1", "x, y"]]


def test_columns_beside_those_asked_for_are_left_aside(tmp_path: Path) -> None:
    assert list(rows_of(tmp_path, "c,b,a\n1,2,3\n").frame().columns) == ["a", "b"]


def test_a_quotation_mark_between_tabs_is_a_letter(tmp_path: Path) -> None:
    path = table(tmp_path, 'x\t"y\nz\t"\n', "t.tsv")
    assert read_headless_rows("x", path, ("a", "b")).texts("b").tolist() == ['"y', '"']


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ("a,b\n1,2", "cut short"),
        ("a,c\n1,2\n", r"columns \['b'\] are missing"),
        ("a,b,a\n1,2,3\n", "stand twice"),
        ("a,b\n1,2\n3\n", "row 3: Expected 2 columns, got 1"),
        ("a,b\n1,2,3\n", "row 2: Expected 2 columns, got 3"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match=f"source 'x', t.csv.*{reason}"):
        rows_of(tmp_path, text)


def test_the_rows_of_a_file_without_a_header_count_from_one(tmp_path: Path) -> None:
    path = table(tmp_path, "1\t2\n3\n", "t.tsv")
    with pytest.raises(MalformedSource, match="row 2: Expected 2 columns, got 1") as refusal:
        read_headless_rows("x", path, ("a", "b"))
    assert refusal.value.row == 2


def test_a_last_line_may_stay_open_only_where_that_is_said(tmp_path: Path) -> None:
    path = table(tmp_path, "1\t2\n3\t4", "t.tsv")
    with pytest.raises(MalformedSource, match="cut short"):
        read_headless_rows("x", path, ("a", "b"))
    assert len(read_headless_rows("x", path, ("a", "b"), closed=False)) == 2


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.xz"])
def test_a_packed_file_that_is_cut_is_refused(name: str, tmp_path: Path) -> None:
    pack = gzip.compress if name.endswith("gz") else lzma.compress
    packed = pack("".join(["a,b\n", *(f"{i},{i * i}\n" for i in range(999))]).encode())
    (tmp_path / name).write_bytes(packed[: len(packed) // 2])
    with pytest.raises(MalformedSource, match=name):
        read_rows("x", tmp_path / name, ("a", "b"))


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,caf\xe9\n")
    with pytest.raises(MalformedSource, match="UTF8"):
        read_rows("x", tmp_path / "t.csv", ("a", "b"))


def test_a_cell_of_another_form_is_refused_by_its_first_row(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "a,b\n1,2\n1,x y\n1,x y\n")
    with pytest.raises(MalformedSource, match=r"row 3: b is 'x y', not of the form \\d") as refusal:
        rows.check("b", r"\d")
    assert refusal.value.row == 3


def test_rows_are_cut_into_parts_that_know_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_large, "CHUNK_ROWS", 2)
    parts = list(rows_of(tmp_path, "a,b\n1,p\n2,q\n3,p\n").chunks())
    assert [(len(part), part.first) for part in parts] == [(2, 2), (1, 4)]
    assert parts[1].texts("b", str.upper).tolist() == ["P"]
    with pytest.raises(MalformedSource, match="row 4"):
        parts[1].check("a", "[12]")


def test_a_file_with_a_header_only_has_no_rows(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "a,b\n")
    rows.check("a", r"\d")
    assert len(rows) == 0
    assert rows.texts("a").tolist() == []
    assert list(rows.chunks()) == []
