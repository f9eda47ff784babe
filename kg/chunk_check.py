"""What a source says is held against what a graph can hold, before anything is made of it.

An adapter refuses what it was written to refuse. Whatever else a damaged or changed file makes of
its rows is found here, so that it is the source, the file and the row that are named, and not some
node of a finished graph.
"""

from __future__ import annotations

import csv
import errno
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from kg.invariants.words import CLOSED_WORDS, is_qualified
from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source
from kg.sources.base_files import open_raw
from kg.tables import split
from ontologies.curie import Curie, MalformedCurie, UnknownPrefix, default_prefixes

_CURIES: Mapping[ChunkKind, tuple[str, ...]] = {
    ChunkKind.NODES: ("id", "xref"),
    ChunkKind.EDGES: ("subject", "object", "publications"),
    ChunkKind.PAIRS: ("drug_a", "drug_b", "effect", "publications"),
    ChunkKind.CO_REPORTS: ("drug_a", "drug_b", "effect"),
}
_LISTS = frozenset({"xref", "publications"})
_EMPTY = {ChunkKind.PAIRS: frozenset({"effect", "predicate"})}
"""Columns that a source may leave to assembly."""
_UNPACKING = (EOFError, OSError, lzma.LZMAError, zipfile.BadZipFile, zlib.error)
_TRIPS = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError),
    *(ValueError, csv.Error, lzma.LZMAError, pa.ArrowException, zipfile.BadZipFile, zlib.error),
)
"""What code raises over bytes and rows that it did not expect."""
_HALF = "a text holds half a character ({})"
_MOST_FILES = 4


def checked(source: Source, files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the chunks of a source, each of which a graph can hold.

    Args:
        source: What to read.
        files: Path of each of its raw files, by name; an optional one may be missing.

    Raises:
        MalformedSource: The adapter refuses a file or trips over it, or finds nothing in it, or a
            row holds a CURIE of an unknown form, a word that is not of its closed list, or
            malformed qualifiers.
    """
    name, anywhere, rows = source.info.name, _listed(list(files)), 0
    try:
        for chunk in source.read(files):
            _check(name, files, chunk)
            rows += len(chunk.frame)
            yield chunk
    except MalformedSource as error:
        if error.source == name:
            raise
        raise MalformedSource(name, anywhere, f"does not fit the tables here: {error}") from error
    except UnicodeEncodeError as error:
        raise MalformedSource(name, anywhere, _HALF.format(error)) from error
    except _TRIPS as error:
        # An archive can send its reader to a place before its start; any other is the disk's.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        reason = f"cannot be read ({type(error).__name__}: {error})"
        raise MalformedSource(name, anywhere, reason) from error
    if not rows:
        raise MalformedSource(name, anywhere, "says nothing at all")


def as_table(source: Source, files: Mapping[str, Path], chunk: Chunk) -> pa.Table:
    """Give a chunk as an Arrow table.

    Raises:
        MalformedSource: A cell holds half a character, which no file can hold.
    """
    try:
        return pa.Table.from_pandas(chunk.frame, preserve_index=False)
    except (UnicodeEncodeError, pa.ArrowInvalid) as error:
        place = _listed(list(files))
        raise MalformedSource(source.info.name, place, _HALF.format(error)) from error


class _Fault(NamedTuple):
    """One value that no graph can hold."""

    column: str
    value: str
    expected: str


def _check(source: str, files: Mapping[str, Path], chunk: Chunk) -> None:
    fault = next(_faults(chunk), None)
    if fault is not None:
        wrong = chunk.frame[chunk.frame[fault.column] == fault.value]
        said = {str(file) for file in wrong.get("file", pd.Series(dtype=str))} & files.keys()
        names = sorted(said) or list(files)
        file, row = _place({name: files[name] for name in names}, _shown(fault))
        reason = f"{fault.column} is {fault.value!r}; expected {fault.expected}"
        raise MalformedSource(source, file, reason, row)


def _faults(chunk: Chunk) -> Iterator[_Fault]:
    frame = chunk.frame
    empty = _EMPTY.get(chunk.kind, frozenset())
    for column in _CURIES[chunk.kind]:
        for cell in frame[column].unique():
            if cell or column not in empty | _LISTS:
                wrong = (_unfit(column, name) for name in _names(column, cell))
                yield from (_Fault(column, cell, expected) for expected in wrong if expected)
    for column in sorted(CLOSED_WORDS.keys() & set(frame.columns)):
        words = CLOSED_WORDS[column] | ({""} if column in empty else set())
        strange = sorted(set(frame[column].unique()) - words)
        yield from (_Fault(column, word, "a word of the closed list") for word in strange)
    if "qualifiers" in frame.columns:
        cells = (cell for cell in frame["qualifiers"].unique() if not is_qualified(cell))
        yield from (_Fault("qualifiers", cell, "key=value, each key once") for cell in cells)


def _names(column: str, cell: str) -> tuple[str, ...]:
    return split(cell) if column in _LISTS else (cell,)


def _unfit(column: str, name: str) -> str:
    """Say what was expected in place of a CURIE; nothing where it is as it should be.

    An identifier of another form among the cross-references is a slip of the source about another
    vocabulary; it is listed by ``malformed_xrefs`` and stops nothing.
    """
    known = default_prefixes()
    try:
        if column == "xref":
            known.standard_prefix(Curie.parse(name).prefix)
            return ""
        standard = str(known.standard(name))
    except UnknownPrefix:
        return "a prefix that the prefix map knows"
    except MalformedCurie as error:
        return str(error).rpartition("expected ")[2]
    return "" if standard == name else standard


def _shown(fault: _Fault) -> str:
    """Give the part of a value that stands in the raw file, most likely."""
    names = [n for n in _names(fault.column, fault.value) if _unfit(fault.column, n)]
    return (names or [fault.value])[0].partition(":")[2]


def _place(files: Mapping[str, Path], text: str) -> tuple[str, int | None]:
    """Name the file, and the line if there is one, where a text stands; else all the files."""
    whole = re.compile(rb"(?<![\w.])" + re.escape(text.encode(errors="replace")) + rb"(?![\w.])")
    if text:
        for name, path in files.items():
            row = _line(path, whole)
            if row is not None:
                return name, row
    return _listed(list(files)), None


def _line(path: Path, text: re.Pattern[bytes]) -> int | None:
    try:
        with open_raw(path) as stream:
            return next((n for n, line in enumerate(stream, start=1) if text.search(line)), None)
    except _UNPACKING:
        return None


def _listed(files: list[str]) -> str:
    more = len(files) - _MOST_FILES
    last = [f"{more} more"] if more > 0 else []
    return " or ".join([*files[:_MOST_FILES], *last])
