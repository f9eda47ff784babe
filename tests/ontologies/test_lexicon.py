"""A written drug name finds its drug, or candidates, and is never silently taken for another."""

from __future__ import annotations

import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontologies.brands import BRANDS_TABLE
from ontologies.curie import Curie
from ontologies.lexicon import Lexicon, NameRow
from ontologies.several import several_meanings

DRUGS = {
    "clonazepam": "2598", "clonidine": "2599", "clarithromycin": "21212", "hydralazine": "5470",
    "hydroxyzine": "5553", "inulin": "5924", "insulin glargine": "274783", "memantine": "6719",
    "metformin": "6809", "metoprolol": "6918", "prednisolone": "8638", "prednisone": "8640",
    "simvastatin": "36567", "warfarin": "11289", "isosorbide": "6057", "potassium": "8588",
    "acetaminophen": "161", "vitamin b6": "684879", "trimethoprim": "10829",
}  # fmt: skip
RXCUI = {name: f"RXCUI:{code}" for name, code in DRUGS.items()}
NAMES = [NameRow(name, curie, "name") for name, curie in RXCUI.items()]
OTHERS = [
    NameRow("Biaxin", RXCUI["clarithromycin"], "brand"),
    NameRow("Coumadin", RXCUI["warfarin"], "brand"),
    NameRow("paracétamol", RXCUI["acetaminophen"], "french"),
    NameRow("DRUGBANK:DB00641", RXCUI["simvastatin"], "code"),
    NameRow("PUBCHEM.COMPOUND:4054", RXCUI["memantine"], "code"),
    NameRow("Deltasone", RXCUI["prednisone"], "brand"),
    NameRow("cortisone pill", RXCUI["prednisone"], "synonym"),
    NameRow("cortisone pill", RXCUI["prednisolone"], "synonym"),
    NameRow("warfarin", RXCUI["simvastatin"], "synonym"),
]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.from_names(NAMES + OTHERS)


def resolved(lexicon: Lexicon, text: str) -> str | None:
    candidate = lexicon.lookup(text).candidate
    return candidate.name if candidate else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("simvastatin", "simvastatin"),
        ("  SimvaSTATIN ", "simvastatin"),
        ("simva-statin", "simvastatin"),
        ("Biaxin", "clarithromycin"),
        ("paracetamol", "acetaminophen"),
        ("PARACÉTAMOL", "acetaminophen"),
        ("RXCUI:36567", "simvastatin"),
        ("rxnorm:36567", "simvastatin"),
        ("36567", "simvastatin"),
        ("drugbank:DB00641", "simvastatin"),
        ("DB00641", "simvastatin"),
        ("CID000004054", "memantine"),
        ("CID4054", "memantine"),
        ("PUBCHEM.COMPOUND:4054", "memantine"),
    ],
)
def test_names_and_codes_in_any_spelling_resolve(lexicon: Lexicon, text: str, name: str) -> None:
    found = lexicon.lookup(text)
    assert found.status == "resolved"
    assert found.query == text
    assert found.candidate is not None
    assert (found.candidate.name, found.candidate.score) == (name, 100.0)


@pytest.mark.parametrize("text", ["RXCUI:999", "999", "CID000000007", "DB99999", "HP:0003201", ""])
def test_a_code_that_is_not_held_is_unresolved_without_candidates(
    lexicon: Lexicon, text: str
) -> None:
    found = lexicon.lookup(text)
    assert (found.status, found.candidate, found.candidates) == ("unresolved", None, ())


def test_a_synonym_of_two_drugs_is_ambiguous_and_names_both(lexicon: Lexicon) -> None:
    found = lexicon.lookup("Cortisone pill")
    assert found.status == "ambiguous"
    assert found.candidate is None
    assert {hit.name for hit in found.candidates} == {"prednisone", "prednisolone"}


