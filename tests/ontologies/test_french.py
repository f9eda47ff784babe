"""French substance names find their English names; wrong RxCUIs are corrected by a table."""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import re
from pathlib import Path

import pytest

from ontologies.brands import BRANDS_TABLE
from ontologies.fold import fold
from ontologies.french import (
    CORRECTIONS_TABLE,
    EXCEPTIONS_TABLE,
    english_candidates,
    exceptions,
    plain_french,
    rxcui_corrections,
)


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("atorvastatine", "atorvastatin"),
        ("clarithromycine", "clarithromycin"),
        ("amoxicilline", "amoxicillin"),
        ("digoxine", "digoxin"),
        ("acide valproïque", "valproic acid"),
        ("acide alendronique", "alendronic acid"),
        ("chlorure de potassium", "potassium chloride"),
        ("oxyde d’aluminium", "aluminum oxide"),
        ("Glécaprévir", "glecaprevir"),
        ("phénytoïne", "phenytoin"),
        ("fer", "iron"),
        ("simvastatine", "simvastatin"),
    ],
)
def test_a_regular_name_comes_over_by_rule(french: str, english: str) -> None:
    assert english_candidates(french)[0] == english


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("hydroxyzine", "hydroxyzine"),
        ("metformine", "metformin"),
        ("amphotéricine b", "amphotericin b"),
        ("indometacine", "indomethacin"),
        ("sodium (chlorure de)", "sodium chloride"),
        ("losartan potassique", "losartan potassium"),
        ("chlorhydrate de lercanidipine", "lercanidipine hydrochloride"),
        ("halopéridol", "haloperidol"),
        ("tretinoïne", "tretinoin"),
    ],
)
def test_the_english_name_is_among_the_candidates(french: str, english: str) -> None:
    assert english in english_candidates(french)


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("paracétamol", "acetaminophen"),
        ("rifampicine", "rifampin"),
        ("ciclosporine", "cyclosporine"),
        ("adrénaline", "epinephrine"),
        ("péthidine", "meperidine"),
        ("glibenclamide", "glyburide"),
        ("trinitrine", "nitroglycerin"),
        ("millepertuis", "st. john's wort"),
        ("acide acetylsalicylique", "aspirin"),
    ],
)
def test_an_irregular_name_comes_from_the_table_alone(french: str, english: str) -> None:
    candidates = english_candidates(french)
    assert candidates[0] == english
    assert candidates == exceptions()[plain_french(french)]


def test_candidates_are_few_distinct_and_lower_case() -> None:
    candidates = english_candidates("Insuline humaine biosynthétique isophane prolongée")
    assert 0 < len(candidates) <= 40
    assert len(set(candidates)) == len(candidates)
    assert all(name == name.lower() for name in candidates)


def test_a_blank_name_has_no_candidates() -> None:
    assert english_candidates("  ") == ()


def table_rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def test_the_table_of_exceptions_is_sorted_and_keyed_without_accents() -> None:
    header, *rows = table_rows(EXCEPTIONS_TABLE.read_text(encoding="utf-8"))
    assert header == ["french", "rank", "english"]
    assert rows == sorted(rows)
    assert len({(french, rank) for french, rank, _ in rows}) == len(rows)
    for french, _, english in rows:
        assert french == plain_french(french)
        assert english == english.lower().strip()


def test_every_correction_differs_from_what_was_stated_and_gives_a_reason() -> None:
    header, *rows = table_rows(CORRECTIONS_TABLE.read_text(encoding="utf-8"))
    assert header == ["substance", "rxcui_stated", "rxcui", "name", "reason"]
    assert rows == sorted(rows)
    for substance, stated, code, _, reason in rows:
        assert stated != code, substance
        assert re.fullmatch(r"\d{1,7}|", code), substance
        assert reason, substance


def test_a_corrected_code_replaces_and_an_unknown_one_is_none() -> None:
    assert rxcui_corrections()["acide ioxaglique"] == "1426458"
    assert rxcui_corrections()["benzalkonium"] == "1378"
    assert rxcui_corrections()["grazoprevir"] is None


@pytest.fixture(scope="module")
def rxnorm_names(shared_data: Path) -> dict[str, str]:
    """Name by RxCUI, as RxNorm gives it."""
    path = shared_data / "indications" / "labeledin_RXNORM.csv.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        return {row["Class ID"].rsplit("/", 1)[1]: row["Preferred Label"] for row in rows}


@pytest.mark.shared
def test_nearly_all_substances_of_the_french_thesaurus_have_an_english_name(
    shared_data: Path, rxnorm_names: dict[str, str]
) -> None:
    known = {fold(name) for name in rxnorm_names.values()}
    vocabulary = shared_data / "drugbank" / "drugbank_vocabulary.csv.xz"
    with lzma.open(vocabulary, "rt", encoding="utf-8") as lines:
        known |= {fold(row["Common name"]) for row in csv.DictReader(lines)}
    index = shared_data / "ansm" / "index-des-substances-20102020.json.gz"
    with gzip.open(index, "rt", encoding="utf-8") as text:
        substances = [row["substance"] for row in json.load(text)]
    found = [s for s in substances if any(fold(c) in known for c in english_candidates(s))]
    assert len(found) >= 0.97 * len(substances)


@pytest.mark.shared
def test_every_corrected_code_bears_the_name_that_the_table_gives(
    rxnorm_names: dict[str, str],
) -> None:
    rows = table_rows(CORRECTIONS_TABLE.read_text(encoding="utf-8"))[1:]
    named = [row for row in rows if row[2] in rxnorm_names]
    assert [row for row in named if rxnorm_names[row[2]].lower() != row[3]] == []
    assert len(named) >= 0.9 * len(rows)


@pytest.mark.shared
def test_every_brand_names_an_ingredient_by_its_rxnorm_name(rxnorm_names: dict[str, str]) -> None:
    rows = table_rows(BRANDS_TABLE.read_text(encoding="utf-8"))[1:]
    unlike = {
        ingredient
        for _, ingredient, code, _ in rows
        if code in rxnorm_names and fold(rxnorm_names[code]) != fold(ingredient)
    }
    assert unlike <= {"insulin aspart", "insulin human", "levothyroxine", "sennosides"}
