"""A word of a user's own file means what other sources know by it, and hides nothing of that."""

from __future__ import annotations

import pandas as pd
import pytest

from kg.identity import identify
from kg.known_names import unknown_words, with_known_names
from kg.mapping_report import unmapped
from kg.sources.base import MalformedSource
from ontologies.vocabulary import Category

DRUG, EFFECT = Category.DRUG.value, Category.PHENOTYPIC_FEATURE.value
COLUMNS = ("id", "category", "name", "synonym", "xref", "language", "source")
KNOWN = (
    ("RXCUI:36567", DRUG, "simvastatin", "synvinolin", "", "", "curated"),
    ("RXCUI:161", DRUG, "acetaminophen", "paracetamol", "", "", "curated"),
    ("RXCUI:11289", DRUG, "warfarin", "shared name", "", "", "curated"),
    ("RXCUI:1191", DRUG, "aspirin", "shared name", "", "", "curated"),
    ("HP:0003198", EFFECT, "Myopathy", "", "", "", "hpo"),
)


def stated(*names: tuple[str, str]) -> pd.DataFrame:
    own = [
        (f"coprescribe:own_{kind}.{name.lower()}", category, name, "", "", "", "own_csv")
        for kind, name in names
        for category in ({"drug": DRUG, "effect": EFFECT}[kind],)
    ]
    return pd.DataFrame([*KNOWN, *own], columns=list(COLUMNS))


def meaning(kind: str, name: str) -> str:
    rows = stated((kind, name))
    known = with_known_names(rows, identify(rows))
    return identify(known).normalizer.preferred(f"coprescribe:own_{kind}.{name.lower()}")


@pytest.mark.parametrize(
    ("kind", "name", "curie"),
    [
        ("drug", "Simvastatin", "RXCUI:36567"),
        ("drug", "Paracetamol", "RXCUI:161"),
        ("drug", "Zocor", "RXCUI:36567"),
        ("drug", "Aspirin 100 mg tablets", "RXCUI:1191"),
        ("effect", "myopathy", "HP:0003198"),
    ],
)
def test_a_name_a_synonym_and_a_brand_lead_to_the_known_thing(
    kind: str, name: str, curie: str
) -> None:
    assert meaning(kind, name) == curie


@pytest.mark.parametrize(
    ("kind", "name"), [("drug", "Inventumab"), ("effect", "warfarin"), ("effect", "Odd feeling")]
)
def test_what_names_nothing_stays_a_thing_of_its_own(kind: str, name: str) -> None:
    assert meaning(kind, name) == f"coprescribe:own_{kind}.{name.lower()}"


def test_a_name_that_may_be_several_drugs_is_refused_with_them() -> None:
    with pytest.raises(MalformedSource, match=r"'Shared name' may be .*RXCUI:11289, RXCUI:1191"):
        meaning("drug", "Shared name")


def test_words_that_nothing_else_knows_are_told_and_others_are_not() -> None:
    rows = stated(("drug", "Zocor"), ("drug", "Inventumab"), ("effect", "odd feeling"))
    known = with_known_names(rows, identify(rows))
    assert unknown_words(unmapped(known, identify(known))) == ["Inventumab", "odd feeling"]


def test_nodes_without_words_of_a_user_come_back_as_they_are() -> None:
    rows = stated()
    assert with_known_names(rows, identify(rows)) is rows
