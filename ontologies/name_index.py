"""The names of all drugs as sorted columns: made once, laid in files, opened without reading.

The columns are numbers and blocks of text, so that opening maps them into memory, and processes
that serve one graph share the pages. `index_names` is pure; `write_index` and `open_index` are the
two ends of a folder.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ontologies.fold import fold
from ontologies.letters import Marks, marks_of
from ontologies.texts import Texts

NameKind = Literal["name", "synonym", "brand", "french", "generic", "code"]
KINDS: tuple[NameKind, ...] = ("name", "synonym", "brand", "french", "generic")
"""Kinds of written names, by their number in the column `kinds`."""

Standing = Literal["covered", "product", "other"]
"""A source says something of the drug; it stands for its ingredients; neither."""
STANDINGS: tuple[Standing, ...] = ("other", "product", "covered")
"""By their number in the column `standings`."""

Numbers = npt.NDArray[np.int32]
SmallNumbers = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, order=True)
class NameRow:
    """One name of one drug; a row of kind `code` holds another CURIE of the drug as its name.

    `standing` says what is known of the drug. A misspelt name may mean a drug of which something is
    said, and its names count more than those of a chemical of which nobody says anything.
    """

    name: str
    curie: str
    kind: NameKind
    standing: Standing = "covered"


class DamagedNameIndex(ValueError):
    """A file of a name index is missing or cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the name index {path.name!r} in {path.parent} is damaged: {reason}")
        self.path = path


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Every name and code of the drugs of a graph, as columns.

    A drug, a key (a folded name) or a word is its place in a sorted column. The rows of key `k`
    are `row_starts[k]` to `row_starts[k + 1]`; the drugs of code `c` lie likewise.
    """

    drugs: Texts
    """CURIEs, sorted."""
    drug_names: Texts
    """Preferred names, by drug; empty where there is none."""
    standings: SmallNumbers
    """Place in `STANDINGS`, by drug; the highest where its rows differ."""
    keys: Texts
    """Folded names, sorted."""
    row_starts: Numbers
    row_drugs: Numbers
    row_names: Texts
    """The name as it is written, by row."""
    kinds: SmallNumbers
    """Place in `KINDS`, by row."""
    codes: Texts
    """CURIEs that mean a drug, its own among them, sorted."""
    code_starts: Numbers
    code_drugs: Numbers
    words: Texts
    """Words of the keys, sorted."""
    joined: Numbers
    """Keys in the order of their letters without blanks."""
    by_length: Numbers
    """Keys from the shortest to the longest."""
    lengths: Numbers
    """Number of letters, in the order of `by_length`."""
    marks: Marks
    """What letters a key has (`ontologies.letters`), in the order of `by_length`."""

    def drug(self, curie: str) -> int | None:
        """Give the place of a drug; `None` where no name or code of it is held."""
        return _place(self.drugs, curie)

    def key(self, text: str) -> int | None:
        """Give the place of a folded name; `None` where nobody bears it."""
        return _place(self.keys, text)

    def keys_joined(self, letters: str) -> list[int]:
        """Give the keys that have these letters once their blanks are left out."""
        at = bisect_left(self.joined, letters, key=self._joined_key)
        found = []
        while at < len(self.joined) and self._joined_key(self.joined[at]) == letters:
            found.append(int(self.joined[at]))
            at += 1
        return sorted(found)

    def keys_that_begin(self, text: str, limit: int) -> Iterator[int]:
        """Yield the first keys, in their order, that begin with a text."""
        first = bisect_left(self.keys, text)
        for place in range(first, min(first + limit, len(self.keys))):
            if not self.keys[place].startswith(text):
                return
            yield place

    def standing(self, drug: int) -> Standing:
        """Say what is known of a drug."""
        return STANDINGS[int(self.standings[drug])]

    def rows(self, key: int) -> range:
        """Give the rows of a key."""
        return range(int(self.row_starts[key]), int(self.row_starts[key + 1]))

    def drugs_of_code(self, code: str) -> list[int]:
        """Give the drugs that a code means."""
        place = _place(self.codes, code)
        if place is None:
            return []
        start, end = self.code_starts[place : place + 2]
        return [int(drug) for drug in self.code_drugs[start:end]]

    def knows_words(self, words: Iterable[str]) -> bool:
        """Say whether each word is one of some name."""
        return all(_place(self.words, word) is not None for word in words)

    def _joined_key(self, key: int) -> str:
        return self.keys[int(key)].replace(" ", "")


def index_names(rows: Iterable[NameRow]) -> NameIndex:
    """Sort names into columns; the order of the rows does not matter."""
    given = list(rows)
    drugs = sorted({row.curie for row in given})
    places = {curie: place for place, curie in enumerate(drugs)}
    named = sorted(
        {
            (key, places[row.curie], row.name, KINDS.index(row.kind))
            for row in given
            if row.kind != "code" and (key := fold(row.name))
        }
    )
    own = {drug: name for _, drug, name, kind in reversed(named) if kind == 0}
    codes = sorted(
        {(row.name, places[row.curie]) for row in given if row.kind == "code"} | set(places.items())
    )
    keys, row_starts = _grouped([key for key, *_ in named])
    code_texts, code_starts = _grouped([code for code, _ in codes])
    by_length = sorted(range(len(keys)), key=lambda place: (len(keys[place]), place))
    ordered = [keys[place] for place in by_length]
    return NameIndex(
        drugs=Texts.of(drugs),
        drug_names=Texts.of(own.get(place, "") for place in range(len(drugs))),
        standings=_standings(given, places),
        keys=Texts.of(keys),
        row_starts=row_starts,
        row_drugs=np.array([drug for _, drug, *_ in named], np.int32),
        row_names=Texts.of(name for _, _, name, _ in named),
        kinds=np.array([kind for *_, kind in named], np.uint8),
        codes=Texts.of(code_texts),
        code_starts=code_starts,
        code_drugs=np.array([drug for _, drug in codes], np.int32),
        words=Texts.of(sorted({word for key in keys for word in key.split()})),
        joined=np.array(
            sorted(range(len(keys)), key=lambda place: keys[place].replace(" ", "")), np.int32
        ),
        by_length=np.array(by_length, np.int32),
        lengths=np.array([len(key) for key in ordered], np.int32),
        marks=marks_of(ordered),
    )


def _standings(rows: Sequence[NameRow], places: Mapping[str, int]) -> SmallNumbers:
    standings = np.zeros(len(places), np.uint8)
    for standing in STANDINGS[1:]:
        of_standing = {places[row.curie] for row in rows if row.standing == standing}
        standings[sorted(of_standing)] = STANDINGS.index(standing)
    return standings


def write_index(index: NameIndex, folder: Path) -> None:
    """Write each column into a file of a folder that exists; same names, same bytes."""
    for name, column in _arrays(index):
        np.save(folder / f"{name}.npy", column, allow_pickle=False)


def open_index(folder: Path) -> NameIndex:
    """Map the columns of a folder into memory.

    Raises:
        DamagedNameIndex: A file is missing or truncated, or is no array.
    """
    columns: dict[str, object] = {}
    for field in fields(NameIndex):
        if field.type == "Texts":
            block, starts = (_mapped(folder / f"{field.name}.{end}.npy") for end in _TEXT_ENDS)
            columns[field.name] = Texts(block, starts)
        else:
            columns[field.name] = _mapped(folder / f"{field.name}.npy")
    return NameIndex(**columns)  # type: ignore[arg-type]


_TEXT_ENDS = ("block", "starts")


def _arrays(index: NameIndex) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    for field in fields(NameIndex):
        column = getattr(index, field.name)
        if isinstance(column, Texts):
            yield f"{field.name}.block", column.block
            yield f"{field.name}.starts", column.starts
        else:
            yield field.name, column


def _mapped(path: Path) -> npt.NDArray[Any]:
    try:
        column: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DamagedNameIndex(path, str(error)) from error
    return column


def _grouped(ordered: Sequence[str]) -> tuple[list[str], Numbers]:
    """Give each text of a sorted list once, and where its rows start."""
    runs = [(text, sum(1 for _ in run)) for text, run in groupby(ordered)]
    starts = accumulate((length for _, length in runs), initial=0)
    return [text for text, _ in runs], np.fromiter(starts, np.int32, len(runs) + 1)


def _place(texts: Texts, text: str) -> int | None:
    place = bisect_left(texts, text)
    return place if place < len(texts) and texts[place] == text else None
