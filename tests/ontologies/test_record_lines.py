"""A line of a record is read only where every word of it is explained."""

from __future__ import annotations

import csv
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontologies.fold import fold
from ontologies.lexicon import Lexicon, NameRow
from ontologies.product_text import FORM_WORDS
from ontologies.record_lines import PRODUCT_WORDS_TABLE, n_strengths, product_words, read_line
from ontologies.salts import SALT_WORDS
from ontologies.several import several_meanings
from ontologies.short_names import SHORT_NAMES_TABLE, short_names

KINDS = {"form", "release", "route", "injected", "frequency", "between", "salt"}
AMOXICILLIN, CLAVULANATE, WARFARIN = "RXCUI:723", "RXCUI:48203", "RXCUI:11289"
BOTH, AUGMENTIN, SECOND = "RXCUI:19711", "RXCUI:151392", "CHEMBL.COMPOUND:1"
TABLETS = "CHEMBL.COMPOUND:2"
HOLDS = {
    BOTH: (AMOXICILLIN, CLAVULANATE),
    AUGMENTIN: (BOTH,),
    SECOND: (WARFARIN,),
    TABLETS: (WARFARIN,),
}
NAMES = (
    NameRow("amoxicillin", AMOXICILLIN, "name"),
    NameRow("clavulanic acid", CLAVULANATE, "name"),
    NameRow("clavulanate potassium", CLAVULANATE, "synonym"),
    NameRow("amoxicillin / clavulanic acid", BOTH, "name", "product"),
    NameRow("Augmentin", AUGMENTIN, "name", "product"),
    NameRow("warfarin", WARFARIN, "name"),
    NameRow("Coumadin", WARFARIN, "brand"),
    NameRow("Jantoven", WARFARIN, "synonym"),
    NameRow("Jantoven", SECOND, "synonym"),
    NameRow("Coumadin Tablets", TABLETS, "name", "product"),
    NameRow("hydrochlorothiazide", "RXCUI:5487", "name"),
)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.from_names(NAMES, ingredients=lambda drug: HOLDS.get(drug, ()))


@pytest.mark.parametrize(
    ("text", "curie"),
    [
        ("amoxicillin-pot clavulanate 875-125 mg tablet", BOTH),
        ("clavulanate/amoxicillin 125/875", BOTH),
        ("Augmentin XR (amoxicillin-clavulanate) 1,000-62.5 mg 12 hr tablet", AUGMENTIN),
        ("warfarin (Coumadin) 5 mg tablet PO daily", WARFARIN),
        ("Coumadin [warfarin] 5 mg (1/2 tab)", WARFARIN),
        ("HCTZ 25 mg", "RXCUI:5487"),
        ("warfarin (Augmentin) 5 mg", None),
        ("warfarin (Zyzzo) 5 mg", None),
        ("warfarin 5-10 mg", None),
        ("Coumadin Tablets 5 mg-2 mg", None),
        ("amoxicillin 875 mg/125 mg", None),
        ("warfarin-amoxicillin 5-500 mg", None),
        ("warfarin 5 mg amoxicillin", None),
        ("Coumadin IV", None),
        ("Coumadin Night", None),
        ("Coumadin Day and Night", None),
        ("Coumadin Night 1 tablet daily", None),
        ("Coumadin 1 tablet at night", WARFARIN),
    ],
)
def test_a_line_means_the_medicine_that_holds_all_of_it(
    lexicon: Lexicon, text: str, curie: str | None
) -> None:
    found = lexicon.lookup(text)
    assert found.query == text
    assert (found.candidate and found.candidate.curie) == curie
    assert found.candidate is None or found.candidate.score < 100


def test_a_name_of_several_drugs_that_hold_the_same_is_a_reading_of_that(lexicon: Lexicon) -> None:
    found = lexicon.lookup("Jantoven")
    assert found.candidate is not None
    assert (found.candidate.curie, found.candidate.score) == (WARFARIN, 95.0)


def test_a_combination_tells_its_substances_by_its_name_where_nothing_else_does() -> None:
    plain = Lexicon.from_names(NAMES)
    assert plain.substances(BOTH) == {AMOXICILLIN, CLAVULANATE}
    assert plain.substances(WARFARIN) == {WARFARIN}


def test_a_ring_of_ingredients_ends() -> None:
    ring = {BOTH: (AUGMENTIN,), AUGMENTIN: (BOTH,)}
    looped = Lexicon.from_names(NAMES, ingredients=lambda drug: ring.get(drug, ()))
    assert looped.substances(BOTH) <= {BOTH, AUGMENTIN}


@given(st.text(), st.text())
def test_any_text_is_read_or_left(text: str, more: str) -> None:
    for line in (text, f"{text} (5 mg) {more} 875-125 mg", f"{text}-{more} 1/2 mg"):
        assert n_strengths(line) >= 0
        read = read_line(line)
        assert read is None or read.name


@pytest.mark.parametrize(
    "text",
    ["1" * 20_000, "1.1" * 7_000, "1-" * 10_000, "1 mg/" * 4_000, "(" * 20_000, "a-" * 10_000],
)
def test_no_line_takes_long(lexicon: Lexicon, text: str) -> None:
    started = time.perf_counter()
    read_line(text)
    assert time.perf_counter() - started < 1


def table(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(path.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def test_no_word_that_explains_a_product_is_a_salt_or_a_medicine() -> None:
    rows = table(PRODUCT_WORDS_TABLE.read_text(encoding="utf-8"))
    words = [row["word"] for row in rows]
    assert words == sorted(set(words))
    assert {row["kind"] for row in rows} == KINDS
    assert all(row["said_by"] for row in rows)
    assert not SALT_WORDS & product_words().keys()
    assert not {"pm", "dm", "hct", "plus", "forte", "d"} & product_words().keys()
    assert {"tablet", "er"} <= FORM_WORDS & product_words().keys()


def test_each_abbreviation_names_its_medicines_and_who_says_so() -> None:
    rows = table(SHORT_NAMES_TABLE.read_text(encoding="utf-8"))
    names = [row["name"] for row in rows]
    assert names == sorted(set(names))
    assert names == [fold(name) for name in names]
    assert all(row["said_by"] and all(row["means"].split("|")) for row in rows)
    spelt = {(name.replace(" ", ""), each.means) for name, each in short_names().items()}
    assert len(spelt) == len({joined for joined, _ in spelt})
    assert not several_meanings().keys() & short_names().keys() - {"mmf"}
