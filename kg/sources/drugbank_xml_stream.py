"""The drugs of DrugBank's XML one after another: of the whole file never more than one is held."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from kg.sources.base import MalformedSource
from kg.sources.base_blocks import bounded_blocks

NAMESPACE = "http://www.drugbank.ca"
_BLOCK_BYTES = 1 << 20
_ROOT, _RECORD = "drugbank", "drug"
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def drugs_of(source: str, path: Path) -> Iterator[Element]:
    """Yield each drug of the archive with the full database; tags bear no namespace.

    Raises:
        MalformedSource: The archive is damaged or holds not exactly one XML file; the XML is not
            well-formed, ends early, is no DrugBank file, or has a DOCTYPE, which could make a small
            file unpack without end.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if name.endswith(".xml")]
            if len(members) != 1:
                raise MalformedSource(source, path.name, f"holds {members}, not one XML file")
            with archive.open(members[0]) as stream:
                yield from _records(source, path, cast("BinaryIO", stream))
    except _DAMAGED as error:
        raise MalformedSource(source, path.name, f"cannot be unpacked ({error})") from error


def _records(source: str, path: Path, stream: BinaryIO) -> Iterator[Element]:
    collector = _Collector(source, path.name)
    try:
        for block in bounded_blocks(source, path, stream, _BLOCK_BYTES):
            collector.feed(block)
            yield from collector.taken()
        collector.feed(b"", is_final=True)
    except expat.ExpatError as error:
        raise MalformedSource(source, path.name, f"not XML ({error})", error.lineno) from error
    yield from collector.taken()


class _Collector:
    """Builds the elements below the root, each alone, and drops what stands between them."""

    def __init__(self, source: str, file: str) -> None:
        self._place = (source, file)
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._builder: TreeBuilder | None = None
        self._depth = 0
        self._done: list[Element] = []

    def feed(self, block: bytes, *, is_final: bool = False) -> None:
        """Read on."""
        self._parser.Parse(block, is_final)

    def taken(self) -> list[Element]:
        """Give the elements that were finished since the last time, and forget them."""
        done, self._done = self._done, []
        return done

    def _refuse(self, *_: object) -> None:
        raise MalformedSource(*self._place, "has a DOCTYPE", self._parser.CurrentLineNumber)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        if self._depth == 0 and (space, name) != (NAMESPACE, _ROOT):
            raise MalformedSource(*self._place, f"its root is {tag!r}, not that of DrugBank")
        if self._depth == 1 and name == _RECORD:
            self._builder = TreeBuilder()
        if self._builder is not None:
            self._builder.start(name, attributes)
        self._depth += 1

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self._builder is not None:
            self._builder.end(tag.rpartition(" ")[2])
            if self._depth == 1:
                self._done.append(self._builder.close())
                self._builder = None

    def _data(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)
