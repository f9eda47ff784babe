"""Names that people have confused are never taken for one another."""

from __future__ import annotations

import string
from itertools import chain

import pytest

from ontologies.lexicon import Lexicon, NameRow
from ontologies.slips import CONFUSABLE_TABLE, confusable, is_one_slip

ROWS = [line.split("\t") for line in CONFUSABLE_TABLE.read_text(encoding="utf-8").splitlines()]
PAIRS = [(left, right) for left, right, _ in ROWS[1:]]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    names = sorted(set(chain.from_iterable(PAIRS)))
    return Lexicon.from_names(
        NameRow(name, f"RXCUI:{place}", "name") for place, name in enumerate(names)
    )


def errors(name: str) -> set[str]:
    """Every text that one letter left out, put in, changed or exchanged parts from a name."""
    places = range(len(name))
    swapped = {name[:i] + name[i + 1 : i + 2] + name[i] + name[i + 2 :] for i in places}
    changed = {name[:i] + a + name[i + 1 :] for i in places for a in string.ascii_lowercase}
    added = {name[:i] + a + name[i:] for i in (*places, len(name)) for a in string.ascii_lowercase}
    return swapped | changed | added | {name[:i] + name[i + 1 :] for i in places}


def test_the_table_of_confusable_names_is_sorted_and_each_row_says_who_says_so() -> None:
    assert ROWS[0] == ["left", "right", "reference"]
    assert ROWS[1:] == sorted(ROWS[1:])
    assert len(set(PAIRS)) == len(PAIRS) >= 50
    assert all(left < right for left, right in PAIRS)
    assert all("Table " in reference for _, _, reference in ROWS[1:])
    assert "hydroxyzine" in confusable()["hydralazine"]


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_no_slip_turns_a_name_into_one_with_which_it_is_confused(
    lexicon: Lexicon, left: str, right: str
) -> None:
    for meant, other in ((left, right), (right, left)):
        for text in sorted(errors(meant))[::7]:
            found = lexicon.lookup(text).candidate
            assert found is None or found.name != other or text == other


@pytest.mark.parametrize(
    ("text", "held"),
    [("hydralyzine", "hydralazine"), ("prednisoone", "prednisone"), ("quinidne", "quinidine")],
)
def test_a_confusable_name_counts_even_where_nobody_holds_it(text: str, held: str) -> None:
    found = Lexicon.from_names([NameRow(held, "RXCUI:1", "name")]).lookup(text)
    assert found.candidate is None
    assert found.candidates[0].name == held


@pytest.mark.parametrize(
    ("written", "meant", "is_slip"),
    [
        ("warfrin", "warfarin", True),
        ("warfarinn", "warfarin", True),
        ("insulin glargin", "insulin glargine", True),
        ("xarfarin", "warfarin", False),
        ("vlarithromycin", "clarithromycin", True),
        ("larithromycin", "clarithromycin", True),
        ("dergotamine", "ergotamine", False),
        ("vitamin b7", "vitamin b6", False),
        ("iron", "irons", False),
        ("warfarin 5", "warfarin", False),
    ],
)
def test_one_slip_is_one_letter_of_one_long_word(written: str, meant: str, is_slip: bool) -> None:
    assert is_one_slip(written, meant) is is_slip


def test_a_slip_of_a_generic_name_is_forgiven_and_of_a_brand_is_not() -> None:
    lexicon = Lexicon.from_names(
        [
            NameRow("acetaminophen", "RXCUI:161", "name"),
            NameRow("paracetamol", "RXCUI:161", "generic"),
            NameRow("Panadol Extra", "RXCUI:161", "brand"),
        ]
    )
    found = lexicon.lookup("paracetemol").candidate
    assert found is not None
    assert (found.name, found.matched) == ("acetaminophen", "paracetamol")
    assert lexicon.lookup("panadil extra").candidate is None
