"""A user's own CSV: columns named in TOML, words explained, and every doubt refused by its row."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.own_csv import MEANING, OWN_CSV, ROWS
from tests.kg.samples_own import packed_sample, rows_of


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return packed_sample(OWN_CSV, tmp_path)


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def pairs_of(files: dict[str, Path]) -> pd.DataFrame:
    return rows_of(OWN_CSV, files, ChunkKind.PAIRS)


def test_a_row_becomes_a_pair_with_everything_that_it_says(files: dict[str, Path]) -> None:
    first = pairs_of(files).iloc[0]
    assert (first["drug_a"], first["drug_b"]) == ("RXCUI:11289", "RXCUI:1191")
    assert (first["severity"], first["severity_as_stated"]) == ("contraindicated", "do not combine")
    assert first["effect"] == "HP:0001892"
    assert first["recommendation"] == "Choose another analgesic."
    assert first["publications"] == "PMID:12345678"


def test_free_words_stay_text_and_a_name_without_identifier_gets_one_of_ours(
    files: dict[str, Path],
) -> None:
    second = pairs_of(files).iloc[1]
    assert second["drug_a"] == "coprescribe:own_drug.simvastatin"
    assert (second["mechanism"], second["text"]) == ("", "CYP3A4 is blocked; the statin rises")
    assert second["reference"] == "ward handbook 2024"
    nodes = rows_of(OWN_CSV, files, ChunkKind.NODES).set_index("id")
    assert nodes.loc["coprescribe:own_effect.muscle-pain", "name"] == "muscle pain"


def test_what_a_row_leaves_out_is_not_stated(files: dict[str, Path]) -> None:
    third = pairs_of(files).iloc[2]
    assert third["drug_a"] == "coprescribe:own_drug.na-drug"
    assert (third["severity"], third["effect"], third["recommendation"]) == ("", "", "")


def test_columns_may_be_named_and_parted_by_another_sign(files: dict[str, Path]) -> None:
    files[ROWS].write_text("B;Grade;A\naspirin;minor;warfarin\n", encoding="utf-8")
    files[MEANING].write_text(
        'separator = ";"\n[columns]\ndrug_a = "A"\ndrug_b = "B"\nseverity = "Grade"\n',
        encoding="utf-8",
    )
    pair = pairs_of(files).iloc[0]
    assert (pair["drug_a"], pair["severity"]) == ("coprescribe:own_drug.warfarin", "minor")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (ROWS, "Major", "big", r"row 3: severity 'big' is explained nowhere"),
        (ROWS, "NA drug", "", r"row 4: no two drugs: '' and 'warfarin'"),
        (ROWS, "NA drug", "Warfarin", r"row 4: no two drugs"),
        (ROWS, "RXCUI:1191", "RXCUI:aspirin", r"row 2: 'RXCUI:aspirin' is not a CURIE"),
        (ROWS, "RXCUI:1191", "FOO:1191", r"row 2: no prefix is written 'FOO'"),
        (ROWS, ",,,,,", ",,,,", r"row 4: has 6 cells where the header has 7"),
        (MEANING, "drug_b = 2", "drug_b = 8", r"has not one column 8"),
        (MEANING, "drug_b = 2", 'drug_b = "drug"', r"has not one column 'drug'"),
        (MEANING, "drug_b = 2\n", "", r"\[columns\] must name drug_a and drug_b"),
        (MEANING, '"contraindicated"', '"deadly"', r"\['deadly'\] are no severities"),
        (MEANING, "[drugs]", "[medicines]", r"\['medicines'\] are no tables"),
    ],
)
def test_what_cannot_be_understood_is_refused(
    file: str, old: str, new: str, said: str, files: dict[str, Path]
) -> None:
    changed(files[file], old, new)
    with pytest.raises(MalformedSource, match=said):
        list(OWN_CSV.read(files))
