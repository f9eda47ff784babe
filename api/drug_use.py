"""How many people are prescribed a drug: what somebody who types a few letters likely means."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

TABLE = "drug_use.tsv"


class DrugUse(NamedTuple):
    """A drug by code and name, and how many thousand people bought it on prescription in a year.

    The figures are of one country and year, and of the drugs that its survey counts surely: they
    order suggestions, and say nothing of how a drug acts.
    """

    drug: str
    name: str
    people_thousands: int


@cache
def drug_use() -> tuple[DrugUse, ...]:
    """Give the drugs of which it is known, by name; each row of the table cites its source."""
    return tuple(_rows())


def _rows() -> Iterator[DrugUse]:
    text = (files("api") / TABLE).read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        yield DrugUse(row["drug"], row["name"], int(row["people_thousands"]))
