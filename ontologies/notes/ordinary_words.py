"""Words of a lexicon that are ordinary words as well, and when they may still name a medicine."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import get_args

from ontologies.fold import fold
from ontologies.name_index import NameIndex
from ontologies.short_names import Need

WORDS_TABLE = files("ontologies.notes") / "ordinary_words.tsv"
"""A word or a phrase, folded; what it needs to name a medicine; why."""
_BESIDE_DOSES = ("unit", "route")
SHORT = 4
"""A name of so many letters or fewer that is no drug's own is an abbreviation or a word."""


@lru_cache(maxsize=1)
def needs() -> Mapping[str, Need]:
    """Give what each word of the table needs."""
    return {row["word"]: next(n for n in get_args(Need) if n == row["use"]) for row in _rows()}


@lru_cache(maxsize=1)
def phrases_of_no_medicine() -> frozenset[str]:
    """Phrases that begin with the name of a substance and name no medicine."""
    return frozenset(text for text, need in needs().items() if " " in text and need == "never")


@lru_cache(maxsize=1)
def dose_words() -> frozenset[str]:
    """Words that stand beside doses: units, forms, times, routes."""
    return frozenset(r["word"] for r in _rows() if r["reason"].startswith(_BESIDE_DOSES))


def need_of(text: str, key: int, index: NameIndex) -> Need:
    """Say what a held name, folded, needs beside it.

    A drug's own name of which a source says something needs nothing, nor does a longer synonym of
    such a drug; an abbreviation of three letters needs a dose. Single letters (M/W/F) name nothing.
    """
    listed = needs().get(text)
    if listed:
        return listed
    if all(len(word) == 1 for word in text.split()):
        return "never"
    places = index.rows(key)
    drugs = {int(index.row_drugs[row]) for row in places}
    known = [drug for drug in drugs if index.standing(drug) != "other"]
    own = any(fold(index.drug_names[drug]) == text for drug in known)
    if len(text) < SHORT and not own:
        return "dose" if len(text) == SHORT - 1 else "never"
    return "none" if known and (own or len(text) > SHORT) else "name"


def _rows() -> list[dict[str, str]]:
    lines = WORDS_TABLE.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
