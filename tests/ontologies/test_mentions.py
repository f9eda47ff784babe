"""Drugs in free text are found where they stand, with what the text says of them."""

from __future__ import annotations

import json
import re
import time
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontologies.fold import fold
from ontologies.lexicon import Lexicon, NameRow
from ontologies.notes.context_phrases import phrases
from ontologies.notes.mentions import MOST_SPELLINGS, Mention, MentionFinder
from ontologies.notes.ordinary_words import needs
from ontologies.notes.persons import roles
from ontologies.several import several_meanings
from ontologies.short_names import short_names

FILE = json.loads((Path(__file__).parent / "mention_notes.json").read_text(encoding="utf-8"))
NOTES: list[dict[str, str]] = FILE["notes"] + FILE["messy"]
CLASSES = {
    "pcn": "penicillins",
    "sulfa": "sulfonamide antibiotics",
    "statins": "statins",
    "nsaid": "nsaids",
    "nsaids": "nsaids",
    "contrast": "iodinated contrast",
}
MARK = re.compile(r"\{([^{}|=]+)(?:=([^{}|]+))?(?:\|(\w+))?\}")
WORDS = ["today", "better", "balance", "prompt", "care", "food", "alert", "legacy", "water", "ice"]
WORDS += ["nail", "air", "iron", "potassium", "the", "letter", "speed", "fast", "equal", "silver"]
WORDS += ["body", "muscle", "calcium", "zinc"]
MISSPELT = {"simvastatine", "metforminn", "amlodipne", "amoxicilin-clavulanate", "trazadone"}
MISSPELT |= {"lisinopril-hydrochlorothiazid", "zolpidum", "levothyroxin", "Codein"}
MORE = ("hydroxyzine", "hydralazine", "amoxicillin", "clavulanate", "salt of wolves")


def curie_of(name: str) -> str:
    return f"RXCUI:{zlib.crc32(fold(name).encode())}"


def rows() -> list[NameRow]:
    marks = [mark for note in NOTES for mark in MARK.findall(note["note"])]
    told = [(text, name or text) for text, name, _ in marks if name[:1] not in {"*", "?", "#"}]
    names = {fold(name): name for _, name in told}
    found = [NameRow(name, curie_of(name), "name") for name in [*names.values(), *MORE]]
    held = {fold(name) for name in names}
    found += [
        NameRow(text, curie_of(name), "synonym")
        for text, name in told
        if fold(text) not in held | set(short_names()) and text not in MISSPELT
    ]
    found += [NameRow(word, curie_of(f"brand {word}"), "synonym") for word in WORDS]
    found += [
        NameRow(f"penicillin {n}", code, "name")
        for n, code in enumerate(several_meanings()["penicillin"])
    ]
    return found


@pytest.fixture(scope="module")
def finder() -> MentionFinder:
    return MentionFinder(Lexicon.from_names(rows()), CLASSES)


def truth_of(marked: str) -> tuple[str, list[tuple[str, str, str]]]:
    told = [(t, n or t, c or "current") for t, n, c in MARK.findall(marked)]
    return MARK.sub(lambda mark: mark[1], marked), told


def read_as(mention: Mention) -> str:
    unnamed = {"ambiguous": "*", "unresolved-guess": "?"}
    if mention.status == "drug-class":
        return f"#{mention.name}"
    return fold(mention.name) if mention.name else unnamed[mention.status]


@pytest.mark.parametrize("note", NOTES, ids=[note["title"] for note in NOTES])
def test_the_drugs_of_a_note_are_found_with_their_contexts(
    note: dict[str, Any], finder: MentionFinder
) -> None:
    text, truth = truth_of(note["note"])
    found = finder.find(text)
    right = [(t, n if n.startswith("#") else fold(n) or n, c) for t, n, c in truth]
    assert [(m.text, read_as(m), m.context) for m in found] == right
    assert all(text[m.start : m.end] == m.text for m in found)