def test_the_own_name_of_a_drug_outweighs_the_synonym_of_another(lexicon: Lexicon) -> None:
    found = lexicon.lookup("warfarin")
    assert found.candidate is not None
    assert found.candidate.curie == RXCUI["warfarin"]
    assert len(found.candidates) == 2


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("simvastatn", "simvastatin"),
        ("simvastatine", "simvastatin"),
        ("hydroxizine", "hydroxyzine"),
        ("hydralizine", "hydralazine"),
        ("clonidne", "clonidine"),
        ("clonazapam", "clonazepam"),
        ("prednisne", "prednisone"),
        ("insulin glargin", "insulin glargine"),
        ("warfrain", "warfarin"),
        ("vlarithromycin", "clarithromycin"),
        ("simvastatn 20 mg", "simvastatin"),
        ("metoprolil succinate", "metoprolol"),
    ],
)
def test_one_wrong_letter_is_forgiven_and_shown(lexicon: Lexicon, text: str, name: str) -> None:
    found = lexicon.lookup(text)
    assert found.status == "resolved"
    assert found.candidate is not None
    assert found.candidate.name == name
    assert found.candidate.matched == name
    assert found.candidate.score < 100


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("prednisolne", {"prednisone", "prednisolone"}),
        ("prednisoone", {"prednisone", "prednisolone"}),
    ],
)
def test_a_slip_between_two_like_names_is_ambiguous(
    lexicon: Lexicon, text: str, both: set[str]
) -> None:
    found = lexicon.lookup(text)
    assert found.status == "ambiguous"
    assert both <= {hit.name for hit in found.candidates}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("hydroxyzine", "hydralazine"),
        ("clonidine", "clonazepam"),
        ("prednisone", "prednisolone"),
    ],
)
def test_like_names_resolve_each_to_itself(lexicon: Lexicon, left: str, right: str) -> None:
    assert resolved(lexicon, left) == left
    assert resolved(lexicon, right) == right


@pytest.mark.parametrize(
    "text",
    [
        "hydralyzine",  # one letter from hydralazine, two from hydroxyzine
        "insulin",  # a word of another name, one letter from inulin
        "vitamin b7",  # another vitamin, not a slip
        "xarfarin",  # another first letter of a short name
        "aclarithromycin",  # a letter before the name
        "Biaxine",  # one letter from a brand: brands that nobody holds look like that
        "clonapine",  # two letters off
        "wrfarn",
        "gleevec",
    ],
)
def test_what_may_be_another_drug_is_not_guessed(lexicon: Lexicon, text: str) -> None:
    found = lexicon.lookup(text)
    assert found.status != "resolved"
    assert found.candidate is None


SHORT = (
    NameRow("metformin", "RXCUI:6809", "name"),
    NameRow("metoprolol", "RXCUI:6918", "name"),
    NameRow("methionine", "RXCUI:6837", "name"),
    NameRow("Met", "RXCUI:6837", "synonym"),
    NameRow("cocaine", "RXCUI:2653", "name"),
    NameRow("JAM", "RXCUI:2653", "synonym"),
    NameRow("jambulin", "RXCUI:1", "name"),
    NameRow("digoxin", "RXCUI:3407", "name"),
    NameRow("Ibu", "RXCUI:217693", "name"),
    NameRow("warfarin", "RXCUI:11289", "name"),
    NameRow("WRF", "RXCUI:11289", "brand"),
    NameRow("Warf", "RXCUI:11289", "synonym"),
)


@pytest.mark.parametrize(
    ("text", "status", "names"),
    [
        ("met", "ambiguous", ["metformin", "metoprolol"]),
        ("Met 500 mg", "ambiguous", ["metformin", "metoprolol"]),
        ("jam", "ambiguous", ["jambulin", "cocaine"]),
        ("dig", "resolved", ["digoxin"]),
        ("dig 0.125 mg", "resolved", ["digoxin"]),
        ("ibu", "resolved", ["Ibu"]),
        ("WRF", "resolved", ["warfarin"]),
        ("warf", "resolved", ["warfarin"]),
    ],
)
def test_three_letters_mean_a_medicine_only_by_the_table(
    text: str, status: str, names: list[str]
) -> None:
    found = Lexicon.from_names(SHORT).lookup(text)
    assert found.status == status
    assert [hit.name for hit in found.candidates] == names


def test_the_beginning_of_a_name_brings_candidates(lexicon: Lexicon) -> None:
    found = lexicon.lookup("simvas")
    assert found.status == "unresolved"
    assert [hit.name for hit in found.candidates] == ["simvastatin"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("metoprolol succinate", "metoprolol"),
        ("Metformin 500 mg", "metformin"),
        ("simvastatin 20 MG Oral Tablet", "simvastatin"),
        ("warfarin sodium 5 mg tablets", "warfarin"),
        ("metformin hydrocholoride", "metformin"),
    ],
)
def test_salt_strength_and_form_are_left_out_with_a_lower_score(
    lexicon: Lexicon, text: str, name: str
) -> None:
    found = lexicon.lookup(text)
    assert found.candidate is not None
    assert (found.candidate.name, found.candidate.score) == (name, 95.0)


