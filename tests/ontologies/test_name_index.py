"""The names of drugs as columns: the same whether made or opened, and near names all found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from ontologies.curie import default_prefixes
from ontologies.lexicon import Lexicon
from ontologies.name_index import DamagedNameIndex, NameRow, index_names, open_index, write_index
from ontologies.slips import FAR, near_names
from ontologies.texts import Texts

ROWS = [
    NameRow("warfarin", "RXCUI:11289", "name"),
    NameRow("Coumadin", "RXCUI:11289", "brand"),
    NameRow("DRUGBANK:DB00682", "RXCUI:11289", "code"),
    NameRow("beta-carotene", "RXCUI:1392", "name"),
    NameRow("β-Carotène", "RXCUI:1392", "synonym"),
    NameRow("carotene powder", "RXCUI:2", "name", "product"),
]
letters = st.text("abcde1 ", min_size=1, max_size=8)


def test_an_index_answers_from_files_as_it_does_from_memory(tmp_path: Path) -> None:
    made = index_names(ROWS)
    write_index(made, tmp_path)
    opened = open_index(tmp_path)
    for text in ("warfarin", "coumadin", "betacarotene", "DB00682", "warfarni", "caro", "zzz"):
        lookups = [Lexicon(index, default_prefixes()).lookup(text) for index in (made, opened)]
        assert lookups[0] == lookups[1]
    assert opened.standing(2) == "product"


def test_the_files_of_an_index_do_not_depend_on_the_order_of_names(tmp_path: Path) -> None:
    for name, rows in (("forth", ROWS), ("back", ROWS[::-1])):
        (tmp_path / name).mkdir()
        write_index(index_names(rows), tmp_path / name)
    for path in (tmp_path / "forth").iterdir():
        assert path.read_bytes() == (tmp_path / "back" / path.name).read_bytes()


@pytest.mark.parametrize("harm", ["lost", "cut", "foreign"])
def test_a_damaged_file_of_an_index_is_named(tmp_path: Path, harm: str) -> None:
    write_index(index_names(ROWS), tmp_path)
    path = tmp_path / "keys.block.npy"
    content = path.read_bytes()
    path.unlink()
    if harm != "lost":
        path.write_bytes(content[:20] if harm == "cut" else b"no array")
    with pytest.raises(DamagedNameIndex, match=r"keys\.block"):
        open_index(tmp_path)


def test_an_index_without_names_holds_nothing(tmp_path: Path) -> None:
    write_index(index_names([]), tmp_path)
    assert Lexicon(open_index(tmp_path), default_prefixes()).lookup("warfarin").candidates == ()


@given(st.lists(letters, max_size=12), letters)
def test_every_name_within_two_edits_is_found(names: list[str], query: str) -> None:
    index = index_names(NameRow(name, f"RXCUI:{len(name)}", "name") for name in names)
    text = " ".join(query.split())
    near = {name.text for name in near_names(index, text)}
    assert near == {key for key in index.keys if OSA.distance(text, key) <= FAR}


def test_texts_are_a_sequence() -> None:
    texts = Texts.of(["a", "", "énorme"])
    assert list(texts) == texts[:] == ["a", "", "énorme"]
    assert len(texts) == 3
    with pytest.raises(IndexError):
        texts[3]