@pytest.mark.parametrize(
    ("text", "dose", "route"),
    [
        ("warfarin 5 mg daily", "5 mg", None),
        ("IV vancomycin 1 g q12h", "1 g", "IV"),
        ("1 g of vancomycin", "1 g", None),
        ("furosemide 20-40mg p.o.", "20-40mg", "p.o."),
        ("lithium 0.8 mmol/L", None, None),
        ("digoxin", None, None),
    ],
)
def test_dose_and_route_are_given_as_written(
    text: str, dose: str | None, route: str | None, finder: MentionFinder
) -> None:
    (mention,) = finder.find(text)
    assert (mention.dose, mention.route) == (dose, route)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Feeling better today, drinks water.", []),
        ("Today 1 tablet daily", ["Today"]),
        ("Medications: Today, warfarin", ["Today", "warfarin"]),
        ("better at 10 mg than before", []),
        ("on iron", ["iron"]),
        ("iron deficiency", []),
        ("iron 40 mcg/dL", []),
        ("potassium 3.1, on furosemide", ["furosemide"]),
        ("a calcium channel blocker", []),
        ("takes the air", []),
    ],
)
def test_an_ordinary_word_needs_a_dose_or_a_list_to_be_a_medicine(
    text: str, found: list[str], finder: MentionFinder
) -> None:
    assert [mention.text for mention in finder.find(text)] == found


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("no longer takes warfarin", "stopped"),
        ("warfarin held, then resumed", "current"),
        ("do not stop warfarin", "current"),
        ("Stop: warfarin", "stopped"),
        ("Allergies: none. Takes warfarin 5 mg", "current"),
        ("Allergies: NKDA\nWarfarin 5 mg daily", "current"),
        ("No allergies\nWarfarin 5 mg daily", "current"),
        ("warfarin allergy", "allergy"),
        ("no allergy to warfarin", "current"),
        ("no evidence of bleeding on warfarin", "current"),
        ("warfarin was stopped; it was restarted later", "current"),
        ("warfarin 5 mg BID - STOP TAKING", "stopped"),
        ("~~warfarin 5 mg~~", "stopped"),
        ("warfarin was considered but not given", "negated"),
        ("not allergic to warfarin", "negated"),
        ("consider stopping warfarin", "current"),
        ("Can I take warfarin with this?", "plan"),
        ("Lives with her husband, takes warfarin", "current"),
        ("His son gives him warfarin", "current"),
        ("Takes her husband's warfarin", "other_person"),
        ("FHx: father had a bleed on warfarin", "other_person"),
        ("takes warfarin, previously well", "current"),
        ("warfarin use: denies", "negated"),
        ("Warfarin: no. Alcohol: yes", "negated"),
        ("Pain: none. Warfarin 5 mg", "current"),
        ("Takes warfarin, denies bleeding.", "current"),
        ("Started on warfarin in May. It was stopped in June.", "stopped"),
        ("Warfarin was started. It made her bleed and was stopped.", "stopped"),
        ("On warfarin. She stopped it last week.", "stopped"),
        ("On warfarin. It was noted that she stopped smoking.", "current"),
        ("Takes warfarin. She does not take it now.", "stopped"),
        ("Warfarin was held. It was restarted on Monday.", "current"),
        ("Warfarin was started. It gave her hives.", "allergy"),
        ("Was on warfarin years ago", "stopped"),
        ("Warfarin caused a large bruise, so it was stopped", "stopped"),
        ("Warfarin changed to 7.5 mg daily", "current"),
        ("Warfarin was switched to bedtime", "current"),
        ("Warfarin 5 mg -> 7.5 mg", "current"),
        ("Warfarin was never given", "negated"),
    ],
)
def test_what_is_said_near_a_drug_is_its_context(
    text: str, context: str, finder: MentionFinder
) -> None:
    (mention,) = finder.find(text)
    assert mention.context == context


