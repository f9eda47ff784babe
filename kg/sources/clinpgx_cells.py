"""What stands in one cell of a ClinPGx table: lists, mixtures, identifiers."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kg.sources.base import MalformedSource
from kg.sources.base_files import read_text

__all__ = ["combination_parts", "items", "mixtures", "only_one", "records"]

_MIXTURE = re.compile(r"(?P<brand>.+?) \((?P<parts>[^()]+(?:\([^()]*\)[^()]*)* \+ .+)\)")


def records(source: str, path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Read the chosen columns of a table whose cells may be longer than a CSV reader allows.

    Raises:
        MalformedSource: The file is not UTF-8, is cut short, or lacks a column or a cell.
    """
    text = read_text(source, path)
    if not text.endswith("\n"):
        raise MalformedSource(source, path.name, "is empty, or its last line is cut short")
    header, *lines = (line.split("\t") for line in text[:-1].split("\n"))
    if missing := [column for column in columns if column not in header]:
        raise MalformedSource(source, path.name, f"columns {missing} are missing; found {header}")
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header):
            reason = f"has {len(line)} cells where the header has {len(header)}"
            raise MalformedSource(source, path.name, reason, number)
    places = [(column, header.index(column)) for column in columns]
    return [{column: line[place] for column, place in places} for line in lines]


def items(cell: str) -> list[str]:
    r"""Give the parts of a list; a list with a comma in a part is quoted twice over.

    >>> items("a, c")
    ['a', 'c']
    >>> items('"\"\"a, b\"\", \"\"c\"\""')
    ['a, b', 'c']
    """
    text = cell.strip()
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1].replace('""', '"')
    parts = next(csv.reader([text.replace("\n", " ")], skipinitialspace=True), [])
    return [part.strip() for part in parts if part.strip()]


def combination_parts(name: str) -> list[str]:
    """Substances that the name of a combination lists: `emtricitabine / tenofovir`."""
    return [part.strip() for part in name.split(" / ") if part.strip()]


def mixtures(cell: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the brands of mixtures with their parts: `Kivexa (abacavir + lamivudine)`."""
    for part in items(cell):
        found = _MIXTURE.fullmatch(part)
        if found is not None:
            names = tuple(name.strip() for name in found["parts"].split(" + "))
            yield found["brand"].strip(), names


def only_one(
    stated: Iterable[tuple[str, str]], vocabularies: Mapping[str, tuple[str, re.Pattern[str]]]
) -> list[str]:
    """CURIEs of the vocabularies of which exactly one identifier is stated.

    ``vocabularies`` gives prefix and form by the name that the table uses; where the form has a
    group, the group is the identifier.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for name, code in stated:
        if name in vocabularies:
            prefix, form = vocabularies[name]
            match = form.fullmatch(code.strip())
            identifier = match[form.groups] if match is not None else ""
            found[prefix].add(identifier)
    return [
        f"{prefix}:{next(iter(codes))}"
        for prefix, codes in found.items()
        if len(codes) == 1 and "" not in codes
    ]
