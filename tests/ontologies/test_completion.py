"""Names that a text begins, by the weight of their drugs."""

from __future__ import annotations

import numpy as np
import pytest

from ontologies.completion import Weights, completions
from ontologies.lexicon import Lexicon
from ontologies.name_index import NameRow

ROWS = (
    NameRow("simvastatin", "RXCUI:1", "name"),
    NameRow("Zocor", "RXCUI:1", "brand"),
    NameRow("Simlup", "RXCUI:1", "brand"),
    NameRow("simeticone", "RXCUI:2", "name"),
    NameRow("simazine", "RXCUI:3", "name"),
    NameRow("Simponi", "RXCUI:4", "brand"),
    NameRow("golimumab", "RXCUI:4", "name"),
)
WEIGHTS: Weights = np.array([50.0, 1.0, 0.0, 30.0])


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon.from_names(ROWS)


def matched(lexicon: Lexicon, text: str, most: int = 9) -> list[str]:
    return [each.matched for each in completions(lexicon, text, WEIGHTS, most)]


def test_the_heaviest_drug_is_first_and_each_stands_once(lexicon: Lexicon) -> None:
    assert matched(lexicon, "sim") == ["simvastatin", "Simponi", "simeticone", "simazine"]
    assert matched(lexicon, "SIM", 2) == ["simvastatin", "Simponi"]


def test_of_the_names_of_a_drug_its_international_one_and_what_several_write_come_first() -> None:
    rows = (
        NameRow("albuterol", "RXCUI:1", "name"),
        NameRow("Salbulin", "RXCUI:1", "synonym"),
        NameRow("Salbutamol", "RXCUI:1", "synonym"),
        NameRow("salbutamol", "RXCUI:1", "synonym"),
    )
    of_several = completions(Lexicon.from_names(rows), "salb", np.array([1.0]), 9)
    assert [each.matched for each in of_several] == ["Salbutamol"]
    told = (*rows[:2], NameRow("salbutamolum", "RXCUI:1", "generic"))
    international = completions(Lexicon.from_names(told), "salb", np.array([1.0]), 9)
    assert [each.matched for each in international] == ["salbutamolum"]


def test_a_brand_tells_the_drug_that_it_means(lexicon: Lexicon) -> None:
    (found,) = completions(lexicon, "zo", WEIGHTS, 9)
    assert (found.curie, found.name, found.matched) == ("RXCUI:1", "simvastatin", "Zocor")


def test_a_score_tells_how_much_is_typed(lexicon: Lexicon) -> None:
    scores = [completions(lexicon, text, WEIGHTS, 1)[0].score for text in ("zo", "zoco", "zocor")]
    assert scores == [74.0, 88.0, 100.0]


@pytest.mark.parametrize("text", ["", " ", "-", "x", "simvastatinx", "\U0010ffff"])
def test_what_begins_no_name_brings_nothing(lexicon: Lexicon, text: str) -> None:
    assert matched(lexicon, text) == []