@pytest.mark.parametrize(
    ("text", "contexts"),
    [
        ("aspirin 81 mg, metformin held, warfarin 5 mg", "current stopped current"),
        ("codeine allergy -> warfarin 5 mg", "allergy current"),
        ("aspirin, clopidogrel and warfarin were held", "stopped stopped stopped"),
        ("aspirin and warfarin held", "stopped stopped"),
        ("stop aspirin, warfarin 5 mg", "stopped current"),
        ("metformin 1 g (held), warfarin 5 mg", "stopped current"),
        ("consider switching warfarin to apixaban", "current plan"),
        ("Mother is on lithium, patient takes warfarin", "other_person current"),
        ("warfarin 5 mg daily -> apixaban 5 mg BID", "stopped current"),
        ("switched from warfarin to apixaban", "stopped current"),
        ("warfarin changed to oral apixaban", "stopped current"),
        ("Aspirin and warfarin started. It was stopped.", "current current"),
        ("Aspirin and warfarin started. Both were stopped.", "stopped stopped"),
        ("Allergies: warfarin -> apixaban", "allergy allergy"),
        ("warfarin: no, apixaban: yes", "negated current"),
    ],
)
def test_a_word_speaks_of_its_own_item_of_a_list(
    text: str, contexts: str, finder: MentionFinder
) -> None:
    assert " ".join(mention.context for mention in finder.find(text)) == contexts


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("dig 0.125 mg daily", "digoxin"),
        ("to dig 5 holes", None),
        ("K 4.1, Li 0.8, dig 1.2", None),
        ("Li 300 TID", "lithium"),
        ("Coumadin 2.5 mg M/W/F", "warfarin"),
        ("no sulfa drugs", None),
        ("amoxicilin-clavulanate 875/125", "amoxicillin+clavulanate"),
        ("zyzzoxol-clavulanate 875/125", "?"),
        ("MS 10 mg IV", "?"),
    ],
)
def test_an_abbreviation_needs_a_dose_and_one_meaning(
    text: str, read: str | None, finder: MentionFinder
) -> None:
    found = [read_as(mention) for mention in finder.find(text)]
    assert found == ([] if read is None else [read if read == "?" else fold(read)])


def test_a_misspelt_name_needs_a_dose_and_no_rival(finder: MentionFinder) -> None:
    assert finder.find("he likes warfarine a lot") == []
    (read,) = finder.find("warfarine 5 mg")
    assert (read.name, read.how) == ("warfarin", "spelling")
    (open_,) = finder.find("Meds: hydralyzine 25 mg")
    assert (open_.status, open_.curie) == ("unresolved-guess", None)
    assert {c.name for c in open_.candidates} >= {"hydralazine", "hydroxyzine"}


def test_places_count_code_points(finder: MentionFinder) -> None:
    text = "\U0001f48a caf\u00e9: W\u00e0rfarin 5 mg"
    (mention,) = finder.find(text)
    assert (text[mention.start : mention.end], mention.name) == ("W\u00e0rfarin", "warfarin")


def test_a_text_of_unknown_words_is_read_in_bounded_time(finder: MentionFinder) -> None:
    words = [
        f"zz{''.join(chr(97 + int(d)) for d in str(n))}qol" for n in range(MOST_SPELLINGS + 50)
    ]
    started = time.perf_counter()
    found = finder.find("Medications:\n" + "\n".join(f"{word} 5 mg" for word in words))
    assert time.perf_counter() - started < 10
    assert [mention.text for mention in found] == words


HOSTILE = {
    "blanks": " ",
    "headings": "Meds: ",
    "colons": "a: ",
    "exchanges": "switched warfarin ",
    "capitals": "A ",
    "brackets": "warfarin (",
    "relatives": "mother warfarin ",
    "plans": "consider warfarin ",
    "classes": "allergy sulfa ",
    "abbreviations": "dig 5 ",
    "halves": "warfarinn-aspirinn 5/5 ",
}


@pytest.mark.parametrize("part", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_long(part: str, finder: MentionFinder) -> None:
    started = time.perf_counter()
    finder.find((part * 20_000)[:40_000])
    assert time.perf_counter() - started < 5


@given(
    st.text(
        st.sampled_from("warfin 5mg.,:;\n-/'(aspirin)\u00e9\u0301\u0130\ufb01NoAllergies"),
        max_size=200,
    )
)
def test_any_text_is_read(text: str) -> None:
    found = MentionFinder(SMALL).find(text)
    assert all(text[m.start : m.end] == m.text and m.text for m in found)
    assert all(left.end <= right.start for left, right in pairwise(found))


SMALL = Lexicon.from_names([NameRow("warfarin", "RXCUI:11289", "name")])


def test_the_tables_are_sorted_folded_and_of_known_words() -> None:
    for words in (needs(), phrases(), short_names(), roles()):
        assert all(fold(word) == word for word in words)
    for words in (needs(), phrases(), roles()):
        assert list(words) == sorted(words)
