"""Samples of targets, genes and labels: kept as plain text, packed as the raw files are."""

from __future__ import annotations

import gzip
import lzma
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from kg.sources.base import Source
from kg.sources.dgidb import DGIDB
from kg.sources.drugcentral import DRUGCENTRAL
from kg.sources.ncbi_gene import NCBI_GENE
from kg.sources.openfda import OPENFDA
from kg.sources.uniprot import UNIPROT

SAMPLES = Path(__file__).parents[1] / "samples"
SOURCES = (DGIDB, DRUGCENTRAL, NCBI_GENE, OPENFDA, UNIPROT)
_PACKED: Mapping[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".xz": lzma.compress}


def pack_sample(
    source: Source, folder: Path, spoilt: str = "", spoil: Callable[[Path], None] | None = None
) -> dict[str, Path]:
    """Write the files of a sample as published; the one called `spoilt` is spoilt before."""
    files = {name: folder / name for name in source.files}
    for name, path in files.items():
        plain = folder / (name + ".plain.tsv")
        suffix = path.suffix if path.suffix in _PACKED else ""
        shutil.copy(SAMPLES / source.info.name / name.removesuffix(suffix), plain)
        if spoil is not None and name == spoilt:
            spoil(plain)
        content = plain.read_bytes()
        path.write_bytes(_PACKED[suffix](content) if suffix else content)
        plain.unlink()
    return files
