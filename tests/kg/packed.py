"""Samples are kept as plain text, and packed the way that the raw files are published."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Mapping
from pathlib import Path

from kg.sources.base import Source

SAMPLES = Path(__file__).parents[1] / "samples"
_PACK: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": lambda content: gzip.compress(content, mtime=0),
    ".xz": lzma.compress,
}
_UNPACK: Mapping[str, Callable[[bytes], bytes]] = {".gz": gzip.decompress, ".xz": lzma.decompress}


def sample_path(source: Source, name: str) -> Path:
    """Where the plain sample of a raw file lies."""
    return SAMPLES / source.info.name / name.removesuffix(".gz").removesuffix(".xz")


def pack(path: Path, content: bytes) -> None:
    """Write content to a file, packed the way its name says."""
    path.write_bytes(_PACK.get(path.suffix, bytes)(content))


def unpacked(path: Path) -> bytes:
    """Read the content of a file that is packed the way its name says."""
    return _UNPACK.get(path.suffix, bytes)(path.read_bytes())
