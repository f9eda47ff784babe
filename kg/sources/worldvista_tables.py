"""What we read into World Vista's files: its misprinted names and codes, and whom a rule is about.

The hand-kept tables `worldvista_*.tsv` lie in `kg/curated/`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.sources.base_files import read_table

FOLDER = Path(__file__).parent.parent / "curated"
NO_MEDICINE = "-"
"""Stands for the code of a name that is no medicine ("latex condoms")."""


def plain(name: str) -> str:
    """Give lower case and single blanks."""
    return " ".join(name.lower().split())


@dataclass(frozen=True, slots=True, order=True)
class Medicine:
    """A drug of the tables: its CURIE and the name that it bears here."""

    curie: str
    name: str


class Medicines:
    """A stated name with its stated RxCUI -> the medicine meant."""

    def __init__(self, stated: Iterable[tuple[str, str]]) -> None:
        """Count how every code is called; the most frequent name of a code is kept."""
        self._corrections = _corrections()
        names: dict[str, Counter[str]] = defaultdict(Counter)
        codes: dict[str, set[str]] = defaultdict(set)
        for name, code in stated:
            if code and name and (plain(name), code) not in self._corrections:
                names[code][plain(name)] += 1
                codes[plain(name)].add(code)
        self._names = {
            code: min(count, key=lambda name: (-count[name], name)) for code, count in names.items()
        }
        self._names.update({code: name for code, name in self._corrections.values() if code})
        self._codes = {name: min(found) for name, found in codes.items() if len(found) == 1}

    def find(self, name: str, code: str) -> Medicine | None:
        """Give the medicine of a stated name and code; `None` when it is not one at all."""
        key = plain(name)
        known = self._corrections.get((key, code))
        rxcui, right = known or (code or self._codes.get(key, ""), key)
        if rxcui == NO_MEDICINE:
            return None
        if rxcui:
            return Medicine(f"RXCUI:{rxcui}", self._names[rxcui])
        return Medicine("WORLDVISTA.DRUG:" + slug(right), right)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a rule: for which pairs it holds, and how."""

    one: frozenset[str]
    other: frozenset[str]
    word: str
    holds: str

    def fits(self, pair: tuple[str, str]) -> bool:
        """Tell whether this reading is about two drugs, by name, in either order."""
        first, second = pair
        return bool(self.word) or self._is(first, second) or self._is(second, first)

    def _is(self, one: str, other: str) -> bool:
        return one in self.one and (not self.other or other in self.other)


def slug(name: str) -> str:
    """Give the form of a name that can stand in a CURIE."""
    return re.sub(r"[^a-z0-9]+", "-", plain(name)).strip("-")


def class_names() -> dict[str, str]:
    """Give the class that is meant by a name which the list of classes does not have."""
    frame = read_table("curated", FOLDER / "worldvista_classes.tsv", ("name", "class"))
    return dict(zip(frame["name"], frame["class"], strict=True))


def readings(members: Mapping[str, Collection[str]]) -> dict[str, tuple[Reading, ...]]:
    """Give our readings by rule, in their order; `class:` entries become drug names.

    Args:
        members: Names of the drugs of each class.
    """
    columns = ("statement", "order", "one", "other", "holds")
    frame = read_table("curated", FOLDER / "worldvista_scopes.tsv", columns)
    rows = sorted(
        zip(*(frame[column] for column in columns), strict=True),
        key=lambda row: (row[0], int(row[1])),
    )
    found: dict[str, tuple[Reading, ...]] = {}
    for statement, _, one, other, holds in rows:
        word = one if one in {"any", "others"} else ""
        reading = Reading(_drugs(one, members), _drugs(other, members), word, holds)
        found[statement] = (*found.get(statement, ()), reading)
    return found


def mechanism_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Give what the class names of a rule say of its mechanism; the first match counts."""
    columns = ("order", "pattern", "mechanism")
    frame = read_table("curated", FOLDER / "worldvista_mechanisms.tsv", columns)
    rows = sorted(
        zip(*(frame[column] for column in columns), strict=True), key=lambda row: int(row[0])
    )
    return tuple((re.compile(pattern), mechanism) for _, pattern, mechanism in rows)


def _corrections() -> dict[tuple[str, str], tuple[str, str]]:
    columns = ("stated_name", "stated_rxcui", "rxcui", "name")
    frame = read_table("curated", FOLDER / "worldvista_drugs.tsv", columns)
    rows = zip(*(frame[column] for column in columns), strict=True)
    return {(name, code): (rxcui, right) for name, code, rxcui, right in rows}


def _drugs(cell: str, members: Mapping[str, Collection[str]]) -> frozenset[str]:
    drugs: set[str] = set()
    for entry in filter(None, cell.split("|")):
        kind, _, name = entry.partition(":")
        drugs.update(members.get(name, ()) if kind == "class" else (entry,))
    return frozenset(drugs)