@pytest.mark.parametrize(
    "text",
    ["isosorbide mononitrate", "potassium chloride", "sulfamethoxazole 800 MG and trimethoprim"],
)
def test_what_is_no_mere_salt_of_a_known_drug_is_not_trimmed(lexicon: Lexicon, text: str) -> None:
    assert lexicon.lookup(text).status != "resolved"


def test_the_own_name_of_a_drug_nothing_is_said_of_does_not_hide_a_drug_that_bears_it() -> None:
    rows = [
        NameRow("yondelis", "CHEMBL.COMPOUND:1", "name", "other"),
        NameRow("trabectedin", "RXCUI:1", "name"),
        NameRow("Yondelis", "RXCUI:1", "synonym"),
    ]
    assert Lexicon.from_names(rows).lookup("yondelis").status == "ambiguous"
    product = [NameRow("yondelis", "CHEMBL.COMPOUND:1", "name", "product"), *rows[1:]]
    assert resolved(Lexicon.from_names(product), "Yondelis") == "yondelis"


def test_a_name_without_a_sign_of_its_mirror_image_means_the_plain_drug() -> None:
    rows = [
        NameRow("nicotine", "RXCUI:1", "name"),
        NameRow("(+/-)nicotine", "CHEMBL.COMPOUND:1", "name", "other"),
    ]
    assert resolved(Lexicon.from_names(rows), "nicotine") == "nicotine"


def test_a_drug_nothing_is_said_of_is_neither_meant_by_a_slip_nor_forgotten_beside_one() -> None:
    rows = [
        NameRow("morphine", "RXCUI:1", "name"),
        NameRow("codorphone", "RXCUI:2", "name", "other"),
        NameRow("morphane", "RXCUI:3", "synonym", "other"),
    ]
    lexicon = Lexicon.from_names(rows)
    assert resolved(lexicon, "codorphane") is None
    assert resolved(lexicon, "morphene") is None
    assert resolved(lexicon, "mrphine") == "morphine"


def test_the_number_of_candidates_is_bounded(lexicon: Lexicon) -> None:
    assert len(lexicon.lookup("prednisolne", limit=1).candidates) == 1


def test_the_order_of_rows_does_not_matter() -> None:
    forth, back = Lexicon.from_names(NAMES + OTHERS), Lexicon.from_names((NAMES + OTHERS)[::-1])
    for text in ("prednisolne", "cortisone pill", "warfarin", "simva"):
        assert forth.lookup(text) == back.lookup(text)


@given(st.text())
def test_any_text_gets_an_answer_that_holds_together(text: str) -> None:
    found = Lexicon.from_names(NAMES).lookup(text)
    assert (found.candidate is not None) == (found.status == "resolved")
    assert all(0 < hit.score <= 100 for hit in found.candidates)


def test_an_exact_name_among_thirty_thousand_takes_less_than_a_millisecond() -> None:
    rows = [NameRow(f"drug {n:05d} amide", f"RXCUI:{n}", "name") for n in range(30_000)]
    lexicon = Lexicon.from_names(rows)
    seconds = []
    for row in rows[::300]:
        start = time.perf_counter()
        assert lexicon.lookup(row.name).status == "resolved"
        seconds.append(time.perf_counter() - start)
    assert statistics.median(seconds) <= 0.001


def brand_rows() -> list[list[str]]:
    return [line.split("\t") for line in BRANDS_TABLE.read_text(encoding="utf-8").splitlines()]


def test_each_shipped_brand_resolves_to_its_ingredient() -> None:
    header, *rows = brand_rows()
    assert header == ["brand", "ingredient", "rxcui", "label"]
    assert len(rows) >= 350
    assert rows == sorted(rows)
    names = {NameRow(name, f"RXCUI:{code}", "name") for _, name, code, _ in rows}
    lexicon = Lexicon.from_names(
        [*names, *(NameRow(brand, f"RXCUI:{code}", "brand") for brand, _, code, _ in rows)]
    )
    for brand, ingredient, code, _ in rows:
        candidate = lexicon.lookup(brand).candidate
        assert candidate is not None, brand
        assert (candidate.curie, candidate.name) == (f"RXCUI:{code}", ingredient)


