"""Reads rows and cells of rule tables; what cannot be read is quoted with its file and row.

A row has the number of its line in the file: the header is 1, the first row 2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from kg.model import Severity
from kg.screening.targets import MalformedTarget, checked_target
from kg.sources.base_files import read_table
from ontologies.curie import Curie, MalformedCurie

SILENT = "none"
"""Severity of a rule that makes no finding."""
_MOST_RATIO = 10_000


class MalformedRule(ValueError):
    """A row of a rule table cannot be read; file, row and value are quoted."""

    def __init__(self, file: str, row: int, value: str, expected: str) -> None:
        super().__init__(f"{file}, row {row}: {value!r} is not {expected}")
        self.file, self.row, self.value = file, row, value


def rows_of(
    folder: Path, file: str, columns: tuple[str, ...], key: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table with their numbers; a key that stands twice is refused.

    Without a key, rows may be alike.

    Raises:
        MalformedRule: Two rows have one key.
        MalformedSource: The file lacks a column.
    """
    frame = read_table("curated", folder / file, columns)
    met = set()
    for number, record in enumerate(frame[list(columns)].to_dict("records"), start=2):
        row = {str(name): str(value) for name, value in record.items()}
        asked = tuple(row[name] for name in key)
        if asked and asked in met:
            raise MalformedRule(file, number, " ".join(asked), "a question asked once")
        met.add(asked)
        yield number, row


def one_of(
    file: str, number: int, value: str, words: Collection[str], *, named: str | None = None
) -> str:
    """Give a word of a closed list back; ``named`` says in the error what the words are.

    Raises:
        MalformedRule: The word is not of the list.
    """
    if value not in words:
        listed = f"one of {', '.join(words)}"
        raise MalformedRule(file, number, value, f"{named}: {listed}" if named else listed)
    return value


def severity_of(file: str, number: int, value: str) -> Severity:
    """Read a severity; raises MalformedRule where it is none."""
    return Severity(one_of(file, number, value, tuple(Severity)))


def severity_unless_silent(file: str, number: int, value: str) -> Severity | None:
    """Read a severity, or `SILENT` as ``None``; raises MalformedRule where it is neither."""
    word = one_of(file, number, value, (SILENT, *Severity))
    return None if word == SILENT else Severity(word)


def number_of(
    file: str,
    number: int,
    value: str,
    expected: str = "a number",
    fits: Callable[[float], bool] | None = None,
) -> float:
    """Read a number; ``fits`` tells which ones may stand there, ``expected`` says it in words.

    Raises:
        MalformedRule: The cell holds no number, or one that does not fit.
    """
    try:
        found = float(value)
    except ValueError:
        raise MalformedRule(file, number, value, expected) from None
    if fits is not None and not fits(found):
        raise MalformedRule(file, number, value, expected)
    return found


def ratio_of(file: str, number: int, value: str) -> float:
    """Read a ratio of two amounts; raises MalformedRule where it is none."""
    expected = f"a ratio: a number above 0 and below {_MOST_RATIO}"
    return number_of(file, number, value, expected, lambda ratio: 0 < ratio < _MOST_RATIO)


def curie_of(file: str, number: int, value: str) -> Curie:
    """Read the CURIE of a drug, a condition or an effect; raises MalformedRule where it is none."""
    try:
        return Curie.parse(value)
    except MalformedCurie:
        expected = "a CURIE such as RXCUI:11289 or DOID:10763"
        raise MalformedRule(file, number, value, expected) from None


def target_of(file: str, number: int, value: str) -> str:
    """Give a target back; raises MalformedRule where it is none."""
    try:
        return checked_target(value)
    except MalformedTarget as error:
        raise MalformedRule(file, number, value, f"a target ({error})") from None
