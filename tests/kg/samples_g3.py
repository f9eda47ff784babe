"""Samples of interactions, classes and products, stored plain and packed as published."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.anticholinergic import ANTICHOLINERGIC
from kg.sources.atc import ATC
from kg.sources.base import ChunkKind, Source
from kg.sources.ddinter import DDINTER
from kg.sources.indications import INDICATIONS
from kg.sources.ndfrt import NDFRT
from kg.sources.rxnorm import RXNORM
from kg.sources.worldvista import WORLDVISTA

SAMPLES = Path(__file__).parents[1] / "samples"
SOURCES = (ANTICHOLINERGIC, ATC, DDINTER, INDICATIONS, NDFRT, RXNORM, WORLDVISTA)
_PACK: Mapping[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".xz": lzma.compress}


def plain(source: Source, name: str) -> bytes:
    """Give the content of a sample file as it was before packing."""
    stem = name.removesuffix(".gz").removesuffix(".xz")
    return (SAMPLES / source.info.name / stem).read_bytes()


def pack(path: Path, content: bytes) -> None:
    """Write a file, packed as its name says."""
    path.write_bytes(_PACK.get(path.suffix, bytes)(content))


def packed_sample(source: Source, folder: Path) -> dict[str, Path]:
    """Write the sample of a source into a folder, as its files are published."""
    for name in source.files:
        pack(folder / name, plain(source, name))
    return {name: folder / name for name in source.files}


def real_files(source: Source, data: Path) -> dict[str, Path]:
    """Find the real files of a source below the data folder."""
    return {name: next(data.rglob(name)) for name in source.files}


def rows_of(source: Source, files: Mapping[str, Path], kind: ChunkKind) -> pd.DataFrame:
    """Give all rows of one kind that a source yields."""
    frames = [chunk.frame for chunk in source.read(files) if chunk.kind is kind]
    return pd.concat(frames, ignore_index=True)