@pytest.mark.parametrize(
    ("text", "name", "score"),
    [
        ("24 HR metoprolol succinate 100 MG Extended Release Oral Tablet [X]", "metoprolol", 95.0),
        ("NDA020800 0.3 ML Clonidine 1 MG/ML Auto-Injector", "clonidine", 95.0),
        ("Prednisone[Deltasone]", "prednisone", 95.0),
        ("Simvistatin 10 MG", "simvastatin", 90.0),
        ("Trimethoprim 80 MG / acetaminophen 400 MG Tablet", "acetaminophen / trimethoprim", 95.0),
    ],
)
def test_a_product_is_read_as_the_substances_that_it_lists(
    text: str, name: str, score: float
) -> None:
    both = NameRow("acetaminophen / trimethoprim", "RXCUI:1", "name")
    found = Lexicon.from_names([*NAMES, both]).lookup(text)
    assert found.candidate is not None
    assert (found.query, found.candidate.name) == (text, name)
    assert found.candidate.score == found.candidates[0].score == score


@pytest.mark.parametrize(
    "text",
    [
        "warfarin 5 MG and clonidine 1 MG",
        "WARFARIN 5 MG/CLONIDINE 1 MG",
        "warfarin 5 MG clonidine",
        "warfarin 5 MG + clonidine 1 MG",
        "warfarin 5 MG / zzyzx 1 MG Oral Tablet",
        "warfarin 5 MG / clonidine 1 MG Oral Tablet",
    ],
)
def test_no_substance_of_a_product_gets_lost(lexicon: Lexicon, text: str) -> None:
    assert lexicon.lookup(text).candidate is None


WORDS = {
    "RXCUI:4018": "ergocalciferol",
    "RXCUI:2418": "cholecalciferol",
    "RXCUI:11253": "vitamin D",
}


@pytest.mark.parametrize("text", ["vitamin D", "Vitamin-D", " VITAMIN D "])
def test_a_word_for_several_medicines_brings_them_and_chooses_none(text: str) -> None:
    found = Lexicon.from_names(NameRow(n, c, "name") for c, n in WORDS.items()).lookup(text)
    assert (found.status, found.candidate) == ("ambiguous", None)
    assert [hit.name for hit in found.candidates] == ["cholecalciferol", "ergocalciferol"]


def test_a_word_for_several_medicines_is_no_abbreviation_of_another(lexicon: Lexicon) -> None:
    coc = NameRow("COC", RXCUI["warfarin"], "synonym")
    found = Lexicon.from_names([*NAMES, coc]).lookup("COC")
    assert (found.status, found.candidates) == ("unresolved", ())
    assert lexicon.lookup("the pill").status == "unresolved"


def test_each_word_for_several_medicines_has_two_meanings_or_more() -> None:
    assert len(several_meanings()) >= 30
    for name, curies in several_meanings().items():
        assert len(set(curies)) == len(curies) >= 2, name
        for curie in curies:
            assert str(Curie.parse(curie)) == curie


@pytest.mark.parametrize("text", ["clarithromycin Turbohaler", "clarithromycin KwikPen"])
def test_an_inhaler_or_a_pen_is_no_part_of_a_name(lexicon: Lexicon, text: str) -> None:
    assert resolved(lexicon, text) == "clarithromycin"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("warfarin 1 tablet daily", "warfarin"),
        ("warfarin as directed", "warfarin"),
        ("Coumadin 1/2 tab at bedtime", "warfarin"),
        ("warfarin prn", "warfarin"),
        ("simvastatin one daily", "simvastatin"),
    ],
)
def test_directions_behind_a_name_without_a_strength_are_left_out(
    lexicon: Lexicon, line: str, name: str
) -> None:
    found = lexicon.lookup(line)
    assert found.candidate is not None
    assert found.candidate.name == name
    assert found.query == line


@pytest.mark.parametrize("line", ["warfarin and cilastatin daily", "warfarin PM daily"])
def test_what_may_name_another_substance_is_no_direction(lexicon: Lexicon, line: str) -> None:
    assert lexicon.lookup(line).candidate is None
