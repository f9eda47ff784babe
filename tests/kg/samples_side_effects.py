"""Samples of Decagon and SIDER, stored plain and packed as published."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Mapping
from pathlib import Path

from kg.sources.base import Source
from kg.sources.decagon import DECAGON
from kg.sources.sider import SIDER

SAMPLES = Path(__file__).parents[1] / "samples"
SOURCES = (DECAGON, SIDER)
PACKERS: Mapping[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".xz": lzma.compress}


def copy_packed(source: Source, folder: Path) -> dict[str, Path]:
    """Write the sample of a source, each file packed the way its name says."""
    for name in source.files:
        write_packed(folder / name, plain(source, name))
    return {name: folder / name for name in source.files}


def plain(source: Source, name: str) -> bytes:
    """Give the content of a sample file before it is packed."""
    stem = name.removesuffix(".gz").removesuffix(".xz")
    return (SAMPLES / source.info.name / stem).read_bytes()


def write_packed(path: Path, content: bytes) -> None:
    """Write content to a file, packed the way its name says."""
    path.write_bytes(PACKERS.get(path.suffix, bytes)(content))
