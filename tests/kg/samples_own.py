"""Samples of the sources that users hold themselves, stored plain and packed as published."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import ChunkKind, Source
from kg.sources.drugbank_xml import DRUGBANK_XML, FILE
from kg.sources.enzyme_lists import ENZYME_LISTS
from kg.sources.hetionet import HETIONET
from kg.sources.kgx import KGX
from kg.sources.nsides import NSIDES
from kg.sources.onsides import ONSIDES
from kg.sources.own_csv import OWN_CSV
from kg.sources.rxnorm_rrf import RXNORM_RRF
from kg.sources.string_db import STRING_DB

SAMPLES = Path(__file__).parents[1] / "samples"
SOURCES = (
    DRUGBANK_XML,
    ENZYME_LISTS,
    HETIONET,
    KGX,
    NSIDES,
    ONSIDES,
    OWN_CSV,
    RXNORM_RRF,
    STRING_DB,
)
_PLAIN = {FILE: "full_database.xml"}
"""Samples whose name is not that of the raw file without its packing."""


def plain(source: Source, name: str) -> bytes:
    """Give the content of a sample file as it was before packing."""
    stem = _PLAIN.get(name, name.removesuffix(".gz"))
    return (SAMPLES / source.info.name / stem).read_bytes()


def pack(path: Path, content: bytes) -> None:
    """Write a file, packed as its name says."""
    if path.suffix == ".zip":
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("full database.xml"), content, zipfile.ZIP_DEFLATED)
        path.write_bytes(stream.getvalue())
    else:
        path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def packed_sample(source: Source, folder: Path) -> dict[str, Path]:
    """Write the sample of a source into a folder, as its files are published."""
    for name in source.files:
        pack(folder / name, plain(source, name))
    return {name: folder / name for name in source.files}


def rows_of(source: Source, files: Mapping[str, Path], kind: ChunkKind) -> pd.DataFrame:
    """Give all rows of one kind that a source yields."""
    frames = [chunk.frame for chunk in source.read(files) if chunk.kind is kind]
    return pd.concat(frames, ignore_index=True)


def cut_short(content: bytes) -> bytes:
    """Cut within the first cell of a line."""
    return content[: content.rfind(b"\n", 0, len(content) * 2 // 3) + 3]


def not_utf8(content: bytes) -> bytes:
    """Put one Latin-1 letter into the middle."""
    return content[: len(content) // 2] + b"\xe9" + content[len(content) // 2 :]


def other_columns(content: bytes) -> bytes:
    """Give the first line, the tags or the keys other names."""
    if content.startswith(b"<"):
        return content.replace(b"drugbank", b"other")
    if content.startswith(b"{"):
        return json.dumps({"other": 1}).encode() + b"\n"
    header, _, rest = content.partition(b"\n")
    mark = next((sign for sign in (b"\t", b",", b" ") if sign in header), b"|")
    return mark.join(b"other_" + name for name in header.split(mark)) + b"\n" + rest


def another_kind(content: bytes) -> bytes:
    """Put something well-formed in the place that is not what the file holds."""
    return b"[]\n" if content.startswith(b"{") else b'{"a": 1}\n'


SPOILERS: Mapping[str, Callable[[bytes], bytes]] = {
    "cut short": cut_short,
    "not UTF-8": not_utf8,
    "other columns": other_columns,
    "another kind of file": another_kind,
    "empty": lambda content: content[:0],
}
CASES = [(source, file, how) for source in SOURCES for file in source.files for how in SPOILERS]
